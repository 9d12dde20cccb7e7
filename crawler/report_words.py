"""Words that reports use and that others look for in them."""

from __future__ import annotations

ROBOTS_UNREACHABLE = "robots_unreachable"  # links not followed because robots.txt could not be had
CERTIFICATE = "certificate"  # fetches that ended because a server's certificate does not hold
PROGRAM_FAULT = "a fault of the program"  # notes: requests that it cost
NOT_IN_ARCHIVE = "not_in_the_archive"  # requests that a replay had nothing for
POSTPONED = "postponed"  # links not followed because their host is left alone for now
LEFT_WAITING = "left_waiting"  # links: due when the crawl ended, of hosts that are left alone
BLOCKED = "blocked"  # begins the notes of walls
KILLED = "killed"  # why a run ended that left no report
OTHERS = "others"  # whatever is counted under a name that came when there were too many
# Exit codes and health go by these: they keep their names however many others there are.
SIGNS = frozenset(
    (ROBOTS_UNREACHABLE, CERTIFICATE, PROGRAM_FAULT, NOT_IN_ARCHIVE, POSTPONED, LEFT_WAITING, BLOCKED)
)
PAGE_LIMIT, TIME_LIMIT = "closespider_pagecount", "closespider_timeout"  # why runs end, as Scrapy says it
_IN_WORDS = {PAGE_LIMIT: "page limit", TIME_LIMIT: "time limit"}


def in_words(reason: str) -> str:
    """Why a run ended, for a person.

    >>> in_words(PAGE_LIMIT), in_words("finished")
    ('page limit', 'finished')
    """
    return _IN_WORDS.get(reason, reason.replace("_", " "))
