"""The kinds of alarm, what each means and what a person does about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crawler.health.compare import State


class Kind(StrEnum):
    """What is wrong with a source, or (`disk`) with the archive."""

    LAYOUT = "layout_drift"
    SILENT = "silent"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    ROBOTS = "robots_unreachable"
    CERTIFICATE = "certificate"
    FAULT = "fault"
    STALE = "stale"
    DISK = "disk"


ADVICE = {
    Kind.LAYOUT: "look at a page of the latest run with `presswarc show URL`; if the site is meant to be so, "
    "`presswarc status SOURCE --accept`",
    Kind.SILENT: "open the feed or listing in a browser; `presswarc seeds check SOURCE` tells of the seed; "
    "if the source has become slower, `presswarc status SOURCE --accept`",
    Kind.BLOCKED: "crawl more gently (delay_s, schedule), ask the site for leave, or give the seed fallbacks",
    Kind.UNREACHABLE: "see whether the site answers; the frontier asks again by itself",
    Kind.ROBOTS: "open the site's /robots.txt; `unreachable` under [robots] in the seed says what is done",
    Kind.CERTIFICATE: "tell the site, or wait until its certificate is renewed",
    Kind.FAULT: "look at log.ndjson in the folder of the crawl, then `presswarc verify`",
    Kind.STALE: "see whether `presswarc schedule` runs",
    Kind.DISK: "free some space, or move the archive; the next run goes on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the latest run says of one kind of trouble, with the signs of it in words."""

    kind: Kind
    state: State
    signs: tuple[str, ...] = ()


def verdict(kind: Kind, signs: list[str], *, told: bool = True) -> Verdict:
    """BAD with signs; GOOD without; UNKNOWN where the run can't tell (`told` is false) and no sign speaks."""
    if signs:
        return Verdict(kind=kind, state=State.BAD, signs=tuple(signs))
    return Verdict(kind=kind, state=State.GOOD if told else State.UNKNOWN)
