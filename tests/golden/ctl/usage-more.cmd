profile test a b c
