profile test tests/golden/ctl/limit.ios tests/golden/ctl/wide.sip
