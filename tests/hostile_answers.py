"""Answers that no honest server gives, each as a function that plays it on a connection.

Loaded by hostile_site.py; the test folders are no packages.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import random
import select
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard

Play = Callable[[socket.socket], None]
HTML = "text/html; charset=utf-8"
PATIENCE_S = 90.0  # no trap holds a connection for longer; a crawl must have given up by then
_PIECE = 1 << 16
TALE = "<p>" + "A sentence about the harbor that goes on for a while, as sentences do. " * 40 + "</p>"


def head(kind: str = HTML, *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A response head; without a length the body ends with the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *fields]
    lines += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def sound(body: str | bytes, kind: str = HTML, *fields: str, status: str = "200 OK") -> bytes:
    """A whole answer, in order as far as HTTP goes."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return head(kind, *fields, status=status, length=len(data)) + data


def sent(data: bytes) -> Play:
    """Send it and close."""
    return lambda connection: connection.sendall(data)


def cut(data: bytes) -> Play:
    """Send it, then reset the connection."""

    def play(connection: socket.socket) -> None:
        connection.sendall(data)
        time.sleep(0.2)  # a reset may overtake what was sent
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return play


def held(data: bytes) -> Play:
    """Send it, then nothing, for as long as the client waits."""

    def play(connection: socket.socket) -> None:
        connection.sendall(data)
        select.select([connection], [], [], PATIENCE_S)

    return play


def dripped(start: bytes, drop: bytes, pause_s: float = 0.5) -> Play:
    """Send the start, then a drop at a time."""

    def play(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(int(PATIENCE_S / pause_s)):
            connection.sendall(drop)
            time.sleep(pause_s)

    return play


def flooded(start: bytes, filler: bytes, most_bytes: int = 1 << 30) -> Play:
    """Send the start, then the filler without end."""

    def play(connection: socket.socket) -> None:
        connection.sendall(start)
        block = filler * (1 + _PIECE // len(filler))
        for _ in range(most_bytes // len(block)):
            connection.sendall(block)

    return play


def coded(pack: Callable[[], bytes], coding: str, kind: str = HTML) -> Play:
    """A packed body, made when it is first asked for."""

    def play(connection: socket.socket) -> None:
        connection.sendall(sound(pack(), kind, f"Content-Encoding: {coding}"))

    return play


def paced(pieces: Iterator[bytes]) -> Play:
    """Send the pieces, a moment between them."""

    def play(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)

    return play


@functools.cache
def gzip_bomb(mebibytes: int = 150, times: int = 1) -> bytes:
    """Blanks packed with gzip, as often as told."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(mebibytes):
            file.write(b" " * (1 << 20))
    data = packed.getvalue()
    for _ in range(times - 1):
        data = gzip.compress(data)
    return data


@functools.cache
def deflate_bomb(mebibytes: int = 150) -> bytes:
    """The same with deflate."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b" " * (1 << 20)) for _ in range(mebibytes)) + packer.flush()


@functools.cache
def brotli_bomb(mebibytes: int = 150) -> bytes:
    """The same with brotli."""
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(b" " * (1 << 20)) for _ in range(mebibytes)) + packer.finish()


@functools.cache
def zstd_bomb(mebibytes: int = 150) -> bytes:
    """The same with zstd."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join(packer.compress(b" " * (1 << 20)) for _ in range(mebibytes)) + packer.flush()


def doctype_bomb(root: str) -> str:
    """Entities that grow to some 10**9 characters when they are resolved."""
    levels = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY l0 "lollollol">{"".join(levels)}]>'


def page(body: str, *, title: str = "A page", more_head: str = "") -> str:
    """An HTML page."""
    return f"<!doctype html><html><head><title>{title}</title>{more_head}</head><body>{body}</body></html>"


_WHO = ("harbor master", "school board", "town council", "ferry company", "fire brigade", "museum", "library")
_DID = ("opened", "postponed", "approved", "rebuilt", "inspected", "measured", "described", "refused")
_WHAT = (
    "the northern pier",
    "a new timetable",
    "the annual budget",
    "an old lighthouse",
    "the winter market",
)
_WHY = ("after a long debate", "because of the storm", "for the third time", "with help from volunteers")
_WHEN = ("on Monday", "on Tuesday evening", "last week", "in early November", "before the holidays")


def story(number: int) -> tuple[str, str]:
    """Title and HTML of a healthy article, told from all others by its words."""
    chance = random.Random(number)
    title = f"Report {number} from the harbor: the {chance.choice(_WHO)} and {chance.choice(_WHAT)}"
    told = []
    for part in range(6):
        lines = [
            f"The {chance.choice(_WHO)} {chance.choice(_DID)} {chance.choice(_WHAT)} {chance.choice(_WHEN)}, "
            f"{chance.choice(_WHY)}, and counted {chance.randrange(100, 9999)} visitors by noon."
            for _ in range(4)
        ]
        told.append(f"<p>{' '.join(lines)} This is paragraph {part + 1} of healthy-{number}-healthy.</p>")
    published = f'<meta property="article:published_time" content="2026-11-{1 + number % 20:02d}T08:00:00Z">'
    body = (
        f"<header><nav><a href='/'>Home</a></nav></header><article><h1>{title}</h1>{''.join(told)}</article>"
    )
    return title, page(body, title=title, more_head=published)


def closing(connection: socket.socket) -> None:
    """Close it without leaving the client's last bytes unread, which would reset it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while select.select([connection], [], [], 0.05)[0] and connection.recv(_PIECE):
            continue
