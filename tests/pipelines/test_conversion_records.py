"""Texts that others made of pages: conversion records, as Common Crawl's WET files have them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.records import capture_of, page_of
from pipelines.run import extract, needs_extraction
from storage.article import Outcome
from storage.layout import Layout
from storage.model import Headers, Record
from storage.query import open_published, run_sql
from storage.urls import article_id

pytestmark = pytest.mark.long

URL = "http://saltwick.example/ferry"
FETCHED, LATER = "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z"
PARAGRAPHS = (
    "SALTWICK -- The ferry returned to the inner harbour on Monday after three weeks of repairs.",
    "The crossing takes eleven minutes, and runs every hour until late evening on working days.",
    "Caf\u00e9 Anker will open its doors again as well, its owner told the Post over a cup of tea.",
)
TITLE = "Ferry returns to the inner harbour"
TEXT = "\n".join((
    f"{TITLE} - Saltwick Post", "Home", "News", TITLE, "By Ann Example", "November 20, 2026", *PARAGRAPHS,
    "Related Stories", "Bridge closed again", "Subscribe to our newsletter",
))  # fmt: skip
HTML = (
    f"<!DOCTYPE html><html lang='en'><head><title>{TITLE} - Saltwick Post</title>"
    '<meta property="article:published_time" content="2026-11-20T08:30:00Z"></head>'
    f"<body><article><h1>{TITLE}</h1>"
    f"{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</article></body></html>"
)
EVERYTHING = (
    "SELECT url, title, authors, dateline, published_at, language, text, text_digest, word_count, versions, "
    "first_captured_at FROM articles ORDER BY url"
)


def conversion(
    *fields: tuple[str, str], block: bytes = b"A text.", url: str = URL, content_type: str = "text/plain"
) -> Record:
    return Record(
        record_id="urn:uuid:1",
        record_type="conversion",
        target_uri=url,
        captured_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
        headers=Headers([("Content-Type", content_type), *fields]),
        block=block,
        offset=0,
        length=1,
    )


def captured(record: Record):
    found = capture_of(record, source="", crawl_id="", warc_file="a.warc.wet.gz")
    assert found is not None
    return found


def wet(path: Path, date: str = FETCHED, text: str = TEXT) -> Path:
    """A file in the form of Common Crawl's."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.0")
        told = {"Software-Info": "ia-web-commons.1.1.10", "isPartOf": "CC-MAIN-2026-47"}
        writer.write_record(writer.create_warcinfo_record("CC-MAIN-20261121-00000.warc.wet.gz", told))
        headers = {
            "WARC-Date": date,
            "WARC-Refers-To": "<urn:uuid:5d6a8b0e-5c1e-4b0e-9f1c-000000000001>",
            "WARC-Identified-Content-Language": "eng,deu",
        }
        data = text.encode()
        writer.write_record(
            writer.create_warc_record(
                URL,
                "conversion",
                payload=io.BytesIO(data),
                length=len(data),
                warc_content_type="text/plain",
                warc_headers_dict=headers,
            )
        )
    return path


def page(path: Path) -> Path:
    """The page that the text was made of, in a file of its own."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.0")
        data = HTML.encode()
        writer.write_record(
            writer.create_warc_record(
                URL,
                "response",
                payload=io.BytesIO(data),
                length=len(data),
                http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": FETCHED},
            )
        )
    return path


def presswarc(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def rows(archive: Path, sql: str):
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


def test_a_conversion_of_a_page_is_a_capture_without_a_status_whose_text_is_looked_at():
    record = conversion(block=b"HTTP/1.1 is a protocol, and this is a text about it.")
    found = captured(record)
    assert (found.record_type, found.status, found.mime, found.url) == ("conversion", 0, "text/plain", URL)
    assert needs_extraction(found)
    assert page_of(record).is_text
    assert page_of(record).body == record.block


@pytest.mark.parametrize(
    ("content_type", "wanted", "is_text"),
    [("text/plain; charset=utf-8", True, True), ("text/html", True, False), ("image/png", False, False)],
)
def test_what_a_conversion_holds_is_told_by_its_type(content_type, wanted, is_text):
    record = conversion(content_type=content_type)
    assert needs_extraction(captured(record)) is wanted
    assert page_of(record).is_text is is_text


def test_a_text_that_was_cut_or_that_is_no_page_s_is_not_looked_at():
    assert not needs_extraction(captured(conversion(("WARC-Truncated", "length"))))
    assert not needs_extraction(captured(conversion(url="urn:report:1")))


def test_a_text_becomes_the_article_of_its_url_in_the_language_its_maker_found():
    record = conversion(("WARC-Identified-Content-Language", "deu,eng"), block=TEXT.encode())
    made = extract(record, captured(record))
    assert made.article is not None
    assert made.article_id == article_id(URL)
    assert made.article.text.split("\n\n") == list(PARAGRAPHS)
    assert (made.article.title, made.article.authors, made.article.language) == (
        TITLE,
        ("Ann Example",),
        "de",
    )


def test_a_text_without_words_is_dropped_with_its_outcome():
    record = conversion(block=b" \n\n ")
    assert extract(record, captured(record)).outcome is Outcome.EMPTY


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> Path:
    """An archive into which a WET file was imported."""
    folder = tmp_path_factory.mktemp("wet")
    done = presswarc("--quiet", "import", wet(folder / "a.warc.wet.gz"), "--archive", folder / "archive")
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "archive"


def test_an_imported_text_file_is_indexed_and_sound_and_has_no_cdxj_line(imported):
    ((url, title, authors, dateline, _, language, text, *_),) = rows(imported, EVERYTHING)
    assert (url, title, authors, dateline, language) == (URL, TITLE, ["Ann Example"], "SALTWICK", "en")
    assert text.split("\n\n") == list(PARAGRAPHS)
    assert rows(imported, "SELECT record_type, mime, article_id FROM captures") == [
        ("conversion", "text/plain", article_id(URL))
    ]
    assert not Layout(imported).cdxj.exists() or URL not in Layout(imported).cdxj.read_text()
    verified = presswarc("verify", "--archive", imported)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_replay_of_an_imported_text_gives_what_the_import_gave(imported, tmp_path):
    done = presswarc("replay", "--archive", imported, "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    for sql in (EVERYTHING, "FROM captures", "FROM blocks ORDER BY ALL", "FROM clusters"):
        assert rows(tmp_path / "again", sql) == rows(imported, sql)


@pytest.mark.parametrize("page_first", [True, False])
def test_the_page_itself_speaks_for_its_moment_whichever_comes_in_first(tmp_path, page_first):
    archive = tmp_path / "archive"
    files = [page(tmp_path / "p.warc.gz"), wet(tmp_path / "t.warc.wet.gz")]
    for file in files if page_first else reversed(files):
        assert presswarc("import", file, "--archive", archive).returncode == 0
    sql = "SELECT published_at, versions FROM articles"
    assert rows(archive, sql) == [(datetime(2026, 11, 20, 8, 30), 1)]  # noqa: DTZ001 -- as the index has it
    told = dict(rows(archive, "SELECT record_type, article_id FROM captures"))
    assert told == {"response": article_id(URL), "conversion": None}
    assert presswarc("replay", "--archive", archive).returncode == 0
    assert rows(archive, sql)[0][1] == 1


def test_a_text_of_another_moment_is_a_version_of_the_article(tmp_path):
    archive = tmp_path / "archive"
    later = TEXT.replace("eleven minutes", "twelve minutes")
    for file in (page(tmp_path / "p.warc.gz"), wet(tmp_path / "t.warc.wet.gz", LATER, later)):
        assert presswarc("import", file, "--archive", archive).returncode == 0
    ((versions, text),) = rows(archive, "SELECT versions, text FROM articles")
    assert versions == 2
    assert "twelve minutes" in text


def test_extract_sends_a_text_file_of_a_crawl_to_replay_and_import(tmp_path):
    done = presswarc("extract", wet(tmp_path / "a.warc.wet.gz"))
    assert done.returncode == 2
    assert "`presswarc replay FILE`" in done.stderr
    assert "`presswarc import FILE`" in done.stderr


def test_the_bare_file_of_one_text_is_extracted_as_it_is(tmp_path):
    (tmp_path / "story.wet").write_text(TEXT, encoding="utf-8")
    done = presswarc("extract", "--json", tmp_path / "story.wet")
    assert json.loads(done.stdout)[0]["text"].split("\n\n") == list(PARAGRAPHS)
