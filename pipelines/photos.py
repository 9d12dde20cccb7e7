"""Photo groups of a page: alternative text, title, caption, credit and VIRIN lines -> Photo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from pipelines.credit_lines import credit_of, credit_tail, is_bare_credit, is_credit
from pipelines.segments import Image, Reading
from pipelines.virin import VIRIN, taken_on
from pipelines.words import ends_sentence, normal, word_count
from storage.model import Photo

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
_FIGURE_TAGS = frozenset(("figure", "figcaption"))
_NO_PHOTO = re.compile(r"\b(?:wp-block-(?:table|pullquote|embed|quote|code)|pullquote|twitter-tweet)\b")


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
    groups = list(_figures(reading, settled))
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


def read_photo(reading: Reading, group: PhotoGroup, url: str | None) -> Photo:
    """The photograph that a group tells of."""
    lines = [reading.segments[index].text for index in group.members]
    image = reading.images[group.image] if group.image >= 0 else None
    caption = " ".join(reading.segments[index].text for index in group.captions)
    found = VIRIN.search(" ".join(lines)) or VIRIN.search(_file_stem(image))
    title = reading.segments[group.title].text if group.title >= 0 else None
    return Photo(
        caption=caption or title or (image.alt if image else ""),
        credit=credit_of([reading.segments[index].text for index in group.credits], caption),
        virin=found[0] if found else None,
        taken_on=taken_on(found[0]) if found else None,
        url=_absolute(image.src, url) if image and image.src else None,
        title=title if caption else None,
    )


def _absolute(src: str, url: str | None) -> str:
    try:
        return urljoin(url or "", src)
    except ValueError:  # a broken IPv6 host
        return src


def _file_stem(image: Image | None) -> str:
    return image.src.rsplit("/", 1)[-1].split("?", 1)[0].rsplit(".", 1)[0].upper() if image else ""


def _is_lone_credit(reading: Reading, first: int, last: int) -> bool:
    """Whether credit lines speak of no picture, neither by their words nor by what stands near."""
    if not all(is_bare_credit(reading.segments[index].text) for index in range(first, last + 1)):
        return False
    near = [n for image in reading.images if 0 <= first - (n := image.position) < _MOST_LINES]
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


def _figures(reading: Reading, settled: frozenset[int]) -> Iterator[PhotoGroup]:
    """A group for each figure element with text."""
    if all(node.tag not in _FIGURE_TAGS for node in reading.nodes):
        return
    members: dict[int, list[int]] = {}
    for index, segment in enumerate(reading.segments):
        if index not in settled:
            figure = _figure(reading, segment.node)
            if figure >= 0 and "blockquote" not in _tags_around(reading, index):
                members.setdefault(figure, []).append(index)
    owners = {
        figure: number
        for number, image in enumerate(reading.images)
        if (figure := _figure(reading, image.node)) >= 0
    }
    for figure, indices in members.items():
        if _is_pictured(reading, figure, indices, with_image=figure in owners):
            yield _sorted_lines(reading, indices, owners.get(figure, -1))


def _is_pictured(reading: Reading, figure: int, indices: list[int], *, with_image: bool) -> bool:
    """Whether a figure holds a picture's lines: not a table, a quote or a whole article."""
    if _NO_PHOTO.search(reading.nodes[figure].hints):
        return False
    captioned = any("figcaption" in _tags_around(reading, index) for index in indices)
    return (with_image or captioned) and len(indices) <= 2 * _MOST_LINES


def _tags_around(reading: Reading, index: int) -> set[str]:
    return {reading.nodes[node].tag for node in reading.ancestors(reading.segments[index].node)}


def _figure(reading: Reading, node: int) -> int:
    """The outermost figure around a node, -1 without."""
    found = [node for node in reading.ancestors(node) if reading.nodes[node].tag in _FIGURE_TAGS]
    return found[-1] if found else -1


def _sorted_lines(reading: Reading, indices: list[int], image: int) -> PhotoGroup:
    """The lines of a group that is known to be one, each to its place: alt, title, caption, credit."""
    credit_lines = tuple(index for index in indices if is_credit(reading.segments[index].text))
    lines = [index for index in indices if index not in credit_lines]
    known = tuple(
        alt for alt in reading.alts if word_count(alt) > _FEWEST_ALT_WORDS
    )  # also with a title glued on
    alts = tuple(index for index in lines[:-1] if reading.segments[index].text.startswith(known))
    lines = [index for index in lines if index not in alts]
    titles = [index for index in lines[:-1] if _is_title(reading.segments[index].text)]
    title = titles[0] if titles else -1
    before = tuple(index for index in lines if index < title)
    captions = tuple(index for index in lines if index > title)
    return PhotoGroup(alts=alts + before, title=title, captions=captions, credits=credit_lines, image=image)


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
    image = max((n for n, image in enumerate(reading.images) if image.position <= last), default=-1)
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
    at: dict[str, int] = {
        normal(image.alt): number
        for number, image in enumerate(reading.images)
        if word_count(image.alt) > _FEWEST_ALT_WORDS
    }
    for index, segment in enumerate(reading.segments):
        if index in taken or reading.tags[index] in _HEADING_TAGS:
            continue
        image = at.get(reading.flats[index], -1)
        if (
            image >= 0
            and abs(reading.images[image].position - index) <= 2 * _MOST_LINES
            and segment.link_share < _LINKED
        ):
            yield PhotoGroup(captions=(index,), image=image)
            continue
        found = credit_tail(segment.text) if reading.words[index] <= _MOST_CAPTION_WORDS else None
        if found and (found.start() > 0 or not reading.is_dump) and segment.text[0] != "(":
            near = [n for n, image_ in enumerate(reading.images) if 0 <= index - image_.position <= 1]
            yield PhotoGroup(captions=(index,), image=near[-1] if near else -1)
