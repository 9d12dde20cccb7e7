import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.inflate import Inflating, inflated

MOST = 1 << 20


class Watched(bytes):
    """Bytes that count how many of them were handed out in slices."""

    __slots__ = ()
    handed = 0

    def __getitem__(self, place):
        part = super().__getitem__(place)
        Watched.handed += len(part) if isinstance(place, slice) else 1
        return part


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=5), st.binary(max_size=9))
def test_all_members_are_read_and_what_follows_them_is_passed_over(parts, behind):
    body = b"".join(gzip.compress(part) for part in parts) + b"x" + behind
    assert inflated(body, most_bytes=MOST) == (b"".join(parts), Inflating.WHOLE)


def test_many_empty_members_are_not_copied_again_for_each_of_them():
    member = gzip.compress(b"", mtime=0)
    body = Watched(member * 20_000)
    Watched.handed = 0
    assert inflated(body, most_bytes=MOST) == (b"", Inflating.WHOLE)
    assert Watched.handed < 40 * len(body)


@pytest.mark.parametrize("size", [MOST, MOST + 1, 50 * MOST])
def test_no_more_is_unpacked_than_is_wanted(size):
    data, ended = inflated(gzip.compress(bytes(size)), most_bytes=MOST)
    assert (len(data), ended) == (MOST, Inflating.TOO_LARGE)


def test_what_came_before_a_cut_or_damage_is_had():
    packed = gzip.compress(bytes(range(256)) * 40)
    data, ended = inflated(packed[:-12], most_bytes=MOST)
    assert ended is Inflating.CUT
    assert data == (bytes(range(256)) * 40)[: len(data)] != b""
    assert inflated(gzip.compress(b"a") + b"\x1f\x8b" + b"\xff" * 9, most_bytes=MOST) == (
        b"a",
        Inflating.DAMAGED,
    )


def test_a_deflate_stream_ends_where_it_ends():
    assert inflated(zlib.compress(b"abc") * 2, window=zlib.MAX_WBITS, most_bytes=9) == (
        b"abc",
        Inflating.WHOLE,
    )
