"""What changed between two texts, word by word, with the paragraphs that did not left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

Mark = Callable[[str], str]
_BREAK = "\n\n"


def removed(text: str) -> str:
    """Marked as only in the older text."""
    return f"[-{text}-]"


def added(text: str) -> str:
    """Marked as only in the newer text."""
    return f"{{+{text}+}}"


def word_diff(before: str, after: str, gone: Mark = removed, new: Mark = added) -> str:
    r"""The changed paragraphs, with `gone` and `new` marking the words; empty where the texts are the same.

    >>> print(word_diff("One.\n\nThe old ferry runs.", "One.\n\nThe new ferry runs."))
    (1 paragraph unchanged)
    <BLANKLINE>
    The [-old-] {+new+} ferry runs.
    """
    if before == after:
        return ""
    return _BREAK.join(_paragraphs(before.split(_BREAK), after.split(_BREAK), gone, new))


def _paragraphs(old: list[str], new: list[str], gone: Mark, mark_new: Mark) -> Iterator[str]:
    for tag, old_from, old_to, new_from, new_to in _steps(old, new):
        if tag == "equal":
            count = old_to - old_from
            yield f"({count} paragraph{'s' if count > 1 else ''} unchanged)"
            continue
        pairs = min(old_to - old_from, new_to - new_from) if tag == "replace" else 0
        # Changed paragraphs stand at the same place of the run as a rule; what is over came or went.
        for place in range(pairs):
            yield _words(old[old_from + place].split(), new[new_from + place].split(), gone, mark_new)
        yield from (gone(paragraph) for paragraph in old[old_from + pairs : old_to])
        yield from (mark_new(paragraph) for paragraph in new[new_from + pairs : new_to])


def _words(old: list[str], new: list[str], gone: Mark, mark_new: Mark) -> str:
    parts: list[str] = []
    for tag, old_from, old_to, new_from, new_to in _steps(old, new):
        if tag == "equal":
            parts += old[old_from:old_to]
            continue
        if old_to > old_from:
            parts.append(gone(" ".join(old[old_from:old_to])))
        if new_to > new_from:
            parts.append(mark_new(" ".join(new[new_from:new_to])))
    return " ".join(parts)


def _steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
