"""What comes back from a parsing process is read as values: nothing that it sends is called."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import captured_parser
import pytest
from captured_parser import Calls
from hypothesis import given
from hypothesis import strategies as st

from pipelines.messages import MAX_ANSWER_BYTES, NotAValueError, receive_value, value_of
from pipelines.workers import CallFailedError, Workers
from storage.article import Article, Block, BlockKind, Outcome
from storage.errors import ArchiveError
from storage.model import Capture
from storage.warc.write import WarcWriter

ARTICLE = Article(
    title="Ä title",
    text="one\n\ntwo",
    published_at=datetime(2026, 11, 22, tzinfo=UTC),
    blocks=(Block(text="one", kind=BlockKind.BODY, kept=True),),
    outcome=Outcome.ARTICLE,
)


def test_a_value_of_ours_comes_back_as_it_was():
    assert value_of(pickle.dumps((True, ARTICLE))) == (True, ARTICLE)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.binary(), st.lists))
def test_plain_values_come_back_as_they_were(value):
    assert value_of(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    "made",
    [
        Calls(os.system, "touch {}"),
        Calls(subprocess.check_call, ["touch", "{}"]),
        Calls(eval, "open({!r}, 'w')"),
        Calls(getattr, Outcome, "__class__"),
        Calls(WarcWriter, "x"),
        Calls(ArchiveError, "x"),
        Calls(Workers, 1),
        Workers,
        ArchiveError,
        os.system,
        print,
    ],
    ids=[
        "system",
        "check_call",
        "eval",
        "getattr",
        "a class that opens files",
        "an error",
        "a pool",
        "Workers",
        "ArchiveError",
        "os.system",
        "print",
    ],
)
def test_a_pickle_that_names_anything_but_values_is_refused(made):
    with pytest.raises(NotAValueError):
        value_of(pickle.dumps(made))


def test_a_pickle_can_not_change_the_classes_it_names():
    for kind, name in ((Capture, "url"), (Outcome, "__str__"), (datetime, "now")):
        module = kind.__module__.encode()
        state = pickle.dumps((None, {name: "x"}), protocol=2)[2:-1]
        changing = b"\x80\x04c" + module + b"\n" + kind.__name__.encode() + b"\n" + state + b"b."
        before = getattr(kind, name)
        with suppress(NotAValueError):
            value_of(changing)
        assert getattr(kind, name) == before


@given(st.binary(max_size=400))
def test_any_bytes_are_a_value_or_refused(data):
    with suppress(NotAValueError):
        value_of(data)


def test_a_message_that_says_it_is_enormous_is_not_waited_for():
    with pytest.raises(NotAValueError, match="bytes"):
        receive_value(BytesIO(struct.pack(">Q", MAX_ANSWER_BYTES + 1)))
    with pytest.raises(EOFError):
        receive_value(BytesIO(struct.pack(">Q", 100) + b"short"))


def test_a_worker_that_a_page_has_taken_over_runs_nothing_in_the_parent(tmp_path):
    with Workers(1) as workers:
        before = workers.submit(os.getpid).result(timeout=60)
        with pytest.raises(CallFailedError, match=r"the answer is no value: posix\.system") as caught:
            workers.submit(captured_parser.answer_by_itself, str(tmp_path / "owned")).result(timeout=60)
        assert caught.value.outcome is Outcome.PARSE_CRASHED
        assert workers.submit(os.getpid).result(timeout=60) != before
    assert list(tmp_path.iterdir()) == []
