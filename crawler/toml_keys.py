"""Typed reading of a TOML file that collects every fault, each with the line it stands on."""

from __future__ import annotations

import difflib
import errno
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from storage.errors import UsageError

T = TypeVar("T", str, int, float, bool)
Check = Callable[[T], str]
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'\- ]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"\s*([\w\"'.\- ]+?)\s*=")
_MOST_BYTES = 1_000_000
_LONGEST = 500  # of a problem, which may tell a value
_NAMES: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def nearest(name: str, names: Iterable[str]) -> str:
    """`, did you mean ...?` with the name most like `name`; empty where none is near.

    >>> nearest("shedule", ["schedule", "title"])
    ', did you mean `schedule`?'
    """
    close = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return f", did you mean `{close[0]}`?" if close else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a file: the line, the key, and what is wrong with its value."""

    line: int
    key: str
    problem: str


@dataclass(slots=True, kw_only=True)
class TomlText:
    """A TOML file's text and the faults found in it so far."""

    name: str
    text: str
    faults: list[Fault] = field(default_factory=list)

    def blame(self, path: tuple[str | int, ...], problem: str, value: object = None) -> None:
        """Note a fault of the key at `path`, on the line where `value` stands if it can be found."""
        key = ".".join(str(part) for part in path)
        if len(problem) > _LONGEST:
            problem = f"{problem[:_LONGEST]}..."
        self.faults.append(Fault(line=line_of(self.text, path, value), key=key, problem=problem))

    def line_of(self, key: str) -> int:
        """Line of a key of the top table."""
        return line_of(self.text, (key,))

    def fail(self, error: type[UsageError], *, hint: str) -> None:
        """Raise `error` with all faults in one message, if there is any."""
        if not self.faults:
            return
        rows = sorted(self.faults, key=lambda fault: fault.line)
        told = "\n".join(f"{self.name}:{fault.line} {fault.key}: {fault.problem}" for fault in rows)
        count = "1 fault" if len(rows) == 1 else f"{len(rows)} faults"
        raise error(f"{count} in {self.name}\n{told}", hint=hint, where=f"{self.name}:{rows[0].line}")


class Table:
    """One table of a TOML file, taken key by key; `close` blames what was never asked for."""

    def __init__(self, source: TomlText, values: dict[str, Any], path: tuple[str | int, ...] = ()) -> None:
        """Read `values`, the table at `path` of `source`."""
        self._source = source
        self._values = values
        self._path = path
        self._asked: list[str] = []

    def one(self, key: str, default: T, check: Check[T] | None = None) -> T:
        """Value of `key`, of the type of `default`; the default where it is missing or wrong."""
        value = self._take(key)
        if value is None:
            return default
        kind = type(default)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            self._blame(key, f"must be {_NAMES[kind]}, not {value!r}", value)
            return default
        problem = check(value) if check else ""
        if problem:
            self._blame(key, problem, value)
            return default
        result: T = value
        return result

    def many(self, key: str, check: Check[str] | None = None) -> tuple[str, ...]:
        """The texts of the list at `key`, without those that are wrong."""
        values = self._take(key)
        if values is None:
            return ()
        if not isinstance(values, list):
            self._blame(key, f"must be a list of texts, not {values!r}", values)
            return ()
        kept = []
        for value in values:
            problem = (
                "must be a list of texts" if not isinstance(value, str) else check(value) if check else ""
            )
            if problem:
                self._blame(key, problem, value)
            else:
                kept.append(value)
        return tuple(kept)

    def raw(self, key: str) -> object:
        """Value of `key` as it stands, None where it is missing: for keys of more than one type."""
        return self._take(key)

    def table(self, key: str) -> Table:
        """The table at `key`, empty where it is missing or wrong."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self._blame(key, f"must be a table, [{key}]", value)
            value = None
        return Table(self._source, value or {}, (*self._path, key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables of the array at `key`."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self._blame(key, f"must be tables, [[{key}]]", value)
            return ()
        return tuple(Table(self._source, row, (*self._path, key, place)) for place, row in enumerate(value))

    def blame(self, key: str, problem: str) -> None:
        """Note a fault of `key` that only the caller can see."""
        self._blame(key, problem, self._values.get(key))

    def close(self) -> None:
        """Blame every key that was never asked for."""
        for key in self._values:
            if key not in self._asked:
                self._blame(key, f"unknown key{nearest(key, self._asked)}", None)

    def _take(self, key: str) -> Any:  # noqa: ANN401 (whatever TOML holds)
        self._asked.append(key)
        return self._values.get(key)

    def _blame(self, key: str, problem: str, value: object) -> None:
        self._source.blame((*self._path, key), problem, value)


def read_toml(path: Path, error: type[UsageError]) -> tuple[TomlText, Table]:
    """The file's text and its top table. Raises: `error` where it cannot be read or is no TOML."""
    try:
        text = _text_of(path)
    except (OSError, UnicodeDecodeError) as fault:
        reason = "it is not UTF-8" if isinstance(fault, UnicodeDecodeError) else fault.strerror
        raise error(
            f"cannot read {path.name}: {reason}", hint="check the path and its rights", where=str(path)
        ) from fault
    source = TomlText(name=str(path), text=text)
    try:
        return source, Table(source, tomllib.loads(text))
    except RecursionError as fault:
        hint = "write lists and tables with fewer others inside"
        raise error(f"{path.name} is nested too deeply", hint=hint, where=str(path)) from fault
    except ValueError as fault:  # no TOML, or a number that Python refuses to read
        line = re.search(r"line (\d+)", str(fault))
        where = f"{path}:{line[1] if line else len(text.splitlines())}"
        raise error(f"{path.name} is no TOML: {fault}", hint="correct that line", where=where) from fault


def _text_of(path: Path) -> str:
    """Text of a file. Raises: OSError, also for a pipe or a device, which may have no end."""
    about = path.stat()
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if about.st_size > _MOST_BYTES:
        raise OSError(errno.EFBIG, "larger than 1 MB")
    return path.read_text(encoding="utf-8")


def line_of(text: str, path: tuple[str | int, ...], value: object = None) -> int:
    r"""Line of the key at `path`, or of `value` in its list; else that of the nearest table above.

    >>> line_of('a = 1\n[b]\nc = [\n  "x",\n  "y",\n]\n', ("b", "c"), "y")
    5
    """
    lines = text.split("\n")
    here: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    best, best_length = 1, 0
    for number, line in enumerate(lines, start=1):
        header, assignment = _HEADER.match(line), _ASSIGNMENT.match(line)
        if header:
            here = _parts(header[2])
            if header[1] == "[[":
                counts[here] = counts.get(here, -1) + 1
                here = (*here, counts[here])
            key = here
        elif assignment:
            key = (*here, *_parts(assignment[1]))
        else:
            continue
        if key == path and isinstance(value, str) and assignment:
            return _line_of_value(lines, number, value)
        if len(key) > best_length and path[: len(key)] == key:
            best, best_length = number, len(key)
    return best


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _line_of_value(lines: list[str], start: int, value: str) -> int:
    """First line from `start` that holds `value`, before the next key or table begins; else `start`."""
    for number in range(start, len(lines) + 1):
        line = lines[number - 1]
        if value in line or value.replace("\\", "\\\\") in line:
            return number
        if number > start and (_HEADER.match(line) or _ASSIGNMENT.match(line)):
            break
    return start
