"""What changed between two texts, word by word, with the paragraphs that did not left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Mark = Callable[[str], str]
_BREAK = "\n\n"
_ALIKE = 0.3  # share of words in common from which a paragraph is taken for another's new wording
_MOST_STEPS = 4_000_000  # words times words; beyond, comparing them one by one takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphStep:
    """A paragraph that went (`before` alone), came (`after` alone) or was reworded; or so many the `same`."""

    before: str | None = None
    after: str | None = None
    same: int = 0


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
    return _BREAK.join(_told(step, gone, new) for step in paragraph_steps(before, after))


def paragraph_steps(before: str, after: str) -> Iterator[ParagraphStep]:
    """The way from one text to the other, paragraph by paragraph."""
    old, new = before.split(_BREAK) if before else [], after.split(_BREAK) if after else []
    for tag, old_from, old_to, new_from, new_to in _steps(old, new):
        if tag == "equal":
            yield ParagraphStep(same=old_to - old_from)
        else:
            yield from _rewording(old[old_from:old_to], new[new_from:new_to])


def changed_words(before: str, after: str, gone: Mark = removed, new: Mark = added) -> str:
    """One paragraph with the words marked that went and came."""
    old_words, new_words = before.split(), after.split()
    if len(old_words) * len(new_words) > _MOST_STEPS:
        return f"{gone(before)} {new(after)}"
    parts: list[str] = []
    for tag, old_from, old_to, new_from, new_to in _steps(old_words, new_words):
        if tag == "equal":
            parts += old_words[old_from:old_to]
            continue
        if old_to > old_from:
            parts.append(gone(" ".join(old_words[old_from:old_to])))
        if new_to > new_from:
            parts.append(new(" ".join(new_words[new_from:new_to])))
    return " ".join(parts)


def _rewording(old: Sequence[str], new: Sequence[str]) -> Iterator[ParagraphStep]:
    """Paragraphs of a run in order: the next of both as one reworded where they are alike, else one alone.

    Of two unlike ones that comes first whose side has more left.
    """
    place, other = 0, 0
    while place < len(old) and other < len(new):
        if _alike(old[place], new[other]):
            yield ParagraphStep(before=old[place], after=new[other])
            place, other = place + 1, other + 1
        elif len(old) - place >= len(new) - other:
            yield ParagraphStep(before=old[place])
            place += 1
        else:
            yield ParagraphStep(after=new[other])
            other += 1
    yield from (ParagraphStep(before=paragraph) for paragraph in old[place:])
    yield from (ParagraphStep(after=paragraph) for paragraph in new[other:])


def _alike(before: str, after: str) -> bool:
    """Whether enough words are the same for a rewording; of a word or two none need be.

    >>> _alike("The old ferry runs.", "The new ferry runs."), _alike("Read our newsletter", "He said so.")
    (True, False)
    """
    old, new = Counter(before.split()), Counter(after.split())
    return 2 * (old & new).total() >= _ALIKE * (old.total() + new.total())


def _told(step: ParagraphStep, gone: Mark, new: Mark) -> str:
    """The step for a reader."""
    if step.same:
        return f"({step.same} paragraph{'s' if step.same > 1 else ''} unchanged)"
    if step.before is None or step.after is None:
        return gone(step.before) if step.before is not None else new(step.after or "")
    return changed_words(step.before, step.after, gone, new)


def _steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
