"""Versions: what makes a new one, what differs in it, and the notices that say so."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import capture, revisit
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from pipelines.sketch import normalise, word_count
from storage.article import Article, Block, BlockKind, Outcome
from storage.index.writer import IndexWriter
from storage.layout import Layout

pytestmark = pytest.mark.long

URL = "https://blog.example/2026/ferry/"
TEXT = "The ferry Marigold returned on Monday.\n\nHer engine was mended on the quay by ten men and a crane."
FIRST = {
    "title": "Ferry returns",
    "text": TEXT,
    "authors": ("Ada Wick",),
    "dateline": "SALTWICK",
    "published_at": datetime(2026, 11, 1, 6, tzinfo=UTC),
}


def index(archive, articles):
    """Index the articles at those URLs, captured in those forms; a number is a revisit of that capture."""
    captures, extractions = [], []
    for url, forms in articles.items():
        own = []
        for hour, fields in enumerate(forms):
            number = len(captures)
            if isinstance(fields, int):
                own.append(revisit(number, own[fields], hour))
            else:
                own.append(capture(number, url, hour))
                article = Article(**(FIRST | fields))
                extractions.append(extraction_row(own[-1], Outcome.ARTICLE, article=article))
            captures.append(own[-1])
    with IndexWriter(archive) as writer:
        writer.add(captures=captures, extractions=extractions)
        Ingest(writer, Layout(archive).cdxj).finish()


def build(archive, forms):
    """Index one article that is captured in those forms."""
    index(archive, {URL: forms})


def versions(archive, columns="version, changed"):
    with IndexWriter(archive) as writer:
        sql = f"SELECT {columns} FROM versions ORDER BY url, version"
        return writer.connection.execute(sql).fetchall()


SAME = {
    "text": TEXT.replace("Marigold", "MARIGOLD,").replace("\n\n", "\n\n\u2013 "),
    "title": "  FERRY \u201creturns\u201d!",
    "authors": ("ADA WICK.",),
    "dateline": "Saltwick \u2014",
}
OTHER = [
    {"text": TEXT.replace("ten", "nine")},
    {"title": "Ferry back"},
    {"title": None},
    {"authors": ("Ada Wick", "Bo Lund")},
    {"authors": ()},
    {"dateline": None},
    {"published_at": datetime(2026, 11, 1, 7, tzinfo=UTC)},
    {"origin_url": "https://wire.example/1"},
]


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Archive with an article for each change: https://FIELD.same/ and https://PLACE.other/."""
    archive = tmp_path_factory.mktemp("changed")
    same = {f"https://{name}.same/": [{}, {name: value}] for name, value in SAME.items()}
    other = {f"https://{place}.other/": [{}, fields] for place, fields in enumerate(OTHER)}
    index(archive, same | other)
    return archive


def told_of(archive, url, columns, table="versions"):
    with IndexWriter(archive) as writer:
        return writer.connection.execute(f"SELECT {columns} FROM {table} WHERE url = ?", [url]).fetchall()


@pytest.mark.parametrize("field", SAME)
def test_case_punctuation_and_spaces_make_no_version(changed, field):
    url = f"https://{field}.same/"
    assert told_of(changed, url, "version, captures, changed") == [(1, 2, [])]
    now = FIRST | {field: SAME[field]}
    row = (now["title"], now["text"], list(now["authors"]), now["dateline"])
    for table in ("versions", "articles"):
        assert told_of(changed, url, "title, text, authors, dateline", table) == [row]


@pytest.mark.parametrize("place", range(len(OTHER)))
def test_a_field_that_says_something_else_makes_a_version_that_names_it(changed, place):
    found = told_of(changed, f"https://{place}.other/", "version, changed")
    assert sorted(found) == [(1, []), (2, list(OTHER[place]))]


def test_a_text_without_spaces_differs_by_one_character(tmp_path):
    build(tmp_path, [{"text": "海港部门周二宣布。"}, {"text": "海港部门周三宣布!"}])
    assert versions(tmp_path, "changed, words_added, words_removed") == [([], None, None), (["text"], 1, 1)]


def test_a_version_says_what_its_latest_capture_with_a_body_says(tmp_path):
    mended = TEXT.replace("The ferry", "\u201cThe ferry\u201d")
    other = {"text": "Nothing of it was true, the harbour office says now."}
    build(tmp_path, [{}, {"text": mended}, 0, other, 0, other, 1])
    columns = "version, captures, text"
    assert versions(tmp_path, columns) == [
        (1, 3, mended),
        (2, 1, other["text"]),
        (3, 1, TEXT),
        (4, 1, other["text"]),
        (5, 1, mended),
    ]
    assert versions(tmp_path)[-1] == (5, ["text"])


WORDY = st.text("ab \n.\u00e9Z", min_size=1)


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(WORDY, WORDY), min_size=10, max_size=20))
def test_words_added_and_removed_are_those_of_the_bags_of_words(tmp_path_factory, texts):
    archive = tmp_path_factory.mktemp("words")
    pairs = {f"https://{place}.example/": (f"x {old}", f"x {new}") for place, (old, new) in enumerate(texts)}
    index(archive, {url: [{"text": text} for text in pair] for url, pair in pairs.items()})
    found = versions(archive, "url, version, word_count, words_added, words_removed")
    for url, pair in pairs.items():
        old, new = (Counter(normalise(text).split()) for text in pair)
        same = normalise(pair[0]) == normalise(pair[1])
        changes = [(2, word_count(pair[1]), (new - old).total(), (old - new).total())]
        assert [row[1:] for row in found if row[0] == url][1:] == ([] if same else changes)


NOTICES = [
    ("correction", "Correction: An earlier version of this article misstated the length of the quay."),
    ("correction", "CORRECTION (Nov. 3, 2026, 4:30 p.m.): The ferry is green."),
    ("correction", "Correction, Nov. 3: The ferry is green."),
    ("correction", "An earlier version of this story misspelled the name of the ferry."),
    ("correction", "This article was amended on 3 November 2026 because the ferry is green."),
    ("correction", "(Corrects paragraph 3 to say that the ferry is green)"),
    ("correction", "*This story was updated on Monday to correct the name of the ferry."),
    ("correction", "CORRECTION \u2014 The contract of Nov. 2 was for $3 million, not $3 billion."),
    ("correction", "Editor\u2019s note: This story has been corrected to show that the ferry is green."),
    ("correction", "This story was first published on Nov. 1. It was updated on Nov. 3 to correct the name."),
    ("correction", "Korrektur: In einer früheren Version hieß es, die Fähre sei rot."),
    ("correction", "In einer früheren Fassung dieses Artikels hieß es, die Fähre sei rot."),
    ("correction", "Una versión anterior de este artículo decía que el barco era rojo."),
    ("correction", "Une première version de cet article disait que le bac était rouge."),
    ("clarification", "Clarification: The pier burned in 2014, and was built again."),
    ("clarification", "This story has been updated to clarify when the pier burned."),
    ("update", "This story has been updated."),
    ("update", "Update: The pier burned again on Tuesday, the office said."),
    ("update", "Editor\u2019s note, Nov. 11, 2026: This story has been updated to include a comment."),
    ("update", "Dieser Artikel wurde am 3. November aktualisiert und ergänzt."),
    ("editors_note", "Editor's note: The ferry's owner is a reader of this paper."),
    ("editors_note", "Anmerkung der Redaktion: Die Fähre gehört einem Leser."),
]


NO_NOTICES = [
    "Updated: Nov. 3, 2026, 4:30 p.m.",
    "UPDATED 4:30 P.M. EST",
    "Update your home: paint the door before the winter comes.",
    "Corrections officers said that the ferry was late.",
    "Correction officers met on Monday. They said no more.",
    "The bank said the correction: a fall of ten per cent in a week.",
    "\u201cThe story was corrected by my mother,\u201d she said of her youth.",
    "He has updated the story of his life to please his sons.",
    "An earlier version of the ferry sank in 1914.",
    "This is a developing story and will be updated.",
    "Clarifications were asked for by nobody.",
    "Have a correction? Contact the newsroom.",
]


@pytest.fixture(scope="module")
def noticed(tmp_path_factory):
    """Kind and notice of each text, all in one index."""
    archive = tmp_path_factory.mktemp("notices")
    texts = [text for _, notice in NOTICES for text in (f"{notice}\n\n{TEXT}", f"{TEXT}\n\n{notice}")]
    texts += [f"{line}\n\n{TEXT}\n\n{line}" for line in NO_NOTICES]
    index(archive, {f"https://{place}.example/": [{"text": text}] for place, text in enumerate(texts)})
    with IndexWriter(archive) as writer:
        sql = "SELECT text, correction_kind, correction FROM versions"
        return {text: tuple(told) for text, *told in writer.connection.execute(sql).fetchall()}


@pytest.mark.parametrize(("kind", "notice"), NOTICES, ids=[notice[:30] for _, notice in NOTICES])
def test_a_notice_is_found_at_either_end_of_the_text(noticed, kind, notice):
    assert noticed[f"{notice}\n\n{TEXT}"] == (kind, notice)
    assert noticed[f"{TEXT}\n\n{notice}"] == (kind, notice)


@pytest.mark.parametrize("line", NO_NOTICES)
def test_a_line_that_corrects_nothing_is_no_notice(noticed, line):
    assert noticed[f"{line}\n\n{TEXT}\n\n{line}"] == (None, None)


def test_a_notice_within_a_paragraph_is_told_from_its_sentence_on(tmp_path):
    told = "The crossing costs what it cost. This story has been updated to correct the price."
    build(tmp_path, [{"text": f"{TEXT}\n\n{told}"}])
    assert versions(tmp_path, "correction") == [
        ("This story has been updated to correct the price.",),
    ]


def test_a_heading_alone_is_a_notice_with_the_paragraph_under_it(tmp_path):
    build(
        tmp_path,
        [{"text": f"{TEXT}\n\nCorrection\n\nThe ferry is green, not red.\n\nClarifications\n\nBuoys"}],
    )
    assert versions(tmp_path, "correction_kind, correction") == [
        ("correction", "The ferry is green, not red."),
    ]


def test_several_notices_are_told_in_order_under_the_gravest_kind(tmp_path):
    notices = ("Update: The ferry sails again on Tuesday morning.", "Correction: She is green.")
    build(tmp_path, [{"text": "\n\n".join((TEXT, *notices))}])
    assert versions(tmp_path, "correction_kind, correction") == [("correction", "\n\n".join(notices))]


BLOCKS = [
    (BlockKind.REPEATED, "Correction: She is green.", "correction"),
    (BlockKind.RELATED, "Clarification: The pier burned in 2014.", "clarification"),
    (BlockKind.RELATED, "Correction: Bridge closed again", None),
    (BlockKind.RELATED, "Update: The bridge is closed again, the town said.", None),
    (BlockKind.HISTORICAL_NOTICE, "Update: The bridge is closed again, the town said.", "update"),
    (BlockKind.CAPTION, "Correction: She is green.", None),
]


def test_of_what_was_removed_only_the_articles_own_notices_count(tmp_path):
    kept = Block(text=TEXT, kind=BlockKind.BODY, kept=True)
    pages = {
        f"https://{place}.example/": [
            {"blocks": (Block(text=text, kind=kind, kept=False, rule="rule"), kept)}
        ]
        for place, (kind, text, _) in enumerate(BLOCKS)
    }
    index(tmp_path, pages)
    assert versions(tmp_path, "correction_kind, correction") == [
        (found, text if found else None) for _, text, found in BLOCKS
    ]
