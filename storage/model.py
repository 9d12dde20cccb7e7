"""The values that pass between modules: frozen, slotted, keyword-only. No dict crosses a module border."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a fetch, or of a page: an expected end, not a fault."""

    ARTICLE = "article"
    NOT_AN_ARTICLE = "not_an_article"  # a listing, a home page, a gallery index
    EMPTY = "empty"  # HTML in which no text was found
    NOT_HTML = "not_html"
    NOT_MODIFIED = "not_modified"
    REDIRECT = "redirect"
    GONE = "gone"  # 404, 410
    HTTP_ERROR = "http_error"  # any other status from 400 up
    ROBOTS_DENIED = "robots_denied"
    ADDRESS_REFUSED = "address_refused"  # not a public address
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"  # the answer was cut
    CONNECTION_FAILED = "connection_failed"  # no answer at all
    PARSE_TIMED_OUT = "parse_timed_out"  # a worker was killed on its wall limit
    PARSE_CRASHED = "parse_crashed"  # a worker died, or raised


class BlockKind(StrEnum):
    """What a block of a page is."""

    BODY = "body"
    HEADING = "heading"
    LIST = "list"
    QUOTE = "quote"
    TABLE = "table"
    TITLE = "title"
    BYLINE = "byline"
    DATELINE = "dateline"
    CAPTION = "caption"
    CREDIT = "credit"
    GOV_BANNER = "gov_banner"
    HISTORICAL_NOTICE = "historical_notice"
    CONSENT = "consent"
    NAVIGATION = "navigation"
    RELATED = "related"
    PROMOTION = "promotion"
    SHARE = "share"
    COMMENTS = "comments"
    SOURCE_LINK = "source_link"
    WIDGET = "widget"
    REPEATED = "repeated"


class PageKind(StrEnum):
    """What sort of page carries the article."""

    ARTICLE = "article"
    RELEASE = "release"
    TRANSCRIPT = "transcript"
    CONTRACT = "contract"
    SPEECH = "speech"
    GALLERY = "gallery"
    VIDEO = "video"
    LISTING = "listing"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a page, in page order: kept in the text, or removed with the rule that removed it.

    `rule` names the rule or source that decided. `path` is the block's DOM path, empty for plain text.
    `label` is who speaks in a transcript, or the heading that a contract stands under.
    """

    text: str
    kind: BlockKind
    kept: bool
    rule: str = ""
    path: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One value that a page offers for a field of its article, and whether it was taken.

    `source` names where it stood: json-ld, og, meta:NAME, h1, title, markup:..., text, url, htmldate.
    """

    field: str
    value: str
    source: str
    won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photograph as the page describes it; what follows `title` is told by credit and VIRIN.

    `service` to `country` are the VIRIN's parts: a letter's service ("Air Force"), the photographer's VISION
    ID, the serial of the day, the country of a foreign photographer.
    """

    caption: str
    credit: str | None = None
    virin: str | None = None
    taken_on: date | None = None
    url: str | None = None
    title: str | None = None
    photographer: str | None = None
    photographer_rank: str | None = None
    service: str | None = None
    vision_id: str | None = None
    serial: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A page as clean text with its fields; `blocks` has every block of the page in order, kept or not.

    `text` holds the kept paragraphs joined by a blank line: no title line, no boilerplate. Times are UTC; the
    `_raw` fields hold what the page said. `origin_url` is where a repost says it comes from. `candidates` has
    every value a field could have had, and where it stood. `paywalled` is None where the page says nothing of
    it. `layout_drift` says how a known publisher's page departs from the template we know, empty if it does
    not.
    """

    title: str | None
    text: str
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    modified_at: datetime | None = None
    modified_raw: str | None = None
    language: str | None = None
    site_name: str | None = None
    section: str | None = None
    declared_canonical: str | None = None
    origin_url: str | None = None
    page_kind: PageKind = PageKind.ARTICLE
    blocks: tuple[Block, ...] = ()
    photos: tuple[Photo, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    paywalled: bool | None = None
    layout_drift: str = ""
    outcome: Outcome = Outcome.ARTICLE
    outcome_reason: str = ""  # what speaks against an article, empty for one


class Headers(Mapping[str, str]):
    """Header fields in their order, looked up without regard to case; of a repeated name the first answers.

    >>> headers = Headers([("Content-Type", "text/html"), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
    >>> headers["content-type"], headers.get_all("set-cookie"), headers.get("Age")
    ('text/html', ('a', 'b'), None)
    """

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
        """Take the (name, value) pairs as they stand."""
        self.pairs = tuple(pairs)
        self._first = {name.lower(): value for name, value in reversed(self.pairs)}

    def __getitem__(self, name: str) -> str:
        """Value of the first field called `name`."""
        return self._first[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """Each name once, as first written."""
        return iter(dict.fromkeys(name for name, _ in self.pairs))

    def __len__(self) -> int:
        """Number of different names."""
        return len(self._first)

    def __contains__(self, name: object) -> bool:
        """Whether a field called `name` is there."""
        return isinstance(name, str) and name.lower() in self._first

    def __repr__(self) -> str:
        """Show the pairs."""
        return f"Headers({list(self.pairs)!r})"

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of the fields called `name`, in order."""
        return tuple(value for key, value in self.pairs if key.lower() == name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A WARC or ARC record. `offset` and `length` are those of its compressed member (or of its bytes).

    A block larger than the reader takes is given as far as it takes it: `omitted_bytes` more follow in the
    file.
    """

    record_id: str
    record_type: str
    target_uri: str | None
    captured_at: datetime
    headers: Headers
    block: bytes
    offset: int
    length: int
    omitted_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Bytes of a WARC file that gave no sound record."""

    offset: int
    length: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One row of `captures`: a response, revisit, resource or conversion record and where it lies.

    `warc_file` is relative to the archive's `warc/` folder, with forward slashes. `status` is 0 where the
    record has no HTTP head. `request_body` is what a POST or PUT asked with, as CDXJ lines have it; None for
    others.
    """

    record_id: str
    url: str
    source: str
    crawl_id: str
    captured_at: datetime
    method: str
    status: int
    mime: str
    payload_digest: str
    record_type: str
    warc_file: str
    warc_offset: int
    warc_length: int
    truncated: str | None = None
    protocol: str | None = None
    ip: str | None = None
    redirect_to: str | None = None
    refers_to_url: str | None = None
    refers_to_at: datetime | None = None
    request_body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A fetch that left no response: refused, cut, never answered. In the WARC as a metadata record."""

    record_id: str
    url: str
    source: str
    crawl_id: str
    failed_at: datetime
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """How the URL of a capture or failure was found. In the WARC as a metadata record concurrent to it.

    `record_id` is that of the capture or failure. `found_in` and `kind` are discovery's words (feed, sitemap,
    page; article, listing); the `_raw` dates stand as the feed or sitemap wrote them.
    """

    record_id: str
    url: str
    found_on: str
    found_in: str
    kind: str
    depth: int
    title: str | None = None
    published_raw: str | None = None
    modified_raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What extraction made of one capture.

    `article_id` is the key of the canonical URL. `content_digest` covers the text and the key fields: two
    captures of one article with the same digest are the same version. `text_digest` covers the normalised
    text alone. `sketch` holds the kept hashes of its word 5-shingles (see `pipelines.sketch`). Where there is
    no article (`outcome` says why) `article` is None.
    """

    record_id: str
    url: str
    canonical_url: str
    article_id: str
    source: str
    crawl_id: str
    captured_at: datetime
    outcome: Outcome
    reason: str = ""
    article: Article | None = None
    content_digest: str = ""
    text_digest: str = ""
    word_count: int = 0
    sketch: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl of one source, as its warcinfo record tells it."""

    crawl_id: str
    source: str
    started_at: datetime
    software: str
    seed_url: str
    robots: str
