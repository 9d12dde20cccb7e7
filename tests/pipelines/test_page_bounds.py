"""How much of a page is read: enough of any page that a person reads, and bounded for all others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.page.bounds import MAX_READ_BYTES, MAX_TAGS, bounded, up_to_tag


@given(st.lists(st.sampled_from([b"<p>", b"text", b"</p>", b"<"])).map(b"".join), st.integers(0, 20))
def test_the_beginning_is_kept_up_to_so_many_tags(body, most):
    kept = up_to_tag(body, most)
    assert body.startswith(kept)
    assert kept.count(b"<") == min(most, body.count(b"<"))
    assert kept == body or body[len(kept) :].startswith(b"<")


def test_a_long_page_is_read_to_its_end():
    page = b"<p>A paragraph of a very long page, as long as a short book.</p>\n" * 50_000
    assert bounded(page) == page


def test_neither_bytes_nor_tags_without_end_are_read():
    assert len(bounded(b"word " * 4_000_000)) == MAX_READ_BYTES
    assert bounded(b"<p>on" * 1_000_000).count(b"<") == MAX_TAGS
