"""One HTTP/2 connection that keeps what each of its streams sent and received.

Source: RFC 9113. Frames are handed to h2 one by one, so that what came before a faulty one is not lost with
it, and GOAWAY is read here, because h2 would take nothing after it, where servers still send what they owe.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, RemoteSettingsChanged
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from scrapy.exceptions import DownloadFailedError
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import Certificate
from twisted.protocols.policies import TimeoutMixin
from zope.interface import implementer

from crawler.capture.http2_heads import Fields
from crawler.capture.http2_stream import Answer, Stream, UnansweredError, error_name
from crawler.capture.wire import HEAD_LIMIT_BYTES

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from crawler.capture.wire import Exchange

PROTOCOL = b"h2"
IDLE_S = 240  # as long as Twisted keeps an HTTP/1.1 connection
WINDOW_BYTES = 1 << 20  # of one stream: a page of the usual size comes without a pause
MOST_IDLE_FRAMES = 5000  # in a row that bring neither head nor body: a flood is cut off
_MOST_STREAMS = 100
_FRAME_HEAD_BYTES = 9
_FRAME_BYTES = 1 << 14
_DATA, _GOAWAY = 0, 7
_PADDED = 0x08
log = logging.getLogger(__name__)


@implementer(IHandshakeListener)
class Http2Protocol(Protocol, TimeoutMixin):
    """A connection with many streams; `ready` tells, once known, whether the server speaks HTTP/2."""

    def __init__(self) -> None:
        """Wait for the connection."""
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[bool] = self._loop.create_future()
        self.usable = True  # takes requests
        self.certificate: Certificate | None = None
        self._gone = False
        self._h2 = _client()
        self._streams: dict[int, Stream] = {}
        self._frames = bytearray()
        self._idle_frames = 0
        self._answered = False
        self._heard_at = 0.0
        self._room = asyncio.Event()

    async def fetch(self, fields: Fields, head: bytes, exchange: Exchange, most_bytes: int) -> Answer:
        """The answer to a request without a body; `head` is how it is kept.

        Raises: UnansweredError, Http1RequiredError, DownloadCancelledError, DownloadFailedError,
        ResponseDataLossError.
        """
        await self._have_room()
        stream_id = self._h2.get_next_available_stream_id()
        stream = Stream(exchange, most_bytes, self._loop.create_future(), self._loop.time())
        exchange.restart()
        exchange.connected(self.transport)
        exchange.http = PROTOCOL.decode()
        self._h2.send_headers(stream_id, fields, end_stream=True)
        # h2 ends the connection, with all its streams, for one body of another length than its head says.
        state: Any = self._h2.streams[stream_id]
        state._initialize_content_length = lambda _: None  # noqa: SLF001 (`Stream` looks at the length)
        exchange.sent += head
        self._streams[stream_id] = stream
        self._flush()
        try:
            return await stream.done
        finally:
            self._forget(stream_id)

    # What Twisted calls

    def handshakeCompleted(self) -> None:  # noqa: N802 (Twisted's name)
        """Open the conversation, or end it where the server chose another protocol."""
        transport: Any = self.transport
        if transport.negotiatedProtocol != PROTOCOL:
            self._settle(speaks=False)
            transport.loseConnection()
            return
        self.setTimeout(IDLE_S)  # type: ignore[no-untyped-call]  # Twisted's
        self.certificate = Certificate(transport.getPeerCertificate())  # type: ignore[no-untyped-call]  # Twisted's
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(8 * WINDOW_BYTES)
        self._flush()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take the frames that are whole."""
        self._heard_at = self._loop.time()
        self.resetTimeout()  # type: ignore[no-untyped-call]  # Twisted's
        self._frames += data
        while self.usable or self._streams:
            length = _FRAME_HEAD_BYTES + int.from_bytes(self._frames[:3])
            if len(self._frames) >= _FRAME_HEAD_BYTES and length > _FRAME_HEAD_BYTES + _FRAME_BYTES:
                return self._break_off(DownloadFailedError(f"a frame of {length} bytes"))
            if len(self._frames) < max(length, _FRAME_HEAD_BYTES):
                break
            frame = bytes(self._frames[:length])
            del self._frames[:length]
            self._take(frame)
        self._flush()
        return None

    def timeoutConnection(self) -> None:  # noqa: N802 (Twisted's name)
        """Let an idle connection go; requests under way have time limits of their own."""
        if self._streams:
            self.setTimeout(IDLE_S)  # type: ignore[no-untyped-call]  # Twisted's
        else:
            self.close()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """End every stream with what came."""
        self.setTimeout(None)  # type: ignore[no-untyped-call]  # Twisted's
        self.usable, self._gone = False, True
        self._salvage(bytes(self._frames))
        told = str(reason.value)
        for stream in list(self._streams.values()):
            if stream.exchange.received or not self._answered:
                stream.cut(told, reason.value)
            else:  # as Twisted does with an HTTP/1.1 connection that was kept open
                stream.fail(UnansweredError(told))
        failed = DownloadFailedError(told)
        failed.__cause__ = reason.value
        self._settle(failed=failed)
        self._room.set()

    def close(self) -> None:
        """Take no more requests; end those under way."""
        self.usable = False
        if self.transport is not None and not self._gone:
            self._gone = True
            self.transport.abortConnection()

    # Frames

    def _take(self, frame: bytes) -> None:
        """Take one frame."""
        self._idle_frames += 1
        if self._idle_frames > MOST_IDLE_FRAMES:
            return self._break_off(DownloadFailedError("a flood of frames"))
        if frame[3] == _GOAWAY:
            return self._go_away(frame[_FRAME_HEAD_BYTES:])
        try:
            events = self._h2.receive_data(frame)
        except H2Error as error:
            self._salvage(frame)
            return self._break_off(error)
        for event in events:
            self._happen(event)
        return None

    def _happen(self, event: Event) -> None:
        """Act on what a frame meant."""
        if isinstance(event, RemoteSettingsChanged):
            self._settle(speaks=True)
            self._room.set()
        elif isinstance(event, DataReceived):
            # Also for a stream given up meanwhile: the connection's window is everybody's.
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        stream = self._streams.get(getattr(event, "stream_id", None) or 0)
        if stream is not None and stream.take(event):
            self._idle_frames = 0
            self._answered = True

    def _go_away(self, payload: bytes) -> None:
        """Take no more requests; those that the server has begun may come to their end."""
        last, code = (int.from_bytes(payload[at : at + 4]) for at in (0, 4))
        self.usable = False
        self._room.set()
        told = f"the server goes away: {error_name(code)}"
        self._settle(failed=DownloadFailedError(told))
        for stream_id, stream in list(self._streams.items()):
            if stream_id > last & 0x7FFFFFFF:
                stream.fail(UnansweredError(told))
        self._close_when_done()

    def _salvage(self, frame: bytes) -> None:
        """Keep the body bytes of a DATA frame that is not whole, or that h2 did not take."""
        whole_head = len(frame) >= _FRAME_HEAD_BYTES and frame[3] == _DATA and not frame[4] & _PADDED
        stream = self._streams.get(int.from_bytes(frame[5:_FRAME_HEAD_BYTES])) if whole_head else None
        if stream is not None and stream.body_at is not None and not stream.done.done():
            stream.exchange.receive(frame[_FRAME_HEAD_BYTES:])

    # The connection's own state

    async def _have_room(self) -> None:
        """Wait until the server takes one more stream. Raises: UnansweredError."""
        while self.usable and len(self._streams) >= self._most_streams():
            self._room.clear()
            await self._room.wait()
        if not self.usable:
            raise UnansweredError("the connection is closing")

    def _most_streams(self) -> int:
        return min(self._h2.remote_settings.max_concurrent_streams, _MOST_STREAMS)

    def _settle(self, *, speaks: bool = False, failed: Exception | None = None) -> None:
        """Answer `ready`, once."""
        if self.ready.done():
            return
        if failed is None:
            self.ready.set_result(speaks)
        else:
            self.ready.set_exception(failed)

    def _forget(self, stream_id: int) -> None:
        """Let a stream go; one that has not ended is reset."""
        stream = self._streams.pop(stream_id)
        if stream_id in self._h2.streams and not self._h2.streams[stream_id].closed:
            try:
                self._h2.reset_stream(stream_id, ErrorCodes.CANCEL)
            except H2Error as error:
                log.debug("resetting stream %d: %s", stream_id, error)
            self._flush()
        # Silence since the request went out: the next one had better not wait here, too.
        if stream.done.cancelled() and self._heard_at < stream.sent_at:
            self.usable = False
        self._room.set()
        self._close_when_done()

    def _close_when_done(self) -> None:
        """Close a connection that takes no more requests, once the last stream has ended."""
        if not self.usable and not self._streams:
            self.close()

    def _break_off(self, error: Exception) -> None:
        """Give the connection up because of what the server sent."""
        self.usable = False
        for stream in list(self._streams.values()):
            stream.cut(f"not HTTP/2: {error}", error)
        self._settle(failed=DownloadFailedError(f"not HTTP/2: {error}"))
        self._flush()
        self.close()

    def _flush(self) -> None:
        """Send what h2 has to say."""
        transport: Any = self.transport
        data = self._h2.data_to_send()
        if data and not self._gone:
            transport.write(data)


def _client() -> H2Connection:
    """The client's side of a connection: nothing pushed, heads bounded, what the server sent not judged.

    h2 takes a field it finds faulty for the end of the whole connection; browsers go on.
    """
    config = H2Configuration(
        client_side=True,
        header_encoding=False,
        validate_inbound_headers=False,
        normalize_inbound_headers=False,
    )
    client = H2Connection(config)
    values = {
        SettingCodes.ENABLE_PUSH: 0,
        SettingCodes.INITIAL_WINDOW_SIZE: WINDOW_BYTES,
        SettingCodes.MAX_FRAME_SIZE: _FRAME_BYTES,
        SettingCodes.MAX_HEADER_LIST_SIZE: HEAD_LIMIT_BYTES,
    }
    client.local_settings = Settings(client=True, initial_values=values)
    client.decoder.max_header_list_size = HEAD_LIMIT_BYTES
    return client
