"""RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom and JSON Feed -> links to articles."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from lxml import etree

from crawler.discovery.json_values import read_json
from crawler.discovery.likeness import article_likeness
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, next_page, priority
from crawler.discovery.markup import child, decoded, local_name, one_line, text_of, xml_tree
from crawler.discovery.paging import page_number
from crawler.seeds import Seed

# A feed without entries on the content system behind defense.gov: an item of this title, linked or not.
_EMPTY_ITEM = re.compile(r"\s*this is an empty article[\s.!]*", re.IGNORECASE)
EMPTY_FEED, EMPTY_ARTICLE = "empty feed", "empty article"  # notes that a source's health is judged by
_COUNT = re.compile(r"[0-9]{1,6}")
_MAKERS = {"generator", "generatoragent"}  # RSS has the address as text, Atom and RDF as an attribute
_MAX_TITLE = 500


def parse_feed(*, url: str, content_type: str | None, body: bytes, seed: Seed) -> Discovery:
    """The entries of an XML feed, whatever its dialect."""
    root = xml_tree(body, content_type)
    if root is None:
        return Discovery(notes=("feed is not XML",))
    entries = [element for element in root.iter() if local_name(element) in {"item", "entry"}]
    links, notes = [], []
    for entry in entries:
        link, note = _entry(entry, url, seed)
        if link:
            links.append(link)
        if note:
            notes.append(note)
    if not links:
        notes.append(EMPTY_FEED)
    return Discovery(
        links=tuple(links), next_pages=_next_pages(root, url, bool(links), seed), notes=_counted(notes)
    )


def parse_json_feed(*, url: str, content_type: str | None, body: bytes, seed: Seed) -> Discovery:
    """The entries of a JSON Feed."""
    read = read_json(decoded(body, content_type))
    if read.value is None:
        return Discovery(notes=("feed is broken JSON",))
    feed = read.value
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Discovery(notes=("JSON is no feed", *read.notes))
    links = []
    for item in items:
        address = _first_text(item, "url", "external_url", "id")
        target = clean_url(address, url) if address else None
        if target:
            dates = (_first_text(item, "date_published"), _first_text(item, "date_modified"))
            links.append(_link(target, _first_text(item, "title"), dates, seed))
    further = _first_text(feed, "next_url")
    following = clean_url(further, url) if further else None
    if following and (following == url or page_number(following) > seed.limits.max_paging):
        following = None
    return Discovery(
        links=tuple(links),
        next_pages=(next_page(following, LinkKind.FEED, FoundIn.FEED),) if following else (),
        notes=(*read.notes, *(() if links else (EMPTY_FEED,))),
    )


def _first_text(values: object, *keys: str) -> str | None:
    """The first of the keys that holds text."""
    if not isinstance(values, dict):
        return None
    found = (values.get(key) for key in keys)
    return next((value for value in found if isinstance(value, str) and value.strip()), None)


def _entry(entry: etree._Element, url: str, seed: Seed) -> tuple[Link | None, str]:
    """The link of one entry, or a note on why it has none."""
    title = text_of(child(entry, "title"))
    if title and _EMPTY_ITEM.fullmatch(title):
        return None, EMPTY_ARTICLE
    address = _address(entry)
    if not address:
        return None, "entry without a link"
    target = entry_url(entry, url)
    if not target:
        return None, "entry with a link that is no web address"
    published = text_of(child(entry, "pubdate", "published", "issued", "date", "created"))
    modified = text_of(child(entry, "updated", "modified"))
    return _link(target, title, (published or modified, modified), seed), ""


def entry_url(entry: etree._Element, url: str) -> str | None:
    """Where an entry of the feed at `url` leads to; None where that is no web address."""
    base = clean_url(entry.base, url) if entry.base else None  # of xml:base
    return clean_url(_address(entry) or "", base or url)


def _link(target: str, title: str | None, dates: tuple[str | None, str | None], seed: Seed) -> Link:
    likeness = article_likeness(target, seed, text=title or "")
    # Being in a feed is proof enough of an article, unless the seed knows what its articles look like.
    article = likeness.is_article or not seed.scope.article
    kind = LinkKind.ARTICLE if article else LinkKind.PAGE
    return Link(
        url=target,
        kind=kind,
        found_in=FoundIn.FEED,
        title=(one_line(html.unescape(title or "")) or "")[:_MAX_TITLE] or None,
        published_raw=dates[0],
        modified_raw=dates[1],
        priority=priority(kind, FoundIn.FEED),
        reasons=("entry of a feed", *likeness.reasons),
    )


def _address(entry: etree._Element) -> str | None:
    """The entry's address: FeedBurner's original, RSS `link`, Atom `link href`, RDF `about`, an id."""
    original = text_of(child(entry, "origlink"))
    if original:
        return original
    for element in entry:
        if local_name(element) != "link":
            continue
        href = element.get("href")
        if href and element.get("rel", "alternate") == "alternate":
            return href
        text = text_of(element)
        if text:
            return text
    elsewhere = child(entry, "content")
    return entry.get(_ABOUT) or _identity(entry) or (None if elsewhere is None else elsewhere.get("src"))


def _identity(entry: etree._Element) -> str | None:
    """The entry's RSS `guid` or Atom `id`, where it is a web address and is not said to be none."""
    identity = child(entry, "guid", "id")
    text = text_of(identity)
    usable = text and text.lower().startswith(("http://", "https://"))
    return text if usable and identity is not None and identity.get("isPermaLink") != "false" else None


_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def _next_pages(root: etree._Element, url: str, has_links: bool, seed: Seed) -> tuple[Link, ...]:
    """The feed's next page: `rel=next` (RFC 5005), or `?paged=N` where WordPress made the feed."""
    for element in root.iter():
        if local_name(element) == "link" and element.get("rel") == "next":
            target = clean_url(element.get("href") or "", url)
            further = target and target != url and page_number(target) <= seed.limits.max_paging
            return (next_page(target, LinkKind.FEED, FoundIn.FEED),) if target and further else ()
    if not has_links or not _is_wordpress(root, seed):
        return ()
    target = _paged(url, seed.limits.max_paging)
    return (next_page(target, LinkKind.FEED, FoundIn.FEED),) if target else ()


def _is_wordpress(root: etree._Element, seed: Seed) -> bool:
    if seed.wordpress:
        return True
    makers = (element for element in root.iter() if local_name(element) in _MAKERS)
    told = ((text_of(element) or "", *element.attrib.values()) for element in makers)
    return any("wordpress.org" in str(text).lower() for texts in told for text in texts)


def _paged(url: str, most: int) -> str | None:
    """The feed's URL with the next `paged`; None behind page `most`.

    >>> _paged("https://example.org/feed/", 9), _paged("https://example.org/feed/?paged=9", 9)
    ('https://example.org/feed/?paged=2', None)
    """
    parts = urlsplit(url)
    fields = parse_qs(parts.query, keep_blank_values=True)
    current = fields.get("paged", ["1"])[0]
    following = int(current) + 1 if _COUNT.fullmatch(current) else most + 1
    if following > most:
        return None
    fields["paged"] = [str(following)]
    return urlunsplit(parts._replace(query=urlencode(fields, doseq=True)))


def _counted(notes: list[str]) -> tuple[str, ...]:
    """Each note once, with how often it came.

    >>> _counted(["empty article", "empty article", "empty feed"])
    ('empty article (2)', 'empty feed')
    """
    counts = {note: notes.count(note) for note in dict.fromkeys(notes)}
    return tuple(f"{note} ({count})" if count > 1 else note for note, count in counts.items())
