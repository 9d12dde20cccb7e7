"""Undoes content codings in a thread: of a bomb, megabytes are unpacked before it is known for one.

A body whose coding does not hold is given as far as it unpacks, as extraction reads it, too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from pipelines.records import decode

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class CompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's, but that the event loop goes on meanwhile."""

    async def process_response(  # type: ignore[override]  # Scrapy awaits what is given
        self, request: Request, response: Response
    ) -> Request | Response:
        """Pass `response` on as it was before it was packed. Raises: IgnoreRequest for a bomb."""
        unpack = super().process_response
        if b"Content-Encoding" not in response.headers:
            return unpack(request, response)
        return await asyncio.to_thread(unpack, request, response)

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """The body with one coding undone, as far as it holds. Raises: what Scrapy's raises for a bomb."""
        unpacked = decode(body, encoding.decode("latin-1"), max_size + 1)
        if len(unpacked) > max_size:
            raise _DecompressionMaxSizeExceeded(len(unpacked), max_size)
        return unpacked
