"""Addresses of known articles -> the patterns that tell them from a site's other pages, or none."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FEWEST = 5  # addresses that a pattern must be learned of
_SHARE = 0.9  # of the articles, that the patterns must find
_MOST_OTHERS = 0.1  # of the other pages, that they may find
_PART = 0.2  # of the articles, that a pattern of several must find
_MOST_PATTERNS = 3
# From what only articles have to what others may have as well.
_FORMS = (
    r"(?i)/Article/\d{4,}(?:/|$)",
    r"(?i)/newsarticle\.aspx\?(?:.*&)?ID=\d+",
    r"/20\d\d/\d{1,2}/\d{1,2}/(?!page/)[^/?]+",
    r"/20\d\d/[a-z]{3}/\d{1,2}/(?!page/)[^/?]+",
    r"/20\d\d-\d\d-\d\d[-/][^/?]+",
    r"/20\d\d/\d{1,2}/(?!page/|\d{1,2}/?$)[^/?]+",
    r"/20\d{6}[-/][^/?]+",
    r"/20\d\d/(?!page/|\d{1,2}(?:/|$))[^/?]+",
    r"-\d{5,}(?:\.[a-z]{3,5})?/?$",
    r"/archives/\d+/?$",
    r"/\d{5,}(?:/|\.[a-z]{3,5}|$)",
    r"/\d{5,}-[^/?]+",
    r"-[0-9a-f]{8,}/?$",
    r"[?&](?:p|id|article|articleid|story|storyid|ID)=\d+",
)
_SLUG = r"[^/?]*[^/?]-[^/?]+-[^/?]+"


def article_patterns(articles: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    r"""Patterns for `scope.article` that find (nearly) all the articles and hardly any of the other pages.

    >>> urls = [f"https://example.org/2026/03/0{day}/a-story" for day in range(1, 8)]
    >>> article_patterns(urls, ["https://example.org/about/", "https://example.org/2026/03/"])
    ('/20\\d\\d/\\d{1,2}/\\d{1,2}/(?!page/)[^/?]+',)
    >>> article_patterns(urls[:3], [])
    ()
    """
    wanted = list(dict.fromkeys(articles))
    rest = [url for url in dict.fromkeys(others) if url not in set(wanted)]
    if len(wanted) < _FEWEST:
        return ()
    chosen: list[str] = []
    left = wanted
    for pattern in (*_FORMS, *_folders(wanted)):
        if len(chosen) == _MOST_PATTERNS or not left:
            break
        found = [url for url in left if re.search(pattern, url)]
        if len(found) >= _PART * len(wanted) and _is_clean(pattern, rest):
            chosen.append(pattern)
            left = [url for url in left if url not in set(found)]
    return tuple(chosen) if len(left) <= (1 - _SHARE) * len(wanted) else ()


def _is_clean(pattern: str, others: Sequence[str]) -> bool:
    """Whether the pattern finds hardly any of the other pages."""
    wrong = sum(re.search(pattern, url) is not None for url in others)
    return wrong <= _MOST_OTHERS * len(others)


def _folders(urls: Sequence[str]) -> tuple[str, ...]:
    """A pattern for each folder that many of the addresses lie in: with a long name, else with any."""
    counts: Counter[str] = Counter()
    for url in urls:
        first = [segment for segment in urlsplit(url).path.split("/") if segment][:-1]
        if first and first[0].isascii() and not first[0].isdecimal():
            counts[first[0]] += 1
    folders = [folder for folder, _ in counts.most_common(_MOST_PATTERNS)]
    host = r"^https?://[^/]+"
    named = (rf"{host}/{re.escape(unquote(folder))}/(?:[^?]*/)?{_SLUG}/?$" for folder in folders)
    anything = (rf"{host}/{re.escape(unquote(folder))}/(?:[^?]*/)?[^/?]+/?$" for folder in folders)
    return (*named, *anything, rf"{host}/{_SLUG}/?$")
