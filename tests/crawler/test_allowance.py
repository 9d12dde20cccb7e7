"""How many pages a crawl asks for."""

from __future__ import annotations

import pytest

from crawler.allowance import Allowance


@pytest.mark.parametrize(("most", "ends_after"), [(5, 1_000), (2_000, 2_000), (0, None)])
def test_pages_that_nobody_answers_for_end_a_crawl_too(most, ends_after):
    allowance = Allowance(most)
    ends = []
    for number in range(1, 3_000):
        assert allowance.admit()
        if allowance.ended(answered=False):
            ends.append(number)
    assert ends == ([ends_after] if ends_after else [])


def test_without_a_limit_no_page_is_the_last():
    allowance = Allowance(0)
    assert not any(allowance.admit() and allowance.ended(answered=True) for _ in range(10))
