profile test tests/golden/ctl/profiles.cfg:steps tests/golden/ctl/reinvite.sip
