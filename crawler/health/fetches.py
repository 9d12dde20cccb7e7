"""Blocks, sites that do not answer, unreadable robots.txt, bad certificates, crawls that failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.health.compare import Judged, Share, State, judged
from crawler.health.disk import OUT_OF_SPACE
from crawler.health.kinds import Kind, Verdict, verdict
from crawler.report_words import CERTIFICATE, KILLED, LEFT_WAITING, PROGRAM_FAULT, ROBOTS_UNREACHABLE
from storage.article import Outcome

if TYPE_CHECKING:
    from crawler.health.runs import RunHealth

_WALL_STATUSES = ("401", "403", "429", "451")
_WALL_PAGES = (Outcome.BLOCKED, Outcome.LOGIN_WALL, Outcome.CONSENT_WALL)
_SILENCES = (Outcome.TIMED_OUT, Outcome.DISCONNECTED, Outcome.CONNECTION_FAILED)
_CRASHES = (Outcome.PARSE_CRASHED, Outcome.PARSE_TIMED_OUT)
_FAULT = re.compile(r"\w+(?:Error|Exception)|start_failed")  # Scrapy's reasons are lower case
_SERVER_ERROR = 500
_MOST_KILLED = 2  # in a row: a machine may be restarted once


def walls(run: RunHealth) -> Share:
    """Answers that are a wall in the page's place, of all answers."""
    answers = sum(run.statuses.values())
    refused = sum(run.statuses.get(status, 0) for status in _WALL_STATUSES)
    pages = sum(run.pages.get(outcome, 0) for outcome in _WALL_PAGES)  # with status 200, as all pages
    return Share(bad=min(answers, refused + pages), of=answers, flagged=Kind.BLOCKED in run.alarms)


def unanswered(run: RunHealth) -> int:
    """Fetches that brought no answer."""
    return sum(run.fetches.get(outcome, 0) for outcome in _SILENCES)


def unrendered(run: RunHealth) -> int:
    """Pages of which the browser made nothing: noted as fetches, for the answer itself was had."""
    return run.fetches.get(Outcome.RENDER_FAILED, 0)


def silences(run: RunHealth) -> Share:
    """Fetches that brought no answer, or a server's error, of all fetches."""
    silent = unanswered(run)
    faulty = sum(many for status, many in run.statuses.items() if int(status) >= _SERVER_ERROR)
    answers = sum(run.statuses.values())
    flagged = Kind.UNREACHABLE in run.alarms
    return Share(bad=silent + faulty, of=silent + answers, flagged=flagged)


def crashes(run: RunHealth) -> Share:
    """Pages on which parsing or the browser crashed or was stopped, of all pages."""
    return Share(
        bad=sum(run.pages.get(outcome, 0) for outcome in _CRASHES) + unrendered(run),
        of=sum(run.pages.values()) + unrendered(run),
        flagged=Kind.FAULT in run.alarms,
    )


def blocked(newest_first: Sequence[RunHealth]) -> Verdict:
    """Whether the site refuses us."""
    now = walls(newest_first[0])
    signs = []
    if now.bad and now.bad == now.of:
        signs.append(f"all {now.of} answers were a refusal or a wall: {_told(newest_first[0])}")
    elif now.bad and _got_nothing(newest_first[0], now, _is_wall):
        signs.append(f"each address of the seed was refused: {_told(newest_first[0])}")
    found = judged([walls(run) for run in newest_first])
    if found.state is State.BAD and not signs:
        signs.append(
            f"{found.share:.0%} of the answers were a refusal or a wall{_usual(found)}: "
            f"{_told(newest_first[0])}"
        )
    return verdict(Kind.BLOCKED, signs, told=_is_told(found, now))


def unreachable(newest_first: Sequence[RunHealth]) -> Verdict:
    """Whether the site does not answer."""
    now = silences(newest_first[0])
    signs = []
    if now.bad and now.bad == now.of:
        signs.append(f"none of {now.of} fetches brought an answer that can be used")
    elif now.bad and _got_nothing(newest_first[0], now, _is_silence):
        signs.append("no address of the seed brought an answer that can be used")
    found = judged([silences(run) for run in newest_first])
    if found.state is State.BAD and not signs:
        signs.append(f"{found.share:.0%} of the fetches failed{_usual(found)}")
    return verdict(Kind.UNREACHABLE, signs, told=_is_told(found, now))


def robots(newest_first: Sequence[RunHealth]) -> Verdict:
    """Whether a robots.txt could not be had."""
    now = newest_first[0]
    links = now.links.get(ROBOTS_UNREACHABLE, 0)
    links += now.links.get(LEFT_WAITING, 0) if links else 0
    signs = [f"robots.txt could not be read; {links} URLs were not asked for"] if links else []
    return verdict(Kind.ROBOTS, signs, told=bool(now.statuses))


def certificate(newest_first: Sequence[RunHealth]) -> Verdict:
    """Whether a server's certificate did not hold."""
    now = newest_first[0]
    fetches = now.notes.get(CERTIFICATE, 0)
    signs = [f"{fetches} fetches ended at a certificate that does not hold"] if fetches else []
    return verdict(Kind.CERTIFICATE, signs, told=bool(now.statuses))


def fault(newest_first: Sequence[RunHealth]) -> Verdict:
    """Whether runs end by a fault of the program or are killed, or pages crash it."""
    now = newest_first[0]
    signs = []
    if _FAULT.fullmatch(now.reason) and now.reason != OUT_OF_SPACE:
        signs.append(f"the run was ended by {now.reason}")
    if lost := now.notes.get(PROGRAM_FAULT, 0):
        signs.append(f"{lost} requests ended by a fault of the program")
    last = newest_first[:_MOST_KILLED]
    if len(last) == _MOST_KILLED and all(run.reason == KILLED for run in last):
        signs.append(f"the last {_MOST_KILLED} runs were killed before their end")
    found = judged([crashes(run) for run in newest_first])
    if found.state is State.BAD:
        share = f"{found.share:.0%} of the pages{_usual(found)}"
        signs.append(f"parsing or rendering crashed or was stopped on {share}")
    return verdict(Kind.FAULT, signs, told=now.reason != KILLED)


def _got_nothing(run: RunHealth, now: Share, is_bad: Callable[[int], bool]) -> bool:
    """Whether the seed's own addresses all failed, and nothing else was had but a host's robots.txt.

    That is asked for once a day: an alarm would close with it each time, and be raised anew by the next run.
    """
    hosts = {urlsplit(start.url).netloc for start in run.starts}
    failed = all(is_bad(start.status) for start in run.starts)
    had = run.pages.keys() - {one.value for one in _WALL_PAGES}
    return bool(run.starts) and failed and not had and now.of - now.bad <= len(hosts)


def _is_wall(status: int) -> bool:
    return str(status) in _WALL_STATUSES


def _is_silence(status: int) -> bool:
    return not status or status >= _SERVER_ERROR


def _is_told(found: Judged, now: Share) -> bool:
    """Whether the newest run lets one say that all is well."""
    return found.state is State.GOOD or (found.usual is None and now.of > 0 and 2 * now.bad < now.of)


def _told(run: RunHealth) -> str:
    """What the walls were, as `12 x 403`."""
    parts = [f"{run.statuses[status]} x {status}" for status in _WALL_STATUSES if run.statuses.get(status)]
    parts += [f"{run.pages[one]} x {one.replace('_', ' ')}" for one in _WALL_PAGES if run.pages.get(one)]
    return ", ".join(parts)


def _usual(found: Judged) -> str:
    return f" (at most {found.usual:.0%} are usual)" if found.usual is not None else ""
