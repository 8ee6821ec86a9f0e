profile test tests/golden/ctl/controls.ios tests/golden/ctl/invite.sip
