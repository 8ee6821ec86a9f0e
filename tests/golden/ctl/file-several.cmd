profile test tests/golden/ctl/profiles.cfg tests/golden/ctl/invite.sip
