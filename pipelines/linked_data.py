"""JSON-LD of a page: its article node, as the few values that fields are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

_ARTICLE_TYPES = re.compile(
    r"(?:article|blogposting|report|liveblogposting|newsitem|posting|review)$", re.IGNORECASE
)
_MOST_BYTES = 2_000_000
_MOST_NODES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedArticle:
    """Values of the article node; empty where the page has none."""

    headline: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    publisher: str = ""
    section: str = ""
    url: str = ""
    types: tuple[str, ...] = ()


def linked_article(tree: HtmlElement) -> LinkedArticle:
    """The page's article as its JSON-LD has it."""
    nodes = list(_nodes(tree))
    types = tuple(kind for node in nodes for kind in _types(node))
    article = next((node for node in nodes if any(is_article_type(kind) for kind in _types(node))), None)
    if article is None:
        return LinkedArticle(types=types)
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    return LinkedArticle(
        headline=_text(article.get("headline")) or _text(article.get("name")),
        authors=tuple(dict.fromkeys(_names(article.get("author"), by_id))),
        published=_text(article.get("datePublished")),
        modified=_text(article.get("dateModified")),
        publisher=next(iter(_names(article.get("publisher"), by_id)), ""),
        section=_text(article.get("articleSection")),
        url=_text(article.get("url")),
        types=types,
    )


def is_article_type(kind: str) -> bool:
    """Whether a schema.org type is an article's.

    >>> is_article_type("NewsArticle"), is_article_type("CollectionPage")
    (True, False)
    """
    return _ARTICLE_TYPES.search(kind) is not None


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object of every JSON-LD script, outer ones first; bounded, not recursive."""
    seen = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        pending = [_load("".join(script.itertext()))]
        while pending and seen < _MOST_NODES:
            value = pending.pop(0)
            seen += 1
            if isinstance(value, list):
                pending.extend(value[:_MOST_NODES])
            elif isinstance(value, dict):
                yield value
                pending.extend(
                    part
                    for key, part in value.items()
                    if key in ("@graph", "mainEntity", "mainEntityOfPage", "isPartOf", "author", "publisher")
                )


def _load(text: str) -> object:
    if len(text) > _MOST_BYTES:
        return None
    cleaned = re.sub(
        r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*;?\s*$", "", text.strip()
    )
    try:
        return json.loads(cleaned, strict=False)
    except (ValueError, RecursionError):
        return None


def _types(node: dict[str, Any]) -> tuple[str, ...]:
    kinds = node.get("@type")
    return tuple(kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def _text(value: object) -> str:
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str)), "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def _names(value: object, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            yield _text(part)
        elif isinstance(part, dict):
            name = _text(part.get("name")) or _text(by_id.get(str(part.get("@id")), {}).get("name"))
            if name:
                yield name
