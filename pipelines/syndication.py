"""Who had a text first: the signals for and against each member of a cluster, and the order they make.

A signal is only ever a comparison inside the cluster, and each one is kept as evidence, whether or not it
decided. They count in this order: the member itself points elsewhere (declared canonical or named origin),
others point at it, others credit its site, it says that it has the text from an agency or another paper, it
is a government's own site, when it is known to have been there (published, or captured if that was before),
the day it was first captured, how much of the others it holds, the time it was published, the time it was
first captured. Of a day on which one of them gives no hour, hours count last only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pipelines.agencies import agencies_in_credits, agencies_in_dateline, agency_of, sources_in
from pipelines.sketch import normalise
from storage.index.clusters import ClusterArticle
from storage.urls import article_id, host_of

AUTHORITIES = (".gov", ".mil")  # they publish what they say; others repeat it

_LEAST_NAME_CHARACTERS = 5
_FAR_MOMENT = datetime.max  # noqa: DTZ901 compared with what TIMESTAMP columns give: UTC without a zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Whom an article names as its source: normalised words of its credits, and those that are not itself."""

    article: ClusterArticle
    words: str
    agencies: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member's signals. `held` is how much of the other members' texts it holds, 0 to 1 on average."""

    article_id: str
    points_away: str | None
    pointed_at_by: tuple[str, ...]
    credited_by: tuple[str, ...]
    agencies: tuple[str, ...]
    papers: tuple[str, ...]
    authority: bool
    published_at: datetime | None
    held: float
    first_captured_at: datetime

    @property
    def there_at(self) -> datetime:
        """The first moment at which it is known to have been there."""
        return min(self.published_at or _FAR_MOMENT, self.first_captured_at)

    @property
    def gives_hour(self) -> bool:
        """Whether that is a time that the page gives; a page that gives the day only reads as midnight."""
        return self.there_at == self.published_at and self.there_at.time() != time.min

    def order(self, days: AbstractSet[date]) -> tuple[object, ...]:
        """Sorts before the standings it beats; `days` are those on which hours say nothing."""
        there_on = self.there_at.date()
        return (
            self.points_away is not None,
            -len(self.pointed_at_by),
            -len(self.credited_by),
            bool(self.agencies or self.papers),
            not self.authority,
            there_on,
            time.min if there_on in days else self.there_at.time(),
            self.first_captured_at.date(),
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
            "credits_agencies": self.agencies,
            "credits_papers": self.papers,
            "authority": self.authority,
            "published_at": _stamp(self.published_at),
            "holds_of_others": round(self.held, 3),
            "first_captured_at": _stamp(self.first_captured_at),
        }
        return json.dumps(told | more, ensure_ascii=False)


def rank_members(articles: Sequence[ClusterArticle], held: Mapping[str, float]) -> list[Standing]:
    """Standings of a cluster's members, the origin first. `held` gives each member's share of the others."""
    pointing: dict[str, list[str]] = {}
    known = {other_id: one.article_id for one in articles for other_id in one.other_ids}
    for one in articles:
        for target in {known.get(target, target) for target in _points_at(one)} - {one.article_id}:
            pointing.setdefault(target, []).append(one.article_id)
    told = {one.article_id: credits_of(one) for one in articles}
    crediting = [one for one in told.values() if one.words.strip()]
    standings = [
        Standing(
            article_id=one.article_id,
            points_away=_points_away(one),
            pointed_at_by=tuple(sorted(pointing.get(one.article_id, ()))),
            credited_by=tuple(sorted(_crediting(one, crediting))),
            agencies=told[one.article_id].agencies,
            papers=told[one.article_id].papers,
            authority=one.host.endswith(AUTHORITIES),
            published_at=one.published_at,
            held=held.get(one.article_id, 0.0),
            first_captured_at=one.first_captured_at,
        )
        for one in articles
    ]
    without_hour = {one.there_at.date() for one in standings if not one.gives_hour}
    return sorted(standings, key=lambda one: one.order(without_hour))


def points_at(one: ClusterArticle, other: ClusterArticle) -> bool:
    """Whether a page names the other as its canonical page or as its origin."""
    return not _points_at(one).isdisjoint((other.article_id, *other.other_ids))


def _points_at(one: ClusterArticle) -> set[str]:
    """Articles that a page names as its canonical page or as its origin."""
    return {article_id(url) for url in (one.declared_canonical, one.origin_url) if url}


def credits_site_of(one: ClusterArticle, other: ClusterArticle) -> bool:
    """Whether a page's authors, byline, dateline or source lines name the other's site, host or agency."""
    return any(_crediting(other, [credits_of(one)]))


def credits_of(one: ClusterArticle) -> Credits:
    """Whom an article names as its source."""
    lines = [*one.credits, one.head, one.tail]
    papers = tuple(sorted({paper for line in lines for paper in sources_in(line)}))
    credited = normalise(" ".join([*one.authors, *one.credits]))
    agencies = {
        agency.mark: agency
        for agency in (
            *agencies_in_credits(credited),
            *agencies_in_dateline(f"{one.dateline or ''} {one.head}"),
        )
    }
    names = [name for agency in agencies.values() for name in agency.names]
    own = agency_of(one.host)
    return Credits(
        article=one,
        words=f" {credited}  {'  '.join([*papers, *names])} ",
        agencies=tuple(mark for mark in sorted(agencies) if own is None or mark != own.mark),
        papers=tuple(paper for paper in papers if not any(name in f" {paper} " for name in _names_of(one))),
    )


def _names_of(one: ClusterArticle) -> list[str]:
    """What an article's site is called, normalised, with a space before and after."""
    agency = agency_of(one.host)
    told = {normalise(one.host), normalise(one.site_name or "")}
    names = {name for name in told if len(name) >= _LEAST_NAME_CHARACTERS}
    return sorted(f" {name} " for name in names.union(agency.names if agency else ()))


def _crediting(one: ClusterArticle, others: Iterable[Credits]) -> Iterator[str]:
    """Those of the others that stand on another host and name this one's site."""
    names = _names_of(one)
    for other in others:
        if other.article.host != one.host and any(name in other.words for name in names):
            yield other.article.article_id


def _points_away(one: ClusterArticle) -> str | None:
    """URL of another article that a page names as its canonical page or its origin."""
    for url in (one.declared_canonical, one.origin_url):
        # A canonical on the page's own host is no repost: sites declare their home page, or an older form
        # of the URL.
        if not url or article_id(url) in {one.article_id, *one.other_ids}:
            continue
        if host_of(url) not in {"", one.host}:
            return url
    return None


def _stamp(moment: datetime | None) -> str | None:
    """UTC time as ISO 8601 with its zone."""
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z") if moment else None
