profile test --reinvite tests/golden/ctl/hold.txt tests/golden/ctl/sdp.sip
