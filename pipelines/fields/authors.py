"""Who wrote an article: what its sources say, and which is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.fields.linked_data import LinkedArticle
from pipelines.fields.marks import Mark, PageMarks
from pipelines.fields.offers import Offer
from pipelines.fields.people import collective_name, is_lead, printed_name, says_by, split_names
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
    site: str,
    host: str,
    *,
    known: tuple[str, ...] = (),
) -> Authors:
    """The persons of the best source that names any; else a newsroom or an outlet named in their place.

    Full names go before single words where a field is meant for names. What stands far from the title comes
    last. The `site` is nobody's name; nor is what its `host` is called, but where it names alone.
    """
    own = normal(site), normal(host)
    told = [_read("template", known, own)] if known else []
    told += [_read(source, raws, own) for source, raws in _sources(marks, linked, lines)]
    fields = [one for one in told if (one.source.startswith(_FIELDS) or one.leads) and not one.far]
    full = [one for one in fields if any(" " in name for name in one.persons)]
    near = [one for one in told if one.persons and one.source != "text" and not one.far]
    led = [one for one in told if one.persons and one.leads]
    groups = sorted((one for one in told if one.groups), key=lambda one: not one.collective)
    far = [one for one in told if one.persons]
    offers = tuple(one.offer for one in told)
    for one in (*_fuller(full, told), *(one for one in fields if one.persons), *near, *led, *groups, *far):
        return Authors(names=_unglued(one, told) or one.names, won=one.offer, offers=offers)
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


def _unglued(one: _Told, told: list[_Told]) -> tuple[str, ...]:
    """The names as an element has them, where those of a line have the next word glued to them."""
    for other in told:
        pairs = list(zip(one.persons, other.persons, strict=False))
        if other.source.startswith("markup") and len(pairs) == len(one.persons) == len(other.persons) > 0:
            glued = [mine.startswith(theirs) and mine[len(theirs) :][:1].isalpha() for mine, theirs in pairs]
            if any(glued) and all(
                cut or mine == theirs for cut, (mine, theirs) in zip(glued, pairs, strict=True)
            ):
                return other.persons
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one source says: the persons in it, and the outlets."""

    source: str
    raws: tuple[str, ...]
    leads: bool
    persons: tuple[str, ...]
    groups: tuple[str, ...]
    collective: bool
    far: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The persons, else the outlet; JSON-LD may name several."""
        return self.persons or (self.groups if self.source == "json-ld" else self.groups[:1])

    @property
    def offer(self) -> Offer:
        return Offer(raw="; ".join(self.raws), source=self.source, value="; ".join(self.names))


def _read(source: str, raws: tuple[str, ...], own: tuple[str, str]) -> _Told:
    """What the texts of one source say.

    The source of a line that leads is "text:title", that of a mark far off ends in ":far".
    """
    is_field = source.startswith(_FIELDS)
    if source in _INVERTED:
        raws = tuple(_turned(raw) for raw in raws)
    names = (name for raw in raws for name in split_names(raw, field=is_field) if len(name) > 2)  # noqa: PLR2004 -- no initials
    persons = tuple(_unique(name for name in names if normal(name) != own[0]))
    persons = tuple(name for name in persons if normal(name) != own[1]) or persons
    said = [collective_name(f"by {raw}" if is_field and not says_by(raw) else raw) for raw in raws]
    told = (
        s or (printed_name(raw) if _may_be_outlet(raw, source) else None)
        for s, raw in zip(said, raws, strict=True)
    )
    return _Told(
        source=source.removesuffix(":title").removesuffix(":far"), raws=raws, leads=source == "text:title",
        persons=persons, groups=() if persons else tuple(dict.fromkeys(filter(None, told))),
        collective=any(said), far=source.endswith(":far"),
    )  # fmt: skip


def _may_be_outlet(raw: str, source: str) -> bool:
    """Whether a text may be an outlet's name by its place: a field for names, or an element of its own."""
    alone = source.startswith(("markup:class", "markup:link")) and len(raw.split()) <= _MOST_OUTLET_WORDS
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
            place = ":far" if group[0].far else ""
            yield f"markup:{source}{place}", tuple(_joined(mark.text) for mark in group)
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
        if names and piece.startswith("in "):
            joint = piece.endswith((" and", " &", ","))
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
