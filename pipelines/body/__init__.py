"""Which segments are the body: the readings of a page, and what is kept by them."""
