"""What a site's front page tells of the site: its name, its language, the program that made it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discovery.markup import html_tree, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from storage.model import Headers

WORDPRESS, AFPIMS = "WordPress", "AFPIMS"
_MOST_NAME = 120
# What the makers leave in their pages where they do not name themselves. The first that is found holds.
_TRACES = (
    (AFPIMS, re.compile(rb"(?i)/DesktopModules/(?:ArticleCS|AFPIMS|SharedLibrary)")),
    (WORDPRESS, re.compile(rb"/wp-content/|/wp-includes/|/wp-json/|https://api\.w\.org/")),
    ("Drupal", re.compile(rb"/sites/(?:default|all)/(?:files|modules)/|drupal-settings|Drupal\.settings")),
    ("Arc XP", re.compile(rb"/pf/dist/|Fusion\.globalContent|arc-cdn\.net")),
    ("Blogger", re.compile(rb"\.blogger\.com/|blogspot\.com/feeds/")),
    ("Ghost", re.compile(rb"/ghost/api/|ghost-(?:portal|search)")),
    ("Squarespace", re.compile(rb"static1?\.squarespace\.com")),
    ("DotNetNuke", re.compile(rb"(?i)/DesktopModules/|/Portals/\d+/|dnn_ctr")),
    ("TYPO3", re.compile(rb"/typo3(?:temp|conf)/")),
    ("Joomla", re.compile(rb"/media/(?:jui|system)/js/|/components/com_")),
)  # fmt: skip
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", re.ASCII)
_ORGANISATIONS = {"organization", "newsmediaorganization", "governmentorganization", "website"}
_LONGEST_SCRIPT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a front page tells; None where it tells nothing."""

    title: str | None = None
    publisher: str | None = None
    language: str | None = None
    cms: str | None = None


def facts_of(*, content_type: str | None, body: bytes, headers: Headers) -> Facts:
    """The facts of a front page."""
    root = html_tree(body, content_type)
    if root is None:
        return Facts()
    meta = {
        name: value for element in root.iter("meta") for name, value in [_named(element)] if name and value
    }
    page = root if root.tag == "html" else root.find(".//html")
    told = (page.get("lang") if page is not None else None, meta.get("og:locale"), meta.get("language"))
    languages = (_language(text) for text in (*told, headers.get("Content-Language")))
    title = one_line(root.findtext(".//title") or "")
    return Facts(
        title=_short(meta.get("og:site_name") or title),
        publisher=_short(meta.get("og:site_name") or _organisation(root) or meta.get("application-name")),
        language=next((language for language in languages if language), None),
        cms=_cms(meta.get("generator") or headers.get("X-Generator") or "", body),
    )


def _named(element: _Element) -> tuple[str, str]:
    """Name and content of a meta element."""
    name = element.get("property") or element.get("name") or element.get("http-equiv") or ""
    return name.lower(), one_line(element.get("content") or "") or ""


def _cms(generator: str, body: bytes) -> str | None:
    """The program that made the page: by its traces, else as it calls itself."""
    for name, traces in _TRACES:
        if name.lower() in generator.lower() or traces.search(body):
            return name
    return _short(generator)


def _language(text: str | None) -> str | None:
    """The primary language subtag.

    >>> _language("en_US"), _language("de-AT"), _language("English")
    ('en', 'de', None)
    """
    found = _LANGUAGE.fullmatch((text or "").strip())
    return re.split("[-_]", found[0])[0].lower() if found else None


def _organisation(root: _Element) -> str | None:
    """Name of the organisation that structured data names."""
    for script in root.iter("script"):
        text = script.text or ""
        if script.get("type") != "application/ld+json" or len(text) > _LONGEST_SCRIPT:
            continue
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data, 3):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            name = node.get("name")
            if isinstance(name, str) and any(str(kind).lower() in _ORGANISATIONS for kind in kinds):
                return one_line(name)
    return None


def _nodes(data: object, depth: int) -> Iterator[dict[str, object]]:
    """The objects of structured data, those that publish before those published."""
    if isinstance(data, list):
        for each in data[:100]:
            yield from _nodes(each, depth)
    elif isinstance(data, dict) and depth:
        yield data
        for key in ("@graph", "publisher", "isPartOf"):
            yield from _nodes(data.get(key), depth - 1)


def _short(text: str | None) -> str | None:
    r"""A name as a seed may have it: not too long, and of letters that can be seen.

    >>> _short("The \x1b[31mPost\x7f"), _short("\x7f"), _short(None)
    ('The [31mPost', None, None)
    """
    seen = "".join(letter for letter in text or "" if letter.isprintable())
    return seen[:_MOST_NAME] or None
