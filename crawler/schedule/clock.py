"""The time, and waiting for it: the machine's, or one that a test drives."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The time now, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Nothing, after so long."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Nothing, after so long."""
        await asyncio.sleep(seconds)
