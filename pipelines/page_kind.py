"""What sort of page it is: one article, a listing of others, or a page of another use.

Signs are weighed, none decides alone but the strong ones; a page that shows nothing but text is an article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.boilerplate.verdict import Verdict
from pipelines.linked_data import is_article_type
from pipelines.listed_items import ListedItems, find_items
from pipelines.metadata import Fields
from pipelines.segments import Reading
from pipelines.url_signs import kind_by_url
from storage.model import BlockKind, PageKind

_THRESHOLD = 3
_FEWEST_WORDS, _MOST_LINKED = 15, 0.6
_FULL_WORDS, _MANY_PARAGRAPHS = 12, 5
_TEASER_WORDS, _MOST_TEASERS, _FEWEST_TEASERS = 6, 0.5, 2
_MANY_ITEMS, _MOST_IN_ITEMS, _ALL_IN_TWO = 3, 0.5, 0.7
_ELLIPSES = ("[…]", "…", "[...]", "...", "read more", "continue reading", "read more »", "(more)")
_LISTING_TYPES = frozenset(("collectionpage", "searchresultspage", "profilepage"))
_STATIC_TYPES = frozenset(("aboutpage", "contactpage", "faqpage", "mediagallery", "imagegallery"))
# Body classes of WordPress (and of who took them over), and what the template is for.
_CLASSES = (
    (frozenset(("single-post",)), PageKind.ARTICLE, 4),
    (frozenset(("single",)), PageKind.ARTICLE, 2),
    (frozenset(("archive",)), PageKind.LISTING, 4),
    (frozenset(("search-results",)), PageKind.LISTING, 4),
    (frozenset(("home", "blog")), PageKind.LISTING, 4),
    (frozenset(("paged",)), PageKind.LISTING, 3),
    (frozenset(("error404",)), PageKind.OTHER, 5),
    (frozenset(("attachment",)), PageKind.OTHER, 5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a page's markup says of its kind: classes of its body, types of its JSON-LD and microdata."""

    classes: frozenset[str] = frozenset()
    types: tuple[str, ...] = ()  # lower case, without the vocabulary; one for each node
    og_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign for a kind of page."""

    kind: PageKind
    weight: int
    reason: str


def read_declared(tree: HtmlElement, fields: Fields) -> Declared:
    """What the page declares."""
    body = tree.find(".//body") if tree.tag != "body" else tree
    classes = (body.get("class") or "") if body is not None else ""
    micro = [str(value) for element in tree.iter() if (value := element.get("itemtype"))]
    types = (kind.rstrip("/").rpartition("/")[2].lower() for kind in (*fields.linked_types, *micro))
    return Declared(classes=frozenset(classes.lower().split()), types=tuple(types), og_type=fields.og_type)


def page_kind(
    reading: Reading,
    verdicts: Mapping[int, Verdict],
    declared: Declared,
    fields: Fields,
    url: str | None,
) -> tuple[PageKind, str]:
    """LISTING, OTHER or the kind that the URL's words give an article, and why.

    Every segment must have a verdict.
    """
    kept = sorted(index for index, verdict in verdicts.items() if verdict.kept)
    items = find_items(reading, kept, url)
    signs = [*_declared_signs(declared), *kind_signs(url), *_text_signs(reading, verdicts, kept, items)]
    weights: Counter[PageKind] = Counter()
    for sign in signs:
        weights[sign.kind] += sign.weight
    listing, other = weights[PageKind.LISTING], weights[PageKind.OTHER]
    kind = PageKind.LISTING if listing >= other else PageKind.OTHER
    lacking = _lacks_text(reading, kept, says_article=fields.says_article)
    if not lacking and (listing + other < _THRESHOLD or listing + other <= weights[PageKind.ARTICLE]):
        return fields.page_kind, ""
    reasons = [lacking] if lacking else []
    reasons += [sign.reason for sign in sorted(signs, key=lambda s: -s.weight) if sign.kind is kind]
    return kind, "; ".join(reasons)


def kind_signs(url: str | None) -> Iterator[Sign]:
    """The signs of a page's URL."""
    for kind, weight, reason in kind_by_url(url):
        yield Sign(kind=kind, weight=weight, reason=reason)


def _declared_signs(declared: Declared) -> Iterator[Sign]:
    articles = [kind for kind in declared.types if is_article_type(kind)]
    if articles and len(articles) < _MANY_ITEMS:
        yield Sign(kind=PageKind.ARTICLE, weight=3, reason=f"declares {articles[0]}")
    for kind in declared.types:
        if kind in _LISTING_TYPES:
            yield Sign(kind=PageKind.LISTING, weight=3, reason=f"declares {kind}")
            break
        if kind in _STATIC_TYPES:
            yield Sign(kind=PageKind.OTHER, weight=1, reason=f"declares {kind}")
            break
    if declared.og_type == "article":
        yield Sign(kind=PageKind.ARTICLE, weight=2, reason="og:type article")
    elif declared.og_type == "profile":
        yield Sign(kind=PageKind.LISTING, weight=2, reason="og:type profile")
    elif declared.og_type.startswith("video"):
        yield Sign(kind=PageKind.OTHER, weight=2, reason=f"og:type {declared.og_type[:20]}")
    elif declared.og_type == "website":
        yield Sign(kind=PageKind.LISTING, weight=1, reason="og:type website")
    for names, kind_, weight in _CLASSES:
        if names <= declared.classes:
            yield Sign(kind=kind_, weight=weight, reason=f"body class {' '.join(sorted(names))}")
            break


def _text_signs(
    reading: Reading, verdicts: Mapping[int, Verdict], kept: list[int], items: ListedItems
) -> Iterator[Sign]:
    if items.count >= _MANY_ITEMS and items.share >= _MOST_IN_ITEMS:
        yield Sign(
            kind=PageKind.LISTING, weight=4, reason=f"{items.count} items with linked headings hold the text"
        )
    elif items.count == _MANY_ITEMS - 1 and items.share >= _ALL_IN_TWO:
        yield Sign(kind=PageKind.LISTING, weight=3, reason="two items with linked headings hold the text")
    full = [index for index in kept if reading.words[index] >= _TEASER_WORDS]
    cut = [index for index in full if reading.segments[index].text.lower().endswith(_ELLIPSES)]
    if len(cut) >= _FEWEST_TEASERS and len(cut) > _MOST_TEASERS * len(full):
        yield Sign(kind=PageKind.LISTING, weight=2, reason=f"{len(cut)} of {len(full)} paragraphs are cut")
    paragraphs = [index for index in full if index not in items.members]
    paragraphs = [n for n in paragraphs if reading.words[n] >= _FULL_WORDS and reading.sentences[n]]
    if len(paragraphs) >= _MANY_PARAGRAPHS:
        yield Sign(kind=PageKind.ARTICLE, weight=1, reason="many paragraphs")
    captions = sum(
        reading.words[index]
        for index, verdict in verdicts.items()
        if verdict.kind in (BlockKind.CAPTION, BlockKind.CREDIT)
    )
    if captions and captions >= sum(reading.words[index] for index in kept):
        yield Sign(kind=PageKind.OTHER, weight=1, reason="more captions than text")
    elif len(paragraphs) <= 1 and reading.images:
        yield Sign(kind=PageKind.OTHER, weight=1, reason="a picture and hardly any text")
    lines = [n for n, verdict in verdicts.items() if verdict.kind is BlockKind.BYLINE]
    if lines and not items.members.intersection(lines):
        yield Sign(kind=PageKind.ARTICLE, weight=1, reason="a byline or date line")


def _lacks_text(reading: Reading, kept: list[int], *, says_article: bool) -> str:
    """Why the kept text is no article's, empty where it may be one: sentences, not teasers and links."""
    words = sum(reading.words[index] for index in kept)
    if words < (1 if says_article else _FEWEST_WORDS):
        return f"{words} words of its own"
    if not any(reading.sentences[index] and reading.words[index] > 1 for index in kept):
        return "no sentence of its own"
    linked = sum(reading.words[index] * reading.segments[index].link_share for index in kept)
    return "mostly links" if linked > _MOST_LINKED * words else ""
