"""Chunked bodies: handed on once a piece, and read or refused as Twisted's decoder does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.web.http import _ChunkedTransferDecoder, _DataLoss, _MalformedChunkedDataError

from crawler.capture.chunks import LONGEST_LINE, MOST_TRAILER_BYTES, ChunkDecoder


class Read:
    """What a decoder made of pieces."""

    def __init__(self, kind: type, pieces: list[bytes]) -> None:
        self.calls: list[bytes] = []
        self.after: list[bytes] = []
        self.fault = ""
        decoder = kind(self.calls.append, self.after.append)
        try:
            for piece in pieces:
                if not self.after:
                    decoder.dataReceived(piece)
            decoder.noMoreData()
        except (_MalformedChunkedDataError, _DataLoss) as error:
            self.fault = type(error).__name__

    def told(self) -> tuple[bytes, list[bytes], str]:
        return b"".join(self.calls), self.after, self.fault


def test_a_piece_of_thousands_of_chunks_is_handed_on_at_once():
    # Each call passes all of Scrapy's signals: one a chunk would hold the event loop.
    read = Read(ChunkDecoder, [b"5\r\n<p>on\r\n" * 6_500])
    assert read.calls == [b"<p>on" * 6_500]


CHUNKS = (
    b"5\r\nhello\r\n",
    b"1\r\na\r\n",
    b"0a\r\n0123456789\r\n",
    b"3\r\n\r\n0\r\n",
    b"F\r\n" + b"x" * 15 + b"\r\n",
)
ENDS = (
    b"0\r\n\r\n", b"0\r\nX-T: u\r\nY: z\r\n\r\n", b"0\r\n\r\nHTTP/1.1 200", b"0\r\n", b"", b"5\r\nhel",
    b"zz\r\n", b"-5\r\nhello\r\n", b"+5\r\nhello\r\n", b"0x5\r\nhello\r\n", b"5_0\r\n", b"\r\n",
    b"5\r\nhelloX", b"5\r\nhelloXY", b"5\r\nhello\r", b"1" * 2000, b"0\r\n" + b"X" * 70_000,
)  # fmt: skip


@given(
    st.lists(st.sampled_from(CHUNKS)).map(b"".join),
    st.sampled_from(ENDS),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_what_twisted_takes_is_taken_and_what_it_refuses_is_refused_however_it_is_cut(chunks, end, cuts):
    message = chunks + end
    places = [0, *sorted(cut % (len(message) + 1) for cut in cuts), len(message)]
    pieces = [message[a:b] for a, b in pairwise(places) if a < b]
    assert Read(ChunkDecoder, pieces).told() == Read(_ChunkedTransferDecoder, pieces).told()


def test_blanks_round_a_size_and_whatever_extension_are_passed_over():
    assert Read(ChunkDecoder, [b' 5 ; a="\xff\x00" \r\nhello\r\n0\t\r\n\r\n']).told() == (b"hello", [b""], "")


@pytest.mark.parametrize("start", [b"1" * LONGEST_LINE, b"0\r\n" + b"T" * MOST_TRAILER_BYTES])
def test_a_line_without_end_is_given_up(start):
    assert Read(ChunkDecoder, [start]).fault == "_DataLoss"
    assert Read(ChunkDecoder, [start, b"11"]).fault == "_MalformedChunkedDataError"


def test_nothing_is_taken_after_the_last_chunk():
    decoder = ChunkDecoder(lambda _: None, lambda _: None)
    decoder.dataReceived(b"0\r\n\r\n")
    with pytest.raises(RuntimeError):
        decoder.dataReceived(b"more")
