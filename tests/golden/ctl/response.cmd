profile test tests/golden/ctl/seed.ios tests/golden/ctl/answer.sip
