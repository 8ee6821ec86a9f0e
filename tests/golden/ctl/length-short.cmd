profile test tests/golden/ctl/hold.txt tests/golden/ctl/short.sip
