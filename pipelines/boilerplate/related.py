"""Links to other stories: what leads to them, what heads them, and the lists below the story."""

from __future__ import annotations

import re
from itertools import accumulate

from pipelines.body.homes import find_homes, joined
from pipelines.boilerplate.headlines import headlines
from pipelines.boilerplate.verdict import Verdict, Verdicts, whole
from pipelines.page.segments import Reading
from storage.article import BlockKind

_HEADS = (
    r"related(?: (?:stories|articles?|posts?|news|content|links?|topics|coverage|reading|items?|videos?|"
    r"internet links|story|to this (?:story|article)))?|more (?:stories|from .{2,50}|on this (?:story|"
    r"topic)|news|like this|in .{2,30}|coverage)|you (?:may|might) (?:also|like|"
    r"be interested).{0,40}|recommended(?: (?:stories|"
    r"for you|reading|articles?|posts?|videos?))?|most (?:read|popular|viewed|recent|shared)(?: .{0,20})?|"
    r"(?:latest|top|popular|recent|trending|featured|other|similar) (?:stories|posts?|articles?|news|"
    r"headlines)|read (?:next|more(?: stories)?)|up next|what to read next|"
    r"editor[\u2019']?s?[\u2019']? (?:picks?|choice)|trending(?: now)?|don[\u2019']t miss|also (?:in|"
    r"on) .{2,30}|explore more|see also|must[- ]reads?|news for you|keep reading|from (?:around )?the web|"
    r"you may like|lesen sie auch|auch interessant|mehr zum thema|(?:à )?lire aussi|sur le même sujet|"
    r"más información|lea también|te puede interesar|leggi anche|leia também|lees ook"
)
_LEADS = (
    r"also read|read also|read more|read next|read|related(?: (?:story|stories|articles?|news|coverage|"
    r"posts?|content|reading|links?|videos?))?|see also|see more|see related|more|more on this|watch|"
    r"watch now|watch more|don[\u2019']t miss|must[- ]read|recommended(?: reading)?|you may also like|"
    r"further reading|in case you missed it|icymi|also see|read the full story|listen|click here|up next|"
    r"editor[\u2019']s picks?|what to read next|keep reading|lesen sie auch|auch interessant|mehr zum thema|"
    r"lire aussi|(?:à|a) lire(?: aussi)?|sur le même sujet|lea también|lee también|te puede interesar|"
    r"leggi anche|leia também|veja também|lees ook|zie ook|bekijk ook"
)
LEAD = re.compile(rf"\W{{0,6}}(?:{_LEADS})\s*(?:[:|\u2013—»>►▶-]|\.\.\.)\s*\S.{{0,200}}", re.IGNORECASE)
HEAD = whole(_HEADS)
_TAIL_HEADS = whole(
    r"related(?: (?:stories|articles?|posts?|news|content|links?|coverage))|more (?:stories|from .{2,50})|"
    r"you (?:may|might) (?:also|like).{0,40}|recommended(?: (?:stories|for you|articles?|posts?))?|"
    r"most (?:read|popular|viewed)|(?:latest|top|popular|recent) (?:stories|posts?|news)",
)
_GAMES = whole("up next")
_CLICK = re.compile(r"\W{0,4}(?:click|tap) (?:here|the link)\b.{0,120}", re.IGNORECASE)
_FULL_WORDS, _LINKED = 12, 0.85
_MOST_LEAD_CHARS, _FEWEST_SHOUTED = 240, 4
_MOSTLY, _NEAR, _MOST_BOXED, _MOST_IN_BOX = 0.5, 3, 16, 0.15
_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_UNSHOUTED_TAGS = _HEADING_TAGS | {"li", "td", "th", "dt", "dd", "pre", "h1"}


def judge(reading: Reading, settled: frozenset[int]) -> Verdicts:
    """Verdicts on related links between the paragraphs, however marked up, and on what stands below."""
    tail = _tail(reading, settled)
    others = headlines(reading, settled, LEAD)
    for index, segment in enumerate(reading.segments):
        if index in settled or (index < tail and len(segment.text) > _MOST_LEAD_CHARS):
            continue
        if index >= tail and not _in_frame(reading, index):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:tail")
        elif LEAD.fullmatch(segment.text) and _leads(reading, index):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:lead")
        elif HEAD.fullmatch(segment.text) and not _is_games(reading, index):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:head")
            for below in _box(reading, index):
                yield below, Verdict(kind=BlockKind.RELATED, rule="related:box")
        elif _is_shouted(reading, index):
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:capitals")
        elif index in others:
            yield index, Verdict(kind=BlockKind.RELATED, rule="related:headline")


def _leads(reading: Reading, index: int) -> bool:
    """Whether what follows "related:" is a link or a headline, and no sentence of the story."""
    if not reading.sentences[index]:
        return True
    if reading.is_dump:
        return reading.words[index] <= _FULL_WORDS
    return reading.segments[index].link_share > 0


def _is_shouted(reading: Reading, index: int) -> bool:
    """Whether a line is a link in capitals, or one that asks for a click."""
    segment = reading.segments[index]
    linked = segment.link_share >= _LINKED or (reading.is_dump and _CLICK.fullmatch(segment.text) is not None)
    if not linked or segment.href.startswith("#") or reading.tags[index] in _UNSHOUTED_TAGS:
        return False
    return reading.words[index] >= _FEWEST_SHOUTED and segment.text.isupper()


def _tail(reading: Reading, settled: frozenset[int]) -> int:
    """Number of the heading of related stories that ends the page; the number of segments without one."""
    count = len(reading.segments)
    heads = [index for index, segment in enumerate(reading.segments) if _TAIL_HEADS.fullmatch(segment.text)]
    if not heads:
        return count
    rest = list(  # of each line, the long sentences from it on, counted from behind
        accumulate(
            reading.words[n] >= _FULL_WORDS * 2 and reading.sentences[n] for n in range(count - 1, -1, -1)
        )
    )[::-1]
    before = list(accumulate(n not in settled and reading.words[n] >= _FULL_WORDS for n in range(count)))
    last = -1 if reading.is_dump else _last_story_sentence(reading, settled)
    boxed = frozenset[int]() if reading.is_dump else _boxed(reading, settled)
    for index in heads:
        after = rest[index + 1] if index + 1 < count else 0
        if before[index] > 2 * after and index >= last and index not in boxed:
            return index
    return count


def _boxed(reading: Reading, settled: frozenset[int]) -> frozenset[int]:
    """Lines in an element of their own between a paragraph and a sentence of one element, or of two alike."""
    homes, count = find_homes(reading), len(reading.segments)
    told = [
        index
        for index, segment in enumerate(reading.segments)
        if index not in settled and reading.sentences[index] and segment.link_share < _LINKED
    ]
    full = [index for index in told if reading.words[index] >= _FULL_WORDS]
    homes = joined(reading, homes, {homes[index] for index in full})
    begun = {homes[index]: index for index in reversed(full)}
    ended = {homes[index]: index for index in told}
    steps = [0] * (count + 1)
    for home, index in begun.items():
        steps[index] += 1
        steps[ended[home]] -= 1
    return frozenset(
        index
        for index, (home, open_) in enumerate(zip(homes, accumulate(steps), strict=False))
        if open_ > (begun.get(home, count) <= index < ended.get(home, -1))
    )


def _is_games(reading: Reading, index: int) -> bool:
    """Whether a line heads a team's next games, as it does below every report of one."""
    below = index + 1
    return (
        _GAMES.fullmatch(reading.segments[index].text) is not None
        and below < len(reading.segments)
        and reading.sentences[below]
        and reading.segments[below].link_share < _MOSTLY
    )


def _box(reading: Reading, head: int) -> range:
    """The lines below a heading of links, in an element that it opens and that holds little of the page."""
    for node in reading.ancestors(reading.segments[head].node):
        size = reading.counts[node]
        if size > 1:
            light = reading.weights[node] <= _MOST_IN_BOX * reading.weights[-1]
            if reading.firsts[node] != head or size > _MOST_BOXED or not light:
                break
            linked = any(
                reading.segments[n].link_share > _MOSTLY for n in range(head + 1, head + 3)[: size - 1]
            )
            return range(head + 1, head + size if linked else head)
    return range(0)


def _in_frame(reading: Reading, index: int) -> bool:
    """Whether a segment is in the frame that all pages of a site share."""
    return any(
        reading.nodes[node].tag in ("footer", "nav")
        for node in reading.ancestors(reading.segments[index].node)
    )


def _last_story_sentence(reading: Reading, settled: frozenset[int]) -> int:
    """Number of the last sentence that is no teaser: with no link in it nor right above it; -1 without."""
    for index in range(len(reading.segments) - 1, -1, -1):
        near = reading.segments[max(index - 2, 0) : index + 1]
        if (
            index not in settled
            and reading.words[index] >= _FULL_WORDS
            and reading.sentences[index]
            and not any(s.link_share >= _LINKED for s in near)
        ):
            return index
    return -1
