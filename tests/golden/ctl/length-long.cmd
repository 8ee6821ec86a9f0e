profile test tests/golden/ctl/hold.txt tests/golden/ctl/long.sip
