profile test tests/golden/ctl/profiles.cfg:other tests/golden/ctl/invite.sip
