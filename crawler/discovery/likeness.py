"""How much a URL looks like that of an article, with the reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from crawler.seeds import Seed

ENOUGH = 3
_CERTAIN = 100
_LONG_SLUG, _SLUG = 5, 3
_LONG_TEXT, _TEXT = 7, 4
_ARTICLE_ID = re.compile(r"/article(?:s|show|view)?(?:/[^/]+)?/\d{4,}(?:[/.]|$)", re.IGNORECASE)
_DATED = re.compile(
    r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/-](?:0?[1-9]|[12]\d|3[01]))?(?=[/-])", re.IGNORECASE
)
_ARCHIVE = re.compile(r"(?<!/\d\d)/(?:19|20)\d\d(?:/\d{1,2}){0,2}/?$")  # a post may be called "2025"
_NUMBER = re.compile(r"(?:^|[-_./])[a-z]{0,4}\d{5,}(?:\.\w+)?$")  # some put letters before: a63515464
_NUMBERED = re.compile(r"[a-z]-\d{6,}(?:\.\w+)?$", re.IGNORECASE)
# WordPress without pretty addresses: everything is a field of the front page's query.
_FRONT = re.compile(r"/(?:index\.php)?$")
_POST_ID = re.compile(r"p=\d+$")
_ID_PATH = re.compile(r"/archives/(?!(?:19|20)\d\d/?$)\d+/?$")  # one of the forms that WordPress offers
_OF_MANY = re.compile(r"(?:^|&)(?:cat|tag|author|author_name|category_name|m)=[^&]")
_PAGED = re.compile(r"(?:^|&)(?:page|paged|pg|start|offset)=\d+(?:&|$)", re.IGNORECASE)
_LISTING_PATH = re.compile(
    r"/(?:tags?|categor(?:y|ies)|topics?|authors?|term|archives?|page|label|series|contributors?)(?:/|$)",
    re.IGNORECASE,
)
_MEDIA_PATH = re.compile(
    r"/(?:photos?|galler(?:y|ies)|images?|igphoto|videos?|podcasts?|multimedia|events?|jobs?|about[\w-]*|contact[\w-]*"
    r"|privacy[\w-]*|terms[\w-]*|subscribe|newsletters?)(?:/|$)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LISTING_POINTS = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Points for being an article, with their reasons.

    `is_listing` where it is a list of articles; `is_marked` where the address has an ID, a date or a number.
    """

    score: int
    reasons: tuple[str, ...]
    is_listing: bool = False
    is_marked: bool = False

    @property
    def is_article(self) -> bool:
        """Whether the points are enough."""
        return self.score >= ENOUGH


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern of a seed, compiled once. Seeds hold it as text so that they travel between processes."""
    return re.compile(pattern)


def matches(patterns: tuple[str, ...], url: str) -> bool:
    """Whether one of the patterns occurs in the URL."""
    return any(compiled(pattern).search(url) for pattern in patterns)


def article_likeness(url: str, seed: Seed, *, text: str = "", bonus: int = 0) -> Likeness:
    """Points for the URL, its link text and `bonus` (what the place of the link says).

    Where the seed has article patterns they alone decide.
    """
    listing = _listing_reason(url)
    if seed.scope.article:
        found = matches(seed.scope.article, url)
        reason = "matches the seed's article pattern" if found else "matches no article pattern"
        score = _CERTAIN if found else 0
        return Likeness(
            score=score, reasons=(reason,), is_listing=bool(listing) and not found, is_marked=found
        )
    marks = _marks(url, text)
    signs = [*marks, *_path_signs(url), *_text_signs(text)]
    if bonus:
        signs.append((bonus, "where it stands"))
    if listing:
        signs.append((_LISTING_POINTS, listing))
    reasons = tuple(f"{reason} {points:+d}" for points, reason in signs)
    score = sum(points for points, _ in signs)
    return Likeness(score=score, reasons=reasons, is_listing=bool(listing), is_marked=bool(marks))


def is_front(url: str) -> bool:
    """Whether the URL is that of a site's front page.

    >>> is_front("https://example.org/"), is_front("https://example.org/?p=7")
    (True, False)
    """
    parts = urlsplit(url)
    return not parts.query and _FRONT.fullmatch(parts.path or "/") is not None


def _listing_reason(url: str) -> str:
    """Why the URL is one of a list of articles; empty where it is not."""
    parts = urlsplit(url)
    if _ID_PATH.search(parts.path):
        return ""
    if _LISTING_PATH.search(parts.path):
        return "tag, category, author or page path"
    if _ARCHIVE.search(parts.path):
        return "date archive"
    if _FRONT.fullmatch(parts.path) and _OF_MANY.search(parts.query):
        return "tag, category, author or month in the query"
    return "page number in the query" if _PAGED.search(parts.query) else ""


def _marks(url: str, text: str) -> list[tuple[int, str]]:
    """The signs that only articles' addresses have."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    signs = []
    # A number as the link's text makes it a page of the front page's listing.
    if _FRONT.fullmatch(path) and _POST_ID.fullmatch(parts.query) and not text.strip().isdecimal():
        signs.append((6, "ID of a post in the query"))
    if _ID_PATH.search(path):
        signs.append((4, "ID of a post in the path"))
    if _ARTICLE_ID.search(path):
        signs.append((5, "/Article/ID/"))
    if _DATED.search(path) and not _ARCHIVE.search(path):
        signs.append((2, "date in the path"))
    last = [segment for segment in path.split("/") if segment][-2:]
    if any(_NUMBER.search(segment) for segment in last):
        signs.append((3, "words and a number") if _NUMBERED.search(last[-1]) else (2, "number in the path"))
    return signs


def _path_signs(url: str) -> list[tuple[int, str]]:
    """The signs that a section's address may have as well."""
    path = unquote(urlsplit(url).path)
    segments = [segment for segment in path.split("/") if segment]
    if not segments:
        return [(-3, "front page")]
    signs = []
    if _MEDIA_PATH.search(path):
        signs.append((-3, "path of pictures, videos or a site's own pages"))
    words = max(len(_WORDS.findall(segment)) for segment in segments[-2:])
    if words >= _SLUG:
        signs.append((3 if words >= _LONG_SLUG else 2, f"slug of {words} words"))
    return signs


def _text_signs(text: str) -> list[tuple[int, str]]:
    words = len(_WORDS.findall(text))
    if words < _TEXT:
        return []
    return [(2 if words >= _LONG_TEXT else 1, f"link text of {words} words")]
