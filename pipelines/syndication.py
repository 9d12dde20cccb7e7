"""Who had a text first: the signals for and against each member of a cluster, and the order they make.

A signal is only ever a comparison inside the cluster, and each one is kept as evidence, whether or not it
decided. They count in this order: the member itself points elsewhere (declared canonical or named origin),
others point at it, others credit its site, it is a government's own site, the day it was published, how
much of the others it holds, the time it was published, the time it was first captured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipelines.sketch import normalise
from storage.index.clusters import ClusterText
from storage.urls import article_id, host_of

AUTHORITIES = (".gov", ".mil")  # they publish what they say; others repeat it

_LEAST_NAME_CHARACTERS = 5
_FAR_DAY = date.max
_FAR_MOMENT = datetime.max  # noqa: DTZ901 compared with what TIMESTAMP columns give: UTC without a zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member's signals. `held` is how much of the other members' texts it holds, 0 to 1 on average."""

    article_id: str
    points_away: str | None
    pointed_at_by: tuple[str, ...]
    credited_by: tuple[str, ...]
    authority: bool
    published_at: datetime | None
    held: float
    first_captured_at: datetime

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts before the standings it beats."""
        # A page may give only the day, which reads as midnight: days are compared first, hours only at the
        # end.
        return (
            self.points_away is not None,
            -len(self.pointed_at_by),
            -len(self.credited_by),
            not self.authority,
            self.published_at.date() if self.published_at else _FAR_DAY,
            -round(self.held, 1),
            self.published_at or _FAR_MOMENT,
            self.first_captured_at,
            self.article_id,
        )

    def evidence(self, **more: object) -> str:
        """The signals, and `more`, as JSON."""
        told = {
            "points_at": self.points_away,
            "pointed_at_by": self.pointed_at_by,
            "credited_by": self.credited_by,
            "authority": self.authority,
            "published_at": _stamp(self.published_at),
            "holds_of_others": round(self.held, 3),
            "first_captured_at": _stamp(self.first_captured_at),
        }
        return json.dumps(told | more, ensure_ascii=False)


def rank_members(texts: Sequence[ClusterText], held: Mapping[str, float]) -> list[Standing]:
    """Standings of a cluster's members, the origin first. `held` gives each member's share of the others."""
    pointing: dict[str, list[str]] = {}
    for text in texts:
        for target in _points_at(text) - {text.article_id}:
            pointing.setdefault(target, []).append(text.article_id)
    credited = [(text, _credited(text)) for text in texts if text.authors or text.credits]
    standings = [
        Standing(
            article_id=one.article_id,
            points_away=_points_away(one),
            pointed_at_by=tuple(sorted(pointing.get(one.article_id, ()))),
            credited_by=tuple(sorted(_crediting(one, credited))),
            authority=one.host.endswith(AUTHORITIES),
            published_at=one.published_at,
            held=held.get(one.article_id, 0.0),
            first_captured_at=one.first_captured_at,
        )
        for one in texts
    ]
    return sorted(standings, key=lambda standing: standing.order)


def points_at(one: ClusterText, other: ClusterText) -> bool:
    """Whether a page names the other as its canonical page or as its origin."""
    return other.article_id in _points_at(one)


def _points_at(one: ClusterText) -> set[str]:
    """Articles that a page names as its canonical page or as its origin."""
    return {article_id(url) for url in (one.declared_canonical, one.origin_url) if url}


def credits_site_of(one: ClusterText, other: ClusterText) -> bool:
    """Whether a page's authors, byline or source line name the other's site or host."""
    return any(_crediting(other, [(one, _credited(one))]))


def _crediting(one: ClusterText, others: Iterable[tuple[ClusterText, str]]) -> Iterator[str]:
    """Those of the others, given with their credits, that stand on another host and name this one's site."""
    told = {normalise(one.host), normalise(one.site_name or "")}
    names = [f" {name} " for name in told if len(name) >= _LEAST_NAME_CHARACTERS]
    for other, credited in others:
        if other.host != one.host and any(name in credited for name in names):
            yield other.article_id


def _credited(one: ClusterText) -> str:
    """The words of a page's authors, byline and source lines."""
    return f" {normalise(' '.join([*one.authors, *one.credits]))} "


def _points_away(one: ClusterText) -> str | None:
    """URL of another article that a page names as its canonical page or its origin."""
    for url in (one.declared_canonical, one.origin_url):
        # A canonical on the page's own host is no repost: sites declare their home page, or an older form
        # of the URL.
        if url and article_id(url) != one.article_id and host_of(url) not in {"", one.host}:
            return url
    return None


def _stamp(moment: datetime | None) -> str | None:
    """UTC time as ISO 8601 with its zone."""
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z") if moment else None
