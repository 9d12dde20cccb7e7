"""What fuzzing starts from: small sound inputs of each kind, made here, and the words they are written in."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from storage.model import Headers
from storage.warc.digests import digest

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
_ID = "<urn:uuid:00000000-0000-4000-8000-{:012d}>"
PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ferry returns | Courier</title>
<meta property="og:site_name" content="Courier"><meta name="author" content="Jane Roe">
<meta property="article:published_time" content="2026-03-01T08:00:00+01:00">
<link rel="canonical" href="https://courier.example/2026/03/ferry"><link rel="next" href="?page=2">
<link rel="alternate" type="application/rss+xml" href="/feed"><base href="/">
<meta http-equiv="refresh" content="5; url=/next">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry returns","author":[{"name":"Jane Roe"}],
"datePublished":"2026-03-01"}</script></head><body><nav><a href="/a">News</a> <a href="/b">Sport</a></nav>
<article><h1>Ferry returns</h1><p class="byline">By Jane Roe, Courier</p><time datetime="2026-03-01">March 1</time>
<p>HARBOR TOWN (AP) \xe2\x80\x94 The ferry came back on Sunday, after three weeks in the yard at Port Ellen.</p>
<figure><img src="/i/220214-F-FW957-1367.jpg" alt="x" srcset="a 1x, b 2x"><figcaption>The ferry at the pier.
(Photo by Sgt. John Doe) VIRIN: 220214-F-FW957-1367</figcaption></figure>
<p>It will sail at eight and at noon, the company said.</p><ul><li>One</li><li>Two</li></ul><blockquote>Good.</blockquote>
<table><tr><td>1</td><td>2</td></tr></table><p>Read more: <a href="/c">The yard</a></p></article>
<div class="related"><h3>Related</h3><a href="/2026/02/28/yard-strike-ends-12345">Yard strike ends</a></div>
<footer>&copy; 2026 Courier &#x41; &nbsp;</footer></body></html>"""
TEXT = """Ferry returns | Courier
By Jane Roe
March 1, 2026 8:00 a.m. EST

HARBOR TOWN (AP) — The ferry came back on Sunday, after three weeks in the yard.

It will sail at eight and at noon, the company said. Photo by Sgt. John Doe, VIRIN 220214-F-FW957-1367C

Share this: Facebook Twitter
Related: Yard strike ends
Copyright 2026 Courier. All rights reserved.
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
FEED = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title><atom:link rel="next"
href="?paged=2"/><item><title>A</title><link>https://news.example/2026/a</link><guid isPermaLink="false">7</guid>
<pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate><content:encoded><![CDATA[<p>Text</p>]]></content:encoded></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><id>tag:x,1</id><title>A</title>
<link rel="alternate" href="/a"/><updated>2026-03-01T08:00:00Z</updated></entry></feed>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/a
</loc><lastmod>2026-03-01</lastmod></url></urlset>"""
SITEMAPS = (
    b"<sitemapindex><sitemap><loc>/sitemap-1.xml.gz</loc><lastmod>2026</lastmod></sitemap></sitemapindex>"
)
ROBOTS = b"User-agent: presswarc\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 2\nSitemap: https://news.example/s.xml\n"
POSTS = json.dumps(
    [{"link": "https://news.example/a", "date_gmt": "2026-03-01T08:00:00", "title": {"rendered": "A"}}]
)
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"url": "/a", "title": "A"}]})
SEED = """name = "harbor"
title = "Harbor Courier"
urls = ["https://courier.example/"]
feeds = ["https://courier.example/feed"]
schedule = "*/15 6-20 * * mon-fri"
timezone = "Europe/Vienna"
fallbacks = ["feed"]

[[listings]]
url = "https://courier.example/news?page={page}"
max_pages = 3

[scope]
hosts = ["courier.example", "*.courier.example"]
allow = ["/news/", "\\\\d{4}/\\\\d\\\\d"]
deny = ["/(tag|author)/"]
follow = "articles"

[limits]
max_pages = 100

[politeness]
delay_s = 1.5

[robots]
obey = true
"""
CDX = (
    b'[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],\n'
    b'["org,example)/","20190102030405","http://example.org/","text/html","200","ABCD","1234"],[],["next"]]'
)
CDXJ = (
    b'org,example)/ 20190102030405 {"url": "http://example.org/", "mime": "text/html", "status": "200", '
    b'"digest": "sha1:ABCD", "length": "1234", "offset": "99", "filename": "2026/11/x.warc.gz"}'
)
ADDRESSES = (
    "https://www.defense.gov/News/Article/Article/4012345/ships-sail/?utm_source=x#top",
    "HTTP://EXAMPLE.org:80/a/../b//c;jsessionid=1?b=2&a=1&amp;c=%7e%zz",
    "https://m.news.example/2026/03/01/story.amp.html?amp=1&page=2",
    "http://xn--bcher-kva.example/\u00fc?q=\u20ac",
    "http://[::1]:8080/a",
    "https://web.archive.org/web/20190102030405id_/http://news.example/a",
)
DATES = (
    "Sun, 01 Mar 2026 08:00:00 +0100", "2026-03-01T08:00:00.123Z", "1 de marzo de 2026", "March 1, 2026, 8:05 p.m. EST",
    "1.3.2026", "20260301080000", "vor 3 Stunden", "1772352000",
)  # fmt: skip
BYLINES = (
    "By Jane Roe and John Doe, Courier staff",
    "Photo by Staff Sgt. John Doe/U.S. Air Force via AP",
    "220214-F-FW957-1367C",
    "HARBOR TOWN, Va. (AP) —",
)
CRONS = ("*/15 6-20 * * mon-fri", "0 0 29 2 *", "1,2,3 0-23/2 1 jan-dec 0,7")


def record(record_type: str, number: int, block: bytes, *fields: tuple[str, str]) -> bytes:
    """A WARC record as it stands in a plain file."""
    head = [
        ("WARC-Type", record_type),
        ("WARC-Record-ID", _ID.format(number)),
        ("WARC-Date", "2026-11-01T08:00:00Z"),
        ("WARC-Target-URI", f"https://courier.example/{number}"),
        *fields,
        ("WARC-Block-Digest", digest(block)),
        ("Content-Length", str(len(block))),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def warc() -> bytes:
    """A file of a record of each kind that the index reads."""
    asked = b"GET /1 HTTP/1.1\r\nHost: courier.example\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Ferry</p>"
    return b"".join(
        (
            record("warcinfo", 0, b"software: presswarc\r\nisPartOf: crawl-1\r\n"),
            record("response", 1, answer, ("Content-Type", "application/http;msgtype=response")),
            record("request", 2, asked, ("Content-Type", "application/http;msgtype=request")),
            record("revisit", 3, answer[:44], ("WARC-Refers-To-Date", "2026-10-01T08:00:00Z")),
            record("resource", 4, b"<p>Pier</p>", ("Content-Type", "text/html")),
            record("conversion", 5, TEXT.encode(), ("Content-Type", "text/plain")),
            record("metadata", 6, b"outcome: timed_out\r\nvia: https://courier.example/\r\n"),
        )
    )


def arc() -> bytes:
    """The same in the format before WARC."""
    about = b"1 0 test\nURL IP-address Archive-date Content-type Archive-length\n"
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Ferry</p>"
    first = f"filedesc://x.arc 0.0.0.0 20050101000000 text/plain {len(about)}\n".encode()
    second = f"http://courier.example/ 10.0.0.1 20050101000000 text/html {len(answer)}\n".encode()
    return first + about + b"\n" + second + answer + b"\n"


def memento() -> bytes:
    """Head and body of what a web archive sends for a capture."""
    head = (
        b"HTTP/1.1 200 OK\r\nMemento-Datetime: Wed, 02 Jan 2019 03:04:05 GMT\r\nX-Archive-Orig-Content-Type: text/html\r\n"
        b"X-Archive-Orig-Content-Length: 12\r\nX-Archive-Orig-Content-Encoding: gzip\r\nLocation: "
        b"https://web.archive.org/web/20190102030405id_/http://example.org/b\r\nX-Archive-Src: a.warc.gz\r\n\r\n"
    )
    return head + b"<p>Ferry</p>"


def headers(text: bytes) -> Headers:
    """Header fields out of lines."""
    pairs = (line.partition(":") for line in text.decode("latin-1").split("\n"))
    return Headers([(name.strip(), value.strip()) for name, colon, value in pairs if colon])


WORDS: tuple[bytes, ...] = (
    b"WARC/1.1", b"WARC/1.0", b"WARC-Type: response", b"WARC-Block-Digest: sha1:", b"Content-Length: ",
    b"Content-Length: 99999999999999999999", b"WARC-Date: 9999-12-31T23:59:60Z", b"WARC-Segment-Number: 2", b"\r\n\r\n", b"\n\n",
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n",
    b"fffffffffffffff\r\n", b"Content-Encoding: gzip\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"filedesc://",
    b"<p>", b"</p>", b"<div>", b"</div>", b"<table>", b"<script type=application/ld+json>", b"<![CDATA[", b"]]>", b"<!--",
    b"-->", b"<svg>", b"<math>", b"<noscript>", b"<template>", b"<frameset>", b"<base href='http://['>", b"&#0;",
    b"&#xD800;", b"&#x110000;", b"&nbsp", b"<meta charset=utf-16>", b"<meta charset=idna>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b"\xc2\xa0", b"\xe2\x80\xae", b"\xc2\x85",
    b"\xd9\xa3", b"\xc2\xb2", b"\xe2\x91\xa0", b"1e999", b"NaN", b"-0", b"null", b"[]", b"{}", b'"', b"\\u0000", b"\\ud800",
    b"0000-00-00", b"9999-12-31T23:59:59+14:00", b"0001-01-01T00:00:00+14:00", b"http://", b"//", b"javascript:", b"data:",
    b"[::1]", b"%00", b"%ff", b"@", b"#", b"?", b"{page}", b"User-agent: *\n", b"Disallow: ", b"*", b"$", b"By ", b" (AP) ",
    b"VIRIN: ", b"Photo by ", b"(Photo by ", b"Published: ", b"Related", b"Read more", b"[[", b"]]", b'"""', b"'''",
    b"(a+)+$", b"9" * 5000, b"a" * 300, b"/a" * 40, b"<b>" * 60, b"[" * 2000, b"{" * 400, b"(" * 300, b" " * 500,
)  # fmt: skip
