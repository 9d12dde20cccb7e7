"""Bytes and tables: WARC files, the CDXJ, the DuckDB index. No Scrapy, no trafilatura, no network."""
