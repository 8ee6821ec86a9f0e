profile test tests/golden/ctl/peer.ios tests/golden/ctl/invite.sip
