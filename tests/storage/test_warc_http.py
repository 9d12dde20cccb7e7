from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.warc.http import (
    dechunk,
    headers_of,
    payload_of,
    redacted,
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


def test_heads_that_announce_an_answer_are_none_wherever_they_are_cut():
    head = b"HTTP/1.1 102 Processing\r\n\r\n"
    for cut in range(len(head)):
        received = head * 2 + head[:cut]
        stored = stored_response(received, ended=False)
        assert (stored.status, stored.body, stored.cut) == (0, received, True)


@given(st.binary())
def test_bytes_that_are_no_http_have_no_status_and_nothing_raises(received):
    stored = stored_response(received, ended=True)
    assert stored.status == 0 or received.startswith(b"HTTP/")
    assert stored.status or (stored.body == received and stored.cut)


@pytest.mark.parametrize(
    "lines",
    [b"Content-Length: 9", b"Content-Length: 5, 9", b"Content-Length: 5\r\nContent-Length: 9"],
)
def test_whoever_reads_any_of_the_lengths_does_not_wait_for_bytes_that_never_came(lines):
    stored = stored_response(OK + lines + b"\r\n\r\nhello", ended=True)
    assert stored.cut
    assert "Content-Length" not in headers_of(stored.head)


def test_a_length_of_thousands_of_digits_is_a_length_like_any_other():
    stored = stored_response(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello", ended=True)
    assert (stored.cut, stored.payload) == (True, b"hello")


def test_chunks_can_be_kept_as_they_went_over_the_wire():
    message = OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n"
    stored = stored_response(message, ended=True, keep_transfer_encoding=True)
    assert (stored.head + stored.body, stored.payload) == (message, b"abc")
    assert (stored.cut, stored.trailer) == (False, b"")
    assert payload_of(stored.head + stored.body) == stored.payload


@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_kept_chunks_that_are_cut_are_stored_as_by_default(tail, ended, kept):
    message = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + tail
    stored = stored_response(message, ended=ended, keep_transfer_encoding=kept)
    if not dechunk(b"3\r\nabc\r\n" + tail)[1]:
        assert stored == stored_response(message, ended=ended)
        assert headers_of(stored.head)["Content-Length"] == str(len(stored.body))
    assert payload_of(stored.head + stored.body) == stored.payload


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=4), st.binary(max_size=40))
def test_no_byte_of_a_chunked_body_is_lost_but_its_framing(chunks, tail):
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    message = OK + b"Transfer-Encoding: chunked\r\n\r\n" + body
    whole = stored_response(message + b"0\r\n" + tail, ended=True)
    assert whole.payload == b"".join(chunks)
    assert whole.trailer == (b"" if tail in {b"\r\n", b"\n"} else tail)
    broken = stored_response(message + b"zz\r\n" + tail, ended=False)
    assert (broken.payload, broken.trailer) == (b"".join(chunks), b"zz\r\n" + tail)


@pytest.mark.parametrize("line", [b"Content-Length: 700", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("kept", [True, False])
def test_the_answer_to_a_head_request_is_whole_without_a_body(line, kept):
    message = OK + line + b"\r\n\r\n"
    stored = stored_response(message, ended=True, keep_transfer_encoding=kept, to_head=True)
    assert (stored.head, stored.body, stored.cut) == (message, b"", False)


@pytest.mark.parametrize("kept", [True, False])
def test_interim_heads_are_told_apart_from_the_answer(kept):
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 103 Early Hints\nLink: </a>\n\n"
    answer = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    stored = stored_response(interim + answer, ended=True, keep_transfer_encoding=kept)
    assert (stored.interim, stored.payload) == (interim, b"abc")
    assert stored == replace(
        stored_response(answer, ended=True, keep_transfer_encoding=kept), interim=interim
    )


@pytest.mark.parametrize(("after", "status"), [(b"\x81\x05hello", 101), (OK + b"\r\nhello", 200), (b"", 101)])
def test_a_change_of_protocol_is_the_answer_unless_http_follows(after, status):
    stored = stored_response(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + after, ended=True)
    assert stored.status == status
    assert stored.interim + stored.head + stored.body == b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + after


def test_interim_heads_without_an_answer_are_no_answer():
    received = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    stored = stored_response(received, ended=False)
    assert (stored.status, stored.body, stored.interim) == (0, received, b"")


SECRETS = ["Authorization", "cookie", "PROXY-Authorization"]
LINE = st.tuples(
    st.sampled_from([*SECRETS, "Host", "X-Cookie", "Cookie2"]), st.sampled_from([":", ": ", " :\t"]), VALUE
)


@given(st.lists(LINE, max_size=6), st.sampled_from([b"\r\n", b"\n"]), st.binary(max_size=20))
def test_of_a_request_only_the_values_of_its_secrets_change(lines, end, body):
    def message(value_of) -> bytes:
        fields = [f"{name}{colon}".encode() + value_of(name, value) for name, colon, value in lines]
        return end.join([b"GET /Cookie: HTTP/1.1", *fields, b"", body])

    hidden, names = redacted(message(lambda _, value: value or b"v"))
    assert hidden == message(lambda name, value: b"redacted" if name in SECRETS else value or b"v")
    assert names == tuple(dict.fromkeys(name for name, _, _ in lines if name in SECRETS))
    assert redacted(hidden) == (hidden, names)


def test_a_secret_on_folded_lines_is_hidden_whole():
    message = b"GET / HTTP/1.1\r\nCookie: a=1;\r\n b=2\r\n\tc=3\rd\r\nHost: a.example\r\n\r\nCookie: body"
    assert redacted(message) == (
        b"GET / HTTP/1.1\r\nCookie: redacted\r\nHost: a.example\r\n\r\nCookie: body",
        ("Cookie",),
    )
