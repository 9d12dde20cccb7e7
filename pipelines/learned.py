"""Boilerplate learned from a host's own articles: lines that recur where a template would put them.

A rule about words can't know every site's sign-off, but the site's other articles do. A paragraph is learned
when it stands in at least three articles that tell different texts, in a share of the host's articles, or of
one facet of them (a folder, an author, a day, a month), that a template explains and a habit of speech does
not, and when it has nothing to do with what just those articles are about. Quotes, headings among the text,
credits and the speech of transcripts are never learned. Only whole paragraphs are taken out, and never so
many that an article loses much of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipelines.line_pages import find_signs
from pipelines.line_signs import Sort, sort_of, topicality
from pipelines.sketch import measured, word_count
from storage.index.learned import (
    Clean,
    Cleaned,
    Hit,
    LearnedLine,
    LineKey,
    PageText,
    Recurring,
    Sign,
    Signs,
)

RULE = "learned:v1"
# Of a host, that its lines are counted on: enough for a share of 15 %. With another number the schema's
# version is another one too, because samples that are made are not made anew.
SAMPLE_ARTICLES = 500
HEAD, TAIL, ANYWHERE = "head", "tail", "anywhere"

MOST_SHARE = 0.15  # of an article's words that may be taken out, or this many words where that is more
MOST_REMOVED_WORDS = 80
LEAST_LEFT = 0.5  # of its words, in any case

_ONE_PLACE = 0.8
_LEADING = frozenset({Sort.MARK, Sort.HEADING, Sort.QUESTION})
_FEW_ARTICLES = 8  # of a host: nothing is learned there but what speaks to the reader
_FEW_PAGES = 3
_OF_ITS_FACET = 0.5  # of the articles with the line; of many facets one has most of some line by chance
_UNLIKELY, _VERY_UNLIKELY = 3.0, 4.5  # of a line that has nothing to do with the texts above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a line must have to be learned: articles, and a share of the host's or of a facet's articles.

    The facet must have `facet_articles` with the line. `topicality` is less than this.
    """

    articles: int
    share: float
    facet_articles: int
    facet_share: float
    topicality: float
    on_few: bool = False


_SPEAKING_AT_EDGE = Demand(
    articles=3, share=0.15, facet_articles=3, facet_share=0.5, topicality=_VERY_UNLIKELY, on_few=True
)
_SPEAKING = Demand(
    articles=3, share=0.2, facet_articles=4, facet_share=0.5, topicality=_VERY_UNLIKELY, on_few=True
)
_AT_EDGE = Demand(articles=4, share=0.25, facet_articles=4, facet_share=0.6, topicality=_UNLIKELY)
_TERSE_AT_EDGE = Demand(articles=5, share=0.5, facet_articles=5, facet_share=0.8, topicality=_UNLIKELY)
_AMONG_TEXT = Demand(articles=5, share=0.6, facet_articles=6, facet_share=0.8, topicality=_UNLIKELY)


class LearnedStore(Protocol):
    """Where lines are counted and what is learned is kept: `storage.index.learned.LearnedTables`."""

    def count(self, size: int) -> bool: ...  # noqa: D102 told there
    def recurring(self) -> list[Recurring]: ...  # noqa: D102
    def other_pages(self) -> dict[str, tuple[int, ...]]: ...  # noqa: D102
    def page_texts(self, pages: Iterable[int]) -> dict[int, PageText]: ...  # noqa: D102
    def signs(self) -> dict[LineKey, dict[int, Sign]]: ...  # noqa: D102
    def store(  # noqa: D102
        self, learned: Sequence[LearnedLine], signs: Signs, clean: Clean
    ) -> int: ...


class LearnedWriter(Protocol):
    """What has a store of learned lines: `storage.index.writer.IndexWriter`."""

    @property
    def learned(self) -> LearnedStore:
        """The store."""


def update_learned(writer: LearnedWriter, *, size: int = SAMPLE_ARTICLES) -> int:
    """Number of texts that lost lines or got them back, since pages were added or dropped.

    To be called before articles are derived again. An index is to be learned from samples of one `size`.
    """
    store = writer.learned
    if not store.count(size):
        return 0
    recurring = store.recurring()
    likely = [one for one in recurring if _demand(one, names_author=True) is not None]
    others = store.other_pages()
    signs = find_signs(store, recurring, likely, others)
    learned = [
        LearnedLine(recurring=one, place=place_of(one), rule=RULE)
        for one in likely
        if is_learned(
            one,
            *([signs[one.host, one.digest][page] for page in of] for of in (one.sample, others[one.host])),
        )
    ]
    return store.store(learned, signs, clean)


def place_of(line: Recurring) -> str:
    """Where the line stands: at the head or tail of nearly all its articles, or anywhere."""
    if line.at_tail >= _ONE_PLACE * line.occurrences:
        return TAIL
    return HEAD if line.at_head >= _ONE_PLACE * line.occurrences else ANYWHERE


def is_learned(line: Recurring, having: Sequence[Sign], others: Sequence[Sign]) -> bool:
    """Whether the line is boilerplate by its numbers and by what pages with it, and others, say of it."""
    demand = _demand(line, names_author=any(sign.names_author for sign in having))
    if demand is None:
        return False
    without = [frozenset(sign.words) for sign in others if not sign.has_line]
    if len(without) < _FEW_PAGES:
        return True
    return topicality(line.text, [frozenset(sign.words) for sign in having], without) < demand.topicality


def _demand(line: Recurring, *, names_author: bool) -> Demand | None:
    """What was demanded of the line where its numbers meet it, else None."""
    demand = _demand_on(sort_of(line.text), place_of(line), names_author=names_author)
    if demand is None or line.articles < demand.articles:
        return None
    if line.of_articles < _FEW_ARTICLES and not demand.on_few:
        return None
    of_facet = line.facet_articles >= max(
        demand.facet_articles,
        demand.facet_share * line.of_facet_articles,
        _OF_ITS_FACET * line.articles,
    )
    return demand if of_facet or line.articles >= demand.share * line.of_articles else None


def _demand_on(sort: Sort, place: str, *, names_author: bool) -> Demand | None:
    """What is demanded of a line of that sort at that place; None where none is learned."""
    if sort is Sort.PROTECTED:
        return None
    at_edge = place != ANYWHERE
    if sort in _LEADING:
        return _AT_EDGE if place == TAIL else None
    if sort is Sort.TERSE:
        return _TERSE_AT_EDGE if at_edge else None
    if sort is Sort.LABELLED:
        return _AT_EDGE if at_edge else None
    if sort is Sort.ADDRESS or names_author:
        return _SPEAKING_AT_EDGE if at_edge else _SPEAKING
    return _AT_EDGE if at_edge else _AMONG_TEXT


def clean(text: str, hits: Sequence[Hit]) -> Cleaned | None:
    """The text without the paragraphs that are learned lines and stand where those do; None for all of it.

    Where too much would go, that which stands nearer to the ends goes first.
    """
    paragraphs = text.split("\n\n")
    words = [word_count(one) for one in paragraphs]
    most = min(max(MOST_SHARE * sum(words), MOST_REMOVED_WORDS), (1 - LEAST_LEFT) * sum(words))
    removed: list[int] = []
    for position in _in_place(paragraphs, {hit.position: hit.place for hit in hits}):
        if words[position - 1] <= most:
            most -= words[position - 1]
            removed.append(position)
    if not removed:
        return None
    left = "\n\n".join(one for place, one in enumerate(paragraphs, start=1) if place not in removed)
    told = measured(left)
    return Cleaned(
        removed=tuple(sorted(removed)),
        text_digest=told.text_digest,
        word_count=told.word_count,
        sketch=told.sketch,
    )


def _in_place(paragraphs: Sequence[str], hits: Mapping[int, str]) -> Iterator[int]:
    """Positions of the learned lines that stand where such lines do, those nearest to the ends first.

    One line that is not known (the sign-off of an author who is new) may stand between them and the end, but
    not after a heading or a mark: that belongs to what follows it.
    """
    positions = range(1, len(paragraphs) + 1)
    for place, way in ((TAIL, reversed(positions)), (HEAD, positions)):
        unknown = 0
        for position in way:
            unknown += position not in hits
            if unknown > 1:
                break
            if hits.get(position) == place and not (unknown and _leads(paragraphs[position - 1])):
                yield position
    yield from (one for one in positions if hits.get(one) == ANYWHERE)


def _leads(line: str) -> bool:
    """Whether what follows a line belongs to it."""
    return sort_of(line) in _LEADING
