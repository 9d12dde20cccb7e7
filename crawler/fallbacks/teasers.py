"""The entries of feeds with all that they tell of their articles, for those that are wanted."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree

from crawler.discovery.feeds import entry_url
from crawler.discovery.json_values import read_json
from crawler.discovery.links import clean_url
from crawler.discovery.markup import child, decoded, from_its_start, local_name, text_of, xml_tree
from crawler.fallbacks.stories import Story
from storage.urls import article_id

_PARTS = ("encoded", "content", "body", "description", "summary", "subtitle")  # the first with a text
_JSON_PARTS = ("content_html", "content_text", "summary")
_ADDRESS = re.compile(r"\S+@\S+\s*\((?P<name>[^()]+)\)|\S+@\S+")  # of RSS: address (name)
_MARKS = re.compile(r"</?(?:a|b|em|i|span|strong|sub|sup)(?:\s[^<>]*)?>", re.IGNORECASE)  # in titles
_MOST_AUTHORS = 20


def stories_in(
    *, url: str, content_type: str | None, body: bytes, wanted: frozenset[str]
) -> dict[str, Story]:
    """The stories of the feed at `url` whose article ids are wanted, by those ids."""
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
    read = _of_json(url, content_type, body) if is_json else _of_xml(url, content_type, body)
    found: dict[str, Story] = {}
    for story in read:
        identifier = article_id(story.url)
        if identifier in wanted and story.markup.strip():
            found.setdefault(identifier, story)
    return found


def _of_xml(url: str, content_type: str | None, body: bytes) -> Iterator[Story]:
    root = xml_tree(from_its_start(body), content_type)
    if root is None:
        return
    language = next((text_of(one) for one in root.iter() if local_name(one) == "language"), None)
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang") or language
    for entry in (one for one in root.iter() if local_name(one) in {"item", "entry"}):
        target = entry_url(entry, url)
        if target is None:
            continue
        part, markup = _text(entry)
        published = text_of(child(entry, "pubdate", "published", "issued", "date", "created"))
        modified = text_of(child(entry, "updated", "modified"))
        title = text_of(child(entry, "title"))
        yield Story(
            url=target,
            title=_MARKS.sub("", html.unescape(title)) if title else None,
            markup=markup,
            part=part,
            authors=_authors(entry),
            published_raw=published or modified,
            modified_raw=modified,
            language=_language(language),
        )


def _text(entry: etree._Element) -> tuple[str, str]:
    """The fullest text of an entry, with the name of its element."""
    for name in _PARTS:
        for element in (one for one in entry if local_name(one) == name):
            markup = _markup(element)
            if markup.strip():
                return name, markup
    return "", ""


def _markup(element: etree._Element) -> str:
    """What an element holds: markup of its own (XHTML), text that is markup, or a text."""
    if len(element):
        inner = (etree.tostring(one, encoding="unicode") for one in element)
        return html.escape(element.text or "") + "".join(inner)
    text = element.text or ""
    return html.escape(text) if element.get("type") == "text" else text


def _authors(entry: etree._Element) -> tuple[str, ...]:
    """Who wrote an entry: of Atom the names, of RSS `dc:creator`, else `author` without its address."""
    atom = [text_of(child(one, "name")) for one in entry if local_name(one) == "author" and len(one)]
    creators = [text_of(one) for one in entry if local_name(one) == "creator"]
    plain = [text_of(one) for one in entry if local_name(one) == "author" and not len(one)]
    named = [_ADDRESS.sub(lambda found: found["name"] or "", one).strip() for one in plain if one]
    names = next((names for names in (atom, creators, named) if any(names)), [])
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_AUTHORS]


def _of_json(url: str, content_type: str | None, body: bytes) -> Iterator[Story]:
    feed = read_json(decoded(body, content_type)).value
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        address = next((_told(item, key) for key in ("url", "external_url", "id") if _told(item, key)), "")
        target = clean_url(address, url) if address else None
        part = next((key for key in _JSON_PARTS if _told(item, key)), "")
        if target is None or not part:
            continue
        markup = _told(item, part)
        authors = item.get("authors")
        people = authors if isinstance(authors, list) else [item.get("author")]
        names = (_told(one, "name") for one in people if isinstance(one, dict))
        yield Story(
            url=target,
            title=_told(item, "title") or None,
            markup=html.escape(markup).replace("\n", "<br>") if part == "content_text" else markup,
            part=part,
            authors=tuple(dict.fromkeys(name for name in names if name))[:_MOST_AUTHORS],
            published_raw=_told(item, "date_published") or None,
            modified_raw=_told(item, "date_modified") or None,
            language=_language(_told(item, "language") or _told(feed, "language")),
        )


def _told(values: dict[str, object], key: str) -> str:
    """A text, "" where there is none."""
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""


def _language(told: str | None) -> str | None:
    """A language code fit for a page, None for anything else.

    >>> _language("en-US"), _language("English, mostly"), _language(None)
    ('en-US', None, None)
    """
    return told if told and re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", told) else None
