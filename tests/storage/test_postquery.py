from __future__ import annotations

import io
import json

import pytest
from cdxj_indexer.postquery import append_method_query
from hypothesis import given
from hypothesis import strategies as st

from storage.postquery import MAX_QUERY_LENGTH, body_query, with_method

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xYz"
PARTS = (
    b'--xYz\r\nContent-Disposition: form-data; name="a"\r\n\r\none two\r\n'
    b'--xYz\r\nContent-Disposition: form-data; name="b"; filename="f.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n\r\n--xYz--\r\n"
)
BODIES = [
    (FORM, b"foo=bar&test=abc"),
    (FORM, b"A=1&B=[]&C=3"),
    (FORM, b"data=^"),
    (FORM, "q=é%20x+y".encode()),
    (FORM, b"\xff\xfe"),
    (FORM, b""),
    (FORM + "; charset=utf-8", b"a=1"),
    (MULTIPART, PARTS),
    ("multipart/form-data", PARTS),
    ("application/json", b'{"test": "some data", "another": {"x": [1, 2, {"test": null}]}, "f": 1.5, "": 3}'),
    ("application/json", b'{"a": 1}\n{"a": 2, "b": true}'),
    ("application/json; charset=utf-8", b"[]"),
    ("application/json", b"no json"),
    ("application/json", b""),
    ("text/plain", b'{"a": "json-data"}'),
    ("text/plain;charset=UTF-8", b"only words"),
    ("application/octet-stream", b"\x00\x01\xff"),
    ("", b"some more body data"),
    ("", b""),
    (FORM, b"x=" + b"a" * 9000),
]


def theirs(url: str, method: str, content_type: str, body: bytes) -> tuple[str, str]:
    query, added = append_method_query(method, content_type, len(body), io.BytesIO(body), url)
    return query, url + added


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("content_type", "body"), BODIES)
def test_a_request_body_is_the_query_that_cdxj_indexer_makes_of_it(content_type, body, method, capsys):
    url = "http://a.example/x"
    query, whole = theirs(url, method, content_type, body)
    assert body_query(content_type, body) == query
    assert with_method(url, method, query) == whole
    assert len(query) <= MAX_QUERY_LENGTH
    capsys.readouterr()  # cdxj-indexer prints what is no JSON


@given(st.text(max_size=40), st.sampled_from([FORM, "text/plain", "application/pdf"]))
def test_any_text_is_the_query_that_cdxj_indexer_makes_of_it(text, content_type):
    assert body_query(content_type, text.encode()) == theirs("u?a", "POST", content_type, text.encode())[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_the_query_that_cdxj_indexer_makes_of_it(document):
    body = json.dumps(document).encode()
    assert body_query("application/json", body) == theirs("u", "POST", "application/json", body)[0]


@given(st.text(max_size=30), st.binary(max_size=80))
def test_no_body_makes_it_raise(content_type, body):
    assert isinstance(body_query(content_type, body), str)


def test_json_nested_beyond_measure_is_binary():
    assert body_query("text/plain", b"[" * 100_000).startswith("__wb_post_data=")
