"""What the frontier takes and gives: how a URL was found, where it stands, what a request for it sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

_FIT = re.compile(r"[\t\x20-\x7e\x80-\xff]{1,1000}")


LEASE_S = 60.0  # a crawler that was not heard of for so long is dead
# A host that wants to be asked later says nothing of a page, unless it says so of the same page each time.
MOST_PUT_OFF = 10


class State(StrEnum):
    """Where a URL stands; that it is handed out just now stands beside it."""

    DISCOVERED = "discovered"  # in scope, never fetched to an end
    LEFT = "left"  # the same, and this crawl does not ask for it; the next one may
    CAPTURED = "captured"  # archived, but what it leads to was not noted: read at the next start
    DONE = "done"  # fetched; due again at next_visit_at
    FAILED = "failed"  # tried in vain; again at next_visit_at, after growing pauses
    GIVEN_UP = "given_up"  # tried in vain too often; again only where something links to it anew
    GONE = "gone"  # 404, 410: the same, but for a page that was there once
    DENIED = "denied"  # robots.txt or the address guard forbids it; asked again at next_visit_at


Tier = NewType("Tier", int)
WAY, PAGE, ARTICLE = Tier(0), Tier(1), Tier(2)  # it leads to articles, it may, it is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A link in scope, as discovery hands it over.

    `hops` is the way from the seed, a letter a hop: M found in a feed, sitemap or the like, L on a page, R a
    redirect. `depth` counts what limits a crawl: links between pages. The `_raw` dates stand as found.
    `priority`: higher is sooner.
    """

    url: str
    kind: str
    found_on: str
    found_in: str
    depth: int = 0
    hops: str = ""
    title: str | None = None
    published_raw: str | None = None
    modified_raw: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of links: those that wait from now on, and those whose article is known by another URL."""

    waiting: frozenset[str] = frozenset()
    same_article: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the record of a capture lies, as `Capture` has it, and how its URL was found."""

    found: Found
    warc_file: str
    warc_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is due and has to wait for its hosts: how many URLs, until when, why.

    `opens_at` and `reason` are of the host that opens first.
    """

    urls: int
    hosts: tuple[str, ...]
    opens_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request for a URL sends, as `headers_of` read it in the last answer."""

    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> dict[str, bytes]:
        r"""The request's fields, in the bytes that the server sent.

        A server refuses a request with control characters or overlong fields: one that sends such a validator
        would never be seen to change again.

        >>> Validators(etag='"\xe9"', last_modified="a\0b").conditions()
        {'If-None-Match': b'"\xe9"'}
        """
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {
            name: value.encode("latin-1") for name, value in told.items() if value and _FIT.fullmatch(value)
        }


def as_text(moment: datetime) -> str:
    """A time as the frontier stores it: sorts as text, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
