"""What a source's feeds have told of its articles, read back from the archive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crawler.fallbacks.teasers import stories_in
from pipelines.records import page_of
from pipelines.workers import CallFailedError
from storage.index.fallbacks import feed_captures
from storage.model import Record
from storage.warc import read_record_at

if TYPE_CHECKING:
    from crawler.fallbacks.stories import Story
    from crawler.session import Session
    from storage.model import Capture


@dataclass(frozen=True, slots=True)
class Told:
    """A story, and the record of the feed that tells it."""

    story: Story
    record: Record


async def told_in_feeds(session: Session, source: str, wanted: frozenset[str]) -> dict[str, Told]:
    """What the latest capture of a feed that has it tells of each wanted article, by article id."""
    told: dict[str, Told] = {}
    for capture in await session.look(partial(feed_captures, source=source)):
        missing = wanted - told.keys()
        if not missing:
            break
        record = await asyncio.to_thread(record_of, session, capture)
        if record is None:
            continue
        page = page_of(record)
        call = partial(
            stories_in, url=capture.url, content_type=page.content_type, body=page.body, wanted=missing
        )
        try:
            stories = await session.parse(call)
        except CallFailedError:  # as when its links were looked for, which told of it
            continue
        told.update({identifier: Told(story, record) for identifier, story in stories.items()})
    return told


def record_of(session: Session, capture: Capture) -> Record | None:
    """The record of a capture, None where it can't be read whole."""
    try:
        record = read_record_at(session.layout.warc_file(capture.warc_file), capture.warc_offset)
    except OSError:
        return None
    is_whole = isinstance(record, Record) and not record.omitted_bytes
    return record if isinstance(record, Record) and is_whole else None
