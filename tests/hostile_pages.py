"""Pages, feeds and sitemaps that are costly to parse, or that lead where nobody may go."""

# ruff: noqa: E501 (a table of payloads is read line by line)

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import hostile_answers as answers

HTML, sent, sound, page, head = answers.HTML, answers.sent, answers.sound, answers.page, answers.head
TALE = answers.TALE
Play = Callable[[Any], None]
_RSS, _XML = "application/rss+xml", "application/xml"


def bombs() -> dict[str, Play]:
    """Little that unpacks to much."""
    coded = answers.coded
    return {
        "/t/gzip-bomb": coded(answers.gzip_bomb, "gzip"),
        "/t/gzip-bomb-twice": coded(lambda: answers.gzip_bomb(times=2), "gzip, gzip"),
        "/t/gzip-bomb-ten": coded(lambda: answers.gzip_bomb(times=10), ", ".join(["gzip"] * 10)),
        "/t/gzip-bomb-10gb": coded(lambda: answers.gzip_bomb() * 70, "gzip"),
        "/t/deflate-bomb": coded(answers.deflate_bomb, "deflate"),
        "/t/br-bomb": coded(answers.brotli_bomb, "br"),
        "/t/zstd-bomb": coded(answers.zstd_bomb, "zstd"),
        "/t/mixed-bomb": coded(lambda: gzip.compress(answers.brotli_bomb()), "br, gzip"),
        "/t/te-gzip-bomb": sent(head(HTML, "Transfer-Encoding: gzip") + answers.gzip_bomb(50)),
        "/t/map-bomb.xml.gz": lambda connection: connection.sendall(sound(answers.gzip_bomb(), "application/gzip")),
    }  # fmt: skip


def codings() -> dict[str, Play]:
    """Codings, charsets and types that are not what they say."""
    body = page(TALE).encode()
    packed = gzip.compress(body)
    fields = {
        "gzip-lie": (body, "Content-Encoding: gzip"),
        "gzip-cut": (packed[: len(packed) // 2], "Content-Encoding: gzip"),
        "gzip-flip": (packed[:40] + b"\x00\xff" + packed[42:], "Content-Encoding: gzip"),
        "gzip-tail": (packed + b"garbage behind it", "Content-Encoding: gzip"),
        "gzip-two": (packed + packed, "Content-Encoding: gzip"),
        "deflate-raw": (zlib.compress(body)[2:-4], "Content-Encoding: deflate"),
        "br-lie": (body, "Content-Encoding: br"),
        "zstd-lie": (body, "Content-Encoding: zstd"),
        "coding-unknown": (body, "Content-Encoding: x-klingon"),
        "coding-many": (body, "Content-Encoding: " + ", ".join(["identity"] * 5000)),
        "coding-100": (body, "Content-Encoding: " + ", ".join(["gzip"] * 100)),
    }
    plays = {f"/t/{name}": sent(sound(data, HTML, field)) for name, (data, field) in fields.items()}
    names = ("zlib_codec", "idna", "rot13", "punycode", "utf-7", "hex", "base64", "bz2", "unicode_escape", "undefined",
             "mbcs", "klingon", "utf-32", "x-mac-farsi", "raw_unicode_escape", "../../etc/passwd", "a" * 5000, "\x00")  # fmt: skip
    for number, name in enumerate(names):
        told = page(TALE, more_head=f'<meta charset="{name}">')
        plays[f"/t/charset-{number}"] = sent(sound(told, f"text/html; charset={name}"))
    plays |= {
        "/t/utf16": sent(sound(page(TALE).encode("utf-16"))),
        "/t/utf16-lie": sent(sound(body, "text/html; charset=utf-16")),
        "/t/nulls": sent(sound(body.replace(b" ", b"\x00"))),
        "/t/only-nulls": sent(sound(bytes(3_000_000))),
        "/t/surrogates": sent(
            sound(page("<p>&#xD800;&#55296; \ud800 lone</p><a href='/\ud800'>x</a>" + TALE))
        ),
        "/t/noise": sent(sound(random.Random(2).randbytes(200_000))),
        "/t/pdf-as-html": sent(sound(b"%PDF-1.7\n" + random.Random(3).randbytes(60_000))),
        "/t/jpeg-as-html": sent(sound(b"\xff\xd8\xff\xe0" + random.Random(4).randbytes(60_000))),
        "/t/zip-as-html": sent(sound(b"PK\x03\x04" + bytes(60_000))),
        "/t/html-as-image": sent(sound(body, "image/png")),
        "/t/type-bomb": sent(sound(body, "text/html" + "; a=b" * 20_000)),
        "/t/type-nonsense": sent(sound(body, "////;;;charset===;;\x01")),
    }
    return plays


def markup() -> dict[str, Play]:
    """Pages that are costly to parse."""
    many = "".join(f' a{n}="{n}"' for n in range(100_000))
    bodies = {
        "attributes": f"<div{many}>x</div>",
        "attributes-40k": "<p " + " ".join(f"b{n}" for n in range(40_000)) + ">y</p>",
        "same-attribute": "<div" + ' a="b"' * 200_000 + ">x</div>",
        "long-attribute": f'<div class="{"c " * 600_000}">x</div>',
        "empty-tags": "<b></b>" * 100_000,
        "open-tags": "<b><i><u>" * 60_000,
        "unclosed": "<" * 900_000,
        "formatting": "<a><b><i><p>" * 20_000,
        "tables": "<table><tr><td>Я</td></tr></table>" * 20_000,
        "nested-tables": "<table><tr><td>" * 5_000 + "x",
        "deep-divs": "<div>" * 50_000 + TALE,
        "deep-lists": "<ul><li>" * 20_000 + "x",
        "comments": "<!--" + "-" * 1_000_000,
        "comment-many": "<!---->" * 200_000,
        "cdata": "<![CDATA[" * 100_000,
        "scripts": "<script>" + "</scrip" * 200_000,
        "style": "<style>" + "a{" * 400_000,
        "entities": "&amp;" * 400_000 + "&#x110000;" * 1000 + "&" + "a" * 500_000,
        "svg": "<svg><foreignObject><math><mi>" * 10_000,
        "select": "<select>" + "<option>x" * 100_000,
        "template": "<template>" * 20_000,
        "plaintext": "<plaintext>" + "<a href='/x'>" * 50_000,
        "one-word": "<p>" + "a" * 1_000_000,
        "one-line": "<p>" + "word " * 300_000,
        "dates": "<p>" + "2026-11-22 12:00 " * 100_000,
        "blanks": "<p>" + " \t\n" * 1_000_000 + "x",
        "dashes": "<p>" + "By " * 200_000 + "- " * 200_000,
        "quotes": "<p>" + "\u201c" * 300_000 + "\u2019s " * 100_000,
        "regex-dots": "<p>" + "a.a.a." * 200_000 + "@" * 100_000,
        "regex-parens": "<p>" + "(" * 300_000 + ")" * 300_000,
        "combining": "<p>a" + "\u0301" * 600_000,
        "bidi": "<p>" + "\u202e" * 300_000,
        "links": "".join(f'<a href="/farm/{n}">l{n}</a>' for n in range(30_000)),
        "base": "<base href='http://['><a href='x'>x</a>" + TALE,
        "bases": "<base href='http://127.0.0.2/'>" * 20_000 + TALE,
        "images": "".join(f'<figure><img src="/i{n}.jpg"><figcaption>Caption {n}</figcaption></figure>' for n in range(6_000)),
        "headings": "".join(f"<h{1 + n % 6}>Heading {n}</h{1 + n % 6}>" for n in range(12_000)),
        "paragraphs": "".join(f"<p>Paragraph {n} of a very long page, said the harbor master.</p>" for n in range(12_000)),
        "frames": "<iframe src='/t/frames'></iframe>" * 20_000,
        "forms": "<form action='/x'><input name=a>" * 30_000,
    }  # fmt: skip
    heads = {
        "ld-deep": f'<script type="application/ld+json">{"[" * 100_000}{"]" * 100_000}</script>',
        "ld-deep-objects": '<script type="application/ld+json">' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "</script>",
        "ld-large": '<script type="application/ld+json">[' + '{"@type":"NewsArticle","articleBody":"x"},' * 60_000 + "{}]</script>",
        "ld-number": f'<script type="application/ld+json">{{"@type":"NewsArticle","wordCount":{"9" * 200_000}}}</script>',
        "ld-many": '<script type="application/ld+json">{"@type":"NewsArticle"}</script>' * 20_000,
        "ld-cycle": '<script type="application/ld+json">{"@id":"#a","@graph":[{"@id":"#a","isPartOf":{"@id":"#a"}}]}</script>',
        "metas": '<meta property="og:title" content="x">' * 100_000,
        "meta-long": f'<meta property="og:description" content="{"y " * 500_000}">',
        "canonical": '<link rel="canonical" href="http://127.0.0.2/secret">',
        "canonical-bad": '<link rel="canonical" href="http://[">' + '<link rel="canonical" href="javascript:x">',
        "date-odd": '<meta property="article:published_time" content="99999-99-99T99:99:99Z">',
        "date-zero": '<meta property="article:published_time" content="0000-00-00"><meta name="date" content="-1">',
        "date-long": f'<meta property="article:published_time" content="{"1" * 100_000}">',
        "title-long": f"<title>{'t' * 1_000_000}</title>",
        "feeds": "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed/{n}">' for n in range(300)),
    }  # fmt: skip
    plays = {f"/t/m-{name}": sent(sound(page(body))) for name, body in bodies.items()}
    plays |= {f"/t/m-{name}": sent(sound(page(TALE, more_head=one))) for name, one in heads.items()}
    large = answers.story(99)[1].replace("</article>", "<!--" + "x" * 30_000_000 + "--></article>")
    plays["/t/large-story"] = sent(sound(large))
    huge = page("<p>A line of a page of a hundred megabytes.</p>" * 100).encode()
    plays["/t/m-huge"] = answers.flooded(head(), huge, 100 << 20)
    return plays


def feeds(port: int, private: Iterable[str]) -> dict[str, Play]:
    """Feeds and sitemaps that are bombs, or lead away."""
    private = list(private)
    channel = "<channel><title>&l9;</title><item><link>/x</link><title>&l9;</title></item></channel>"
    stolen = (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b SYSTEM '
        f'"http://127.0.0.2:{port}/secret"><!ENTITY % c SYSTEM "http://127.0.0.2:{port}/dtd"> %c;]>'
    )
    items = "".join(f"<item><link>{_xml(url)}</link><title>secret</title></item>" for url in private)
    places = "".join(f"<url><loc>{_xml(url)}</loc></url>" for url in private)
    maps = "".join(f"<sitemap><loc>{_xml(url)}</loc></sitemap>" for url in private)
    dates = "".join(
        f"<item><link>/d{n}</link><pubDate>{'9' * n} Foo 0000</pubDate></item>" for n in range(50)
    )
    many = "".join(f"<url><loc>http://127.0.0.1:{port}/map/{n}.pdf</loc></url>" for n in range(20_000))
    xmlns = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    bodies = {
        "/feed": (_RSS, f"<rss><channel>{items}</channel></rss>"),
        "/t/rss.xml/bomb/feed": (_RSS, doctype("rss") + f"<rss>{channel}</rss>"),
        "/t/xxe/feed": (_RSS, stolen + "<rss><channel><item><link>/x</link><title>&a;&b;</title></item></channel></rss>"),
        "/t/broken/feed": (_RSS, "<rss><channel><item><link>/broken</link><title>a & b < c</item></channel>"),
        "/t/dates/feed": (_RSS, f"<rss><channel>{dates}</channel></rss>"),
        "/t/empty/feed": (_RSS, ""),
        "/t/deep/feed": (_RSS, "<rss>" + "<channel>" * 50_000),
        "/t/attributes/feed": (_RSS, "<rss " + " ".join(f'a{n}="b"' for n in range(50_000)) + "/>"),
        "/t/json/feed": ("application/feed+json", '{"items":' + "[" * 100_000),
        "/map.xml": (_XML, f"<urlset {xmlns}>{places}{many}</urlset>"),
        "/map-bomb.xml": (_XML, doctype("urlset") + "<urlset><url><loc>&l9;</loc></url></urlset>"),
        "/map-xxe.xml": (_XML, stolen + "<urlset><url><loc>&b;</loc></url></urlset>"),
        "/map-nested.xml": (_XML, f"<sitemapindex>{maps}<sitemap><loc>/map-nested.xml</loc></sitemap><sitemap><loc>/mapchain/1.xml</loc></sitemap></sitemapindex>"),
    }  # fmt: skip
    plays = {path: sent(sound(body, kind)) for path, (kind, body) in bodies.items()}
    plays["/map.xml.gz"] = lambda connection: connection.sendall(
        sound(answers.gzip_bomb(), "application/gzip")
    )
    return plays


def doctype(root: str) -> str:
    """See hostile_answers."""
    told: str = answers.doctype_bomb(root)
    return told


def _xml(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "&lt;")
