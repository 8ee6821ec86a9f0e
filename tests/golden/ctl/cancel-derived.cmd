profile test tests/golden/ctl/one.cfg tests/golden/ctl/cancel.sip --derived
