"""How the value of a setting is read, whether it comes as text or from TOML."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from crawler.seed_checks import url_problem
from crawler.toml_keys import nearest

LOG_LEVELS = ("debug", "info", "warning", "error")
_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tb": 10**12,
}
_SIZE = re.compile(r"\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([a-zA-Z]*)\s*")
LARGEST_BODY = "60 MiB"  # below `storage.warc.read.MAX_BLOCK_BYTES`, with room for the head
_LONGEST = 1_000
_SHOWN = 80
_SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_text(value: object) -> str:
    """A text on one line. Raises: ValueError."""
    if not isinstance(value, str) or not value.replace(" ", "").isprintable() or len(value) > _LONGEST:
        raise ValueError(f"must be a text on one line, of {_LONGEST} characters at most")
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
    return _at_home(text)


def read_file(value: object) -> str:
    """A file, or nothing. Raises: ValueError."""
    text = read_text(value)
    return str(_at_home(text)) if text else ""


def _at_home(text: str) -> Path:
    """The path, with a home in the place of `~` or `~name`. Raises: ValueError where there is none."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("must be in a home that there is") from error


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


def read_whole(least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` to `most`, which raises ValueError."""

    def read(value: object) -> int:
        text = str(value).strip()
        if (
            isinstance(value, bool)
            or not re.fullmatch(r"[0-9]{1,15}", text)
            or not least <= int(text) <= most
        ):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def read_seconds(least: float, most: float) -> Callable[[object], float]:
    """A reader of durations in seconds, from `least` to `most`, which raises ValueError."""

    def read(value: object) -> float:
        text = str(value).strip()
        sound = re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text) and not isinstance(value, bool)
        if not sound or not least <= float(text) <= most:
            raise ValueError(f"must be a number of seconds from {least:.15g} to {most:.15g}")
        return float(text)

    return read


def read_bytes(least: str, most: str) -> Callable[[object], int]:
    """A reader of sizes in bytes, from `least` to `most`; texts may have a unit. It raises ValueError.

    >>> [read_bytes("1 KiB", "2 GiB")(value) for value in ("1.5 GiB", "16 MiB", 2_000)]
    [1610612736, 16777216, 2000]
    """

    def read(value: object) -> int:
        size = -1 if isinstance(value, bool) else _size(str(value))
        if not _size(least) <= size <= _size(most):
            raise ValueError(f'must be a size from {least} to {most}, as 1000000 or "16 MiB"')
        return size

    return read


def _size(text: str) -> int:
    """The size in bytes; -1 where the text is none."""
    match = _SIZE.fullmatch(text)
    if not match or match[2].lower() not in _UNITS:
        return -1
    return int(float(match[1]) * _UNITS[match[2].lower()])


def shown(value: object) -> str:
    """The value as an error names it.

    >>> shown("1 GiBB"), shown([1, 2])
    ("'1 GiBB'", '[1, 2]')
    """
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
