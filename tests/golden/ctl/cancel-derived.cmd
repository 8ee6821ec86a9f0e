profile test tests/golden/ctl/derived.cfg tests/golden/ctl/cancel.sip --derived
