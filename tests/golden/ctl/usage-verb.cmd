profile show x
