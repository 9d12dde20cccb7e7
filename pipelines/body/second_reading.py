"""A second reading of a page: paragraphs of the body by where they stand, for what the engine leaves out.

The engine takes one element for the body; where advertisements or sections split the story, one piece wins.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from pipelines.body.homes import is_hidden, numberless
from pipelines.fields.datelines import find_dateline
from pipelines.page.segments import Node, Reading

_FULL_WORDS, _MOST_LINKED, _LINKED = 12, 0.34, 0.85
_MOST_OF_PAGE, _SEEN_LITTLE, _FEWEST_WORDS = 0.75, 0.6, 60
_STORY_WORDS, _MOST_IN_BOX, _MOST_TEASER_WORDS, _LINK_WORDS = 200, 4, 60, 3
_CORE_SHARE, _LARGE_SHARE = 0.1, 0.3
_READERS = re.compile(r"comment|disqus|respon[ds]|testimon|review")
# Words of classes and ids around what is no part of the story, though it is whole sentences: those that hold
# also between its paragraphs, and those that do beside it.
_NEVER = re.compile(
    r"(?:^|[\s_:-])(?:comments?|disqus\w*|related\w*|recommend\w*|popular|trending|excerpt\w*|swiper\w*|"
    r"slider\w*|slick\w*|carousel\w*|owl|authors?|bio|biography|tooltip\w*|forms?|banner\w*|newsletter\w*|"
    r"subscri\w+|sign-?up\w*|promo\w*|ads?|advert\w*|sponsor\w*|cookies?|consent|modals?|popups?|copyright|"
    r"captions?|credits?)(?=$|[\s_:-])"
)
_BESIDE = re.compile(
    r"(?:^|[\s_:-])(?:respon[ds]\w*|sidebar\w*|widget-area|footer\w*|byline|testimon\w+|reviews?|teasers?|"
    r"cards?|gdpr|overlay|disclaimer|disclosure|cta|menu\w*|nav\w*|share\w*|social|loop|archive|dialog|legal|"
    r"login|sr-only|visually-hidden|screen-reader\w*|alert\w*|notice\w*|more|latest|next|prev\w*|toc|"
    r"breadcrumb\w*)(?=$|[\s_:-])"
)
_APART_TAGS = frozenset(("aside", "nav", "footer", "form", "dialog", "button", "figcaption", "address"))
# Words of news about who said so, and when.
_NEWS = re.compile(
    r"\b(?:said|told|according to|announced|(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|"
    r"mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|"
    r"miércoles|jueves|viernes|sábado|domingo)\b",
    re.IGNORECASE,
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
_CUT = ("\u2026", "...", "[\u2026]", "[...]")


def fuller(reading: Reading, core: frozenset[int], settled: frozenset[int]) -> dict[int, str]:
    """Paragraphs beside the engine's that are body too, each with the reason.

    between: among them. lead: under the page's heading, above them. alike: in elements of the same make.
    within: in their main element. fuller: in the page's main element, where the engine's are a small part of
    its text.
    """
    full = [index for index in core if _is_long(reading, index)]
    others = _others(reading, full, core, settled) if full else []
    if not others:
        return {}
    never, beside = _apart(reading, full, others)
    home = _main_element(reading, full)
    inside = [n for n in full if home in reading.ancestors(reading.segments[n].node)]
    first, last = min(inside), max(inside)
    found = {n: "between" for n in others if first < n < last and not never[reading.segments[n].node]}
    alike = _signatures(reading, full)
    rest = [
        n
        for n in others
        if n not in found and not beside[reading.segments[n].node] and not is_hidden(reading, n)
    ]
    found.update((n, "lead") for n in _lead(reading, first, rest))
    found.update((n, "alike") for n in rest if _signature(reading, n) in alike)
    home = _main_element(reading, [*full, *found])
    within = (n for n in rest if home in reading.ancestors(reading.segments[n].node))
    found = dict.fromkeys(within, "within") | found
    rest = [n for n in rest if n not in found]
    return found | dict.fromkeys(_missed(reading, [*full, *found], rest), "fuller")


def _lead(reading: Reading, first: int, rest: list[int]) -> list[int]:
    """Of the rest the news between the page's heading and the story's first paragraph, under no other.

    Who said so, and when: what only sums up the story below lacks both.
    """
    tags = reading.tags[:first]
    if "h1" not in tags:
        return []
    above = max(index for index, tag in enumerate(tags) if tag in _HEADINGS)
    under = [n for n in rest if above < n < first] if tags[above] == "h1" else []
    texts = {n: reading.segments[n].text for n in under}
    return [n for n, text in texts.items() if _NEWS.search(text) or find_dateline(text)]


def _others(reading: Reading, full: list[int], core: frozenset[int], settled: frozenset[int]) -> list[int]:
    """Paragraphs that are open: no rule has settled them, the core has them not, nor their text."""
    known = {reading.flats[index] for index in core}
    own = {node for index in full for node in reading.ancestors(reading.segments[index].node)}
    story = sum(reading.words[index] for index in full) >= _STORY_WORDS
    return [
        index
        for index in range(len(reading.segments))
        if index not in core
        and index not in settled
        and _is_paragraph(reading, index)
        and reading.flats[index] not in known
        and not (story and _is_teaser(reading, index, own))
    ]


def _is_teaser(reading: Reading, index: int, own: set[int]) -> bool:
    """Whether a paragraph is a few words beside a link, in a box of their own."""
    box = -1
    for node in reading.ancestors(reading.segments[index].node):
        if node in own or reading.counts[node] > _MOST_IN_BOX:
            break
        box = node
    if box < 0 or reading.counts[box] == 1:
        return False
    near = range(max(index - _MOST_IN_BOX, 0), min(index + _MOST_IN_BOX + 1, len(reading.segments)))
    inside = [n for n in near if box in reading.ancestors(reading.segments[n].node)]
    words = sum(reading.words[n] for n in inside)
    linked = any(reading.segments[n].link_share > _LINKED and reading.words[n] >= _LINK_WORDS for n in inside)
    return linked and words <= _MOST_TEASER_WORDS


def behind_story(reading: Reading, kept: Collection[int]) -> frozenset[int]:
    """Of what is kept the lines behind the main element, of another make: authors, offers, other stories."""
    full = [index for index in sorted(kept) if _is_long(reading, index)]
    if not full:
        return frozenset()
    home = _main_element(reading, full)
    inside = [n for n in full if home in reading.ancestors(reading.segments[n].node)]
    around = reading.nodes[home].parent
    behind = [n for n in kept if n > inside[-1] and home not in reading.ancestors(reading.segments[n].node)]
    if not behind:
        return frozenset()
    alike = _signatures(reading, inside)
    beside = _apart(reading, inside, [])[1]
    return frozenset(
        n
        for n in behind
        if beside[reading.segments[n].node]
        or (around not in reading.ancestors(reading.segments[n].node) and _signature(reading, n) not in alike)
    )


def _missed(reading: Reading, seen: list[int], rest: list[int]) -> list[int]:
    """Of the rest what stands in the page's main element, if what is seen is a small part of its text."""
    home = _main_element(reading, sorted((*seen, *rest)))
    inside = [n for n in rest if home in reading.ancestors(reading.segments[n].node)]
    size = sum(reading.words[n] for n in inside)
    own = sum(reading.words[n] for n in seen)
    if size < _FEWEST_WORDS or own >= _SEEN_LITTLE * (own + size) or _are_teasers(reading, inside):
        return []
    return inside


def _are_teasers(reading: Reading, inside: list[int]) -> bool:
    """Whether paragraphs are the teasers of other stories: cut, or each with a link beside it."""
    cut = sum(reading.segments[n].text.endswith(_CUT) for n in inside)
    heads = sum(
        any(
            reading.segments[k].link_share > _LINKED
            for k in range(max(n - 2, 0), min(n + 2, len(reading.segments)))
        )
        for n in inside
    )
    return 2 * cut > len(inside) or 2 * heads > len(inside)


def _main_element(reading: Reading, good: list[int]) -> int:
    """The innermost element with most of the paragraphs' words in it."""
    total = sum(reading.words[n] for n in good)
    weights = _weights(reading, good)
    return max((n for n, weight in enumerate(weights) if weight >= _MOST_OF_PAGE * total), default=0)


def _weights(reading: Reading, good: list[int]) -> list[int]:
    """Words of the paragraphs within each node."""
    weights = [0] * len(reading.nodes)
    for n in good:
        weights[reading.segments[n].node] += reading.words[n]
    for number in range(len(weights) - 1, 0, -1):  # children stand behind their parents
        if reading.nodes[number].parent >= 0:
            weights[reading.nodes[number].parent] += weights[number]
    return weights


def _is_paragraph(reading: Reading, index: int) -> bool:
    return reading.sentences[index] and _is_long(reading, index)


def _is_long(reading: Reading, index: int) -> bool:
    """Whether a segment has a paragraph's words and few links."""
    return reading.words[index] >= _FULL_WORDS and reading.segments[index].link_share <= _MOST_LINKED


def _apart(reading: Reading, full: list[int], others: list[int]) -> tuple[list[bool], list[bool]]:
    """Of each node whether it, or one around it without any of the body, is named as no part of a story.

    Once also between the story's paragraphs, once beside them. What holds a good part of the page's text is
    apart only by a name that stands for readers' words.
    """
    own = {node for index in full for node in reading.ancestors(reading.segments[index].node)}
    weights = _weights(reading, [*full, *others])
    large = _LARGE_SHARE * sum(reading.words[index] for index in (*full, *others))
    never: list[bool] = []
    beside: list[bool] = []
    for number, node in enumerate(reading.nodes):
        names = (
            (False, False) if number in own or (not weights[number]) else _names_apart(node.tag, node.hints)
        )
        if weights[number] >= large and any(names) and not _READERS.search(node.hints):
            names = (False, False)
        never.append(names[0] or (node.parent >= 0 and never[node.parent]))
        beside.append(names[1] or (node.parent >= 0 and beside[node.parent]))
    return never, beside


@lru_cache(maxsize=8192)
def _names_apart(tag: str, hints: str) -> tuple[bool, bool]:
    never = _NEVER.search(hints) is not None
    return never, never or tag in _APART_TAGS or _BESIDE.search(hints) is not None


def _signatures(reading: Reading, full: list[int]) -> frozenset[tuple[str, ...]]:
    """Signatures of the elements that hold a good part of the body; of no use without a class or an id."""
    weights: dict[tuple[str, ...], int] = {}
    for index in full:
        mark = _signature(reading, index)
        weights[mark] = weights.get(mark, 0) + reading.words[index]
    total = sum(weights.values())
    return frozenset(mark for mark, weight in weights.items() if mark and weight >= _CORE_SHARE * total)


def _signature(reading: Reading, index: int) -> tuple[str, ...]:
    """Tags and classes of the paragraph's element and the two around it; empty where none has a class."""
    node = reading.block(reading.segments[index].node)
    chain = reading.ancestors(node)[:3] if node >= 0 else ()
    if not any(reading.nodes[n].hints for n in chain):
        return ()
    return tuple(_marks(reading.nodes[n]) for n in chain)


def _marks(node: Node) -> str:
    return f"{node.tag} {numberless(node.hints)}"
