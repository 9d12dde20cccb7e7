from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exchanges import MOST_WAITING, MOST_WAITING_BYTES, with_requests
from storage.model import Damage, Headers, Record

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def record(kind, record_id="", url="http://a.example/", concurrent=(), block=b""):
    return Record(
        record_id=record_id,
        record_type=kind,
        target_uri=url,
        captured_at=NOW,
        headers=Headers([("WARC-Concurrent-To", f"<{one}>") for one in concurrent]),
        block=block,
        offset=0,
        length=1,
    )


def pairs(*items):
    """Record ids of each answer and of its request."""
    return [
        (told.item.record_id, told.request.record_id if told.request else None)
        for told in with_requests(items)
        if isinstance(told.item, Record) and told.item.record_type in {"response", "revisit"}
    ]


def test_a_request_after_its_answer_is_found():
    found = pairs(record("response", "r1"), record("request", "q1", concurrent=["r1"]))
    assert found == [("r1", "q1")]


def test_a_request_before_its_answer_is_found_whichever_names_the_other():
    assert pairs(record("request", "q1"), record("response", "r1", concurrent=["q1"])) == [("r1", "q1")]
    assert pairs(record("request", "q1", concurrent=["r1"]), record("revisit", "r1")) == [("r1", "q1")]


def test_records_of_several_exchanges_at_once_are_told_apart():
    found = pairs(
        record("request", "q1"),
        record("request", "q2"),
        record("response", "r2", concurrent=["q2", "w0"]),
        record("metadata", "m2", concurrent=["r2"]),
        record("response", "r1", concurrent=["q1"]),
        record("response", "r3"),
        record("request", "q3", concurrent=["m2", "r3"]),
    )
    assert found == [("r2", "q2"), ("r1", "q1"), ("r3", "q3")]


@pytest.mark.parametrize("request_first", [True, False])
def test_without_identifiers_the_same_url_beside_it_must_do(request_first):
    exchange = [record("request", "q1", "http://a.example/1"), record("response", "r1", "http://a.example/1")]
    items = exchange if request_first else exchange[::-1]
    assert pairs(*items, record("response", "r2", "http://a.example/2")) == [("r1", "q1"), ("r2", None)]


def test_a_request_that_names_another_record_is_nobody_elses():
    found = pairs(record("request", "q1", concurrent=["gone"]), record("response", "r1"))
    assert found == [("r1", None)]


def test_one_request_is_the_request_of_one_answer():
    found = pairs(record("request", "q1"), record("response", "r1"), record("response", "r2"))
    assert found == [("r1", "q1"), ("r2", None)]


def test_an_answer_waits_no_longer_than_it_may():
    waiting = record("response", "r1")
    others = [record("metadata", f"m{number}") for number in range(MOST_WAITING + 5)]
    assert pairs(waiting, *others, record("request", "q1", concurrent=["r1"])) == [("r1", None)]


def test_few_bytes_wait_at_a_time():
    large = [record("response", f"r{number}", block=bytes(MOST_WAITING_BYTES // 2)) for number in range(6)]
    read = 0

    def reading():
        nonlocal read
        for one in large:
            read += 1
            yield one

    behind = [read - told for told, _ in enumerate(with_requests(reading()))]
    assert max(behind) <= 3


KINDS = st.sampled_from(["response", "request", "revisit", "metadata", "warcinfo", "damage"])


@given(st.lists(KINDS, max_size=150), st.randoms(use_true_random=False))
def test_every_item_comes_out_once_and_in_order(kinds, chance: random.Random):
    items = [
        Damage(offset=number, length=1, reason="")
        if kind == "damage"
        else record(
            kind, f"x{number}", concurrent=[f"x{chance.randrange(150)}"] if chance.random() < 0.6 else ()
        )
        for number, kind in enumerate(kinds)
    ]
    assert [told.item for told in with_requests(items)] == items
