profile test tests/golden/ctl/one.cfg tests/golden/ctl/invite.sip
