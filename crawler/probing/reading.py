"""What one answer of a site leads to, and how much of it a seed would take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from crawler.discovery import Discovery, LinkKind, discover
from crawler.probing.facts import Facts, facts_of
from crawler.scope import judge
from pipelines.fields.dates import parse_date
from pipelines.workers import CallFailedError

if TYPE_CHECKING:
    from crawler.discovery import Link
    from crawler.probing.asking import Asker
    from crawler.probing.fetching import Answer
    from crawler.seeds import Seed
    from pipelines.workers import Workers

_OK, _CLIENT_ERROR = 200, 400
_NAMES = {401: "refused", 403: "refused", 404: "not found", 410: "gone", 429: "too many requests"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What an address gave: the links in scope of those found, the newest date told, what is amiss."""

    url: str
    kind: LinkKind
    answer: Answer
    found: Discovery
    in_scope: tuple[Link, ...]
    newest_at: datetime | None
    problem: str

    @property
    def is_useful(self) -> bool:
        """Whether a crawl would get anywhere by it: a listing without articles is not what it was."""
        return self.articles > 0 if self.kind is LinkKind.LISTING else bool(self.in_scope)

    @property
    def articles(self) -> int:
        """How many of the links in scope lead to articles."""
        return sum(link.kind is LinkKind.ARTICLE for link in self.in_scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Asks for an address, and reads the answer in a worker process."""

    asker: Asker
    workers: Workers

    def look(self, url: str, kind: LinkKind, seed: Seed) -> Looked:
        """What the address gives a crawl of the seed."""
        answer = self.asker.ask(url)
        found = self._discovery(answer, kind, seed) if answer.status == _OK else Discovery()
        in_scope = tuple(link for link in found.links if judge(link, seed, depth=1).in_scope)
        return Looked(
            url=url,
            kind=kind,
            answer=answer,
            found=found,
            in_scope=in_scope,
            newest_at=_newest(found.links),
            problem=_problem(answer, found, in_scope, kind),
        )

    def facts(self, answer: Answer) -> Facts:
        """What a front page tells of its site."""
        call = partial(facts_of, content_type=answer.content_type, body=answer.body, headers=answer.headers)
        try:
            return self.workers.submit(call).result()
        except CallFailedError:
            return Facts()

    def _discovery(self, answer: Answer, kind: LinkKind, seed: Seed) -> Discovery:
        call = partial(
            discover,
            url=answer.url,
            content_type=answer.content_type,
            body=answer.body,
            headers=answer.headers,
            kind_hint=kind,
            seed=seed,
        )
        try:
            return self.workers.submit(call).result()
        except CallFailedError as error:
            return Discovery(notes=(f"{error.outcome.value}: {error.reason}",))


def _problem(answer: Answer, found: Discovery, in_scope: tuple[Link, ...], kind: LinkKind) -> str:
    """What is wrong with an answer, in a line; empty where nothing is."""
    if answer.problem:
        return answer.problem
    if answer.status != _OK:
        name = _NAMES.get(answer.status, "refused" if answer.status >= _CLIENT_ERROR else "no page")
        return f"{name} (status {answer.status})"
    notes = [note for note in found.notes if note]
    if found.links and not in_scope:
        notes.append(f"none of its {len(found.links)} links is in scope")
    elif not found.links and not notes:
        notes.append(f"a {kind} without links")
    return "; ".join(notes)


def _newest(links: tuple[Link, ...]) -> datetime | None:
    """The latest date that the links tell; a date to come is none."""
    told = {raw for link in links for raw in (link.published_raw, link.modified_raw) if raw}
    moments = [moment for raw in told if (moment := parse_date(raw))]
    now = datetime.now(UTC)
    return max((moment for moment in moments if moment <= now), default=None)
