profile test tests/golden/ctl/nowhere.ios tests/golden/ctl/invite.sip
