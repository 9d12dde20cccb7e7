"""An article as a person reads it: title, fields, text, photos, and what was removed."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.cli.values import as_second, as_text, printable
from storage.article import Photo

_WIDEST = 100
_INDENT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is told of one article; `removed` holds the kind and text of each removed block."""

    title: str | None
    fields: Sequence[tuple[str, object]]
    text: str
    photos: Sequence[Photo] = ()
    removed: Sequence[tuple[str, str]] = ()


def told(page: Page, width: int | None = None) -> str:
    """The page as lines no longer than `width`; None leaves a paragraph a line."""
    title = page.title or "(no title)"
    parts = [
        wrapped(title, width),
        told_fields(page.fields, width),
        "\n\n".join(wrapped(paragraph, width) for paragraph in page.text.split("\n\n") if paragraph),
    ]
    if page.photos:
        parts.append("Photos\n" + "\n".join(_photo(photo, width) for photo in page.photos))
    if page.removed:
        parts.append("Removed\n" + "\n".join(_removed(page.removed, width or _WIDEST)))
    return printable("\n\n".join(part for part in parts if part)) + "\n"


def told_fields(fields: Iterable[tuple[str, object]], width: int | None = None) -> str:
    """A line a field that has a value, labels in a column."""
    rows = [(label, _field(value)) for label, value in fields if value not in (None, "", (), [])]
    column = max((len(label) for label, _ in rows), default=0) + 2
    lines = [
        label.ljust(column) + textwrap.indent(wrapped(value, width and width - column), " " * column)[column:]
        for label, value in rows
    ]
    return "\n".join(lines)


def terminal_width() -> int | None:
    """Width to wrap at on a terminal, None where stdout is none."""
    return min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None


def _removed(blocks: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """How many blocks of each kind, the most frequent first, with the first words of the first."""
    first = dict(reversed(blocks))
    counts = Counter(kind for kind, _ in blocks)
    column = max(map(len, counts))
    for kind, count in counts.most_common():
        label = f"  {kind.ljust(column)} {count:>4} x  "
        yield label + textwrap.shorten(first[kind], max(width - len(label), _INDENT), placeholder="…")


def _photo(photo: Photo, width: int | None) -> str:
    """The caption, and under it what is known of the photo."""
    taken = photo.taken_on.isoformat() if photo.taken_on else None
    known = (("by", photo.credit), ("VIRIN", photo.virin), ("taken", taken))
    told_known = "; ".join(f"{label} {value}" for label, value in known if value)
    rows = (photo.title, photo.caption, told_known, photo.url)
    lines = [line for row in rows if row for line in row.split("\n")]
    first, *rest = [wrapped(line, width and width - _INDENT) for line in lines] or [""]
    body = textwrap.indent("\n".join([first, *rest]), " " * _INDENT)
    return f"  - {body[_INDENT:]}"


def _field(value: object) -> str:
    if isinstance(value, datetime):
        return as_second(value)
    if isinstance(value, list | tuple):
        return ", ".join(as_text(item) for item in value)
    return as_text(value)


def wrapped(paragraph: str, width: int | None) -> str:
    """The paragraph in lines no longer than `width`, as far as its words allow; as it is for None."""
    if width is None:
        return paragraph
    wrap = textwrap.TextWrapper(width=max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrap.fill(line) for line in paragraph.split("\n"))
