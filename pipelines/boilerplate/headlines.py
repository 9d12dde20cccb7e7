"""Headlines of other stories that stand between a story's paragraphs."""

from __future__ import annotations

import re
from collections import Counter

from pipelines.page.segments import Reading

_FEWEST_WORDS, _MOST_WORDS, _MOST_CHARS = 6, 24, 150
_FULL_WORDS, _NEAR = 12, 3
_LINKED = 0.85
_FEWEST_LINKED_WORDS, _MOST_OF_A_FORM, _FARTHEST = 4, 5, 60
_MOST_LINKED_HEADINGS, _FEWEST_NAMES, _MOST_COMMAS = 3, 2, 2
_LISTING_TAGS = frozenset(("li", "td", "th", "dt", "dd", "pre", "h1"))
_SINGLE_TAGS = frozenset(("li", "td"))  # a list of one item, a row of one cell: nothing is listed
_LOW_TAGS = frozenset(("h4", "h5", "h6"))
_EDGES = re.compile(r"[A-Z0-9$\u00a3\u20ac'\"\u2018\u201c].*[\w%'\"\u2019\u201d]")
_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LISTED = re.compile(r"\s*(?:\d{1,3}[.):]|[(#•*\u2013-]|step|tip|q:|chapter|part|day|\w+:\s)", re.IGNORECASE)
# A headline does without these, unless it is written in capitals.
_PLAIN_WORDS = re.compile(
    r"\b(?:said|told|is|are|was|were|be|been|being|am|has|have|had|i|we|you|my|our|your|this|these|those|let|"
    r"make|if|then|also|when|once|"
    r"usually|including|etc|click|learn|discover|shop|best for)\b",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[^\W\d_][\w'\u2019]{3,}")
_SMALL = frozenset(("with", "from", "into", "over", "after", "that", "this", "than", "about", "their"))
_TITLE_SHARE = 0.8
_NO_HEADLINE = re.compile(
    r"[=\u2192\u2264\u2265#@|<>\u00b7]|\(|[a-z]{3}[.!?\u2026]+ ?[A-Z]|https?:|www\.|:\s|"
    r"[\"\u201d\u2019'] ?[\u2013\u2014-]{1,2} ?[A-Z]"
)
_MOST_LONG_HEADINGS, _HEADING_WORDS, _LONG_HEADING_WORDS = 4, 8, 9
_NAME = re.compile(r"(?<=\s)[\"'\u2018\u201c(]?(?:[A-Z]|\$?\d)")


def headlines(reading: Reading, settled: frozenset[int], lead: re.Pattern[str]) -> frozenset[int]:
    """Numbers of the lines that are other stories' headlines; `lead` is what a line of links begins with.

    Many of one form are the page's own: a list of links, lines that the writer never ends with a full stop.
    """
    forms: dict[tuple[str, bool, bool], list[int]] = {}
    items = _items(reading)
    for index, segment in enumerate(reading.segments):
        if (
            index not in settled
            and len(segment.text) <= _MOST_CHARS
            and _stands_alone(reading, index, settled, items)
        ):
            form = (reading.tags[index], segment.link_share >= _LINKED, segment.bold_share >= _LINKED)
            forms.setdefault(form, []).append(index)
    return frozenset(
        index
        for indices in forms.values()
        if len(indices) <= _MOST_OF_A_FORM
        for index in indices
        if _is_headline(reading, index, settled, lead)
    )


def _stands_alone(reading: Reading, index: int, settled: frozenset[int], items: Counter[int]) -> bool:
    """Whether a line is short, no sentence and no item, alone between full paragraphs."""
    segment = reading.segments[index]
    linked = segment.link_share >= _LINKED
    if not _FEWEST_LINKED_WORDS <= reading.words[index] <= _MOST_WORDS:
        return False
    if reading.sentences[index] and not (linked and segment.text.endswith(("?", "!"))):
        return False
    return _between_paragraphs(reading, index, settled) and not _is_listed(
        reading, index, items, linked=linked
    )


def _is_headline(reading: Reading, index: int, settled: frozenset[int], lead: re.Pattern[str]) -> bool:
    """Whether a line that stands alone reads as another story's headline."""
    segment, words, tag = reading.segments[index], reading.words[index], reading.tags[index]
    if _LISTED.match(segment.text):
        return False
    if segment.link_share >= _LINKED:
        return _is_linked_headline(reading, index)
    if tag in _HEADING_TAGS:
        return (
            _heads_others(reading, index, lead)
            or _is_low_heading(reading, index, settled)
            or _is_card(reading, index)
            or _is_long_heading(reading, index, settled)
        )
    if segment.bold_share >= _LINKED and not segment.soft:
        return _is_odd_heading(reading, index)
    plain = segment.link_share == 0 and not segment.soft and _is_single_line(reading, index, settled)
    return plain and words >= _FEWEST_WORDS and _reads_as_headline(segment.text)


def _is_single_line(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    """Whether both neighbours of a line are sentences or settled; else it is one of a list, or of a verse."""
    return not reading.segments[index + 1].soft and all(
        near in settled or reading.sentences[near] or reading.tags[near] != reading.tags[index]
        for near in (index - 1, index + 1)
    )


def _is_linked_headline(reading: Reading, index: int) -> bool:
    """Whether a link alone in its line leads to another story: not down the page, not to a shop or a source.

    Headings that link, where there are many, are of a list that is the story.
    """
    segment, tag = reading.segments[index], reading.tags[index]
    if segment.href.startswith("#"):
        return False
    if tag in _HEADING_TAGS:
        peers = sum(
            other == tag and reading.segments[n].link_share >= _LINKED for n, other in enumerate(reading.tags)
        )
        if peers > _MOST_LINKED_HEADINGS or reading.words[index] < _FEWEST_WORDS:
            return False
    if segment.href.startswith(("http:", "https:", "//")):
        return reading.words[index] >= _FEWEST_WORDS and _reads_as_headline(segment.text)
    return True


def _reads_as_headline(text: str) -> bool:
    """Whether a line lacks the marks of a list and the words of a sentence, or is in a title's capitals.

    >>> _reads_as_headline("Fleet sails north as ice retreats"), _reads_as_headline("It was in the ice")
    (True, False)
    """
    if _EDGES.fullmatch(text) is None or _NO_HEADLINE.search(text) or text.count(",") > _MOST_COMMAS:
        return False
    if _PLAIN_WORDS.search(text) is None:
        return True
    return _is_in_capitals(text)


def _is_in_capitals(text: str) -> bool:
    """Whether nearly all of its longer words have a capital, as in an American title."""
    long = [word for word in _LONG_WORD.findall(text) if word.lower() not in _SMALL]
    capitals = sum(1 for word in long if word[0].isupper())
    return capitals >= _TITLE_SHARE * max(len(long), 1) and capitals > _FEWEST_NAMES


def _heads_others(reading: Reading, index: int, lead: re.Pattern[str]) -> bool:
    """Whether a heading without a link is another story's headline: all of its level are linked elsewhere."""
    linked = {
        flat
        for flat, segment in zip(reading.flats, reading.segments, strict=True)
        if segment.link_share >= _LINKED and not segment.href.startswith("#")
    }
    level = (
        n
        for n, tag in enumerate(reading.tags)
        if tag == reading.tags[index] and reading.segments[n].link_share < _LINKED
    )
    return reading.words[index] >= _HEADING_WORDS and all(
        reading.flats[n] in linked or lead.fullmatch(reading.segments[n].text) for n in level
    )


def _is_listed(reading: Reading, index: int, items: Counter[int], *, linked: bool) -> bool:
    """Whether a line is one of a list or a table; a link also where it is deeper within one."""
    around = reading.ancestors(reading.segments[index].node)
    if not linked:
        block = reading.block(reading.segments[index].node)
        around = (block,) if block >= 0 else ()
    listing = (node for node in around if reading.nodes[node].tag in _LISTING_TAGS)
    return any(
        reading.nodes[node].tag not in _SINGLE_TAGS or not _is_single(reading, node, items)
        for node in listing
    )


def _is_single(reading: Reading, node: int, items: Counter[int]) -> bool:
    """Whether an item or a cell is its list's or row's only one, or large enough to hold a story."""
    return reading.counts[node] > 2 * _NEAR or items[reading.nodes[node].parent] == 1


def _items(reading: Reading) -> Counter[int]:
    """Number of items or cells right within each element."""
    return Counter(node.parent for node in reading.nodes if node.tag in _LISTING_TAGS)


def _is_low_heading(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    """Whether a heading is too long for a subheading and of a low level that skips those above."""
    if reading.tags[index] not in _LOW_TAGS or _LISTED.match(reading.segments[index].text):
        return False
    inside = [
        n
        for n, tag in enumerate(reading.tags)
        if tag in _HEADING_TAGS and n not in settled and _between_paragraphs(reading, n, settled)
    ]
    return len(inside) <= _MOST_LONG_HEADINGS and all(
        reading.tags[n] in _LOW_TAGS and reading.words[n] >= _HEADING_WORDS for n in inside
    )


def _is_card(reading: Reading, index: int) -> bool:
    """Whether a heading and a picture have an element of their own: a teaser, not the text below."""
    if reading.words[index] < _FEWEST_WORDS or not _reads_as_headline(reading.segments[index].text):
        return False
    parent = reading.nodes[reading.block(reading.segments[index].node)].parent
    return reading.counts[parent] == 1 and any(
        parent in reading.ancestors(image.node) for image in reading.images
    )


def _is_long_heading(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    """Whether a heading is as long as a headline, as are the few others, and names whom it is about."""
    inside = [
        n
        for n, tag in enumerate(reading.tags)
        if tag in _HEADING_TAGS and n not in settled and _between_paragraphs(reading, n, settled)
    ]
    return (
        index in inside and len(inside) <= _MOST_LINKED_HEADINGS and all(_is_news(reading, n) for n in inside)
    )


def _is_news(reading: Reading, index: int) -> bool:
    text = reading.segments[index].text
    named = len(_NAME.findall(text)) >= _FEWEST_NAMES and not _is_in_capitals(text)
    return reading.words[index] >= _LONG_HEADING_WORDS and named and _reads_as_headline(text)


def _is_odd_heading(reading: Reading, index: int) -> bool:
    """Whether a bold line is too long for a subheading, on a page without shorter ones."""
    if reading.words[index] < _HEADING_WORDS:
        return False
    peers = [
        words
        for segment, tag, words in zip(reading.segments, reading.tags, reading.words, strict=True)
        if tag == reading.tags[index] and segment.bold_share >= _LINKED and segment.link_share < _LINKED
    ]
    return len(peers) <= _MOST_LONG_HEADINGS and min(peers) >= _HEADING_WORDS


def _between_paragraphs(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    return _full_beside(reading, index, settled, -1) and _full_beside(reading, index, settled, 1)


def _full_beside(reading: Reading, index: int, settled: frozenset[int], step: int) -> bool:
    """Whether the next unsettled line in a direction is a full paragraph; headlines may stand between."""
    seen = 0
    place = index + step
    while 0 <= place < len(reading.segments) and seen < _NEAR and abs(place - index) <= _FARTHEST:
        segment = reading.segments[place]
        if place not in settled:
            words, told = reading.words[place], reading.sentences[place] and segment.link_share < _LINKED
            if told and words >= _FULL_WORDS:
                return True
            if told and step < 0:
                return words >= _NEAR and not segment.text.endswith(":")
            bare = segment.link_share == 0 and reading.tags[place] not in _LISTING_TAGS
            if told and bare and words >= _FULL_WORDS // 2:
                return True
            seen += 1
        place += step
    return False
