"""How the value of a setting is read, whether it comes as text or from TOML."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from crawler.seed_checks import url_problem
from crawler.toml_keys import nearest

LOG_LEVELS = ("debug", "info", "warning", "error")
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_MOST_BODY_BYTES = 60 << 20  # below `storage.warc.read.MAX_BLOCK_BYTES`, with room for the head
_SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_text(value: object) -> str:
    """A text on one line. Raises: ValueError."""
    if not isinstance(value, str) or any(ord(letter) < ord(" ") for letter in value):
        raise ValueError("must be a text on one line")
    return value.strip()


def read_contact(value: object) -> str:
    """A web or mail address, or nothing. Raises: ValueError."""
    text = read_text(value)
    if text and not re.fullmatch(r"https?://[^\s()<>]+|[^\s@()<>]+@[^\s@()<>]+\.[^\s@()<>]+", text):
        raise ValueError("must be a web address or a mail address")
    return text


def read_path(value: object) -> Path:
    """A folder. Raises: ValueError."""
    text = str(value) if isinstance(value, Path) else read_text(value)
    if not text:
        raise ValueError("must be a folder")
    return Path(text).expanduser()


def read_file(value: object) -> str:
    """A file, or nothing. Raises: ValueError."""
    text = read_text(value)
    return str(Path(text).expanduser()) if text else ""


def read_web_address(value: object) -> str:
    """A web address, or nothing. Raises: ValueError."""
    text = read_text(value)
    if text and url_problem(text):
        raise ValueError("must be a web address")
    return text


def read_frontier(value: object) -> str:
    """The address of a PostgreSQL database, or nothing. Raises: ValueError."""
    text = read_text(value)
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a postgresql:// address")
    return text


def read_level(value: object) -> str:
    """A log level. Raises: ValueError."""
    text = read_text(value).lower()
    if text not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}{nearest(text, LOG_LEVELS)}")
    return text


def read_yes_or_no(value: object) -> bool:
    """A switch. Raises: ValueError."""
    text = str(value).strip().lower()
    if text not in _SWITCHES:
        raise ValueError("must be true or false")
    return _SWITCHES[text]


def read_whole(least: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` up, which raises ValueError."""

    def read(value: object) -> int:
        text = str(value).strip()
        if isinstance(value, bool) or not re.fullmatch(r"\d{1,15}", text) or int(text) < least:
            raise ValueError(f"must be a whole number from {least} up")
        return int(text)

    return read


def read_seconds(value: object) -> float:
    """A duration in seconds. Raises: ValueError."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}(?:\.\d+)?", text) or float(text) <= 0:
        raise ValueError("must be a number of seconds above 0")
    return float(text)


def read_body_bytes(value: object) -> int:
    """A size that a record's block may have and still be read back whole. Raises: ValueError."""
    size = read_bytes(value)
    if size > _MOST_BODY_BYTES:
        raise ValueError("must be at most 60 MiB: of larger records no reader here takes the whole")
    return size


def read_bytes(value: object) -> int:
    """A size in bytes; texts may have a unit. Raises: ValueError.

    >>> read_bytes("1.5 GiB"), read_bytes("16 MiB"), read_bytes(1_000)
    (1610612736, 16777216, 1000)
    """
    match = _SIZE.fullmatch(str(value))
    if isinstance(value, bool) or not match or match[2].lower() not in _UNITS:
        raise ValueError('must be a size above 0, as 1000000 or "16 MiB"')
    size = int(float(match[1]) * _UNITS[match[2].lower()])
    if size <= 0:
        raise ValueError('must be a size above 0, as 1000000 or "16 MiB"')
    return size
