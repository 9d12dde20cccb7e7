"""An article as extraction makes it: its blocks, fields and photos. Frozen, slotted, keyword-only values."""

from __future__ import annotations

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
    BLOCKED = "blocked"  # a bot wall or a server's refusal in the page's place, whatever its status
    CONSENT_WALL = "consent_wall"  # a question for consent in the page's place
    LOGIN_WALL = "login_wall"  # a login or subscription form in the page's place
    NEEDS_JAVASCRIPT = "needs_javascript"  # an empty shell that a browser would fill
    SOFT_404 = "soft_404"  # status 200, and words that say there is no such page, or that something failed
    ROBOTS_DENIED = "robots_denied"
    ADDRESS_REFUSED = "address_refused"  # not a public address
    NOT_ARCHIVED = "not_archived"  # a web archive has another capture, or none, where its index tells of one
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"  # the answer was cut
    CONNECTION_FAILED = "connection_failed"  # no answer at all
    INTERRUPTED = "interrupted"  # the crawl was ended before the answer was whole
    RENDER_FAILED = "render_failed"  # the browser crashed, hung, or made too much of a page
    PARSE_TIMED_OUT = "parse_timed_out"  # a worker was killed at its limit of time
    PARSE_CRASHED = "parse_crashed"  # a worker died, or raised


# Answers with these are looked at for a wall; other errors tell enough by their number.
WALL_STATUSES = frozenset({403, 405, 406, 429, 503})


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

    @property
    def is_passage(self) -> bool:
        """Whether it is labelled text of the article; a heading labels others."""
        return self.kept and bool(self.label) and self.kind is not BlockKind.HEADING


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
