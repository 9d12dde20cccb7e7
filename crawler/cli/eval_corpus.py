"""A corpus to score against: `html/NAME.html` (or `.html.gz`) and `truth/NAME.json`, a pair a page."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.errors import PresswarcError, UsageError

_SUFFIXES = (".html", ".htm", ".html.gz", ".htm.gz")
_TEXTS = ("url", "title", "publish_date", "main_content")
_LISTS = ("with", "without")
KEYS = ("url", "title", "author", "publish_date", "main_content", "with", "without")
_LAYOUT = "a corpus is a folder with html/NAME.html[.gz] and truth/NAME.json: see `presswarc eval --help`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a page should give. What is None or empty is not scored."""

    url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    publish_date: str | None = None
    text: str | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page of the corpus by its name, and its two files."""

    name: str
    html: Path
    truth: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The pages of a corpus by name, and what is wrong with the others."""

    cases: tuple[Case, ...]
    faults: tuple[PresswarcError, ...]


def find_cases(folder: Path) -> Corpus:
    """The pages of the corpus in `folder`. Raises: UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError("there is no such folder", hint=_LAYOUT, where=str(folder))
    for name in ("html", "truth"):
        if not (folder / name).is_dir():
            raise UsageError(f"the corpus has no folder {name}/", hint=_LAYOUT, where=str(folder))
    truths = {path.stem: path for path in sorted((folder / "truth").glob("*.json"))}
    pages = {name: path for path in sorted((folder / "html").iterdir()) if (name := _page_name(path))}
    if not truths:
        raise UsageError("the corpus has no truth", hint=_LAYOUT, where=str(folder / "truth"))
    return Corpus(
        cases=tuple(
            Case(name=name, html=pages[name], truth=truths[name]) for name in truths if name in pages
        ),
        faults=tuple(
            UsageError(
                "a truth without its page",
                hint=f"put the page at {folder / 'html' / name}.html, or take the truth away",
                where=str(path),
            )
            for name, path in truths.items()
            if name not in pages
        ),
    )


def spread(cases: Sequence[Case], count: int | None) -> tuple[Case, ...]:
    """`count` of the cases, evenly spread; all of them for None.

    >>> [case.name for case in spread([Case(name=n, html=Path(n), truth=Path(n)) for n in "abcdef"], 3)]
    ['a', 'c', 'e']
    """
    if count is None or count >= len(cases):
        return tuple(cases)
    return tuple(cases[place * len(cases) // count] for place in range(count))


def read_page(path: Path) -> bytes:
    """The page's bytes, unpacked. Raises: UsageError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"cannot read the page: {error}", hint="replace it with a whole file", where=str(path)
        ) from error


def read_truth(path: Path) -> Truth:
    """The truth in a file. Raises: UsageError, which names the key that cannot be used."""
    try:
        told = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise UsageError(
            f"not JSON: {error.msg}", hint="correct the file", where=f"{path}:{error.lineno}"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"cannot read the truth: {error}", hint="correct the file", where=str(path)
        ) from error
    if not isinstance(told, dict) or not any(told.get(key) for key in KEYS[1:]):
        raise UsageError(
            "no truth in the file", hint=f"an object with some of {', '.join(KEYS)}", where=str(path)
        )
    texts = {key: _text(told, key, path) for key in _TEXTS}
    lists = {key: _texts(told, key, path) for key in _LISTS}
    return Truth(
        url=texts["url"],
        title=texts["title"],
        authors=_texts(told, "author", path),
        publish_date=texts["publish_date"],
        text=texts["main_content"],
        wanted=lists["with"],
        unwanted=lists["without"],
    )


def _page_name(path: Path) -> str:
    """Name of a page by its file's, empty where it is none."""
    suffix = next((suffix for suffix in _SUFFIXES if path.name.endswith(suffix)), "")
    return path.name.removesuffix(suffix) if suffix else ""


def _text(told: dict[str, object], key: str, path: Path) -> str | None:
    value = told.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{key}` is no text", hint="a string, or null", where=str(path))
    return value or None


def _texts(told: dict[str, object], key: str, path: Path) -> tuple[str, ...]:
    """The texts of a list; a lone text is a list of one."""
    value = told.get(key) or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise UsageError(f"`{key}` is no list of texts", hint='a list of strings: ["..."]', where=str(path))
    return tuple(one for one in values if one.strip())
