"""Photo groups of a page: which alternative text, title, caption, credit and VIRIN lines belong together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.page.segments import Image, Reading
from pipelines.photos.credit_lines import credit_tail, is_bare_credit, is_credit
from pipelines.photos.figures import figure_lines
from pipelines.photos.virin import VIRIN
from pipelines.words import ends_sentence, normal, word_count

# Words of reporting: a line that has one tells news, it does not describe a picture.
_TELLS = re.compile(
    r"[\"“”«]|\b(?:said|says|told|was|were|had|has|have|will|would|could|announced|today|yesterday|"
    r"tomorrow|according|but|also|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|we|i|he|she|it|that|because|since|after|"
    r"however)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z]\w+|\d+")  # names and figures are news; a description has hardly any
_DESCRIBES = re.compile(
    r"(?:an?|two|three|four|five|six|several|a group of|people|soldiers?|sailors?|airm[ae]n|marines?)\b",
    re.IGNORECASE,
)
_MOST_ALT_WORDS, _MOST_TITLE_WORDS, _MOST_LINES = 45, 10, 4
_STEM_CHARS = 5
_FEWEST_ALT_WORDS, _MOST_CAPTION_WORDS, _LINKED = 3, 120, 0.5
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SIGNS, _PICTURE_WORDS = (")", "]"), ("photo", "image", "picture")
_LONGEST_CREDIT, _SHORTEST_ALT, _MOST_SIGNS = 240, 8, 10
_MOST_IMAGES = 40
_CREDITS = re.compile(r"(?:^|[\s_-])(?:credits?|byline|photographer|copyright|source)(?=$|[\s_-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoGroup:
    """Segment numbers of what a page says of one photograph; `image` is its number, -1 unknown."""

    alts: tuple[int, ...] = ()
    title: int = -1
    captions: tuple[int, ...] = ()
    credits: tuple[int, ...] = ()
    image: int = -1

    @property
    def members(self) -> tuple[int, ...]:
        """Every segment of the group, in page order."""
        title = (self.title,) if self.title >= 0 else ()
        return tuple(sorted((*self.alts, *title, *self.captions, *self.credits)))


def photo_groups(reading: Reading, settled: frozenset[int]) -> tuple[PhotoGroup, ...]:
    """Groups of the page: figures first, then lines around a credit or a VIRIN.

    `settled` segments are not looked at.
    """
    groups = [_sorted_lines(reading, *figure) for figure in figure_lines(reading, settled)]
    taken = set(settled)
    for group in groups:
        taken.update(group.members)
    for first, last in _anchors(reading, taken):
        if _is_lone_credit(reading, first, last):
            continue
        group = _around_credit(reading, first, last, frozenset(taken))
        groups.append(group)
        taken.update(group.members)
    groups.extend(_lone_captions(reading, frozenset(taken)))
    return tuple(sorted(groups, key=lambda group: group.members))


def _is_lone_credit(reading: Reading, first: int, last: int) -> bool:
    """Whether credit lines speak of no picture, neither by their words nor by what stands near."""
    if not all(is_bare_credit(reading.segments[index].text) for index in range(first, last + 1)):
        return False
    places = reading.image_places
    near = set(places[bisect_right(places, first - _MOST_LINES) : bisect_right(places, first)])
    return not any(
        all(_is_caption(reading.segments[index].text) for index in range(place, first)) for place in near
    )


def _anchors(reading: Reading, taken: set[int]) -> Iterator[tuple[int, int]]:
    """Runs of credit and VIRIN lines, first and last; a run ends with its VIRIN."""
    first = -1
    for index, segment in enumerate(reading.segments):
        anchor = index not in taken and is_credit(segment.text)
        if anchor and first < 0:
            first = index
        if first >= 0 and (not anchor or VIRIN.search(segment.text)):
            yield first, index if anchor else index - 1
            first = -1
    if first >= 0:
        yield first, len(reading.segments) - 1


def _sorted_lines(reading: Reading, indices: list[int], image: int) -> PhotoGroup:
    """The lines of a group that is known to be one, each to its place: alt, title, caption, credit."""
    crediting = {index for index in indices if _credits(reading, index)}
    lines = [index for index in indices if index not in crediting]
    known = tuple(_alts_near(reading, indices))  # also with a title glued on
    alts = [index for index in lines[:-1] if reading.segments[index].text.startswith(known)]
    describing = frozenset(alts)
    lines = [index for index in lines if index not in describing]
    titles = [index for index in lines[:-1] if _is_title(reading.segments[index].text)]
    title = titles[0] if titles else -1
    before = [index for index in lines if index < title]
    captions = tuple(index for index in lines if index > title)
    return PhotoGroup(
        alts=(*alts, *before), title=title, captions=captions, credits=tuple(sorted(crediting)), image=image
    )


def _credits(reading: Reading, index: int) -> bool:
    """Whether a line credits by its words, or stands in an element of its own that does by its class."""
    segment = reading.segments[index]
    if is_credit(segment.text):
        return True
    if reading.is_dump or reading.words[index] > _MOST_TITLE_WORDS:
        return False
    return _CREDITS.search(reading.nodes[segment.node].hints) is not None


def _alts_near(reading: Reading, indices: list[int]) -> Iterator[str]:
    """Alternative texts of the images that stand among some lines or close by."""
    places = reading.image_places
    first = bisect_left(places, indices[0] - 2 * _MOST_LINES)
    last = bisect_right(places, indices[-1] + 2 * _MOST_LINES, first, min(first + _MOST_IMAGES, len(places)))
    for image in reading.images[first:last]:
        if word_count(image.alt) > _FEWEST_ALT_WORDS:
            yield image.alt


def _is_title(text: str) -> bool:
    return word_count(text) <= _MOST_TITLE_WORDS and not ends_sentence(text)


def _around_credit(reading: Reading, first: int, last: int, taken: frozenset[int]) -> PhotoGroup:
    """The group that ends with the credit lines `first` to `last`."""
    above: list[int] = []
    with_virin = any(VIRIN.search(reading.segments[index].text) for index in range(first, last + 1))
    for index in range(first - 1, max(first - 1 - _MOST_LINES, -1), -1):
        other_cell = reading.tags[index] in ("td", "th") and not _same_picture(reading, index, first)
        heading = reading.tags[index] == "h1" or (not with_virin and reading.tags[index] in ("h2", "h3"))
        if index in taken or other_cell or heading:
            break
        above.insert(0, index)
    image = bisect_right(reading.image_places, last) - 1
    if image >= 0 and not 0 <= first - reading.images[image].position <= _MOST_LINES:
        image = -1
    start = _start(reading, above, first, reading.images[image] if image >= 0 else None)
    group = _sorted_lines(reading, [*range(start, first), *range(first, last + 1)], image)
    return group if start < first or group.credits else PhotoGroup(credits=tuple(range(first, last + 1)))


def _same_picture(reading: Reading, one: int, other: int) -> bool:
    """Whether two lines stand in one cell, or in a table that holds but a picture's lines."""
    there, here = reading.segments[one].node, reading.segments[other].node
    if reading.block(there) == reading.block(here):
        return True
    table = _table(reading, there)
    return table >= 0 and table == _table(reading, here) and reading.counts[table] <= 2 * _MOST_LINES


def _table(reading: Reading, node: int) -> int:
    return next((found for found in reading.ancestors(node) if reading.nodes[found].tag == "table"), -1)


def _start(reading: Reading, above: list[int], first: int, image: Image | None) -> int:
    """Number of the group's first line, of those that may be: by blank lines, by what describes a picture."""
    if not above:
        return first
    if reading.is_dump and _is_spaced(reading):
        joined = [
            index for index in above if not any(reading.segments[n].gap for n in range(index + 1, first + 1))
        ]
        if joined:
            return joined[0]
    floor = image.position if image else -1
    start = above[-1]
    if start < floor:  # nothing stands between the image and its credit
        return start if _is_caption(reading.segments[start].text) else first
    if start - 1 in above and start - 1 >= floor and _is_title(reading.segments[start - 1].text):
        start -= 1
        if start - 1 in above and start - 1 >= floor and _is_alt(reading, start - 1, first):
            start -= 1
    return start


def _is_caption(text: str) -> bool:
    return not _TELLS.search(text) or credit_tail(text) is not None


def _is_spaced(reading: Reading) -> bool:
    """Whether a dump has blank lines between paragraphs, and only there."""
    gaps = sum(segment.gap for segment in reading.segments)
    return len(reading.segments) * 0.4 <= gaps <= len(reading.segments) * 0.97


def _is_alt(reading: Reading, index: int, first: int) -> bool:
    """Whether a line describes the picture whose title and caption follow, and is no news."""
    text = reading.segments[index].text
    if text in reading.alts:
        return True
    if word_count(text) > _MOST_ALT_WORDS or _TELLS.search(text) or len(_NAMED.findall(text)) > 1:
        return False
    below = _stems(" ".join(reading.segments[n].text for n in range(index + 1, first)))
    return _DESCRIBES.match(text) is not None or bool(_stems(text) & below)


def _stems(text: str) -> set[str]:
    return {word[:_STEM_CHARS] for word in re.findall(r"[a-z]{4,}", text.lower())}


def _lone_captions(reading: Reading, taken: frozenset[int]) -> Iterator[PhotoGroup]:
    """Captions without a credit line: ended by one in brackets, or equal to their image's alt text."""
    described = _described(reading)
    places = [image.position for image in reading.images]
    for index, segment in enumerate(reading.segments):
        if index in taken:
            continue
        end = segment.text[-_LONGEST_CREDIT:].rstrip(". ").lower()
        if index in described and reading.tags[index] not in _HEADING_TAGS and segment.link_share < _LINKED:
            yield PhotoGroup(captions=(index,), image=described[index])
        elif end.endswith(_SIGNS) or any(word in end for word in _PICTURE_WORDS):
            if not _ends_with_credit(reading, index):
                continue
            near = bisect_right(places, index) - 1
            yield PhotoGroup(captions=(index,), image=near if near >= 0 and index - places[near] <= 1 else -1)


def _ends_with_credit(reading: Reading, index: int) -> bool:
    text = reading.segments[index].text
    if reading.tags[index] in _HEADING_TAGS or reading.words[index] > _MOST_CAPTION_WORDS or text[0] == "(":
        return False
    found = credit_tail(text)
    return found is not None and (found.start > 0 or not reading.is_dump)


def _described(reading: Reading) -> dict[int, int]:
    """Segments that say what the alternative text of an image near them says, each with the image's number.

    Of several images with one text, the last above the segment, else the first below.
    """
    found: dict[int, int] = {}
    for number, image in enumerate(reading.images):
        if len(image.alt) < _SHORTEST_ALT or word_count(image.alt) <= _FEWEST_ALT_WORDS:
            continue
        flat, reach = normal(image.alt), 2 * _MOST_LINES
        for index in range(max(image.position - reach, 0), image.position + reach + 1):
            if index >= len(reading.segments) or not _is_alike(reading.segments[index].text, image.alt):
                continue
            if normal(reading.segments[index].text) == flat and (
                index not in found or image.position <= index
            ):
                found[index] = number
    return found


def _is_alike(text: str, alt: str) -> bool:
    """Whether two texts may be the same but for spaces and signs: most are not, by their length."""
    return abs(len(text) - len(alt)) <= _MOST_SIGNS + len(alt) // _MOST_SIGNS
