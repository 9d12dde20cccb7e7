"""Who wrote an article: what its sources say, and which is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.fields.marks import Mark, PageMarks
from pipelines.fields.offers import Offer
from pipelines.linked_data import LinkedArticle
from pipelines.people import collective_name, is_lead, printed_name, says_by, split_names
from pipelines.words import normal

_METAS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator",
    "dc.creator.name", "byl", "article.author", "citation_author", "article:author_name",
    "cxenseparse:author",
    "authors", "creator", "byline", "twitter:data1",
)  # fmt: skip
_INVERTED = frozenset(("meta:citation_author", "meta:dc.creator"))
_FIELDS = ("json-ld", "template", "meta:", "markup:itemprop", "markup:rel")
_MOST_OUTLET_WORDS = 4
_GROUP, _MOST_GROUPED = 4, 12  # elements from one author to the next; authors
_JOINTS = frozenset((",", "and", "&", ";", "|", "-", "\u2013", "with", "/", "und", "et", "y"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the page's text that was taken for a byline; `leads` where it stands by the title.

    `above` where it stands before it. One that is taken for its date alone does not `name` anybody.
    """

    text: str
    leads: bool = False
    above: bool = False
    names: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Authors:
    """The names, the offer they come from, and every offer."""

    names: tuple[str, ...] = ()
    won: Offer | None = None
    offers: tuple[Offer, ...] = ()


def choose_authors(
    marks: PageMarks,
    linked: LinkedArticle,
    lines: tuple[Line, ...],
    site: str | None,
    *,
    known: tuple[str, ...] = (),
) -> Authors:
    """The persons of the best source that names any; else a newsroom or an outlet named in their place.

    Full names go before single words where a field is meant for names. A line far from the title comes last.
    """
    told = [_read("template", known, site)] if known else []
    told += [_read(source, raws, site) for source, raws in _sources(marks, linked, lines)]
    fields = [one for one in told if one.source.startswith(_FIELDS) or one.leads]
    full = [one for one in fields if any(" " in name for name in one.persons)]
    near = [one for one in told if one.persons and one.source != "text"]
    led = [one for one in told if one.persons and one.leads]
    groups = sorted((one for one in told if one.groups), key=lambda one: not one.collective)
    far = [one for one in told if one.persons]
    offers = tuple(one.offer for one in told)
    for one in (*_fuller(full, told), *(one for one in fields if one.persons), *near, *led, *groups, *far):
        names = one.persons or one.groups[:1]
        return Authors(names=names, won=one.offer, offers=offers)
    return Authors(offers=offers)


def _fuller(full: list[_Told], told: list[_Told]) -> list[_Told]:
    """The best source, or another that has all of its names and more: JSON-LD often has the first alone."""
    if not full:
        return []
    best = set(full[0].persons)
    more = (one for one in told if one.source.startswith(_FIELDS) or one.leads)
    more = (one for one in more if all(" " in name for name in one.persons))
    return [
        next((one for one in more if best < set(one.persons) and len(one.persons) <= _MOST_GROUPED), full[0])
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one source says: the persons in it, and the outlets."""

    source: str
    raws: tuple[str, ...]
    leads: bool
    persons: tuple[str, ...]
    groups: tuple[str, ...]
    collective: bool

    @property
    def offer(self) -> Offer:
        names = self.persons or self.groups[:1]
        return Offer(raw="; ".join(self.raws), source=self.source, value="; ".join(names))


def _read(source: str, raws: tuple[str, ...], site: str | None) -> _Told:
    """What the texts of one source say. A line that leads has the source "text:title"."""
    own, is_field = normal(site or ""), source.startswith(_FIELDS)
    if source in _INVERTED:
        raws = tuple(_turned(raw) for raw in raws)
    names = (name for raw in raws for name in split_names(raw, field=is_field) if len(name) > 2)  # noqa: PLR2004 -- no initials
    persons = tuple(_unique(name for name in names if normal(name) != own))
    said = [
        found
        for raw in raws
        if (found := collective_name(f"by {raw}" if is_field and not says_by(raw) else raw))
    ]
    told = [found for raw in raws if _may_be_outlet(raw, source) and (found := printed_name(raw))]
    return _Told(
        source=source.partition(":title")[0], raws=raws, leads=source == "text:title", persons=persons,
        groups=() if persons else tuple(dict.fromkeys((*said, *told))), collective=bool(said),
    )  # fmt: skip


def _may_be_outlet(raw: str, source: str) -> bool:
    """Whether a text may be an outlet's name by its place: a field for names, or an element of its own."""
    alone = source in ("markup:class", "markup:link") and len(raw.split()) <= _MOST_OUTLET_WORDS
    return source.startswith(_FIELDS) or (alone and not re.search(r"[\d|•·:]", raw))


def _turned(name: str) -> str:
    """A name of a library's kind in the usual order.

    >>> _turned("Example, Ann B."), _turned("Ann Example")
    ('Ann B. Example', 'Ann Example')
    """
    last, comma, first = name.partition(", ")
    return (
        f"{first} {last}" if comma and "," not in first and len(name.split()) <= _MOST_OUTLET_WORDS else name
    )


def _sources(
    marks: PageMarks, linked: LinkedArticle, lines: tuple[Line, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the page says of its authors, the best source first."""
    if linked.authors:
        yield "json-ld", linked.authors
    lines = tuple(line for line in lines if line.names)
    led = [line for line in lines if line.leads and says_by(line.text)]
    yield from (("text:title", (line.text,)) for line in led)
    yield from _meta_sources(marks)
    for source in ("itemprop=author", "rel=author", "class", "link"):
        group = _nearest([mark for mark in marks.authors if mark.source == source], marks.headings)
        if group:
            yield f"markup:{source}", tuple(_joined(mark.text) for mark in group)
    yield from (("text", (line.text,)) for line in lines if line not in led and _names_authors(line.text))


def _meta_sources(marks: PageMarks) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Authors of meta elements, without addresses of profiles."""
    for name in _METAS:
        if name == "twitter:data1" and not marks.meta("twitter:label1").lower().endswith("by"):
            continue
        if values := tuple(value for value in marks.metas.get(name, ()) if "://" not in value):
            yield f"meta:{name}", values


def _names_authors(line: str) -> bool:
    """Whether a line that stands anywhere names persons in full or by "by", or a newsroom."""
    names = split_names(line)
    full = bool(names) and (says_by(line) or all(" " in name for name in names))
    return full or collective_name(line) is not None


def _nearest(found: list[Mark], headings: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The first marks behind the page's heading, and those that follow at once; else those before it."""
    if not found:
        return ()
    heads = [mark.place for mark in headings if mark.source == "h1"]
    start = heads[0] if heads else 0
    behind = [mark for mark in found if mark.place > start and split_names(_joined(mark.text))]
    chosen = behind or [mark for mark in found if split_names(_joined(mark.text))] or found
    group = [chosen[0]]
    for mark in chosen[1:]:
        if mark.place - group[-1].place > _GROUP or len(group) >= _MOST_GROUPED:
            break
        group.append(mark)
    return tuple(group)


def _joined(text: str) -> str:
    """The pieces of an author's element as a byline: its names alone, where pieces are roles and dates."""
    pieces = text.split("\n")
    if len(pieces) == 1:
        return text
    names: list[str] = []
    joint = True
    for piece in pieces:
        if is_lead(piece) or piece.strip().lower() in _JOINTS:
            joint = True
            continue
        found = split_names(piece) if joint or not names else ()
        if not found and names:
            break
        names += found
        joint = piece.rstrip().endswith((",", " and", " &"))
    return ", ".join(names) if names else " ".join(pieces)


def _unique(names: Iterator[str]) -> Iterator[str]:
    """Each name once, whatever its case and accents' marks."""
    seen: set[str] = set()
    for name in names:
        key = normal(name)
        if key not in seen:
            seen.add(key)
            yield name
