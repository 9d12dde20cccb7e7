"""The parts of a site that only lead on: calendars, session ids, link farms, sitemaps of sitemaps.

A section is what addresses have in common but for their last part and their numbers. One that was asked for
many pages, and hardly ever gave anything new, is left for this crawl.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

BARREN = "a section that gives nothing new"
_SHARE = 20  # one page in so many must give something
_NAMED = 5  # times as many pages that somebody names may be gone, for they may be of many sections
_MOST_SECTIONS = 20_000  # remembered; a site that has more of them ends at its number of pages
_MOST_QUERIES = 50  # combinations of the names in the query, of one path
_DIGITS = re.compile(r"[0-9]+")
_NUMBERS = re.compile(r"[\W\d_]+")
_CODE = re.compile(r"(?=[^-]*\d)[0-9a-z]{6,}")  # 3f8a01
_MOST_SHOWN = 500
_ERROR = 400
_LATER = frozenset({408, 425, 429, 503})  # these say nothing of the page


@dataclass(slots=True)
class _Section:
    """What a section was asked for, and what came of it: texts, as hashes, or links."""

    asked: int = 0
    fruits: int = 0
    texts: set[int] = field(default_factory=set)


class Sections:
    """Counts what each section of a site gave in one crawl; `most` pages of one may give nothing (0: all)."""

    def __init__(self, most: int) -> None:
        """Know no section yet."""
        self._most = most
        self._sections: defaultdict[str, _Section] = defaultdict(_Section)
        self._queries: defaultdict[str, set[str]] = defaultdict(set)
        self._naming: defaultdict[str, _Section] = defaultdict(_Section)  # by the page that names them

    def is_barren(self, url: str, named_by: str = "") -> bool:
        """Whether what the URL belongs to, or what that page named, has been asked often enough in vain."""
        if not self._most:
            return False
        section, naming = self._sections.get(self._name(url)), self._naming.get(named_by)
        return _is_in_vain(section, self._most) or _is_in_vain(naming, _NAMED * self._most)

    def asked(self, url: str, articles: Iterable[str]) -> None:
        """Count an answer; it gave something if it leads to new `articles` outside of its section."""
        section = self._section(url)
        if section is not None:
            here = self._name(url)
            section.asked += 1
            section.fruits += any(self._name(one) != here for one in articles)

    def answered(self, url: str, status: int, named_by: str = "") -> None:
        """Count whether a page is there: a feed may name thousands that are not, which nobody reads."""
        if status in _LATER:
            return
        if status >= _ERROR:
            self.asked(url, ())
        if named_by and (named_by in self._naming or len(self._naming) < _MOST_SECTIONS):
            naming = self._naming[named_by]
            naming.asked += 1
            naming.fruits += status < _ERROR

    def told(self, url: str, text: str) -> None:
        """Count an article; one that differs from another by its numbers alone is no new one."""
        section = self._section(url)
        told = hash(_NUMBERS.sub("", text))
        if section is not None and told not in section.texts:
            section.fruits += 1
            if len(section.texts) < self._most:
                section.texts.add(told)

    def _section(self, url: str) -> _Section | None:
        """The section of a URL, as long as there are not too many."""
        name = self._name(url)
        if not self._most or (name not in self._sections and len(self._sections) >= _MOST_SECTIONS):
            return None
        return self._sections[name]

    def _name(self, url: str) -> str:
        """The section's name. A path whose addresses have ever other names in the query is one section."""
        name = section_of(url)
        path, mark, query = name.partition("?")
        known = self._queries[path]
        if mark and query not in known and len(known) >= _MOST_QUERIES:
            return path
        if mark and len(self._queries) <= _MOST_SECTIONS:
            known.add(query)
        return name


def _is_in_vain(known: _Section | None, most: int) -> bool:
    return known is not None and known.asked >= most and known.fruits * _SHARE < known.asked


def section_of(url: str) -> str:
    """What a URL has in common with others of its kind.

    >>> section_of("http://a.org/calendar/2026/11/22"), section_of("http://a.org/farm/a8f3c01")
    ('a.org/calendar/0/', 'a.org/farm/')
    >>> section_of("http://a.org/page?sid=8f1&b=2"), section_of("http://a.org/x/deeper/deeper/")
    ('a.org/page/?b&sid', 'a.org/x/')
    """
    parts = urlsplit(url)
    fields = parse_qsl(parts.query, keep_blank_values=True)
    names = sorted({_CODE.sub("0", _DIGITS.sub("0", name)) for name, _ in fields})
    folders = [part for part in parts.path.split("/") if part]
    last = folders.pop() if folders and not names else ""
    kept = dict.fromkeys(_DIGITS.sub("0", _CODE.sub("0", one)) for one in folders if one != last)
    return "/".join([parts.netloc, *kept, f"?{'&'.join(names)}" if names else ""])[:_MOST_SHOWN]
