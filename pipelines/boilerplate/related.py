"""Links to other stories: inside the body, between its paragraphs, and the lists below it."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import LineRule, Verdict, Verdicts, whole
from pipelines.segments import Reading
from pipelines.words import ends_sentence, word_count
from storage.model import BlockKind

_HEADS = (
    r"related(?: (?:stories|articles?|posts?|news|content|links?|topics|coverage|reading|items?|videos?|"
    r"story|to this (?:story|article)))?|"
    r"more (?:stories|from .{2,50}|on this (?:story|topic)|news|like this|in .{2,30}|coverage)|you (?:may|"
    r"might) (?:also|like|be interested).{0,40}|"
    r"recommended(?: (?:stories|for you|reading|articles?|posts?|videos?))?|most (?:read|popular|viewed|"
    r"recent|shared)(?: .{0,20})?|"
    r"(?:latest|top|popular|recent|trending|featured|other|similar) (?:stories|posts?|articles?|news|"
    r"headlines)|read (?:next|more(?: stories)?)|"
    r"up next|what to read next|editor[\u2019']?s?[\u2019']? (?:picks?|choice)|trending(?: now)?|"
    r"don[\u2019']t miss|also (?:in|on) .{2,30}|explore more|see also|"
    r"must[- ]reads?|news for you|keep reading|from (?:around )?the web|you may like"
)
LEAD = re.compile(
    r"\s*(?:also read|read also|read more|read next|related(?: (?:story|article|news|coverage|post))?|"
    r"see also|see more|more|watch|don[\u2019']t miss|must[- ]read|"
    r"recommended|you may also like|further reading|in case you missed it|also see|more on this|"
    r"read the full story|listen|click here)\s*"
    r"(?:[:|\u2013—»>►▶-]|\.\.\.)\s*\S.{0,200}",
    re.IGNORECASE,
)
HEAD = whole(_HEADS)
_HEAD_RULES = (LineRule(kind=BlockKind.RELATED, rule="related:head", pattern=HEAD),)
_TAIL_HEADS = whole(
    r"related(?: (?:stories|articles?|posts?|news|content|links?|coverage))|more (?:stories|from .{2,50})|"
    r"you (?:may|might) (?:also|like).{0,40}|"
    r"recommended(?: (?:stories|for you|articles?|posts?))?|most (?:read|popular|viewed)|(?:latest|top|"
    r"popular|recent) (?:stories|posts?|news)",
)
_FEWEST_WORDS, _MOST_WORDS, _MOST_CHARS = 6, 24, 150
_FULL_WORDS, _NEAR = 12, 3
_LINKED = 0.85
_MOST_LEAD_CHARS, _FEWEST_LINKED_WORDS, _MOST_OF_A_FORM = 240, 4, 5
_LISTING_TAGS = frozenset(("li", "td", "th", "dt", "dd", "pre", "h1"))
_SINGLE_TAGS = frozenset(("li", "td"))  # a list of one item, a row of one cell: nothing is listed
_LOW_TAGS = frozenset(("h4", "h5", "h6"))
_EDGES = re.compile(r"[A-Z0-9$\u00a3\u20ac'\"\u2018\u201c].*[\w)'\"\u2019\u201d%]")
_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_LISTED = re.compile(r"\s*(?:\d{1,3}[.):]|[(#•*\u2013-]|step|tip|q:|chapter|part|day|\w+:\s)", re.IGNORECASE)
# Headlines leave these out: a line with both is a sentence that lost its full stop.
_REPORTS = re.compile(r"\b(?:said|told|added|would|was|were|had)\b")
_ARTICLE = re.compile(r"\b(?:the|an?|that)\b", re.IGNORECASE)
_MOST_LONG_HEADINGS, _HEADING_WORDS = 4, 8


def judge(reading: Reading, settled: frozenset[int]) -> Verdicts:
    """Verdicts on related links between the paragraphs, however marked up, and on what stands below."""
    tail = _tail(reading, settled)
    headlines = _headlines(reading, settled)
    for index, segment in enumerate(reading.segments):
        if index in settled or (index < tail and len(segment.text) > _MOST_LEAD_CHARS):
            continue
        if index >= tail and not _in_frame(reading, index):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:tail")
        elif LEAD.fullmatch(segment.text) and (
            segment.link_share > 0 or reading.is_dump or not ends_sentence(segment.text)
        ):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:lead")
        elif HEAD.fullmatch(segment.text):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:head")
        elif index in headlines:
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:headline")


def _tail(reading: Reading, settled: frozenset[int]) -> int:
    """Number of the heading of related stories that ends the page; the number of segments without one."""
    count = len(reading.segments)
    for index, segment in enumerate(reading.segments):
        if not _TAIL_HEADS.fullmatch(segment.text):
            continue
        rest = sum(
            reading.words[n] >= _FULL_WORDS * 2 and reading.sentences[n] for n in range(index + 1, count)
        )
        before = sum(n not in settled and reading.words[n] >= _FULL_WORDS for n in range(index))
        if before > rest and (reading.is_dump or _is_all_cards(reading, index + 1, settled)):
            return index
    return count


def _in_frame(reading: Reading, index: int) -> bool:
    """Whether a segment is in the frame that all pages of a site share."""
    return any(
        reading.nodes[node].tag in ("footer", "nav")
        for node in reading.ancestors(reading.segments[index].node)
    )


def _is_all_cards(reading: Reading, start: int, settled: frozenset[int]) -> bool:
    """Whether each sentence from `start` on is a teaser: with a link in it or right above it."""
    for index in range(start, len(reading.segments)):
        near = reading.segments[max(index - 2, start) : index + 1]
        if (
            index not in settled
            and reading.words[index] >= _FULL_WORDS
            and reading.sentences[index]
            and not any(s.link_share >= _LINKED for s in near)
        ):
            return False
    return True


def _headlines(reading: Reading, settled: frozenset[int]) -> frozenset[int]:
    """Numbers of the lines that are other stories' headlines.

    Many of one form are the page's own headings.
    """
    forms: dict[tuple[str, bool, bool], list[int]] = {}
    for index, segment in enumerate(reading.segments):
        if (
            index not in settled
            and len(segment.text) <= _MOST_CHARS
            and _is_headline(reading, index, settled)
        ):
            form = (reading.tags[index], segment.link_share >= _LINKED, segment.bold_share >= _LINKED)
            forms.setdefault(form, []).append(index)
    return frozenset(
        index for indices in forms.values() if len(indices) <= _MOST_OF_A_FORM for index in indices
    )


def _is_headline(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    """Whether a line is another story's headline: short, no sentence, alone between full paragraphs."""
    segment, words, tag = reading.segments[index], reading.words[index], reading.tags[index]
    if words > _MOST_WORDS or not _between_paragraphs(reading, index, settled):
        return False
    linked = segment.link_share >= _LINKED
    asks = linked and segment.text.endswith(("?", "!"))
    if (reading.sentences[index] and not asks) or _is_listed(reading, index, linked=linked):
        return False
    if linked:
        return words >= _FEWEST_LINKED_WORDS
    if tag in _HEADING_TAGS:
        return _heads_others(reading, index) or _is_low_heading(reading, index, settled)
    if segment.bold_share >= _LINKED and not segment.soft:
        return _is_odd_heading(reading, index)
    plain = segment.link_share == 0 and not segment.soft and not _LISTED.match(segment.text)
    return plain and words >= _FEWEST_WORDS and _reads_as_headline(segment.text)


def _reads_as_headline(text: str) -> bool:
    reports = _REPORTS.search(text) is not None and _ARTICLE.search(text) is not None
    return _EDGES.fullmatch(text) is not None and not reports


def _heads_others(reading: Reading, index: int) -> bool:
    """Whether a heading without a link is another story's headline: all of its level are linked elsewhere."""
    linked = {
        flat
        for flat, segment in zip(reading.flats, reading.segments, strict=True)
        if segment.link_share >= _LINKED
    }
    level = (
        n
        for n, tag in enumerate(reading.tags)
        if tag == reading.tags[index] and reading.segments[n].link_share < _LINKED
    )
    return reading.words[index] >= _HEADING_WORDS and all(
        reading.flats[n] in linked or LEAD.fullmatch(reading.segments[n].text) for n in level
    )


def _is_listed(reading: Reading, index: int, *, linked: bool) -> bool:
    """Whether a line is one of a list or a table; a link also where it is deeper within one."""
    around = reading.ancestors(reading.segments[index].node)
    if not linked:
        block = reading.block(reading.segments[index].node)
        around = (block,) if block >= 0 else ()
    listing = (node for node in around if reading.nodes[node].tag in _LISTING_TAGS)
    return any(
        reading.nodes[node].tag not in _SINGLE_TAGS or not _is_single(reading, node) for node in listing
    )


def _is_single(reading: Reading, node: int) -> bool:
    """Whether an item or a cell is its list's or row's only one, or large enough to hold a story."""
    if reading.counts[node] > 2 * _NEAR:
        return True
    parent = reading.nodes[node].parent
    return sum(other.parent == parent and other.tag in _LISTING_TAGS for other in reading.nodes) == 1


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


def _is_odd_heading(reading: Reading, index: int) -> bool:
    """Whether a bold line is too long for a subheading, on a page without shorter ones."""
    text = reading.segments[index].text
    if word_count(text) < _HEADING_WORDS or _LISTED.match(text):
        return False
    peers = [
        segment.text
        for segment, tag in zip(reading.segments, reading.tags, strict=True)
        if tag == reading.tags[index] and segment.bold_share >= _LINKED and segment.link_share < _LINKED
    ]
    return len(peers) <= _MOST_LONG_HEADINGS and all(word_count(peer) >= _HEADING_WORDS for peer in peers)


def _between_paragraphs(reading: Reading, index: int, settled: frozenset[int]) -> bool:
    return _full_beside(reading, index, settled, -1) and _full_beside(reading, index, settled, 1)


def _full_beside(reading: Reading, index: int, settled: frozenset[int], step: int) -> bool:
    """Whether the next unsettled line in a direction is a full paragraph; headlines may stand between."""
    seen = 0
    place = index + step
    while 0 <= place < len(reading.segments) and seen < _NEAR:
        segment = reading.segments[place]
        if place not in settled:
            if (
                ends_sentence(segment.text)
                and word_count(segment.text) >= _FULL_WORDS
                and segment.link_share < _LINKED
            ):
                return True
            if ends_sentence(segment.text) and segment.link_share < _LINKED and step < 0:
                return word_count(segment.text) >= _NEAR and not segment.text.endswith(":")
            if (
                ends_sentence(segment.text)
                and segment.link_share == 0
                and word_count(segment.text) >= _FULL_WORDS // 2
                and reading.tags[place] not in _LISTING_TAGS
            ):
                return True
            seen += 1
        place += step
    return False
