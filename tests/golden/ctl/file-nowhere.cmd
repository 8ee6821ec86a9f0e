profile test tests/golden/ctl/nowhere.cfg tests/golden/ctl/invite.sip
