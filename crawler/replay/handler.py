"""A download handler that answers every request from an archive, and from nowhere else.

Presswarc's own spiders are set up by `presswarc crawl SEED --from-archive`, or
`scrapy crawl news -a seed=NAME -s PRESSWARC_REPLAY=DIR -O articles.jsonl`. Any other Scrapy project can use
the handler with these settings; its spiders need know nothing of it:

    PRESSWARC_REPLAY = "archive"  # the archive's folder; its index must be there (presswarc replay makes it)
    DOWNLOAD_HANDLERS = {
        "http": "crawler.replay.ReplayHandler",
        "https": "crawler.replay.ReplayHandler",
        "data": None, "file": None, "ftp": None, "s3": None,
    }
    DOWNLOAD_DELAY = 0
    AUTOTHROTTLE_ENABLED = False
    HTTPCACHE_ENABLED = False

and, if wanted, PRESSWARC_REPLAY_CRAWL (the id of a crawl: its captures in their order, a 304 as a 304 where
the request is conditional), PRESSWARC_REPLAY_UNTIL (an ISO time, or a day: nothing captured later) and
PRESSWARC_REPLAY_MISS (`raise`, the default, or `404`: what becomes of a request that the archive has nothing
for).

Recording is another matter: `crawler.capture.handler.CaptureHandler` works with Presswarc's spiders alone.

A response is as it was live, but for its `certificate`, which a WARC file does not keep. `request.meta` gains
the capture under `presswarc_capture`, as in a live crawl of Presswarc's.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers
from scrapy.utils._download_handlers import make_response

from crawler.browser.response import rendered_response
from crawler.capture.handler import CAPTURE
from crawler.capture.sink import Kept
from crawler.replay.answers import Answer, Answers, Asked, asked_of
from crawler.replay.archived import Archive, Scope
from crawler.replay.crawl import MISSES, ArchivedCrawling, ReplaySession
from crawler.replay.playback import play, raise_failure
from storage.errors import UsageError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from crawler.seeds import Seed
    from storage.model import Capture

REPLAY = "PRESSWARC_REPLAY"
CRAWL, UNTIL, MISS = f"{REPLAY}_CRAWL", f"{REPLAY}_UNTIL", f"{REPLAY}_MISS"
_TOLD_URLS = 5
_NOT_FOUND = 404
_HANDLER = "crawler.replay.ReplayHandler"
SETTINGS: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": _HANDLER,
        "https": _HANDLER,
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_SLOTS": {},
    "AUTOTHROTTLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
}
log = logging.getLogger(__name__)


class NotArchivedError(IgnoreRequest):
    """The archive has nothing for a request."""


class ReplayHandler(BaseDownloadHandler):
    """Answers from the archive of PRESSWARC_REPLAY; for what is not there nobody else is asked."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        """Use the archive that the spider opened, else open it. Raises: PresswarcError."""
        super().__init__(crawler)
        spider = crawler.spider
        crawling = getattr(spider, "crawling", None)
        self._crawling = crawling if isinstance(crawling, ArchivedCrawling) else None
        self._playing = _playing(crawler, self._crawling)

    async def download_request(self, request: Request) -> Response:
        """The archived answer. Raises: what Scrapy raised live; NotArchivedError."""
        if self._crawling is None:
            return await self._answer(request)
        with self._crawling.admitted(request) as page:
            response = await self._answer(request)
            page.answered = True
        return response

    async def close(self) -> None:
        """Say what was not there, once."""
        self._playing.close()

    async def _answer(self, request: Request) -> Response:
        """Look up and play."""
        asked = asked_of(request)
        found = self._playing.answers.find(asked)
        if found is None:
            return self._missed(request, asked)
        if not isinstance(found, Answer):
            self._told(Kept(failure=found), asked.url)
            raise_failure(found)
        kept = Kept(capture=found.capture, record=found.record)
        self._told(kept, asked.url)
        response = await play(found.recording, request, self.crawler)
        request.meta[CAPTURE] = kept
        return self._rendered(found.capture, request) or response

    def _rendered(self, capture: Capture, request: Request) -> Response | None:
        """What a browser made of the page, for the spiders that were given it live."""
        if self._crawling is None or not self._crawling.seed.browser:
            return None
        rendering = self._playing.archive.rendering(capture)
        record = self._playing.archive.record(rendering) if rendering is not None else None
        if record is None:
            return None
        kept = Kept(capture=rendering, record=record)
        self._crawling.report.kept(kept)
        request.meta[CAPTURE] = kept
        return rendered_response(request.url, record.block)

    def _told(self, kept: Kept, url: str) -> None:
        """Count what was found, for the crawl's report where it has one."""
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value("presswarc/replay/answered")
        if self._crawling is not None:
            self._crawling.replayed(kept, url)

    def _missed(self, request: Request, asked: Asked) -> Response:
        """A 404 if such is wanted. Raises: NotArchivedError."""
        self._playing.missed.append(asked.url)
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value("presswarc/replay/not_in_the_archive")
        if self._crawling is not None:
            self._crawling.missed(request, asked.url)
        if self._playing.miss == "404":
            return make_response(asked.url, _NOT_FOUND, Headers(), flags=["not_in_the_archive"])
        raise NotArchivedError(f"not in the archive: {asked.method} {asked.url}")


class _Playing:
    """What the handlers of one crawler share: the answers given so far, the requests that had none."""

    def __init__(self, archive: Archive, answers: Answers, *, miss: str, own: bool) -> None:
        self.archive = archive
        self._own = own
        self.answers = answers
        self.miss = miss
        self.missed: list[str] = []

    def close(self) -> None:
        if self.missed:
            urls = list(dict.fromkeys(self.missed))
            more = ", ..." if len(urls) > _TOLD_URLS else ""
            log.warning(
                "%d requests were not in the archive: %s%s",
                len(self.missed),
                ", ".join(urls[:_TOLD_URLS]),
                more,
            )
        self.missed = []
        if self._own:
            self.archive.close()


_PLAYING: WeakKeyDictionary[Crawler, _Playing] = WeakKeyDictionary()


def _playing(crawler: Crawler, crawling: ArchivedCrawling | None) -> _Playing:
    """What the handler for http shares with that for https."""
    if crawler not in _PLAYING:
        session = crawling.session if crawling else None
        scope = session.scope if session else scope_of(crawler.settings)
        miss = session.miss if session else miss_of(crawler.settings)
        archive = session.archive if session else Archive(scope)
        answers = Answers(archive, in_order=scope.crawl_id is not None)
        _PLAYING[crawler] = _Playing(archive, answers, miss=miss, own=session is None)
    return _PLAYING[crawler]


def archived_crawling(crawler: Crawler, seed: Seed, session: ReplaySession | None) -> ArchivedCrawling:
    """The crawl of a seed over the archive that the settings name; `crawler` is set up to ask nothing else.

    Raises: IndexFaultError, UsageError.
    """
    crawler.settings.setdict(SETTINGS, priority="cmdline")
    if session is None:
        from crawler.config import load_config

        session = ReplaySession(load_config(), scope_of(crawler.settings), miss=miss_of(crawler.settings))
    return ArchivedCrawling(crawler, seed, session)


def scope_of(settings: BaseSettings) -> Scope:
    """The captures that settings name. Raises: NotConfigured, UsageError."""
    if not settings.get(REPLAY):
        raise NotConfigured(f"{REPLAY} must name an archive's folder")
    return Scope(
        root=Path(settings[REPLAY]).expanduser(),
        crawl_id=settings.get(CRAWL) or None,
        until=moment_of(settings.get(UNTIL)),
    )


def moment_of(text: str | None) -> datetime | None:
    """An ISO time, UTC where it has no zone; of a day, its end. Raises: UsageError.

    >>> moment_of("2026-11-22T08:30").isoformat(), moment_of("2026-11-22").isoformat()
    ('2026-11-22T08:30:00+00:00', '2026-11-23T00:00:00+00:00')
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment += timedelta(days=len(text) == len("2026-11-22"))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"no time: {text!r}", hint="as 2026-11-22 or 2026-11-22T08:30Z", where=UNTIL
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def miss_of(settings: BaseSettings) -> str:
    """What is done about a request that the archive has nothing for. Raises: UsageError."""
    miss = str(settings.get(MISS) or MISSES[0])
    if miss not in MISSES:
        raise UsageError(f"{MISS} must be one of {', '.join(MISSES)}, not {miss!r}")
    return miss
