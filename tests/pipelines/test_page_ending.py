"""Pages whose answer was cut: one that has its end is read, and says so; no other is taken as whole."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest import Ingest
from pipelines.page.ending import has_its_end
from pipelines.records import capture_of
from pipelines.run import extract, needs_extraction
from storage.article import Outcome
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.warc import build

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
URL = "http://news.example.org/2026/11/lamp-burns-again/"
SENTENCE = "The keeper of Gull Rock said on Monday that lamp {} would burn again after forty years of dark. "
PAGE = (
    "<!doctype html><html lang=en><head><title>Lamp burns again</title></head><body><article>"
    "<h1>Lamp burns again</h1>"
    + "".join(f"<p>{SENTENCE.format(n) * 2}</p>" for n in range(8))
    + "</article></body></html>\n<!-- from the cache, 12 ms -->\n"
).encode()
TOLD = "the answer was cut (disconnect), but the page has its end"


def cut(body, truncated="disconnect", *fields, hours=0):
    """The record and the capture of an answer; None of one that came whole."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *fields, "", ""]
    extra = [("WARC-Truncated", truncated)] if truncated else []
    at = NOW + timedelta(hours=hours)
    record = build.response(URL, at, "\r\n".join(lines).encode(), body, extra).placed(700, 350)
    return record, capture_of(record, source="rock", crawl_id="rock-1", warc_file="x.warc.gz")


def extracted(*told, **more):
    record, capture = cut(*told, **more)
    assert needs_extraction(capture)
    return extract(record, capture)


@pytest.mark.parametrize("truncated", ["disconnect", "time"])
def test_a_cut_page_that_has_its_end_is_an_article_that_says_so(truncated):
    told = extracted(PAGE, truncated)
    assert (told.outcome, told.reason) == (Outcome.ARTICLE, TOLD.replace("disconnect", truncated))
    whole = extracted(PAGE, None)
    assert (told.content_digest, whole.reason) == (whole.content_digest, "")


@pytest.mark.parametrize(
    ("truncated", "outcome"), [("disconnect", Outcome.DISCONNECTED), ("time", Outcome.TIMED_OUT)]
)
def test_a_page_cut_before_its_end_is_no_article_and_its_row_says_why(truncated, outcome):
    told = extracted(PAGE[: PAGE.index(b"</article>")], truncated)
    assert (told.outcome, told.reason, told.article) == (outcome, f"the answer was cut ({truncated})", None)


def test_a_packed_page_that_was_cut_is_looked_at_unpacked():
    packed = gzip.compress(PAGE, mtime=0)
    assert extracted(packed, "disconnect", "Content-Encoding: gzip").reason == TOLD
    assert extracted(packed[:-8], "disconnect", "Content-Encoding: gzip").reason == TOLD  # the checksum lacks
    assert extracted(packed[:-60], "disconnect", "Content-Encoding: gzip").outcome is Outcome.DISCONNECTED


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_a_page_whose_coding_does_not_end_is_no_article_though_its_length_is_right(coding, pack):
    noise = "".join(f"<i>{number * 7919 % 100_003}</i>" for number in range(30_000)).encode()
    packed, field = pack(PAGE.replace(b"</article>", noise)), f"Content-Encoding: {coding}"
    assert extracted(packed, None, field).outcome is Outcome.ARTICLE
    told = extracted(packed[:-1000], None, field)
    assert (told.outcome, told.reason) == (
        Outcome.DISCONNECTED,
        "the answer was cut (content coding)",
    )
    packed = gzip.compress(PAGE)[:-8]
    assert extracted(packed, None, "Content-Encoding: gzip").reason == TOLD.replace(
        "disconnect", "content coding"
    )


def test_what_the_crawls_own_end_cut_is_left_for_the_next():
    assert not needs_extraction(cut(PAGE, "unspecified")[1])
    assert not needs_extraction(replace(cut(PAGE)[1], record_type="resource"))


def test_a_whole_capture_after_a_cut_one_is_no_new_version(tmp_path):
    with IndexWriter(tmp_path) as writer:
        ingest = Ingest(writer, Layout(tmp_path).cdxj)
        half = PAGE[:900]
        for hours, (body, truncated) in enumerate([(half, "disconnect"), (PAGE, "disconnect"), (PAGE, None)]):
            record, capture = cut(body, truncated, hours=hours)
            ingest.add(capture)
            ingest.add(extract(record, capture))
        ingest.finish()
        rows = writer.connection.execute("SELECT versions, captures FROM articles").fetchall()
        dropped = writer.connection.execute("SELECT outcome, reason FROM dropped").fetchall()
    assert rows == [(1, 2)]
    assert dropped == [("disconnected", "the answer was cut (disconnect)")]


@pytest.mark.parametrize(
    ("text", "has_end"),
    [
        ("<html><p>one</html>", True),
        ("<HTML>\n<P>one</P></BODY></HTML >\r\n\x00", True),
        ("<p>the page leaves its first tag out</p></html>", True),
        ("<!--[if IE]><html class=ie><![endif]--><!--[if !IE]><!--><html><!--<![endif]-->one</html>", True),
        ("<html><script>'<html></html>'</script>one</html><script>count()</script>", True),
        ("<html><iframe srcdoc='<html>two</html>'></iframe>one</html>", True),
        ("<html>one</html><!-- the comment was cut", True),
        ("<html>one", False),
        ("<html>one</html", False),
        ("<html>one</html>and more", False),
        ("<html><script>print('</html>", False),
        ("<html><!-- <p>old</p></html>", False),
        ("<html><textarea></html>", False),
        ("<html><iframe srcdoc='<html>two</html>", False),
        ("<html><div><html>a letter</html>", False),
        ("<div>a page without its first tag<html>a letter</html>", False),
        ("", False),
    ],
)
def test_the_end_of_a_page_is_its_own_end_tag(text, has_end):
    assert has_its_end(text) is has_end


@given(st.lists(st.sampled_from(["<html>", "</html>", "<script></script>", "x"])).map("".join))
def test_text_behind_the_end_is_never_passed_over(text):
    assert not has_its_end(f"{text}<p>more</p>")


def test_what_opens_a_million_times_is_looked_through_once():
    assert not has_its_end("<!-- <script>" * 400_000 + "</html>")
    assert has_its_end("<html>" + "<script></script><!---->" * 100_000 + "</html>")
