"""A service asked on behalf of a crawl: not past its end, and not longer than a crawl waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from crawler.memento.pace import GaveUpError
from crawler.memento.service import Answer, Fields, Service

_PATIENCE_S = 180.0  # for one answer, the service's own pauses included
_LOOK_EVERY_S = 0.25


class LeftAloneError(Exception):
    """A service is asked no more in this crawl."""


@dataclass(frozen=True, slots=True)
class PatientService:
    """Asks `service` as long as the crawl goes on."""

    service: Service
    is_over: Callable[[], bool]

    async def fetch(self, url: str, *, most_bytes: int, fields: Fields = ()) -> Answer:
        """The answer to a GET. Raises: LeftAloneError, and as the service."""
        task = asyncio.ensure_future(self.service.fetch(url, most_bytes=most_bytes, fields=fields))
        try:
            await self._wait(task)
            return task.result()
        except GaveUpError as error:
            raise LeftAloneError(str(error)) from error
        finally:
            task.cancel()

    async def _wait(self, task: asyncio.Task[Answer]) -> None:
        """Wait until the task is done. Raises: LeftAloneError where it takes too long, or the crawl ends."""
        ends_at = asyncio.get_running_loop().time() + _PATIENCE_S
        while not task.done():
            if self.is_over():
                raise LeftAloneError("the crawl was ended")
            if asyncio.get_running_loop().time() > ends_at:
                raise LeftAloneError(f"no answer within {_PATIENCE_S:.0f} s")
            await asyncio.wait({task}, timeout=_LOOK_EVERY_S)
