"""JSON-LD of a page: its article node, as the few values that fields are made of."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.fields.json_scripts import load_script

_ARTICLE_TYPES = re.compile(
    r"(?:article|blogposting|report|liveblogposting|newsitem|posting|review)$", re.IGNORECASE
)
_NO_ARTICLES = frozenset(("jobposting", "claimreview"))
_PAGE_TYPES = frozenset(("webpage", "itempage", "newsmediaorganization", "creativework"))
_WITHIN = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "isPartOf",
    "author",
    "publisher",
    "hasPart",
    "itemListElement",
)
_DATES = ("datePublished", "dateCreated", "coverageStartTime")
_MOST_CHARS = 2_000_000
_MOST_NODES = 2_000
_MOST_LOOSE = 100_000
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|div|em|font|i|mark|p|q|small|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_LETTERS = re.compile(r"[\W_]+")
_FEWEST_LETTERS, _MANY = 12, 3  # of a headline; other stories
# Values of a script that no parser reads, one key at a time.
_LOOSE = re.compile(
    r'"(headline|datePublished|dateModified|articleSection|isAccessibleForFree)"\s*:\s*"?'
    r'((?:[^"\\\n]|\\.){1,400}?)(?="|\s{0,9}[,}\n])'
)
_LOOSE_AUTHOR = re.compile(r'"author"\s*:[^\]}]{0,200}?"name"\s*:\s*"([^"\\]{2,80})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedArticle:
    """Values of the article node; empty where the page has none.

    `free` is isAccessibleForFree, `body` the articleBody with its line breaks, `other_dates` are the days on
    which other articles of the scripts came out.
    """

    headline: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    publisher: str = ""
    section: str = ""
    language: str = ""
    url: str = ""
    free: bool | None = None
    types: tuple[str, ...] = ()
    is_article: bool = False
    body: str = ""
    other_dates: tuple[str, ...] = ()


def linked_article(
    scripts: Iterable[str], *, addresses: Iterable[str] = (), printings: Iterable[str] = ()
) -> LinkedArticle:
    """The page's article as its JSON-LD scripts have it.

    Of several it is the one that has one of the page's `addresses`, or a headline that stands in one of the
    page's `printings` of its title; else the most telling, but none of many. A page's node (WebPage) gives
    what the article's own leaves out.
    """
    texts = tuple(text for text in scripts if len(text) <= _MOST_CHARS)
    loaded = [load_script(text) for text in texts]
    nodes = list(_nodes(loaded))
    types = tuple(kind for node in nodes for kind in _types(node))
    articles = [node for node in nodes if any(is_article_type(kind) for kind in _types(node))]
    broken = [text for text, value in zip(texts, loaded, strict=True) if value is None]
    if not articles and (loose := _loose_article(broken)):
        return loose
    pages = [node for node in nodes if any(kind.lower() in _PAGE_TYPES for kind in _types(node))]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and node.get("name")}
    own = _Own(frozenset(map(_address, addresses)) - {""}, tuple(map(_flat, printings)))
    own_article = own.choose(articles)
    chosen = own_article + pages[:1]
    return LinkedArticle(
        headline=_first(_text(node.get(key)) for node in own_article for key in ("headline", "name")),
        authors=next(filter(None, (_authors(node, by_id) for node in chosen)), ()),
        published=_first(_text(node.get(key)) for node in chosen for key in _DATES),
        modified=_first(_text(node.get("dateModified")) for node in chosen),
        publisher=_first(name for node in chosen for name in _names(node.get("publisher"), by_id)),
        section=_first(_text(node.get("articleSection")) for node in chosen),
        language=_first(_text(node.get("inLanguage")) for node in chosen),
        url=_first(_text(node.get("url")) for node in chosen),
        free=next((told for node in chosen if (told := _free(node)) is not None), None),
        types=types,
        is_article=bool(own_article),
        body=next((body for node in own_article if isinstance(body := node.get("articleBody"), str)), ""),
        other_dates=tuple(_text(node.get("datePublished")) for node in articles if node not in own_article),
    )


def is_article_type(kind: str) -> bool:
    """Whether a schema.org type is an article's.

    >>> is_article_type("NewsArticle"), is_article_type("CollectionPage"), is_article_type("JobPosting")
    (True, False, False)
    """
    return _ARTICLE_TYPES.search(kind) is not None and kind.lower() not in _NO_ARTICLES


@dataclass(frozen=True, slots=True)
class _Own:
    """What tells the page's own article among others."""

    addresses: frozenset[str]
    printings: tuple[str, ...]

    def choose(self, articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The page's article, alone; none where many are told and none of them is the page's own."""
        best = max(articles, key=lambda node: (self.share(node), _telling(node)), default=None)
        if best is None:
            return []
        many = len({_text(node.get("headline")) for node in articles}) >= _MANY
        return [] if many and self.printings and not self.share(best) else [best]

    def share(self, node: dict[str, Any]) -> int:
        """How surely an article's node is the page's own: 2 by its address, 1 by its headline."""
        told = (node.get("url"), node.get("mainEntityOfPage"), node.get("@id"))
        links = (part.get("@id") or part.get("url") if isinstance(part, dict) else part for part in told)
        if any(isinstance(link, str) and _address(link) in self.addresses for link in links):
            return 2
        headline = _flat(_text(node.get("headline")) or _text(node.get("name")))
        return int(any(_same_start(headline, text) for text in self.printings))


def _same_start(headline: str, printing: str) -> bool:
    """Whether a printing of a title has the headline in it, or is cut from it."""
    if min(len(headline), len(printing)) < _FEWEST_LETTERS:
        return headline == printing != ""
    return headline in printing or headline.startswith(printing)


def _address(link: str) -> str:
    """A link as addresses are compared, empty where it has no path.

    >>> _address("https://www.demo.example/a/?x=1#b"), _address("https://demo.example/")
    ('demo.example/a', '')
    """
    bare = re.split(r"[?#]", link.strip(), maxsplit=1)[0].partition("://")[2].removeprefix("www.").rstrip("/")
    return bare if "/" in bare else ""


def _flat(text: str) -> str:
    return _LETTERS.sub("", text).lower()


def _telling(node: dict[str, Any]) -> int:
    """How much a node tells of an article. A review among articles is one of its parts."""
    told = sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody"))
    return told - 3 * any(kind.lower().endswith("review") for kind in _types(node))


def _nodes(loaded: Iterable[object]) -> Iterator[dict[str, Any]]:
    """Every object of the scripts, outer ones first; bounded, not recursive."""
    seen = 0
    for script in loaded:
        pending = [script]
        place = 0
        while place < len(pending) and seen < _MOST_NODES:
            value = pending[place]
            place += 1
            seen += 1
            if isinstance(value, list):
                pending.extend(value[:_MOST_NODES])
            elif isinstance(value, dict):
                yield value
                pending.extend(
                    part for key, part in value.items() if key in _WITHIN and isinstance(part, list | dict)
                )


def _loose_article(broken: Iterable[str]) -> LinkedArticle | None:
    """The first article with a headline in scripts that are no JSON."""
    return next((found for text in broken if (found := _read_loosely(text)).headline), None)


def _read_loosely(text: str) -> LinkedArticle:
    """What single expressions find in a script that is no JSON."""
    text = " ".join(text[:_MOST_LOOSE].split())
    if not any(is_article_type(kind) for kind in re.findall(r'"@type"\s*:\s*\[?\s*"(\w{3,40})"', text)):
        return LinkedArticle()
    found: dict[str, str] = {}
    for key, value in _LOOSE.findall(text):
        found.setdefault(key, _text(value.replace("\\/", "/").replace('\\"', '"')))
    free = found.get("isAccessibleForFree", "").lower()
    return LinkedArticle(
        headline=found.get("headline", ""), published=found.get("datePublished", ""),
        modified=found.get("dateModified", ""), section=found.get("articleSection", ""),
        authors=tuple(_text(name) for name in _LOOSE_AUTHOR.findall(text)[:1]),
        free={"false": False, "true": True}.get(free), types=("Article",), is_article=True,
    )  # fmt: skip


def _types(node: dict[str, Any]) -> tuple[str, ...]:
    kinds = node.get("@type")
    told = (kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))
    return tuple(kind.rstrip("/").rpartition("/")[2].rpartition(":")[2] for kind in told)


def _text(value: object) -> str:
    """A value as text; a list's first, a node's `@value` or name."""
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str | dict)), "")
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or value.get("alternateName")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return _without_tags(html.unescape(" ".join(value.split()))) if isinstance(value, str) else ""


def _without_tags(text: str) -> str:
    """A text without the tags that a page's writers left in it.

    >>> _without_tags("Ferry <i>Maren</i> is <5 years old"), _without_tags("Home<br>again")
    ('Ferry Maren is <5 years old', 'Home again')
    """
    if "<" not in text:
        return text
    return " ".join(
        _TAG.sub(lambda tag: " " if tag[0][1:3].lower() in ("br", "p>", "/p") else "", text).split()
    )


def _authors(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    names = (name for key in ("author", "creator") for name in _names(node.get(key), by_id))
    return tuple(dict.fromkeys(names))


def _names(value: object, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Names of persons or organisations: texts, nodes with a name, or nodes named elsewhere."""
    for part in _parts(value):
        if isinstance(part, str):
            told = _text(part)
        elif isinstance(part, dict):
            told = _text(part.get("name")) or _text(by_id.get(str(part.get("@id")), {}).get("name"))
            told = told or f"{_text(part.get('givenName'))} {_text(part.get('familyName'))}".strip()
        else:
            continue
        if told and len(told) <= 300:  # noqa: PLR2004 -- a name, no biography
            yield told


def _parts(value: object) -> Iterator[object]:
    """The parts of a value: of lists in lists, of a node that is a list or has one of names; bounded."""
    pending, seen = [value], 0
    while pending and seen < _MOST_NODES:
        part = pending.pop(0)
        seen += 1
        if isinstance(part, dict):
            names = part.get("name")
            part = part.get("@list", names if isinstance(names, list) else part)
        if isinstance(part, list):
            pending[:0] = part[:_MOST_NODES]
        else:
            yield part


def _free(node: dict[str, Any]) -> bool | None:
    """Whether a node can be read for nothing: its own word, or that of one of its parts."""
    parts = node.get("hasPart")
    told = [node, *(parts if isinstance(parts, list) else [parts])]
    values = [part.get("isAccessibleForFree") for part in told if isinstance(part, dict)]
    said = [str(value).strip().rpartition("/")[2].lower() for value in values if value is not None]
    if any(word in ("false", "no", "0") for word in said):
        return False
    return True if any(word in ("true", "yes", "1") for word in said) else None


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
