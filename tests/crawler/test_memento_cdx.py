"""The three forms of a CDX server's answer, and which captures are wanted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawler.memento.cdx import CdxRow, Match, Wanted, cdx_query, read_cdx, told_apart

NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
LATER = ["url", "mime", "status", "digest", "length"]
ROW = CdxRow(
    key="example,news)/",
    stamp="20190102030405",
    url="http://news.example/",
    mime="text/html",
    status="200",
    digest="ABC",
    length=12,
)
VALUES = ["example,news)/", "20190102030405", "http://news.example/", "text/html", "200", "ABC", "12"]


def row(stamp: str = "20190102030405", digest: str = "", **more: str) -> CdxRow:
    told = {"key": "example,news)/", "url": "http://news.example/", **more}
    return CdxRow(stamp=stamp, digest=digest, **told)  # type: ignore[arg-type]


def test_an_array_is_read_with_its_resume_key():
    page = read_cdx(json.dumps([NAMES, VALUES, [], ["example%2Cnews%29%2F 2019"]]).encode())
    assert (page.rows, page.resume_key, page.unread, page.is_array) == (
        (ROW,),
        "example%2Cnews%29%2F 2019",
        0,
        True,
    )


def test_an_array_is_read_by_its_own_names():
    page = read_cdx(json.dumps([["original", "timestamp"], ["http://a.example/", "20190102030405"]]).encode())
    assert [(one.url, one.stamp, one.status) for one in page.rows] == [
        ("http://a.example/", "20190102030405", "")
    ]


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(dict(zip(NAMES, VALUES, strict=True))),
        f"{VALUES[0]} {VALUES[1]} {json.dumps(dict(zip(LATER, VALUES[2:], strict=True)))}",
        " ".join(VALUES),
    ],
)
def test_lines_are_read_in_each_form(line):
    page = read_cdx(f"{line}\n\n{line}\n".encode())
    assert (page.rows, page.unread, page.is_array) == ((ROW, ROW), 0, False)


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("http://a.example:80/x:80", "http://a.example/x:80"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:443/", "http://a.example:443/"),
        ("http://a.example:8080/", "http://a.example:8080/"),
    ],
)
def test_a_port_that_the_scheme_has_anyway_is_left_out(told, url):
    line = f"example,a)/ 20190102030405 {told} text/html 200 A 1"
    assert [one.url for one in read_cdx(line.encode()).rows] == [url]


def test_a_place_in_a_file_is_read():
    told = {
        "url": "http://a.example/",
        "timestamp": "20190102030405",
        "offset": "7",
        "length": "9",
        "filename": "f",
    }
    (one,) = read_cdx(json.dumps(told).encode()).rows
    assert (one.offset, one.length, one.filename) == (7, 9, "f")


@pytest.mark.parametrize(
    "body",
    [
        b'[["timestamp", "original"], ["20190299030405", "http://a.example/"], 7, ["x"]]',
        b'{"url": "http://a.example/", "timestamp": "2019"}\n{"message": "x"}\n{"url": ',
    ],
)
def test_what_is_no_row_is_counted(body):
    page = read_cdx(body)
    assert (page.rows, page.unread) == ((), 3)


@pytest.mark.parametrize("body", [b"", b"[]", b"\n", b"[[]]"])
def test_an_answer_without_rows_has_none(body):
    assert read_cdx(body).rows == ()


def test_a_question_has_what_is_wanted():
    wanted = Wanted(
        url="news.example/a b",
        match=Match.PREFIX,
        since=datetime(2019, 1, 1, tzinfo=UTC),
        until=datetime(2020, 1, 1, tzinfo=UTC),
    )
    asked = dict(parse_qsl(urlsplit(cdx_query("http://cdx.example/cdx", wanted, [("limit", "5")])).query))
    assert (asked["url"], asked["matchType"], asked["limit"]) == ("news.example/a b", "prefix", "5")
    assert (asked["from"], asked["to"]) == ("20190101000000", "20191231235959")


@pytest.mark.parametrize(
    ("one", "fits"),
    [
        (row(status="200", mime="text/html"), True),
        (row(status="200", mime="unk"), True),
        (row(status="404", mime="text/html"), False),
        (row(status="200", mime="text/css"), False),
        (row(status="", mime="warc/revisit"), True),
        (row(status="301", mime="warc/revisit"), False),
        (row(status="", mime="text/html"), False),
        (row("20181231235959", status="200", mime="text/html"), False),
        (row("20200101000000", status="200", mime="text/html"), False),
    ],
)
def test_pages_of_the_time_are_wanted_and_what_may_be_one(one, fits):
    times = {"since": datetime(2019, 1, 1, tzinfo=UTC), "until": datetime(2020, 1, 1, tzinfo=UTC)}
    assert Wanted(url="news.example", **times).fits(one) is fits


def test_equal_bytes_in_a_row_are_told_and_equal_rows_come_once():
    rows = [
        row("20190101000000", "A"),
        row("20190101000000", "A"),
        row("20190102000000", "A"),
        row("20190103000000", "B"),
        row("20190104000000", ""),
        row("20190105000000", "B"),
        row("20190106000000", "A"),
        row("20190106000000", "A", key="example,other)/", url="http://other.example/"),
    ]
    found = [(one.stamp[6:8], same) for one, same in told_apart(rows)]
    assert found == [
        ("01", False), ("02", True), ("03", False), ("04", False), ("05", True), ("06", False), ("06", False),
    ]  # fmt: skip
