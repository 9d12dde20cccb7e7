"""The same story out of the military's media service: a record of its own, and the page it stands in for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.fallbacks.asking import LeftAloneError
from crawler.fallbacks.dvids import (
    asset_url,
    same_story,
    search_url,
    story_of,
    wanted_story,
    with_key,
)
from crawler.fallbacks.keeping import keep_answer, keep_story
from crawler.memento.wire import BrokenError
from pipelines.records import decode
from storage.article import Outcome
from storage.model import Headers

if TYPE_CHECKING:
    from crawler.capture.sink import Kept
    from crawler.crawling import Crawling
    from crawler.frontier import Found
    from crawler.memento.service import Answer, Fetches

_MOST_BYTES = 8 << 20
_OK = 200
_NO_ENTRY = frozenset({401, 403})
_HIDDEN = b"redacted"


@dataclass(frozen=True, slots=True)
class DvidsStories:
    """Asks the service for one crawl."""

    crawling: Crawling
    service: Fetches
    endpoint: str
    key: str

    async def give(self, refused: Found, found: Found) -> Outcome:
        """What the service has of a page's story; `found` is how its records came. Raises: LeftAloneError."""
        wanted = wanted_story(refused.title, refused.published_raw)
        if wanted is None:
            return Outcome.EMPTY  # nobody could tell whether it is the same
        _, results = await self._asked(search_url(self.endpoint, wanted), found)
        identifier = same_story(results, wanted)
        if identifier is None:
            return Outcome.NOT_ARCHIVED
        kept, body = await self._asked(asset_url(self.endpoint, identifier), found)
        story = story_of(body, identifier, wanted)
        if story is None or kept.record is None:
            return Outcome.NOT_ARCHIVED
        return await keep_story(self.crawling, kept.record, story, replace(found, url=story.url))

    async def _asked(self, url: str, found: Found) -> tuple[Kept, bytes]:
        """An answer, archived under its URL without the key, and its body; none of an error."""
        try:
            answer = await self.service.fetch(with_key(url, self.key), most_bytes=_MOST_BYTES)
        except BrokenError as error:
            raise LeftAloneError(str(error)) from error
        answer = _without(answer, self.key)
        kept = await keep_answer(self.crawling, url, answer, replace(found, url=url))
        if answer.status in _NO_ENTRY:
            raise LeftAloneError(f"it refuses the key: HTTP {answer.status}")
        coding = answer.headers.get("Content-Encoding", "").strip().lower()
        return kept, decode(answer.body, coding) if answer.status == _OK else b""


def _without(answer: Answer, key: str) -> Answer:
    """An answer in which the key does not stand; as long as it was, where it is not compressed."""
    secret = key.encode()
    hidden = _HIDDEN.ljust(len(secret), b"-")[: len(secret)]
    head = answer.head.replace(secret, hidden)
    pairs = [(name, value.replace(key, hidden.decode())) for name, value in answer.headers.pairs]
    return replace(answer, head=head, headers=Headers(pairs), body=answer.body.replace(secret, hidden))
