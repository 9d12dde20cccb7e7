"""Single recurring lines by their looks."""

from __future__ import annotations

import pytest

from pipelines.line_signs import Sort, names_one, sort_of, topicality


@pytest.mark.parametrize(
    ("line", "sort"),
    [
        ("* * *", Sort.MARK),
        ("___", Sort.MARK),
        ("Comments", Sort.HEADING),
        ("What we know so far", Sort.HEADING),
        ("It was over.", Sort.TERSE),
        ("Thank you.", Sort.TERSE),
        ("MR. QUILL: I can't tell you that today, as you know.", Sort.LABELLED),
        ("- two eggs", Sort.LABELLED),
        ("(Laughter.)", Sort.LABELLED),
        ("\u2018I was there,\u2019 he said, and nobody doubted it for a moment.", Sort.PROTECTED),
        ("\u00abNous partons demain\u00bb, dit-elle, et personne ne la crut.", Sort.PROTECTED),
        ("With additional reporting by Juno Pike and Milo Birch in Crake.", Sort.PROTECTED),
        ("KYIV, Ukraine \u2014", Sort.PROTECTED),
        ("\u2020 Prices of last year", Sort.PROTECTED),
        ("Unsere Leser erhalten jeden Morgen einen Brief mit den Neuigkeiten.", Sort.ADDRESS),
        ("Sign up at tattler.com/leaf", Sort.ADDRESS),
        ("The steward told \u201cus all\u201d to leave the river at once.", Sort.PLAIN),
        ("Back numbers are bound in blue cloth at the turn of each quarter.", Sort.PLAIN),
    ],
)
def test_a_line_is_of_its_sort(line, sort):
    assert sort_of(line) is sort


def test_words_that_stand_in_every_text_say_nothing_of_the_matter():
    every = frozenset({"the", "of", "bell"})
    assert topicality("The bell of the", [every], [every, every]) == 0.0
    assert topicality("The bell", [], [every]) == 0.0


def test_a_line_without_its_words_in_the_texts_is_not_about_them():
    having, others = [frozenset({"trial", "jury"})] * 3, [frozenset({"cow"})] * 3
    assert topicality("Mind the third step.", having, others) == 0.0
    assert topicality("The jury left.", having, others) > 2
    assert topicality("Cow", having, others) < -2


def test_an_author_is_named_in_full_and_in_whole_words():
    assert names_one("By now, ADA QUILL has seen it all.", ["Ada Quill"])
    assert not names_one("Ada Quillson has seen it all.", ["Ada Quill"])
    assert not names_one("The Registrar answers.", ["Registrar", ""])
