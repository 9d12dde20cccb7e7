"""Old captures out of web archives that others keep: the Wayback Machine, pywb, Common Crawl."""
