"""Fields of a page: JSON-LD first, then OpenGraph and meta elements, then the markup, then htmldate."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from pipelines.dates import parse_date
from pipelines.linked_data import LinkedArticle, linked_article
from pipelines.people import collective_name, split_names
from pipelines.words import normal, word_count
from storage.model import PageKind

_SEPARATOR = re.compile(r"\s+(?:\||»|«|::|·|•|>|<|-|\u2013|—|~)\s+")
_FIRM_SEPARATOR = re.compile(r"\s+(?:\||»|::|·|•|>)\s+")
_MOST_SITE_WORDS = 5
_PUBLISHED = (
    "article:published_time", "datepublished", "og:article:published_time", "og:published_time", "date",
    "dc.date.issued", "dc.date", "dcterms.date", "dcterms.created", "pubdate", "publishdate", "publish-date",
    "publish_date", "parsely-pub-date", "sailthru.date", "article.published", "rnews:datepublished",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "lastmod",
    "dcterms.modified",
)
_AUTHOR = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "article.author",
)
_SECTION = ("article:section", "section", "parsely-section")
_URL_KINDS = (
    (re.compile(r"/transcripts?/", re.IGNORECASE), PageKind.TRANSCRIPT),
    (re.compile(r"/contracts?/", re.IGNORECASE), PageKind.CONTRACT),
    (re.compile(r"/speech(?:es)?/", re.IGNORECASE), PageKind.SPEECH),
    (re.compile(r"/(?:press-)?releases?/|/news-releases?/|/advisories/", re.IGNORECASE), PageKind.RELEASE),
)
_FIRST_DATE, _LAST_DATE = "1995-01-01", "2100-01-01"  # htmldate asks the clock unless it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a page says of itself."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    collective: str | None = None  # the newsroom or office named in an author's place
    published_at: datetime | None = None
    published_raw: str | None = None
    modified_at: datetime | None = None
    modified_raw: str | None = None
    language: str | None = None
    site_name: str | None = None
    section: str | None = None
    declared_canonical: str | None = None
    og_url: str | None = None
    page_kind: PageKind = PageKind.ARTICLE
    says_article: bool = False
    og_type: str = ""
    linked_types: tuple[str, ...] = ()


def read_fields(tree: HtmlElement, url: str | None) -> Fields:
    """The fields of a parsed page. Text lines (byline, dateline) are the caller's."""
    linked, metas = linked_article(tree), _metas(tree)
    title, site = _title(tree, linked, metas, url)
    authors, collective = _authors(list(_author_sources(tree, linked, metas)))
    published = _first(linked.published, *(metas.get(name) for name in _PUBLISHED), _time_element(tree))
    modified = _first(linked.modified, *(metas.get(name) for name in _MODIFIED))
    return Fields(
        title=title, site_name=site, authors=authors, collective=collective,
        published_at=parse_date(published), published_raw=published or None,
        modified_at=parse_date(modified), modified_raw=modified or None,
        language=_language(tree, metas),
        section=_first(linked.section, *(metas.get(name) for name in _SECTION)) or None,
        declared_canonical=_canonical(tree, url), og_url=_join(url, metas.get("og:url")),
        page_kind=kind_of_url(url),
        says_article=bool(linked.headline) or metas.get("og:type", "").lower() == "article",
        og_type=metas.get("og:type", "").lower(), linked_types=linked.types,
    )  # fmt: skip


def engine_date(tree: HtmlElement, url: str | None) -> str | None:
    """The day htmldate finds, as YYYY-MM-DD; the last resort, without its full-text search."""
    try:
        return find_date(
            tree, extensive_search=False, original_date=True, url=url,
            min_date=_FIRST_DATE, max_date=_LAST_DATE,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 -- foreign code on hostile input: what it raises is not ours to list
        return None


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


def strip_site(title: str, site: str | None, *, known: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """A title without the site's name, and that name where the title told it.

    `known` are other printings of the title (its h1): what they lack is no part of it.

    >>> strip_site("Fleet Sails North | Demo News", None), strip_site("Fleet - and Crew - Sail", None)
    (('Fleet Sails North', 'Demo News'), ('Fleet - and Crew - Sail', None))
    """
    parts = _SEPARATOR.split(title)
    if len(parts) == 1:
        return title, None
    for number in range(1, len(parts)):
        head = _head(title, number)
        if any(normal(head) == normal(other) for other in known if other):
            return head, parts[number]
        if site and normal(parts[number]) == normal(site):
            return head, parts[number]
    firm = _FIRM_SEPARATOR.split(title)
    if (
        len(firm) > 1
        and word_count(firm[0]) > 1
        and all(word_count(part) <= _MOST_SITE_WORDS + 1 for part in firm[1:])
    ):
        return firm[0], firm[1]
    if site and normal(parts[0]) == normal(site):
        return title[len(parts[0]) :].lstrip(" |»·•>-\u2013—:"), parts[0]
    return title, None


def _head(title: str, number: int) -> str:
    """What stands before the separator of that number."""
    return title[: list(_SEPARATOR.finditer(title))[number - 1].start()]


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = " ".join((meta.get("content") or "").split())
        for key in ("property", "name", "itemprop"):
            name = (meta.get(key) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _title(
    tree: HtmlElement, linked: LinkedArticle, metas: dict[str, str], url: str | None
) -> tuple[str | None, str | None]:
    site = _first(metas.get("og:site_name"), linked.publisher, metas.get("application-name")) or None
    heads = [text for h1 in tree.iter("h1") if (text := " ".join(h1.text_content().split()))]
    page = " ".join((tree.findtext(".//title") or "").split())
    home = _home_name(tree, url)
    if home and normal(page) in (normal(home), ""):
        site, page = site or home, ""
        heads = [text for text in heads if text != home]
    host = _host_name(url)
    known = tuple(heads) + ((html.unescape(linked.headline),) if linked.headline else ())
    head = (
        heads[0]
        if len(heads) == 1 or (heads and page.startswith(heads[0]))
        else next((h for h in heads if h in page), "")
    )
    if head and site and normal(head) == normal(site):
        head = ""
    raw = html.unescape(
        _first(linked.headline, metas.get("og:title"), head, page, metas.get("twitter:title"), *heads)
    )
    title, told = strip_site(raw, site or host, known=known)
    if told is None and page and page != raw:
        stripped, told = strip_site(page, site or host, known=(title, *known))
        told = told if normal(stripped) == normal(title) else None
    return title.strip() or None, site or told


def _home_name(tree: HtmlElement, url: str | None) -> str | None:
    """The site's name, where a heading links it to the site's front page."""
    for link in tree.iterfind(".//h1//a"):
        target = _join(url or "http://site.invalid/", link.get("href"))
        if target and not urlsplit(target).path.strip("/") and not urlsplit(target).query:
            return " ".join(link.text_content().split()) or None
    return None


def _authors(sources: list[tuple[str, ...]]) -> tuple[tuple[str, ...], str | None]:
    """Names of the first source that names a person, and the first newsroom or office."""
    persons = (tuple(name for told in source for name in split_names(told)) for source in sources)
    groups = (group for source in sources for told in source if (group := collective_name(f"by {told}")))
    return tuple(dict.fromkeys(next(filter(None, persons), ()))), next(groups, None)


def _author_sources(
    tree: HtmlElement, linked: LinkedArticle, metas: dict[str, str]
) -> Iterator[tuple[str, ...]]:
    """What the page says of its authors, the best source first."""
    yield linked.authors
    yield from ((value,) for key in _AUTHOR if (value := metas.get(key, "")) and "://" not in value)
    for element in tree.iter("a", "span", "div", "p", "address"):
        mark = f" {element.get('rel') or ''} {element.get('itemprop') or ''} "
        if " author " in mark:
            yield (" ".join(element.text_content().split())[:200],)
            return


def _time_element(tree: HtmlElement) -> str:
    times = [element for element in tree.iter("time") if element.get("datetime")]
    for element in times:
        if (
            "published" in (element.get("class") or "")
            or (element.get("itemprop") or "").lower() == "datepublished"
        ):
            return element.get("datetime") or ""
    articles = [element for element in times if next(element.iterancestors("article"), None) is not None]
    return ((articles or times)[0].get("datetime") or "") if times else ""


def _language(tree: HtmlElement, metas: dict[str, str]) -> str | None:
    root = tree if tree.tag == "html" else next(tree.iter("html"), tree)
    raw = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang")
        or metas.get("og:locale")
        or ""
    ).strip()
    found = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", raw)
    return found[0].lower() if found else None


def _canonical(tree: HtmlElement, url: str | None) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return _join(url, link.get("href"))
    return None


def _join(url: str | None, target: str | None) -> str | None:
    if not target or not target.strip():
        return None
    try:
        joined = urljoin(url or "", target.strip())
        return joined if urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        return None


def _host_name(url: str | None) -> str | None:
    """The telling label of the URL's host: `demo` of www.demo.org."""
    try:
        labels = (urlsplit(url or "").hostname or "").split(".")
    except ValueError:
        return None
    return labels[-2] if len(labels) > 1 else None


def _first(*values: str | None) -> str:
    return next((value for value in values if value), "")
