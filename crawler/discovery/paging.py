"""Which page of a listing a URL is, and which is the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.discovery.links import clean_url

if TYPE_CHECKING:
    from crawler.discovery.anchors import Anchor
    from crawler.seeds import Listing, Seed

_PAGE_FIELDS = ("page", "paged", "pg", "p")
_FRONT = ("", "/", "/index.php")
_PAGE_FIELDS_OF_FRONT = _PAGE_FIELDS[:-1]  # WordPress's /?p=7 is post 7
_FULL = 5  # articles: a listing that shows fewer on a page (most show ten) has no other page
_COUNT = re.compile(r"[0-9]{1,6}")
_PAGE_PATH = re.compile(r"/page[/-](\d{1,6})/?$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(\d{1,6})\s*$")
_ONE = re.compile(r"\s*(?:[^\W\d]{1,12}\s+)?1\s*")  # "1", "Page 1"
_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBERING = 20  # characters behind the listing's own path
_MARK = "9073615"  # stands for the page's number while a template is made an address


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A URL without what numbers its page, and that number; None where it has none."""

    rest: tuple[str, str, frozenset[tuple[str, str]]]
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The next page of a listing; `is_guess` where only the seed's template says so."""

    url: str
    is_guess: bool = False


def next_listing(url: str, anchors: Iterable[Anchor], seed: Seed, *, articles: int) -> Following | None:
    """The next page of the listing at `url`: `rel=next`, the pager's next number, or what says "next".

    Else the seed's template, where there is no pager and there may be more: a script may make the pager.
    """
    others = [anchor for anchor in anchors if anchor.url != url]
    listing, number = _listing_of(url, seed)
    pager = _pager(url, others)
    from_zero = _counts_from_zero(pager)
    current = number if number is not None else _place(url).number
    current = (0 if from_zero else 1) if current is None else current
    most = listing.max_pages if listing else seed.limits.max_paging
    if current + from_zero >= most or not articles:
        return None
    named = next((anchor.url for anchor in others if "next" in anchor.rel), None)
    if named:
        return Following(url=named)
    numbers = {number: anchor.url for anchor, number in pager}
    if current + 1 in numbers:
        return Following(url=numbers[current + 1])
    said = (anchor.url for anchor in others if anchor.is_next and _leads_on(anchor.url, url, current))
    told = next(said, None)
    if told:
        return Following(url=told)
    if numbers or listing is None or _has_first(url, others) or articles < _FULL:
        return None
    return Following(url=listing.url.replace("{page}", str(current + 1)), is_guess=True)


def page_number(url: str) -> int:
    """Which page of a listing the URL is.

    >>> page_number("https://example.org/news/?Page=3"), page_number("https://example.org/news/page/2/")
    (3, 2)
    >>> page_number("https://example.org/news/")
    1
    """
    number = _place(url).number
    return 1 if number is None else number


def _leads_on(target: str, url: str, current: int) -> bool:
    """Whether a "next" leads to another page of the same listing: stories have a next story, too.

    >>> _leads_on("https://example.org/news?after=b", "https://example.org/news", 1)
    True
    >>> _leads_on("https://example.org/news/another-story", "https://example.org/news", 1)
    False
    """
    there, here = urlsplit(target), urlsplit(url)
    number = _place(target).number
    if there.netloc != here.netloc or (number is not None and number <= current):
        return False
    path, base = there.path.lower().rstrip("/"), here.path.lower().rstrip("/")
    behind = path.removeprefix(f"{base}/") if path.startswith(f"{base}/") else None
    if behind is not None:
        return len(behind) <= _LONGEST_NUMBERING and any(char.isdigit() for char in behind)
    return _DIGITS.sub("0", path) == _DIGITS.sub("0", base)


def _pager(url: str, anchors: Sequence[Anchor]) -> list[tuple[Anchor, int]]:
    """The anchors that lead to other pages of the same listing, with the numbers of these."""
    here = _place(url).rest
    placed = ((anchor, _place(anchor.url)) for anchor in anchors)
    return [
        (anchor, place.number) for anchor, place in placed if place.rest == here and place.number is not None
    ]


def _has_first(url: str, anchors: Iterable[Anchor]) -> bool:
    """Whether a pager leads back to the first page, whose address has no number."""
    here = _place(url).rest
    return any(
        _ONE.fullmatch(anchor.text) and _place(anchor.url) == _Place(rest=here, number=None)
        for anchor in anchors
    )


def _counts_from_zero(pager: Sequence[tuple[Anchor, int]]) -> bool:
    """Whether the first page has the number 0: "2" leads to ?page=1 then, as in Drupal."""
    labels = [(number, _LAST_NUMBER.search(anchor.text)) for anchor, number in pager]
    named = [(number, int(label[1])) for number, label in labels if label]
    if not named:
        return any(number == 0 for _, number in pager)
    return all(label == number + 1 for number, label in named)


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    path, number = parts.path, None
    in_path = _PAGE_PATH.search(path)
    if in_path:
        path, number = f"{path[: in_path.start()]}/", int(in_path[1])
    fields = []
    names = _PAGE_FIELDS if parts.path not in _FRONT else _PAGE_FIELDS_OF_FRONT
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in names and _COUNT.fullmatch(value):
            number = int(value)
        else:
            fields.append((name, value))
    return _Place(rest=(parts.netloc, path.rstrip("/").lower(), frozenset(fields)), number=number)


def _listing_of(url: str, seed: Seed) -> tuple[Listing | None, int | None]:
    """The seed's listing that the URL is a page of, and the number of the page by its template."""
    for listing in seed.listings:
        found = _template(listing.url).fullmatch(url)
        if found:
            return listing, int(found[1])
    here = _place(url)
    for listing in seed.listings:  # its first page may have lost its number by a redirect
        if _place(listing.url.replace("{page}", "1")).rest == here.rest:
            return listing, here.number
    return None, None


@cache
def _template(template: str) -> re.Pattern[str]:
    """What finds the pages of a listing, with their number as its group.

    >>> _template("https://example.org/old/p{page}.html").fullmatch("https://example.org/old/p12.html")[1]
    '12'
    """
    marked = template.replace("{page}", _MARK)
    before, _, after = (clean_url(marked, marked) or marked).partition(_MARK)
    return re.compile(rf"{re.escape(before)}(\d{{1,6}}){re.escape(after)}", re.IGNORECASE)
