"""`presswarc import wayback`: captures of the Wayback Machine, or of any archive that answers as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from crawler.memento.cdx import CdxRow
from crawler.memento.choosing import Choice, Has, chosen, listed, raise_if_unreachable
from crawler.memento.intake import Intake, Taking, each
from crawler.memento.playback import Missed, Rebuilt, playback_url, rebuilt
from crawler.memento.service import Fetches
from crawler.memento.summary import Summary
from crawler.memento.wire import BrokenError
from storage.article import Outcome
from storage.imports.archived import Fetched, not_fetched, old_response, provenance, told_fields

ENDPOINT = "https://web.archive.org/web"
INDEX_PER_S, PLAYBACK_PER_S = 0.4, 8.0  # four fifths of what the Internet Archive allows
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A web archive: where its captures are shown, and where its index is asked."""

    endpoint: str
    cdx: str
    shows: Fetches
    tells: Fetches


def cdx_of(endpoint: str) -> str:
    """Where the index of an archive is asked, by where its captures are shown.

    >>> cdx_of("https://web.archive.org/web"), cdx_of("http://127.0.0.1:8080/my-web")
    ('https://web.archive.org/cdx/search/cdx', 'http://127.0.0.1:8080/my-web/cdx')
    """
    root, _, last = endpoint.rpartition("/")
    return f"{root}/cdx/search/cdx" if last == "web" and root.count("/") == len("//") else f"{endpoint}/cdx"


async def fetch_all(archive: Archive, choice: Choice, intake: Intake, summary: Summary) -> None:
    """Bring in every capture that is chosen and not here. Raises: PresswarcError, GaveUpError."""

    async def bring_in(row: CdxRow) -> None:
        await bring(archive, row, intake, summary)

    await each(rows_of(archive, choice, intake.has, summary), bring_in, AT_ONCE)


def rows_of(archive: Archive, choice: Choice, has: Has, summary: Summary) -> AsyncIterator[CdxRow]:
    """The captures to fetch."""
    return chosen(listed(archive.tells, archive.cdx, choice.wanted), choice, has, summary)


async def bring(archive: Archive, row: CdxRow, intake: Taking, summary: Summary) -> None:
    """Fetch one capture and write it, or why it could not be had. Raises: PresswarcError, GaveUpError."""
    url = playback_url(archive.endpoint, row)
    try:
        answer = await archive.shows.fetch(url, most_bytes=intake.session.config.max_body_bytes)
    except BrokenError as error:
        raise_if_unreachable(error, url)
        outcome = Outcome.TIMED_OUT if error.timed_out else Outcome.CONNECTION_FAILED
        made: Rebuilt | Missed = Missed(outcome=outcome, reason=str(error))
        fetched = Fetched(uri=url, at=intake.now())
    else:
        summary.received_bytes += len(answer.body)
        made = rebuilt(row, answer, archive.endpoint)
        fetched = Fetched(uri=url, at=answer.asked_at, told=_told(row, made))
    if isinstance(made, Missed):
        summary.missed += 1
        reason = f"{row.stamp}: {made.reason}"
        await intake.take([not_fetched(row.url, made.outcome, reason, fetched)])
        return
    cut = "unspecified" if made.is_short else ""
    draft = old_response(row.url, row.captured_at, made.head, made.body, fetched, cut)
    await intake.take([draft, provenance(row.url, draft, fetched)])
    summary.taken += 1
    summary.short += made.is_short
    summary.differing += made.digest_holds is False


def _told(row: CdxRow, made: Rebuilt | Missed) -> tuple[tuple[str, str], ...]:
    """What the archive said of a capture."""
    agrees = made.digest_holds if isinstance(made, Rebuilt) else None
    return told_fields(
        [
            ("indexTimestamp", row.stamp),
            ("indexStatus", row.status),
            ("indexMime", row.mime),
            ("indexDigest", row.digest),
            ("indexDigestHolds", {True: "yes", False: "no", None: ""}[agrees]),
            ("archiveFile", made.archive_file if isinstance(made, Rebuilt) else ""),
        ]
    )
