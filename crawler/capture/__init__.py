"""Capture below Scrapy's HTTP/1.1 handler: what went over the wire, into the WARC."""
