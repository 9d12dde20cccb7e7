"""What is fuzzed: functions that read what strangers wrote, each with what it promises as assertions."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import inputs
import zstandard

from crawler.config import load_config
from crawler.discovery import discover
from crawler.discovery.links import LinkKind, clean_url
from crawler.fallbacks.teasers import stories_in
from crawler.memento.cdx import CdxRow, read_cdx, told_apart
from crawler.memento.playback import rebuilt
from crawler.memento.service import Answer
from crawler.politeness import retry_after
from crawler.robots import read_rules
from crawler.schedule.cron import Timing, dues
from crawler.scope import host_matches
from crawler.seed import Scope, Seed
from crawler.seed_checks import cron_problem, url_problem
from crawler.seed_reading import read_seed
from pipelines import clean_text, extract_article
from pipelines.fields.dates import parse_date
from pipelines.fields.people import find_dateline, split_names
from pipelines.photos.credit_lines import credit_tail
from pipelines.photos.photographers import photographer
from pipelines.photos.virin import find_virin, virin_of_file
from pipelines.records import decode, page_of
from pipelines.run import ReadCapture, extract, needs_extraction, read_rows
from storage.article import Article
from storage.cdxj import line_of, parse_line
from storage.errors import UsageError
from storage.model import Headers
from storage.surt import surt_key
from storage.urls import article_id, canonical_url, host_of, site_of
from storage.warc import read_records
from storage.warc.http import headers_of, payload_of, redacted, split_head, split_interim, stored_response
from storage.wrapped_urls import unwrapped

URL = "https://courier.example/2026/03/ferry"
SEED = Seed(name="courier", title="Courier", urls=(URL,), scope=Scope(hosts=("courier.example",)))
_ASKED = "https://web.archive.org/web/20190102030405id_/http://example.org/"
_KINDS = tuple(LinkKind)
_CODINGS = ("gzip", "deflate", "br", "zstd")
_MOST_BLOCK = 1 << 20
_WANTED = frozenset(
    article_id(address) for address in ("https://news.example/2026/a", "https://courier.example/a")
)
_FILE = Path(tempfile.mkdtemp(prefix="presswarc-fuzz-")) / "input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A function to fuzz, the inputs to start from, and how long an input may get."""

    run: Callable[[bytes], None]
    starts: tuple[bytes, ...]
    most_bytes: int = 1 << 14


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _encodable(*texts: str | None) -> None:
    """What goes into the index must be text that UTF-8 can write."""
    for text in texts:
        (text or "").encode("utf-8")


def _sound(article: Article) -> None:
    _encodable(
        article.title,
        article.text,
        article.dateline,
        article.published_raw,
        article.language,
        article.site_name,
    )
    _encodable(
        *article.authors,
        *(block.text for block in article.blocks),
        *(photo.caption for photo in article.photos),
    )
    assert article.published_at is None or article.published_at.tzinfo is not None


def warc(data: bytes) -> None:
    """Everything in a file comes as a record or damage, in order, within the file; its rows can be made."""
    _FILE.write_bytes(data)
    last = 0
    for item in read_records(_FILE, max_block_bytes=_MOST_BLOCK):
        assert last <= item.offset, (last, item.offset)
        assert 0 <= item.length <= len(data) - item.offset, item
        last = item.offset
    for row in read_rows(_FILE, "2026/11/courier-20261101080000-00001-host.warc.gz"):
        if isinstance(row, ReadCapture):
            parse_line(line_of(row.capture).encode())
            page_of(row.record)
            if needs_extraction(row.capture):
                extract(row.record, row.capture)


def packed(data: bytes) -> None:
    """The same of gzip members or zstd frames, one of whose bytes is another."""
    mode, place, flip = (data + b"\0\0\0")[:3]
    parts = [b"WARC/1" + part for part in data[3:].split(b"WARC/1") if part]
    if mode & 1:
        members = [zstandard.ZstdCompressor(write_checksum=bool(mode & 4)).compress(part) for part in parts]
    else:
        members = [gzip.compress(part, 1, mtime=0) for part in parts]
    whole = bytearray(b"".join(members))
    if mode & 2 and whole:
        whole[place * len(whole) // 256] ^= flip
    warc(bytes(whole))


def http(data: bytes) -> None:
    """No byte of a message is lost between head and body, whatever it is."""
    head, body = split_head(data)
    assert head + body == data
    interim, rest = split_interim(data)
    assert interim + rest == data
    headers_of(head)
    payload_of(data)
    redacted(data)
    for ended in (True, False):
        stored = stored_response(data, ended=ended)
        again = stored_response(stored.head + stored.body, ended=True)
        assert again.payload == stored.payload or not stored.status, (again.payload, stored.payload)


def cdx(data: bytes) -> None:
    """Answers of capture indexes, in whichever form."""
    list(told_apart(read_cdx(data).rows))
    for line in data.split(b"\n"):
        try:
            known = parse_line(line)
        except ValueError:
            continue
        parse_line(known.text().encode())


def robots(data: bytes) -> None:
    """A robots.txt: it decides on any address."""
    rules = read_rules(data, "presswarc/1.0 (+https://courier.example)")
    for address in (URL, "https://courier.example/" + "a" * 500, "https://courier.example/%ff?*$"):
        rules.allows(address)


def links(data: bytes) -> None:
    """Feeds, sitemaps, listings and posts: the first byte says what the answer is taken for."""
    kind, body = _KINDS[(data or b"\0")[0] % len(_KINDS)], data[1:]
    headers = Headers([("Link", _text(body[:200])), ("X-WP-TotalPages", _text(body[:20]))])
    for content_type in (None, "text/html; charset=utf-8"):
        found = discover(
            url=URL, content_type=content_type, body=body, headers=headers, kind_hint=kind, seed=SEED
        )
        for link in found.links:
            assert link.url.startswith(("http://", "https://")), link
            _encodable(link.url, link.title)
    stories_in(url=URL, content_type=None, body=body, wanted=_WANTED)


def page(data: bytes) -> None:
    """A page: an article, or why there is none."""
    _sound(extract_article(data, url=URL))


def text(data: bytes) -> None:
    """Plain text: an article."""
    _sound(clean_text(_text(data), url=URL))


def fields(data: bytes) -> None:
    """Dates, names, credits, picture numbers: a line each."""
    for line in _text(data).split("\n"):
        moment = parse_date(line), parse_date(line, day_first=True)
        assert all(one is None or one.tzinfo is not None for one in moment)
        split_names(line)
        find_dateline(line)
        credit_tail(line)
        photographer(line)
        find_virin(line)
        virin_of_file(line)
        retry_after(503, line, inputs.AT)


def addresses(data: bytes) -> None:
    """Any text as an address: one canonical form, which is its own."""
    for line in _text(data).split("\n"):
        one = canonical_url(line)
        assert canonical_url(one) == one, (line, one, canonical_url(one))
        assert article_id(one) == article_id(line), (line, one)
        _encodable(one, surt_key(line), host_of(line), site_of(line), unwrapped(line))
        clean_url(line, URL)
        clean_url("/a", line)
        host_matches(line, ("courier.example",))
        url_problem(line)


def seeds(data: bytes) -> None:
    """A seed file and a settings file: read, or one error that says where."""
    _FILE.write_bytes(data)
    for read in (lambda: read_seed(_FILE), lambda: load_config(path=_FILE, environ={})):
        try:
            read()
        except UsageError as error:
            if not (error.where and error.hint):
                raise AssertionError("an error without a place or a remedy") from error
    for line in _text(data).split("\n"):
        if not cron_problem(line):
            list(islice(dues(Timing(source="a", line=line, zone="Europe/Vienna"), inputs.AT), 3))


def memento(data: bytes) -> None:
    """What a web archive sends: the original, or why it is not."""
    head, body = split_head(data)
    fields = inputs.headers(head)
    row = CdxRow(key="", stamp="20190102030405", url="http://example.org/", status="200", mime="text/html")
    for status in (200, 302, 404):
        answer = Answer(url=_ASKED, asked_at=inputs.AT, head=head, status=status, headers=fields, body=body)
        rebuilt(row, answer, "https://web.archive.org/web")


def codings(data: bytes) -> None:
    """A coded body: the first byte says how."""
    decode(data[1:], _CODINGS[(data or b"\0")[0] % len(_CODINGS)])


def _kinds(*bodies: bytes) -> tuple[bytes, ...]:
    return tuple(bytes([place]) + body for place in range(len(_KINDS)) for body in bodies)


def _lines(*lines: str) -> tuple[bytes, ...]:
    return tuple(line.encode() for line in lines)


TARGETS: dict[str, Target] = {
    "warc": Target(run=warc, starts=(inputs.warc(), inputs.arc())),
    "packed": Target(run=packed, starts=tuple(bytes([mode, 99, 1]) + inputs.warc() for mode in range(8))),
    "http": Target(run=http, starts=(inputs.HEAD + b"5\r\nFerry\r\n0\r\n\r\n", inputs.memento())),
    "cdx": Target(run=cdx, starts=(inputs.CDX, inputs.CDXJ)),
    "robots": Target(run=robots, starts=(inputs.ROBOTS,)),
    "links": Target(
        run=links,
        starts=_kinds(
            inputs.FEED, inputs.ATOM, inputs.SITEMAP, inputs.SITEMAPS, inputs.ROBOTS,
            inputs.POSTS.encode(), inputs.JSON_FEED.encode(), inputs.PAGE,
        ),
    ),
    "page": Target(run=page, starts=(inputs.PAGE,)),
    "text": Target(run=text, starts=(inputs.TEXT.encode(),)),
    "fields": Target(run=fields, starts=_lines(*inputs.DATES, *inputs.BYLINES), most_bytes=1 << 12),
    "addresses": Target(run=addresses, starts=_lines(*inputs.ADDRESSES), most_bytes=1 << 12),
    "seeds": Target(run=seeds, starts=_lines(inputs.SEED, *inputs.CRONS)),
    "memento": Target(run=memento, starts=(inputs.memento(),)),
    "codings": Target(
        run=codings,
        starts=(
            b"\0" + gzip.compress(inputs.PAGE, mtime=0),
            b"\3" + zstandard.ZstdCompressor().compress(inputs.PAGE),
        ),
    ),
}  # fmt: skip
