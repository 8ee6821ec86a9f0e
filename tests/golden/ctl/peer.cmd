profile test tests/golden/ctl/peer.ios tests/golden/ctl/invite.sip --peer tests/golden/ctl/reinvite.sip --var u02=x
