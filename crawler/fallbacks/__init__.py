"""Articles whose site refuses their pages, had from elsewhere: where a seed asks for it, never by evasion.

A feed's teaser, the print view, a web archive's copy, the military's media service: in the seed's order, the
first that gives an article. Whatever comes of it is in the WARC, marked as a fallback.
"""
