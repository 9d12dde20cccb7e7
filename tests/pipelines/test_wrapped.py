"""Dumps that were wrapped at a column, and dumps whose quotes were read in the wrong charset."""

from __future__ import annotations

import textwrap

import pytest

from pipelines import clean_text
from pipelines.page.wrapped import unwrapped

PARAGRAPHS = [
    (
        "The harbor town of Eastmere reopened its ferry line on Tuesday after a four-month repair that cost "
        "the island council more than it had planned."
    ),
    (
        "“We waited a long time for this morning,” said Lena Corvell, who has sold tickets at the pier for "
        "nineteen years and means to go on."
    ),
    (
        "Engineers replaced the slipway, the winch and most of the timber, according to a report that it "
        "published last week after a vote."
    ),
    (
        "The ferry will run six times a day until October, when the winter timetable begins and the last "
        "boat moves to five in the afternoon."
    ),
]
PHOTO = [
    "A white boat leaves a pier.",
    "First Crossing",
    (
        "The ferry leaves Eastmere for the first time since the repair of its slipway, in the Example Isles, "
        "March 3, 2025."
    ),
    "Photo By: Navy Seaman Ida Crane",
    "VIRIN: 250303-N-AB123-0001",
]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_wrapped_dump_has_its_paragraphs_whole(width, end):
    lines = [PARAGRAPHS[0], PARAGRAPHS[1], *PHOTO, *PARAGRAPHS[2:]]
    dump = "\n\n".join(textwrap.fill(line, width) for line in lines).replace("\n", end)
    article = clean_text(dump)
    assert article.text.split("\n\n") == PARAGRAPHS
    assert [(photo.caption, photo.virin) for photo in article.photos] == [(PHOTO[2], "250303-N-AB123-0001")]


def test_lines_that_had_room_for_the_next_word_stay_apart():
    poem = ["Grey boat, grey morning on the water of the bay,", "the pier keeps", "its one lamp lit"] * 6
    assert unwrapped(poem) == poem


def test_a_word_cut_at_its_hyphen_is_one_word_again():
    lines = textwrap.wrap(" ".join(["four-month"] * 60), 49)
    assert any(line.endswith("-") for line in lines)
    assert unwrapped(lines) == [" ".join(["four-month"] * 60)]


def test_quotes_of_windows_1252_that_were_read_as_latin_1_are_quotes_and_end_no_line():
    dump = "\n\n".join(
        [PARAGRAPHS[0], "“We waited … for this morning,” said Lena Corvell, who\u2019s at the pier."]
    )
    misread = dump.encode("cp1252").decode("latin-1")
    assert "\x85" in misread
    assert clean_text(misread).text == dump
