from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.warc.http import (
    dechunk,
    headers_of,
    payload_of,
    skip_interim,
    split_head,
    status_of,
    stored_response,
)

OK = b"HTTP/1.1 200 OK\r\n"
TOKEN = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-", min_size=1, max_size=12)
VALUE = st.binary(max_size=30).map(lambda raw: bytes(one for one in raw if one not in b"\r\n").strip(b" \t"))


@given(st.lists(st.tuples(TOKEN, VALUE), max_size=8))
def test_fields_come_back_in_order_with_case_and_repeats_kept(fields):
    head = OK + b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in fields) + b"\r\n"
    assert headers_of(head).pairs == tuple((name, value.decode("latin-1")) for name, value in fields)


@pytest.mark.parametrize("raw", [b"\xc3\x85re", b"/\xc3\x85", b"a\x0bb\x0cc\x1cd\x1ee", b"\xa0x\x85"])
def test_only_a_line_feed_ends_a_line(raw):
    assert headers_of(OK + b"Location: %s\r\nX-End: 1\r\n\r\n" % raw).pairs == (
        ("Location", raw.decode("latin-1")),
        ("X-End", "1"),
    )


def test_folded_lines_are_joined_and_lines_without_a_colon_passed_over():
    head = OK + b"X-A: one,\r\n  two,\r\n\tthree\r\nthis is no field\r\nX-B:\r\n\r\n"
    assert headers_of(head).pairs == (("X-A", "one, two, three"), ("X-B", ""))


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\r\n\n", b"\n\r\n"])
def test_a_head_ends_at_its_first_blank_line_however_it_is_written(end):
    assert split_head(b"HTTP/1.1 200 OK" + end + b"a\r\n\r\nb") == (b"HTTP/1.1 200 OK" + end, b"a\r\n\r\nb")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK", 200),
        (b"HTTP/1.1 404", 404),
        (b"HTTP/2 200", 200),
        (b"HTTP/1.0  301 \xe2\x9c\x93", 301),
        (b"HTTP/1.1 2000 no", 0),
        (b"HTTP/1.1 OK", 0),
        (b"<html>200", 0),
        (b"", 0),
    ],
)
def test_the_status_is_the_three_digits_of_the_first_line(line, status):
    assert status_of(line + b"\r\n\r\n") == status


def test_every_interim_head_is_passed_over():
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert skip_interim(interim + OK + b"\r\n") == OK + b"\r\n"


def test_an_interim_head_that_is_cut_is_what_there_is():
    assert skip_interim(b"HTTP/1.1 103 Early Hints\r\nLink: ") == b"HTTP/1.1 103 Early Hints\r\nLink: "


@given(st.lists(st.binary(min_size=1), max_size=6), st.sampled_from([b"", b";a=b", b' ; name="v;w"']))
def test_chunks_are_joined_whatever_their_extensions_and_trailers(chunks, extension):
    body = b"".join(b"%X%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    assert dechunk(body + b"0\r\nX-Trailer: 1\r\n\r\n") == (b"".join(chunks), True)


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4), st.data())
def test_a_chunked_body_cut_anywhere_gives_a_beginning_and_says_so(chunks, data):
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n"
    cut = data.draw(st.integers(0, len(body) - 1))
    payload, whole = dechunk(body[:cut])
    assert not whole
    assert b"".join(chunks).startswith(payload)
    assert len(payload) >= cut - len(body) + sum(map(len, chunks)) - 8 * len(chunks)


@given(st.binary())
def test_no_bytes_make_dechunking_raise_or_grow(body):
    payload, _ = dechunk(body)
    assert len(payload) <= len(body)


@pytest.mark.parametrize("size", [b"-5", b"0x5", b"5 5", b"g", b"", b"5:a", b"F" * 40])
def test_a_chunk_size_that_is_none_ends_the_payload(size):
    assert dechunk(b"2\r\nab\r\n" + size + b"\r\nhello\r\n0\r\n\r\n") == (b"ab", False)


def test_line_feeds_alone_delimit_chunks_too():
    assert dechunk(b"3\nabc\n2\nde\n0\n\n") == (b"abcde", True)


def test_a_payload_is_free_of_transfer_coding_but_not_of_content_coding():
    block = OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nzip\r\n0\r\n\r\n"
    assert payload_of(block) == b"zip"


def test_a_body_that_was_dechunked_behind_its_header_is_taken_as_it_is():
    assert payload_of(OK + b"Transfer-Encoding: chunked\r\n\r\n<html>") == b"<html>"


def test_a_body_with_a_length_is_stored_as_it_came():
    message = OK + b"X-a: 1\r\nbad line\r\nx-A:2\r\n folded\r\nContent-Length: 4\r\n\r\nbody"
    stored = stored_response(message, ended=True)
    assert (stored.head + stored.body, stored.status, stored.cut) == (message, 200, False)


def test_a_chunked_body_is_stored_dechunked_with_its_true_length():
    message = OK + b"transfer-encoding : chunked\r\nX-A: 1\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    stored = stored_response(message, ended=True)
    assert stored.head == (
        OK + b"X-Archive-Orig-transfer-encoding : chunked\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n"
    )
    assert (stored.body, stored.cut) == (b"abc", False)


def test_a_chunked_body_with_a_lying_length_keeps_the_lie_under_another_name():
    message = OK + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
    stored = stored_response(message, ended=True)
    assert headers_of(stored.head).get_all("Content-Length") == ("1",)
    assert headers_of(stored.head)["X-Archive-Orig-Content-Length"] == "99"


@pytest.mark.parametrize(
    ("length", "body", "cut"),
    [(b"5", b"hello", False), (b"4", b"hello", False), (b"9", b"hello", True), (b"-1", b"hello", False)],
)
def test_a_body_is_cut_where_fewer_bytes_came_than_the_head_promised(length, body, cut):
    stored = stored_response(OK + b"Content-Length: %s\r\n\r\n%s" % (length, body), ended=True)
    assert (stored.cut, stored.body) == (cut, body)
    assert ("Content-Length" in headers_of(stored.head)) is not cut
    assert ("X-Archive-Orig-Content-Length" in headers_of(stored.head)) is cut


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_an_answer_that_has_no_body_by_rule_is_not_cut(status):
    message = b"HTTP/1.1 %s\r\nContent-Length: 700\r\n\r\n" % status
    stored = stored_response(message, ended=True)
    assert (stored.head, stored.cut) == (message, False)


def test_an_exchange_that_did_not_end_is_cut_whatever_its_head_says():
    assert stored_response(OK + b"\r\nhalf", ended=False).cut


@given(st.binary())
def test_bytes_that_are_no_http_have_no_status_and_nothing_raises(received):
    stored = stored_response(received, ended=True)
    assert stored.status == 0 or received.startswith(b"HTTP/")
    assert stored.status or (stored.body == received and stored.cut)
