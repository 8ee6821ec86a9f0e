profile test tests/golden/ctl/broken.ios tests/golden/ctl/invite.sip
