"""The commands that `presswarc demo` ends with can be pasted into a shell."""

import shlex
from pathlib import Path

from crawler.cli.demo import _next  # what is tested is its words alone; a demo takes seconds


def test_an_archive_with_a_space_in_its_name_stays_one_word():
    commands = [shlex.split(line, comments=True) for line in _next(Path("my demo"))[2:]]
    assert [words[words.index("--archive") + 1] for words in commands] == ["my demo"] * 3
    assert commands[1][commands[1].index("--into") + 1] == "my demo-again"
