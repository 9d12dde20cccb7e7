"""Names in bylines: what is one, what stands around it, what is none."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.fields.datelines import find_dateline
from pipelines.fields.people import collective_name, is_lead, printed_name, says_by, split_names
from pipelines.fields.ranks import split_rank


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Example and Bo Sample", ("Ann Example", "Bo Sample")),
        ("BY ANN EXAMPLE AND BO SAMPLE", ("Ann Example", "Bo Sample")),
        ("Ann Example, Bo Sample & Cy Model", ("Ann Example", "Bo Sample", "Cy Model")),
        ("Ann Example with Bo Sample", ("Ann Example", "Bo Sample")),
        ("By Ann Example, MD, PhD and Bo Sample, RN", ("Ann Example", "Bo Sample")),
        ("Ann Example, Bo Sample Jr.", ("Ann Example", "Bo Sample Jr.")),
        ("By Ann Example, Associated Press", ("Ann Example",)),
        ("By Ann Example Staff Writer", ("Ann Example",)),
        ("By Ann Example for Demo News", ("Ann Example",)),
        ("Story by Ann Example | Photos by Bo Sample", ("Ann Example",)),
        ("By Ann Example, edited by Bo Sample", ("Ann Example",)),
        ("Medically reviewed by Bo Sample", ()),
        ("By Ann Example in Port Maren", ("Ann Example",)),
        ("ByAnn Example", ("Ann Example",)),
        ("Von Ann Example und Bo Sample", ("Ann Example", "Bo Sample")),
        ("Par Ann Example et Bo Sample", ("Ann Example", "Bo Sample")),
        ("Por Ann Example y Bo Sample", ("Ann Example", "Bo Sample")),
        ("Ann Example &amp; Bo Sample", ("Ann Example", "Bo Sample")),
        ("Ludwig van der Sample", ("Ludwig van der Sample",)),
        ("Lt. Col. Ann Example, 3rd Harbor Wing", ("Ann Example",)),
        ("Ann Example\nann example", ("Ann Example",)),
        ("Here we discuss the harbor", ()),
        ("admin", ()),
        ("ann_example2", ()),
        ("@annexample", ()),
        ("https://quay.example/ann", ()),
        ("ann@quay.example", ()),
        ("Senior Editor", ()),
        ("The Quay Post", ()),
    ],
)
def test_names_are_split_from_what_stands_around_them(byline, names):
    assert split_names(byline) == names


def test_small_letters_are_a_name_in_a_field_alone():
    assert split_names("ann example") == ()
    assert split_names("ann example", field=True) == ("ann example",)


@pytest.mark.parametrize(
    "value", ["", "admin", "-", "quaypost2", "www.quay.example", "undefined", "x" * 90 + " y"]
)
def test_value_that_names_nobody_is_no_printed_name(value):
    assert printed_name(value) is None


def test_lone_lead_is_told_from_a_byline():
    assert [is_lead(line) for line in ("By", "Written by:", "Von", "By Ann Example", "Reply")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_rank_is_split_from_the_name():
    assert split_rank("Petty Officer 2nd Class Ann Example") == ("Petty Officer 2nd Class", "Ann Example")
    assert split_rank("Ann Example") == ("", "Ann Example")


@given(st.text(max_size=300))
def test_any_text_is_read(byline):
    names = split_names(byline)
    assert len(names) == len(set(names)) <= 12
    assert all(name.strip() for name in names)
    assert isinstance(says_by(byline), bool)
    collective_name(byline)
    printed_name(byline)
    find_dateline(byline)


_NAME = st.text(alphabet=string.ascii_lowercase, min_size=3, max_size=9).map(str.capitalize)
_PERSON = st.tuples(_NAME, _NAME).map(" ".join).filter(lambda name: split_names(name) == (name,))


@given(st.lists(_PERSON, min_size=1, max_size=8, unique_by=str.casefold))
def test_names_come_back_from_their_joined_list(names):
    again = split_names(", ".join(names))
    assert split_names(", ".join(again)) == again
    assert again[:1] == tuple(names[:1])


@pytest.mark.parametrize(
    ("opening", "dateline"),
    [
        ("KYIV, Ukraine (AP) -- It came.", "KYIV, Ukraine (AP)"),
        ("RAMSTEIN AIR BASE, Germany -- It came.", "RAMSTEIN AIR BASE, Germany"),
        ("WASHINGTON, April 6, 2022 -- It came.", "WASHINGTON, April 6, 2022"),
        ("WASHINGTON (April 6, 2022) -- It came.", "WASHINGTON (April 6, 2022)"),
        ("ABOARD THE USS SAMPLE (AFNS) -- It came.", "ABOARD THE USS SAMPLE (AFNS)"),
        (
            "PORT MAREN, Maine, May 2, 2023 /PRNewswire/ -- It came.",
            "PORT MAREN, Maine, May 2, 2023 /PRNewswire/",
        ),
        ("Berlin (dpa) - It came.", "Berlin (dpa)"),
        ("London, 6 April 2022 \u2013 It came.", "London, 6 April 2022"),
        ("MÜNCHEN \u2013 It came.", "MÜNCHEN"),
        ("(Reuters) - It came.", None),
        ("The ferry - late again - came.", None),
        ("Ann Example - who knows - came.", None),
    ],
)
def test_dateline_is_read_from_the_opening(opening, dateline):
    assert find_dateline(opening) == dateline
