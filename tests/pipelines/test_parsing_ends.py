"""What stands behind the end tags of a page is of the page."""

from __future__ import annotations

import pytest

from pipelines.page.parsing import read_page

FIRST, SECOND = "The first boat came in before dawn.", "The second boat came in after it."


@pytest.mark.parametrize(
    "end", ["</body></html>", "</BODY>\n</HTML>", "</html>", "</body>", "</body ></html><!-- x -->"]
)
def test_text_behind_the_end_is_read(end):
    page = read_page(f"<html><body><p>{FIRST}</p>{end}\n<div><p>{SECOND}</p></div>")
    assert [segment.text for segment in page.reading.segments] == [FIRST, SECOND]


def test_comment_behind_the_end_changes_nothing():
    page = read_page(f"<html><body><p>{FIRST}</p></body></html>\n<!-- <p>{SECOND}</p> -->")
    assert [segment.text for segment in page.reading.segments] == [FIRST]
