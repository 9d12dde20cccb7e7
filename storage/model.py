"""The values that pass between modules: frozen, slotted, keyword-only. No dict crosses a module border."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.article import Article, Outcome


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
