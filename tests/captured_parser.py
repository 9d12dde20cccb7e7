"""A parsing process that a page has taken over, as far as its parent can tell."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pipelines.messages import send


class Calls:
    """Pickles to a call of `function`."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._made = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._made


def answer_by_itself(path: str) -> None:
    """Answer the parent with a pickle that makes a file, before the process's own answer."""
    pipes = [int(one.name) for one in Path("/proc/self/fd").iterdir() if int(one.name) > 2]
    with os.fdopen(next(one for one in pipes if _is_for_answers(one)), "wb", closefd=False) as answers:
        send(answers, (True, Calls(os.system, f"touch {path}")))


def _is_for_answers(descriptor: int) -> bool:
    """Whether it is a pipe that can be written to."""
    try:
        os.write(descriptor, b"")
        return str(Path(f"/proc/self/fd/{descriptor}").readlink()).startswith("pipe:")
    except OSError:
        return False
