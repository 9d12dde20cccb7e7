"""Runs of `presswarc eval` in files, and two of them compared page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from crawler.cli.eval_score import FIELDS, PageScore
from crawler.cli.values import as_json
from pipelines.scoring import Interval, Overlap, corpus_overlap, paired_interval
from storage.errors import UsageError

_FORMAT = "presswarc eval 1"
_SEED = 20261122  # of the bootstrap: the same two runs always give the same bounds
_UNCHANGED = 0.001
_NAMES = frozenset(field.name for field in fields(PageScore))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A page's F1 in two runs."""

    before: PageScore
    after: PageScore
    difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """The pages on which a field became right, and those on which it became wrong."""

    name: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs on the pages that both scored: `changes` from the greatest loss to the greatest gain."""

    before: Overlap
    after: Overlap
    interval: Interval
    changes: tuple[Change, ...]
    fields: tuple[FieldChange, ...]
    pages: int
    unpaired: int

    @property
    def better(self) -> int:
        """Pages that gained."""
        return sum(change.difference > 0 for change in self.changes)

    @property
    def worse(self) -> int:
        """Pages that lost."""
        return sum(change.difference < 0 for change in self.changes)


def save_run(path: Path, pages: Sequence[PageScore]) -> None:
    """Write a run's pages to a file. Raises: OutOfSpaceError."""
    from storage.exports.files import whole_file

    told = {"format": _FORMAT, "pages": [as_json(page) for page in pages]}
    with whole_file(path, force=True) as file:
        file.write(json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))


def load_run(path: Path) -> tuple[PageScore, ...]:
    """The pages of a run from its file. Raises: UsageError where it is none."""
    hint = "a file that `presswarc eval CORPUS --save FILE` wrote"
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot read the run: {error.strerror or error}", hint=hint, where=str(path)
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError("the file is no run", hint=hint, where=str(path)) from error
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise UsageError("the file is no run", hint=hint, where=str(path))
    try:
        return tuple(PageScore(**{key: page[key] for key in page if key in _NAMES}) for page in told["pages"])
    except (KeyError, TypeError) as error:
        raise UsageError(f"the run has a page that is none: {error}", hint=hint, where=str(path)) from error


def compare(before: Sequence[PageScore], after: Sequence[PageScore]) -> Comparison:
    """What changed between two runs of one corpus."""
    earlier = {page.name: page for page in before}
    pairs = [(earlier[page.name], page) for page in after if page.name in earlier]
    changes = [
        Change(before=old, after=new, difference=new.f1 - old.f1)
        for old, new in pairs
        if old.f1 is not None and new.f1 is not None
    ]
    moved = [change for change in changes if abs(change.difference) > _UNCHANGED]
    return Comparison(
        before=_corpus([change.before for change in changes]),
        after=_corpus([change.after for change in changes]),
        interval=paired_interval([change.difference for change in changes], seed=_SEED),
        changes=tuple(sorted(moved, key=lambda change: (change.difference, change.after.name))),
        fields=tuple(_field_change(name, pairs) for name in FIELDS),
        pages=len(pairs),
        unpaired=len(before) + len(after) - 2 * len(pairs),
    )


def _corpus(pages: Sequence[PageScore]) -> Overlap:
    return corpus_overlap([Overlap(precision=p.precision or 0.0, recall=p.recall or 0.0) for p in pages])


def _field_change(name: str, pairs: Sequence[tuple[PageScore, PageScore]]) -> FieldChange:
    known = [
        (new.name, old.field(name), new.field(name))
        for old, new in pairs
        if old.field(name) is not None and new.field(name) is not None
    ]
    return FieldChange(
        name=name,
        gained=tuple(page for page, was, now in known if now and not was),
        lost=tuple(page for page, was, now in known if was and not now),
    )
