"""What a browser made of pages, read back: which of the two shows the article, and what is no page at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import presswarc

from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import build
from storage.warc.build import Draft, FirstCapture
from storage.warc.digests import digest
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
SHELL = (
    b'<!doctype html><html><head><script src="/a.js"></script></head><body><div id="app"></div></body></html>'
)
SITE = "http://river.example"


def article(told: str) -> bytes:
    text = (
        f"The committee met on {told} to consider the bridge across the northern river, and heard engineers.",
        f"Most of them agreed, it was told on {told}, that forty years of floods have weakened the pillars.",
        "A decision is expected before the end of the month, said the chair, once the figures are looked at.",
    )
    paragraphs = "".join(f"<p>{one}</p>" for one in text)
    return (
        "<!doctype html><html lang='en'><head><title>County weighs repairs</title></head><body><article>"
        f"<h1>County weighs repairs</h1>{paragraphs}</article></body></html>"
    ).encode()


def answer(path: str, body: bytes, moment: datetime = MONDAY, part: str = "") -> Draft:
    extra = [("WARC-Resource-Type", part)] if part else []
    return build.response(SITE + path, moment, HEAD, body, extra)


def same_answer(path: str, body: bytes, moment: datetime) -> Draft:
    first = FirstCapture(url=SITE + path, captured_at=MONDAY, payload_digest=digest(body))
    return build.revisit(SITE + path, moment, HEAD, build.IDENTICAL_PAYLOAD, first, [])


def rendering(of: Draft, html: bytes) -> Draft:
    return build.conversion(
        placed(of), "text/html; charset=utf-8", html, [("X-Presswarc-Rendered-By", "a test")]
    )


def placed(draft: Draft) -> Record:
    return draft.placed(0, 1)


@pytest.fixture(scope="module", params=["pages first", "renderings first"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages and what became of them, in two files that are read in one order or the other."""
    root = tmp_path_factory.mktemp("rendered")
    both, shell, worse = (
        answer("/both", article("paper")),
        answer("/shell", SHELL),
        answer("/worse", article("paper")),
    )
    first, again = answer("/again", article("paper")), same_answer("/again", article("paper"), TUESDAY)
    pages = [both, shell, worse, first, again, answer("/part", article("pieces"), part="fetch")]
    renderings = [
        rendering(both, article("screen")),
        rendering(shell, article("screen")),
        rendering(worse, SHELL),
        rendering(first, article("Monday")),
        rendering(again, article("Tuesday")),
    ]
    files = [pages, renderings] if request.param == "pages first" else [renderings, pages]
    for number, drafts in enumerate(files):
        fields = (("crawlId", "river-1"), ("crawlStarted", build.warc_date(MONDAY)), ("source", "river"))
        moment = MONDAY + timedelta(seconds=number)
        origin = Origin(source="river", fields=fields)
        with WarcWriter(Layout(root), origin, max_bytes=1 << 30, now=lambda at=moment: at) as writer:
            writer.write(drafts)
    presswarc("replay", "--archive", root)
    return root


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


@pytest.mark.parametrize(
    ("path", "told", "versions"),
    [("/both", "screen", 1), ("/shell", "screen", 1), ("/worse", "paper", 1), ("/again", "Tuesday", 2)],
)
def test_a_rendering_shows_the_article_where_it_has_one(archive, path, told, versions):
    ((text, found),) = rows(archive, f"SELECT text, versions FROM articles WHERE url = '{SITE}{path}'")
    assert text.startswith(f"The committee met on {told} to consider")
    assert found == versions


def test_a_part_of_a_page_is_no_article_of_its_own(archive):
    assert rows(archive, f"SELECT outcome, reason FROM extractions WHERE url = '{SITE}/part'") == [
        ("not_an_article", "part of a page: fetch")
    ]


def test_of_a_page_and_its_rendering_the_rendering_is_dropped(archive):
    dropped = rows(
        archive, "SELECT d.url, record_type FROM dropped d JOIN captures USING (record_id) ORDER BY 1"
    )
    assert dropped == [(f"{SITE}/part", "response"), (f"{SITE}/worse", "conversion")]


def test_a_rendering_has_no_line_in_the_cdxj(archive):
    lines = Layout(archive).cdxj.read_text().splitlines()
    assert len(lines) == 6
    assert presswarc("verify", "--archive", archive).returncode == 0
