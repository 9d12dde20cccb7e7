"""What sort of page it is: one article, a listing of others, or a page of another use.

Signs are weighed, none decides alone but the strong ones; a page that shows nothing but text is an article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.boilerplate.verdict import Verdict
from pipelines.fields.linked_data import is_article_type
from pipelines.fields.metadata import Fields
from pipelines.kinds.article_kind import article_kind
from pipelines.kinds.instead import excuse_of
from pipelines.kinds.listed_items import ListedItems, find_items
from pipelines.kinds.url_signs import kind_by_url
from pipelines.page.segments import Reading
from storage.article import BlockKind, PageKind

_THRESHOLD, _LINES_ABOVE = 3, 12
_FEWEST_WORDS, _MOST_LINKED = 15, 0.6
_FULL_WORDS, _MANY_PARAGRAPHS = 12, 5
_TEASER_WORDS, _MOST_TEASERS, _FEWEST_TEASERS = 6, 0.5, 2
_MANY_ITEMS, _FEWEST_ITEMS, _MOST_IN_ITEMS, _ALL_IN_TWO = 3, 2, 0.5, 0.7
_ELLIPSES = ("[…]", "…", "[...]", "...", "read more", "continue reading", "read more »", "(more)")
_LISTING_TYPES = frozenset(("collectionpage", "searchresultspage", "profilepage"))
_STATIC_TYPES = frozenset(("aboutpage", "contactpage", "faqpage"))
_GALLERY_TYPES = frozenset(("mediagallery", "imagegallery"))
_KINDS_BY_TYPE = (
    (_LISTING_TYPES, PageKind.LISTING, 3),
    (_STATIC_TYPES, PageKind.OTHER, 1),
    (_GALLERY_TYPES, PageKind.GALLERY, 1),
)
_NO_ARTICLES = (
    PageKind.LISTING,
    PageKind.OTHER,
    PageKind.GALLERY,
    PageKind.VIDEO,
)  # in case of equal weights
_LONG_TEXT_WORDS, _FEWEST_SENTENCES = 250, 2
_OG_TYPES = (
    ("article", PageKind.ARTICLE, 2),
    ("profile", PageKind.LISTING, 2),
    ("website", PageKind.LISTING, 1),
    ("video", PageKind.VIDEO, 3),
)
# Body classes of WordPress (and of who took them over), and what the template is for; the first decides.
_CLASSES = (
    (frozenset(("error404",)), PageKind.OTHER, 5),
    (frozenset(("attachment",)), PageKind.OTHER, 5),
    (frozenset(("single-post",)), PageKind.ARTICLE, 4),
    (frozenset(("single",)), PageKind.ARTICLE, 2),
    (frozenset(("archive",)), PageKind.LISTING, 4),
    (frozenset(("search-results",)), PageKind.LISTING, 4),
    (frozenset(("home", "blog")), PageKind.LISTING, 4),
    (frozenset(("paged",)), PageKind.LISTING, 3),
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


def read_declared(fields: Fields) -> Declared:
    """What the page declares."""
    types = (*(kind.lower() for kind in fields.linked_types), *fields.marks.types)
    return Declared(classes=fields.marks.classes, types=types, og_type=fields.og_type)


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
    signs = [*_declared_signs(declared), *_url_signs(url), *_text_signs(reading, verdicts, kept, items)]
    signs += _video_signs(reading, kept, declared)
    if instead := excuse_of(reading, kept, fields):
        signs.append(Sign(kind=PageKind.OTHER, weight=5, reason=instead.reason))
    weights: Counter[PageKind] = Counter()
    for sign in signs:
        weights[sign.kind] += sign.weight
    against = sum(max(weights[kind], 0) for kind in _NO_ARTICLES)
    kind = max(_NO_ARTICLES, key=weights.__getitem__)
    lacking = _lacks_text(reading, kept, says_article=fields.says_article)
    if not lacking and (against < _THRESHOLD or against <= weights[PageKind.ARTICLE]):
        paragraphs = [reading.segments[index].text for index in kept]
        lines = [segment.text for segment in reading.segments[: kept[0]]] if kept else []
        return article_kind(url, fields.title, paragraphs, lines[-_LINES_ABOVE:]), ""
    kind = kind if weights[kind] > 0 else PageKind.OTHER
    reasons = [lacking] if lacking else []
    reasons += [
        sign.reason
        for sign in sorted(signs, key=lambda s: -s.weight)
        if sign.kind is kind and sign.weight > 0
    ]
    return kind, "; ".join(reasons)


def _url_signs(url: str | None) -> Iterator[Sign]:
    for kind, weight, reason in kind_by_url(url):
        yield Sign(kind=kind, weight=weight, reason=reason)


def _declared_signs(declared: Declared) -> Iterator[Sign]:
    yield from _type_signs(declared.types)
    for prefix, kind, weight in _OG_TYPES:
        if declared.og_type.startswith(prefix):
            yield Sign(kind=kind, weight=weight, reason=f"og:type {prefix}")
    for names, kind, weight in _CLASSES:
        if names <= declared.classes:
            yield Sign(kind=kind, weight=weight, reason=f"body class {' '.join(sorted(names))}")
            break


def _type_signs(types: tuple[str, ...]) -> Iterator[Sign]:
    articles = [name for name in types if is_article_type(name)]
    if articles and len(articles) < _MANY_ITEMS:
        yield Sign(kind=PageKind.ARTICLE, weight=3, reason=f"declares {articles[0]}")
    if "liveblogposting" in types and len(articles) >= _MANY_ITEMS:
        yield Sign(kind=PageKind.ARTICLE, weight=4, reason="declares liveblogposting")
    if "videoobject" in types and not articles:
        yield Sign(kind=PageKind.VIDEO, weight=1, reason="declares videoobject")
    for names, kind, weight in _KINDS_BY_TYPE:
        if found := names.intersection(types):
            yield Sign(kind=kind, weight=weight, reason=f"declares {min(found)}")


def _text_signs(
    reading: Reading, verdicts: Mapping[int, Verdict], kept: list[int], items: ListedItems
) -> Iterator[Sign]:
    most, weight = (_MOST_IN_ITEMS, 4) if items.count >= _MANY_ITEMS else (_ALL_IN_TWO, 3)
    if items.count >= _FEWEST_ITEMS and items.share >= most:
        reason = f"{items.count} items with linked headings hold the text"
        yield Sign(kind=PageKind.LISTING, weight=weight, reason=reason)
    full = [index for index in kept if reading.words[index] >= _TEASER_WORDS]
    cut = [index for index in full if reading.segments[index].text.lower().endswith(_ELLIPSES)]
    if len(cut) >= _FEWEST_TEASERS and len(cut) > _MOST_TEASERS * len(full):
        yield Sign(kind=PageKind.LISTING, weight=2, reason=f"{len(cut)} of {len(full)} paragraphs are cut")
    paragraphs = [n for n in full if reading.words[n] >= _FULL_WORDS and reading.sentences[n]]
    alone = set(paragraphs) - items.members
    if len(alone) >= _MANY_PARAGRAPHS:
        yield Sign(kind=PageKind.ARTICLE, weight=1, reason="many paragraphs")
        if items.count < _MANY_ITEMS and sum(reading.words[index] for index in alone) >= _LONG_TEXT_WORDS:
            yield Sign(kind=PageKind.LISTING, weight=-3, reason="a long text and no items")
    lines = [n for n, verdict in verdicts.items() if verdict.kind is BlockKind.BYLINE]
    if lines and not items.members.intersection(lines):
        yield Sign(kind=PageKind.ARTICLE, weight=1, reason="a byline or date line")
    yield from _picture_signs(reading, verdicts, kept, len(paragraphs))


def _video_signs(reading: Reading, kept: list[int], declared: Declared) -> Iterator[Sign]:
    """A sign against a video's page, where the page calls itself an article and has its sentences."""
    told = [n for n in kept if reading.words[n] >= _FULL_WORDS and reading.sentences[n]]
    if len(told) >= _FEWEST_SENTENCES and any(is_article_type(name) for name in declared.types):
        yield Sign(kind=PageKind.VIDEO, weight=-3, reason="an article beside the video")


def _picture_signs(
    reading: Reading, verdicts: Mapping[int, Verdict], kept: list[int], paragraphs: int
) -> Iterator[Sign]:
    captions = sum(
        reading.words[index]
        for index, verdict in verdicts.items()
        if verdict.kind in (BlockKind.CAPTION, BlockKind.CREDIT)
    )
    if captions and captions >= sum(reading.words[index] for index in kept):
        yield Sign(kind=PageKind.GALLERY, weight=1, reason="more captions than text")
    elif paragraphs <= 1 and reading.images:
        kind = PageKind.GALLERY if kept else PageKind.OTHER
        yield Sign(kind=kind, weight=1, reason="a picture and hardly any text")


def _lacks_text(reading: Reading, kept: list[int], *, says_article: bool) -> str:
    """Why the kept text is no article's, empty where it may be one: sentences, not teasers and links."""
    words = sum(reading.words[index] for index in kept)
    if words < (1 if says_article else _FEWEST_WORDS):
        return f"{words} words of its own"
    if not any(reading.sentences[index] and reading.words[index] > 1 for index in kept):
        return "no sentence of its own"
    linked = sum(reading.words[index] * reading.segments[index].link_share for index in kept)
    return "mostly links" if linked > _MOST_LINKED * words else ""
