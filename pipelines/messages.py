"""Messages between the process that crawls and those that parse: a length in 8 bytes, then a pickle.

A pickle can name any function and have it called where it is read. So calls, which name functions, go to the
parsing processes only. What comes back is read as values alone: a parser that a page has taken over can lie
about that page, and that is all.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from typing import Any, Protocol

MAX_ANSWER_BYTES = 256 << 20
_HEADER = struct.Struct(">Q")
_OURS = ("storage.", "pipelines.", "crawler.")
_TIMES = {kind.__name__: kind for kind in (date, datetime, time, timedelta, timezone)}


class Writes(Protocol):
    """What a message is written to."""

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""

    def flush(self) -> None:
        """Hold nothing back."""


class Reads(Protocol):
    """What a message is read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer at the end alone."""


class NotAValueError(Exception):
    """A message that is no plain value: what it names could do something."""


def send(stream: Writes, value: object) -> None:
    """Write one message."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(data)) + data)
    stream.flush()


def receive_call(stream: Reads) -> Any:  # noqa: ANN401 (whatever was sent)
    """Read one message of the parent's. Raises: EOFError where the stream ends."""
    return pickle.loads(_bytes(stream, None))  # noqa: S301 (of the process that started this one)


def receive_value(stream: Reads) -> Any:  # noqa: ANN401 (whatever was sent)
    """Read one message of a child's. Raises: EOFError where the stream ends; NotAValueError."""
    return value_of(_bytes(stream, MAX_ANSWER_BYTES))


def value_of(data: bytes) -> Any:  # noqa: ANN401 (whatever was packed)
    r"""The value in a pickle, made of nothing but Python's plain types, times, and values of ours.

    Raises: NotAValueError.

    >>> value_of(pickle.dumps((1, "a", b"b", datetime(2026, 11, 22))))
    (1, 'a', b'b', datetime.datetime(2026, 11, 22, 0, 0))
    >>> value_of(b"cos\nsystem\n(S'true'\ntR.")
    Traceback (most recent call last):
    ...
    pipelines.messages.NotAValueError: os.system
    """
    try:
        return _Values(io.BytesIO(data)).load()
    except NotAValueError:
        raise
    except Exception as error:  # a pickle made to break fails in as many ways as there are
        raise NotAValueError(f"{type(error).__name__}: {error}"[:200]) from error


class _Values(pickle.Unpickler):
    """Reads pickles that name classes of values only."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        """What makes values of that class. Raises: NotAValueError where it is none of values."""
        if module == "datetime" and name in _TIMES:
            return _TIMES[name]
        # What a call may answer with was imported with its function: nothing is imported here.
        found = getattr(sys.modules.get(module), name, None) if module.startswith(_OURS) else None
        if isinstance(found, type) and found.__module__ == module:
            if issubclass(found, Enum):
                return _member_of(found)
            if is_dataclass(found) and "__setstate__" in vars(found):
                return found  # frozen, with slots: all that a pickle can do is give the fields
        raise NotAValueError(f"{module}.{name}"[:200])


def _member_of(kind: type[Enum]) -> Callable[[object], Enum]:
    """What makes members: not the enum itself, of which a pickle could set attributes."""

    def member(value: object) -> Enum:
        return kind(value)

    return member


def _bytes(stream: Reads, most: int | None) -> bytes:
    """The bytes of one message. Raises: EOFError; NotAValueError for one of more than `most`."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    (size,) = _HEADER.unpack(header)
    if most is not None and size > most:
        raise NotAValueError(f"a message of {size} bytes")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
