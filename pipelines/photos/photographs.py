"""Photo groups -> photographs: caption, credit, photographer, what the VIRIN tells, the image's address."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from pipelines.page.segments import Reading
from pipelines.photos.credit_lines import credit_of
from pipelines.photos.groups import PhotoGroup
from pipelines.photos.photographers import photographer
from pipelines.photos.virin import find_virin, virin_of_file
from storage.article import Photo

# Elements that hold a story's picture: of AFPIMS wherever they stand, of WordPress among the story.
_AFPIMS = re.compile(
    r"(?:^|\s)(?:da_media_item|da_story_large_image|da_bio_small_image|ast-image-wrap|media-inline)(?=$|\s)"
)
_WORDPRESS = re.compile(
    r"(?:^|\s)(?:wp-caption|wp-block-image|wp-block-post-featured-image|featured-image|"
    r"post-thumbnail|td-post-featured-image|entry-thumbnail)(?=$|\s)"
)
_NEAR = 8  # segments above the story's first
_FRAME = frozenset(("nav", "aside", "footer", "header"))


def photos_of(
    reading: Reading, groups: tuple[PhotoGroup, ...], kept: frozenset[int], url: str | None
) -> tuple[Photo, ...]:
    """The page's photographs in page order: those with lines, and those that stand in the story without."""
    told = [group for group in groups if group.captions or group.credits]
    used = {reading.images[group.image].src for group in told if group.image >= 0}
    places = [(group.members[0], read_photo(reading, group, url)) for group in told]
    story = range(min(kept) - _NEAR, max(kept) + 2) if kept else range(0)
    holders = frozenset(n for n, node in enumerate(reading.nodes) if kept and _holds_picture(node.hints))
    for number, image in enumerate(reading.images if kept else ()):
        if image.src in used or not image.src or image.src.startswith("data:"):
            continue
        around = reading.ancestors(image.node)
        held = bool(holders) and not holders.isdisjoint(around)
        if held or (image.position in story and _is_of_story(reading, around)):
            used.add(image.src)
            places.append((image.position, read_photo(reading, PhotoGroup(image=number), url)))
    return tuple(photo for _place, photo in sorted(places, key=lambda place: place[0]))


def _holds_picture(hints: str) -> bool:
    """Whether an element of those classes is one that AFPIMS sets a story's picture in."""
    return ("da_" in hints or "ast-" in hints or "media-" in hints) and _AFPIMS.search(hints) is not None


def _is_of_story(reading: Reading, around: tuple[int, ...]) -> bool:
    """Whether the elements around an image that stands in the story say that it is one of its pictures."""
    tags = {reading.nodes[node].tag for node in around}
    if "a" in tags or not tags.isdisjoint(_FRAME):
        return False
    return "figure" in tags or any(_WORDPRESS.search(reading.nodes[node].hints) for node in around)


def read_photo(reading: Reading, group: PhotoGroup, url: str | None) -> Photo:
    """The photograph that a group tells of."""
    lines = [reading.segments[index].text for index in group.members]
    image = reading.images[group.image] if group.image >= 0 else None
    caption = " ".join(reading.segments[index].text for index in group.captions)
    virin = find_virin(" ".join(lines)) or (virin_of_file(image.src) if image else None)
    title = reading.segments[group.title].text if group.title >= 0 else None
    told = caption or title or (image.alt if image and " " in image.alt else "")
    credit = credit_of([reading.segments[index].text for index in group.credits], told)
    rank, name = photographer(credit) if credit else (None, None)
    return Photo(
        caption=told, credit=credit, title=title if caption else None,
        url=_absolute(image.src, url) if image and image.src else None,
        virin=virin.number if virin else None, taken_on=virin.taken_on if virin else None,
        photographer=name, photographer_rank=rank,
        service=virin.service if virin else None, vision_id=virin.vision_id if virin else None,
        serial=virin.serial if virin else None, country=virin.country if virin else None,
    )  # fmt: skip


def _absolute(src: str, url: str | None) -> str:
    try:
        return urljoin(url or "", src)
    except ValueError:  # a broken IPv6 host
        return src
