"""What a page offers for a field, and the candidates that are told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storage.article import Candidate

_MOST_CANDIDATES, _LONGEST_VALUE = 8, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What stands at one source. `value` is what the field would be by it, empty where nothing."""

    raw: str
    source: str
    value: str = ""


def candidates(field: str, winner: Offer | None, offers: Iterable[Offer]) -> tuple[Candidate, ...]:
    """The winner first, then the others in their order: each pair of value and source once, bounded.

    A candidate's value is what the field would be by it, else what stands there.

    >>> two = (Offer(raw="A | Demo", source="og", value="A"), Offer(raw="B", source="h1", value="B"))
    >>> [(c.value, c.source, c.won) for c in candidates("title", two[1], two)]
    [('B', 'h1', True), ('A', 'og', False)]
    """
    told: dict[tuple[str, str], Candidate] = {}
    for offer in (*([winner] if winner else ()), *offers):
        value = " ".join((offer.value or offer.raw).split())[:_LONGEST_VALUE]
        if value and (value, offer.source) not in told:
            won = not told and winner is not None
            told[value, offer.source] = Candidate(field=field, value=value, source=offer.source, won=won)
        if len(told) >= _MOST_CANDIDATES:
            break
    return tuple(told.values())


def from_text(values: Iterable[tuple[str, str | None]]) -> tuple[Candidate, ...]:
    """The candidates of a plain text, where a field has one source: pairs of field and value."""
    told = ((field, Offer(raw=value, source="text", value=value)) for field, value in values if value)
    return tuple(one for field, offer in told for one in candidates(field, offer, ()))


def first_offer(offers: Iterable[Offer]) -> Offer | None:
    """The first that gives the field a value."""
    return next((offer for offer in offers if offer.value), None)
