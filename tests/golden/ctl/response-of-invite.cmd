profile test tests/golden/ctl/hold.txt tests/golden/ctl/sdp.sip
