"""The title of an article: what its sources say, without the site's name, and which of them is believed."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.fields.linked_data import LinkedArticle
from pipelines.fields.marks import PageMarks
from pipelines.fields.offers import Offer
from pipelines.words import normal, word_count

_SEPARATOR = re.compile(
    r"\s+(?:\|+|»|«|::|·|•|>|<|-|\u2013|—|~|⋆|\u203a|\u2039|/|:)\s+|\s*\|\s*|(?<=\w): |[_\uff1a\uff5c\u4e28]"
)
_FIRM = re.compile(r"\s+(?:\|+|»|::|·|•|>|⋆|\u203a)\s+")
_COLONS = frozenset((":", "\uff1a"))
_BAR = re.compile(r"\s+\|+\s+")
_WORDS = re.compile(r"\w+")
_METAS = ("headline", "dc.title", "parsely-title", "sailthru.title", "citation_title")
_COUNTRY, _SECOND_LEVEL = (
    2,
    frozenset(("ac", "co", "com", "edu", "gov", "net", "org")),
)  # of a country's domain
_FEWEST_LETTERS, _FEWEST_CUT_LETTERS = 3, 21  # shorter names and titles agree by chance
_MOST_SITE_WORDS, _MOST_TITLE_WORDS, _MOST_SECTION_WORDS = 6, 45, 2
_MISREAD = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))
_ALIKE, _LONGEST_TITLE = 0.34, 500
_GENERIC = frozenset((
    "home", "homepage", "news", "blog", "article", "articles", "untitled", "index", "press release", "menu",
    "press releases", "story", "page not found", "search", "contact", "about", "opinion", "null", "undefined",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title that won and the site's name where a title told it; `offers` has every printing."""

    won: Offer | None = None
    site: str | None = None
    offers: tuple[Offer, ...] = ()


def choose_title(marks: PageMarks, linked: LinkedArticle, site: str | None, url: str | None) -> Title:
    """The page's title.

    The headline that its JSON-LD and OpenGraph agree on; else the one heading of the page, where it says
    what they say in other words or more of them; else JSON-LD, OpenGraph, the heading, the title element.
    """
    host = host_name(url)
    heads = [mark.text for mark in marks.headings if mark.source != "home"]
    heads = [head for head in heads if not (_names_site(head, site) or _names_site(head, host))]
    raws = {
        "json-ld": _clean(linked.headline), "og": _clean(marks.meta("og:title")),
        "title": _clean(marks.title), "meta:twitter:title": _clean(marks.meta("twitter:title")),
        "meta:headline": _clean(marks.meta(*_METAS)),
    }  # fmt: skip
    heads = [clean for head in heads if (clean := _clean(head)) and clean.lower() not in _GENERIC]
    raws["h1"] = _main_heading(heads, [raws["json-ld"], raws["og"], raws["title"]])
    known = tuple(text for text in (*heads[:5], raws["json-ld"], raws["meta:headline"]) if text)
    offers, told = [], None
    for source in ("json-ld", "h1", "og", "meta:headline", "title", "meta:twitter:title"):
        raw = raws[source]
        if not raw or (source == "title" and _names_site(raw, site)):
            continue
        value, name = strip_site(raw, site or host, known=tuple(k for k in known if k != raw) + known)
        told = told or (name if source != "h1" else None)
        offers.append(Offer(raw=raw, source=source, value="" if _is_generic(value, site) else value))
    offers += [Offer(raw=head, source="h1", value=head) for head in heads[:4] if head != raws["h1"]]
    won = _believed({offer.source: offer for offer in reversed(offers)}, len(heads))
    return Title(won=won or next((o for o in offers if o.value), None), site=told, offers=tuple(offers))


def strip_site(title: str, site: str | None, *, known: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """A title without the site's name, and that name where the title told it.

    `known` are other printings of the title (its h1): what they lack is no part of it.

    >>> strip_site("Fleet Sails North | Demo News", None), strip_site("Fleet - and Crew - Sail", None)
    (('Fleet Sails North', 'Demo News'), ('Fleet - and Crew - Sail', None))
    >>> strip_site("Demo News: Fleet Sails North", "Demo News")
    ('Fleet Sails North', 'Demo News')
    """
    cuts = list(_SEPARATOR.finditer(title))[:12]
    if not cuts:
        return title, None
    wanted = {normal(other) for other in known if other}
    if normal(title) in wanted:
        wanted.discard(normal(title))
        if not any(len(other) > _MOST_SITE_WORDS and normal(title).startswith(other) for other in wanted):
            return _without_name(title, site, cuts)
    for cut in cuts:
        head, tail = title[: cut.start()], title[cut.end() :]
        if normal(head) in wanted and word_count(head) > 1:
            return head, _name_in(tail)
        if normal(tail) in wanted and word_count(tail) > 1 and word_count(head) <= _MOST_SITE_WORDS:
            return tail, head
    return _without_name(title, site, cuts, firm=True)


def _without_name(
    title: str, site: str | None, cuts: list[re.Match[str]], *, firm: bool = False
) -> tuple[str, str | None]:
    """The title without the known name of its site at either end, or with `firm` what a bar cuts off."""
    name = normal(site or "")
    for cut in cuts if name else ():
        head, tail = title[: cut.start()], title[cut.end() :]
        if _same_name(normal(tail), name) and head:
            return (_without_section(head, cut[0]) if firm else head), tail
        if normal(head) == name and tail and (firm or cut[0].strip() not in _COLONS):
            return tail, head
    parts = (_FIRM if firm else _BAR).split(title)
    if (
        len(parts) > 1
        and word_count(parts[0]) > 1
        and all(word_count(p) <= _MOST_SITE_WORDS for p in parts[1:])
    ):
        return parts[0], parts[1]
    last = cuts[-1]
    tail = title[last.end() :]
    if (
        firm
        and site
        and last[0].strip() not in _COLONS
        and _is_part_of_name(tail, site)
        and word_count(title[: last.start()]) > 1
    ):
        return title[: last.start()], tail
    return title, None


def _without_section(title: str, joint: str) -> str:
    """A title without the section that stands between it and the site's name, set off as that is.

    >>> _without_section("Fleet Sails North - World News", " - "), _without_section("Fleet - Out", " - ")
    ('Fleet Sails North', 'Fleet - Out')
    """
    head, cut, section = title.rpartition(joint)
    long = word_count(head) > _MOST_SECTION_WORDS
    return head if cut and long and word_count(section) <= _MOST_SECTION_WORDS else title


def host_name(url: str | None) -> str | None:
    """The telling label of the URL's host.

    >>> host_name("https://www.demo.org/a"), host_name("https://www.demo.co.uk/a")
    ('demo', 'demo')
    """
    try:
        labels = (urlsplit(url or "").hostname or "").split(".")
    except ValueError:
        return None
    if len(labels) > _COUNTRY and len(labels[-1]) == _COUNTRY and labels[-2] in _SECOND_LEVEL:
        labels.pop()
    return labels[-2] if len(labels) > 1 else None


def _believed(by_source: dict[str, Offer], heads: int) -> Offer | None:
    """Which printing is the title, None where none speaks for itself."""
    linked, og, head = (by_source.get(source) for source in ("json-ld", "og", "h1"))
    first = next((offer for offer in (linked, og, by_source.get("title")) if offer and offer.value), None)
    if not head or not head.value or not first or heads == 0:
        return first
    if normal(head.value) == normal(first.value):
        return first if head.value.isupper() else head
    others = {normal(o.value) for source, o in by_source.items() if source != "h1"}
    certain = normal(head.value) in others or (first.source == "title" and word_count(first.value) == 1)
    if certain or _extends(head.value, first.value):
        return head
    agreed = linked and og and linked.value and normal(linked.value) == normal(og.value)
    short = head.value.isupper() or 2 * word_count(head.value) < word_count(first.value)
    return first if agreed or short or _alike(head.value, first.value) < _ALIKE else head


def _main_heading(heads: list[str], printings: list[str]) -> str:
    """The page's one h1; of several the one that another printing begins with, or holds."""
    if len(heads) == 1:
        return heads[0]
    flats = [normal(text) for text in printings if text]
    for test in (str.startswith, str.__contains__):
        for head in heads:
            if word_count(head) > 1 and any(test(flat, normal(head)) for flat in flats):
                return head
    return max(
        heads, key=lambda head: max((_alike(head, text) for text in printings if text), default=0), default=""
    )


def _extends(longer: str, shorter: str) -> bool:
    """Whether a printing that ends in an ellipsis was cut from the other one."""
    cut = re.sub(r"\s*(?:\.\.\.|…)$", "", shorter)
    flat = normal(cut)
    return len(flat) >= _FEWEST_CUT_LETTERS and normal(longer).startswith(flat) and cut != shorter


def _alike(one: str, other: str) -> float:
    """Share of words that two printings have in common."""
    left, right = set(_WORDS.findall(one.lower())), set(_WORDS.findall(other.lower()))
    return len(left & right) / max(min(len(left), len(right)), 1) if left and right else 0.0


def _clean(text: str) -> str:
    """A title with its entities read and spaces made one, also where it was read in the wrong charset."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    text = text.translate(_UNSEEN)
    if _MISREAD.search(text):
        with suppress(UnicodeError):
            text = text.encode("latin-1").decode("utf-8")
    text = " ".join(text.split())[:_LONGEST_TITLE].strip(" |»·•⋆")
    lead, colon, rest = text.partition(": ")
    return rest if colon and lead.lower() in _GENERIC and word_count(rest) > 1 else text


def _is_generic(title: str, site: str | None) -> bool:
    return title.lower() in _GENERIC or word_count(title) > _MOST_TITLE_WORDS or _names_site(title, site)


def _names_site(text: str, site: str | None) -> bool:
    return bool(site) and normal(text) == normal(site or "")


def _same_name(one: str, other: str) -> bool:
    """Whether two names are one, with or without an article or a domain's end."""
    strip = re.compile(r"^the|(?:com|org|net|couk)$")
    return bool(one) and (one == other or strip.sub("", one) == strip.sub("", other))


def _is_part_of_name(tail: str, site: str) -> bool:
    """Whether what a dash cuts off is a short form of the site's name, or a longer one."""
    one, other = normal(tail), normal(site)
    long = min(len(one), len(other)) >= _FEWEST_LETTERS
    return long and word_count(tail) <= _MOST_SITE_WORDS and (one in other or other in one)


def _name_in(tail: str) -> str:
    return _SEPARATOR.split(tail)[0]
