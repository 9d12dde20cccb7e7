"""Lines of keys in a TOML file, however the keys are written."""

import pytest

from crawler.toml_keys import line_of, nearest

TEXT = """\
# scope.hosts = 1
title = "x"   # hosts = 2
scope.hosts = ["a"]

[ politeness ] # gentle
"delay_s" = 1

[[listings]]
url = "a"
[[listings]]
max_pages = 2
url = [
    "one",
    "two",
]
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("title",), None, 2),
        (("scope", "hosts"), None, 3),
        (("scope", "hosts"), "a", 3),
        (("politeness",), None, 5),
        (("politeness", "delay_s"), None, 6),
        (("politeness", "missing"), None, 5),
        (("listings", 0, "url"), None, 9),
        (("listings", 1, "url"), None, 12),
        (("listings", 1, "url"), "two", 14),
        (("listings", 1, "url"), "three", 12),
        (("nowhere",), None, 1),
    ],
)
def test_a_key_is_found_on_its_line(path, value, line):
    assert line_of(TEXT, path, value) == line
    assert line_of(TEXT.replace("\n", "\r\n"), path, value) == line


def test_a_name_unlike_all_others_gets_no_suggestion():
    assert nearest("xyzzy", ("schedule", "title")) == ""
