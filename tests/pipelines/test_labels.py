"""Speakers of transcripts and services of contract announcements, as labels that change no text."""

from __future__ import annotations

import pytest

from pipelines import extract_article
from pipelines.templates.transcripts import is_transcript, speaker, speakers
from storage.article import BlockKind, PageKind

URL = "https://www.harbor.example/News/{}/Article/3399001/"
TALK = (
    "STAFF: Good afternoon. The secretary has twenty minutes.",
    "SECRETARY OF HARBORS ANN EXAMPLE: Thank you. The bridge opened to traffic this morning.",
    "I want to thank the engineers who poured concrete through the night.",
    "(Laughter.)",
    "So let me take your questions.",
    "Q: Thank you.",
    "How long will it stay?",
    "SEC. EXAMPLE: Until the permanent crossing opens.",
    "Q     Share this with us?",
    "GEN. McSAMPLE: Yes.",
)
WHO = (
    "STAFF", "SECRETARY OF HARBORS ANN EXAMPLE", "SECRETARY OF HARBORS ANN EXAMPLE", "",
    "SECRETARY OF HARBORS ANN EXAMPLE", "Q", "Q", "SEC. EXAMPLE", "Q", "GEN. McSAMPLE",
)  # fmt: skip
AWARDS = (
    "NAVY",
    "Maren Drydock Works, Port Maren, Maine, is awarded a $12,400,000 contract for the repair of two piers.",
    "Example Marine LLC, Eastern Quay, Maine, is awarded a $7,050,000 modification for mooring cable.",
    "DEFENSE LOGISTICS AGENCY",
    "Sample Rope Co.,* Hill Town, Vermont, was awarded a maximum $8,999,000 contract for rope.",
    "*Small business",
)


def page(texts, mark="<p>{}</p>"):
    body = "".join(mark.format(text) for text in texts)
    return (
        "<html><body><div class='adetail'><h1 class='maintitle'>What Was Told on Tuesday</h1>"
        f"<div class='body'>{body}</div></div></body></html>"
    )


def kept(article):
    return [block for block in article.blocks if block.kept]


@pytest.mark.parametrize("mark", ["<p>{}</p>", "<div>{}</div>", "{}<br><br>"])
def test_every_paragraph_of_a_transcript_has_its_speaker_and_its_text(mark):
    article = extract_article(page(TALK, mark), url=URL.format("Transcripts/Transcript"))
    assert article.page_kind is PageKind.TRANSCRIPT
    assert article.text.split("\n\n") == [" ".join(text.split()) for text in TALK]
    assert tuple(block.label for block in kept(article)) == WHO


@pytest.mark.parametrize(
    ("paragraph", "name"),
    [
        ("CHAIRMAN OF THE JOINT HARBOR CHIEFS GENERAL ANN A. EXAMPLE: Hi.",
         "CHAIRMAN OF THE JOINT HARBOR CHIEFS GENERAL ANN A. EXAMPLE"),
        ("MR. O'SAMPLE: Hi.", "MR. O'SAMPLE"),
        ("ADM. BO SAMPLE, U.S. HARBOR COMMAND: Hi.", "ADM. BO SAMPLE, U.S. HARBOR COMMAND"),
        ("SEC. EXAMPLE (through interpreter): Hi.", "SEC. EXAMPLE"),
        ("Q. When?", "Q"),
        ("Quays: a history.", ""),
        ("WASHINGTON: The ferry came.", ""),
        ("NOTE: This transcript was edited.", ""),
        ("The secretary said: thank you.", ""),
    ],
)  # fmt: skip
def test_speaker_is_what_stands_in_capitals_before_the_colon(paragraph, name):
    assert speaker(paragraph) == name


def test_speaker_in_small_letters_is_known_by_a_title_or_by_speaking_again():
    talk = (
        ("Press Secretary Jane Example: Good afternoon.", "Press Secretary Jane Example"),
        ("Q: Is it open?", "Q"), ("Ms. Example: Yes.", "Ms. Example"), ("Since May.", "Ms. Example"),
        ("Bo Sample: It is.", "Bo Sample"), ("Q: When?", "Q"), ("Bo Sample: In May.", "Bo Sample"),
        ("Three piers: north, south and west.", "Bo Sample"), ("Next Steps: none.", "Bo Sample"),
    )  # fmt: skip
    assert speakers([text for text, _ in talk]) == tuple(name for _, name in talk)


def test_story_with_one_line_in_capitals_is_no_transcript():
    assert not is_transcript(["NATO: an alliance.", "The ferry came.", "Nobody was hurt."] * 3)
    assert speakers(["The ferry came.", "Nobody was hurt."]) == ("", "")


def test_article_that_is_no_transcript_has_no_labels():
    article = extract_article(
        page(["The ferry came home on Tuesday after a week at sea.", "UPDATE: It left."])
    )
    assert {block.label for block in article.blocks} == {""}


@pytest.mark.parametrize(
    "mark",
    [
        "<p style='text-align: center;'><strong>{}</strong></p>",
        "<div align='center'><b>{}</b></div>",
        "<p>{}</p>",
    ],
)
def test_each_contract_is_labelled_with_its_service(mark):
    lines = [mark.format(text) if text.isupper() else f"<p>{text}</p>" for text in AWARDS]
    article = extract_article(page(lines, "{}"), url=URL.format("Contracts/Contract"))
    assert article.page_kind is PageKind.CONTRACT
    assert article.text.split("\n\n") == list(AWARDS)
    assert [block.label for block in kept(article)] == ["NAVY"] * 3 + ["DEFENSE LOGISTICS AGENCY"] * 2 + [""]
    heads = [block.text for block in kept(article) if block.kind is BlockKind.HEADING]
    assert heads == ["NAVY", "DEFENSE LOGISTICS AGENCY"]
    assert kept(article)[-1].kind is BlockKind.BODY
