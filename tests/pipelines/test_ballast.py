"""What makes a page large and is none of its text is left out before the page is cut."""

from __future__ import annotations

import pytest

from pipelines.ballast import without_ballast

FILLED = b"x" * 9_000
MOST = 1_000


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (b"<SCRIPT type='a'>%b</Script ><p>a", b"<SCRIPT type='a'></Script ><p>a"),
        (b"<style>%b</style><p>a", b"<style></style><p>a"),
        (b"<!-- %b --><p>a", b"<!----><p>a"),
        (b"<!-- <script>%b --><p>a", b"<!----><p>a"),
        (b"<img src='data:image/png;base64,%b'><p>a", b"<img src='data:image/png;base64,'><p>a"),
    ],
)
def test_long_pieces_are_emptied_and_what_is_around_them_stays(page, left):
    assert without_ballast(page % FILLED, MOST) == left


@pytest.mark.parametrize(
    "page",
    [
        b"<script type=application/ld+json>%b</script><p>a",
        b"<script>%b<p>never ended",
        b"<!-- %b never ended <script>",
        b"<p>%b</p>",
        b"<scripture>%b</scripture>",
    ],
)
def test_what_is_read_or_has_no_end_stays(page):
    assert without_ballast(page % FILLED, MOST) == page % FILLED


def test_a_page_that_is_not_large_stays_as_it_is():
    page = b"<script>%b</script>" % FILLED
    assert without_ballast(page, len(page)) == page
