"""Fields of a page: JSON-LD first, then OpenGraph and meta elements, then the markup, its text, htmldate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.fields.authors import Line, choose_authors
from pipelines.fields.feed_names import site_of_feeds
from pipelines.fields.languages import language_offers
from pipelines.fields.linked_data import LinkedArticle, linked_article
from pipelines.fields.links import absolute_link
from pipelines.fields.marks import PageMarks, read_marks
from pipelines.fields.moments import Moments, calendar_of, choose_moments
from pipelines.fields.offers import Offer, candidates, first_offer
from pipelines.fields.paywall import paywall_offers
from pipelines.fields.titles import Title, choose_title, host_name, strip_site
from pipelines.page.parsing import ParsedPage
from pipelines.words import normal
from storage.article import Candidate, PageKind

__all__ = [
    "Fields",
    "Settled",
    "TextSigns",
    "kind_of_url",
    "read_fields",
    "read_moments",
    "settle",
    "strip_site",
]

_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher")
_SECTIONS = (
    "article:section",
    "section",
    "parsely-section",
    "og:section",
    "sailthru.section",
    "category",
    "cxenseparse:section",
)
_URL_KINDS = (
    (re.compile(r"/transcripts?/", re.IGNORECASE), PageKind.TRANSCRIPT),
    (re.compile(r"/contracts?/", re.IGNORECASE), PageKind.CONTRACT),
    (re.compile(r"/speech(?:es)?/|/remarks?/", re.IGNORECASE), PageKind.SPEECH),
    (re.compile(r"/(?:press-?|news-?|media-?)?releases?/|/advisories/", re.IGNORECASE), PageKind.RELEASE),
)
_LONGEST_SITE, _MOST_HEADINGS = 80, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a page says of itself, before its text is read."""

    title: str | None = None
    site_name: str | None = None
    section: str | None = None
    declared_canonical: str | None = None
    og_url: str | None = None
    host: str = ""
    page_kind: PageKind = PageKind.ARTICLE
    says_article: bool = False
    og_type: str = ""
    linked_types: tuple[str, ...] = ()
    marks: PageMarks
    linked: LinkedArticle
    titles: Title

    @property
    def addresses(self) -> tuple[tuple[str, str | None], ...]:
        """The addresses that the page gives itself, with their sources."""
        return ("link", self.declared_canonical), ("og", self.og_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSigns:
    """What the page's text tells its fields.

    `origins` are the other hosts that the page names as its source, `hints` the classes of its elements in
    one string, `known_authors` those that a publisher's template names.
    """

    text: str
    lines: tuple[Line, ...] = ()
    dateline: str | None = None
    origins: tuple[Offer, ...] = ()
    hints: str = ""
    known_authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The fields that the page and its text agree on, with every value that was offered."""

    authors: tuple[str, ...] = ()
    language: str | None = None
    origin_url: str | None = None
    paywalled: bool | None = None
    candidates: tuple[Candidate, ...] = ()


def read_fields(page: ParsedPage, url: str | None) -> Fields:
    """What a parsed page says of itself."""
    marks = read_marks(page, url)
    linked = linked_article(
        marks.linked,
        addresses=(url or "", marks.canonical, marks.meta("og:url")),
        printings=(
            *(mark.text for mark in marks.headings[:_MOST_HEADINGS]),
            marks.meta("og:title"),
            marks.title,
        ),
    )
    home = next((mark.text for mark in marks.headings if mark.source == "home"), None)
    site = first_offer(_site_offers(marks, linked, home))
    titles = choose_title(marks, linked, site.value if site else home, url)
    section = first_offer(_section_offers(marks, linked))
    og_type = marks.meta("og:type").lower()
    return Fields(
        title=titles.won.value if titles.won else None,
        site_name=site.value if site else titles.site,
        section=section.value if section else None,
        declared_canonical=absolute_link(url, marks.canonical),
        og_url=absolute_link(url, marks.meta("og:url")),
        host=host_name(url) or "",
        page_kind=kind_of_url(url),
        says_article=bool(linked.headline and linked.is_article) or og_type == "article",
        og_type=og_type, linked_types=linked.types,
        marks=marks, linked=linked, titles=titles,
    )  # fmt: skip


def read_moments(
    fields: Fields, lines: Iterable[Line], tree: HtmlElement, url: str | None, captured_at: datetime | None
) -> Moments:
    """When the article was published and changed. `lines` are the bylines and date lines of its text."""
    calendar = calendar_of(fields.marks.language or fields.marks.meta("og:locale"), url, captured_at)
    told = sorted(lines, key=lambda line: (not line.leads, line.above))
    return choose_moments(fields.marks, fields.linked, told, calendar, url=url, tree=tree)


def settle(fields: Fields, moments: Moments, signs: TextSigns) -> Settled:
    """The fields that need the article's text, and the candidates of all."""
    marks, linked = fields.marks, fields.linked
    authors = choose_authors(
        marks, linked, signs.lines, fields.site_name or "", fields.host, known=signs.known_authors
    )
    languages = language_offers(marks, linked, signs.text)
    walls = tuple(paywall_offers(marks, linked, signs.hints))
    dateline, origins = signs.dateline, signs.origins
    datelines = (Offer(raw=dateline, source="text", value=dateline),) if dateline else ()
    canonicals = _link_offers(fields)
    sites = (*_site_offers(marks, linked, None), *_told_site(fields))
    sections = _section_offers(marks, linked)
    language, wall, origin = first_offer(languages), first_offer(walls), first_offer(origins)
    told = (
        ("title", fields.titles.won or _from_text(fields), fields.titles.offers),
        ("authors", authors.won, authors.offers),
        ("dateline", first_offer(datelines), datelines),
        ("published_at", moments.published, moments.published_offers),
        ("modified_at", moments.modified, moments.modified_offers),
        ("language", language, languages),
        ("site_name", first_offer(sites), sites),
        ("section", first_offer(sections), sections),
        ("declared_canonical", first_offer(canonicals), canonicals),
        ("origin_url", origin, origins),
        ("paywalled", wall, walls),
    )
    return Settled(
        authors=authors.names,
        language=language.value if language else None,
        origin_url=origin.value if origin else None,
        paywalled={"true": True, "false": False}.get(wall.value if wall else ""),
        candidates=tuple(one for name, won, offers in told for one in candidates(name, won, offers)),
    )


def kind_of_url(url: str | None) -> PageKind:
    """Page kind by the words of a URL's path.

    >>> kind_of_url("https://www.demo.gov/News/Contracts/Contract/Article/401//").value
    'contract'
    """
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return PageKind.ARTICLE
    return next((kind for pattern, kind in _URL_KINDS if pattern.search(path)), PageKind.ARTICLE)


def _site_offers(marks: PageMarks, linked: LinkedArticle, home: str | None) -> tuple[Offer, ...]:
    """Names of the site, where the page says one."""
    told = [("og", marks.meta("og:site_name")), ("json-ld", linked.publisher)]
    told += [(f"meta:{name}", marks.meta(name)) for name in _SITES[1:]]
    told += [("feed", site_of_feeds(marks.feeds)), ("h1", home or "")]
    return tuple(
        Offer(raw=raw, source=source, value="" if "://" in raw or len(raw) > _LONGEST_SITE else raw)
        for source, raw in told
        if raw.strip(" /")
    )


def _told_site(fields: Fields) -> tuple[Offer, ...]:
    name = fields.titles.site
    return (Offer(raw=name, source="title", value=name),) if name else ()


def _from_text(fields: Fields) -> Offer | None:
    """The title, where it was found among the lines of the text."""
    return Offer(raw=fields.title, source="text", value=fields.title) if fields.title else None


def _section_offers(marks: PageMarks, linked: LinkedArticle) -> tuple[Offer, ...]:
    told = [("json-ld", linked.section), *((f"meta:{name}", marks.meta(name)) for name in _SECTIONS)]
    return tuple(Offer(raw=raw, source=source, value=raw) for source, raw in told if raw)


def _link_offers(fields: Fields) -> tuple[Offer, ...]:
    """The page's own addresses. Only its canonical link becomes the field."""
    told = []
    if fields.marks.canonical:
        told.append(Offer(raw=fields.marks.canonical, source="link", value=fields.declared_canonical or ""))
    if fields.og_url:
        told.append(Offer(raw=fields.og_url, source="og"))
    if fields.linked.url and normal(fields.linked.url):
        told.append(Offer(raw=fields.linked.url, source="json-ld"))
    return tuple(told)
