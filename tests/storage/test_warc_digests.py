from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.warc.digests import digest, holds

ALGORITHMS = ["md5", "sha1", "sha256", "sha512"]


@given(st.binary())
def test_our_digest_holds_for_its_data_and_no_other(data):
    assert holds(digest(data), data) is True
    assert holds(digest(data), data + b"!") is False


@given(
    st.binary(), st.sampled_from(ALGORITHMS), st.sampled_from(["hex", "HEX", "base32", "unpadded", "lower"])
)
def test_every_spelling_of_a_digest_is_understood(data, algorithm, spelling):
    raw = hashlib.new(algorithm, data).digest()
    base32 = base64.b32encode(raw).decode()
    value = {
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "base32": base32,
        "unpadded": base32.rstrip("="),
        "lower": base32.lower(),
    }[spelling]
    assert holds(f"{algorithm}:{value}", data) is True
    assert holds(f"{algorithm.upper()}:{value}", data + b"!") is False


@pytest.mark.parametrize("label", ["SHA-1", "sha-1", " Sha1 "])
def test_an_algorithm_is_known_by_its_older_spellings(label):
    assert holds(f"{label}: {hashlib.sha1(b'a').hexdigest()} ", b"a") is True


@pytest.mark.parametrize(
    "labelled",
    [
        "",
        "sha1",
        "sha1:",
        "sha1:0",
        "sha1:not a digest",
        "sha1:" + "g" * 40,
        "sha1:" + "1" * 32,
        "sha1:hvfkN/qlp/zhXR3cuerq6jd2Z7g=",
        "blake3:" + "0" * 64,
        "shake_128:00",
        "sha256:" + "A" * 32,
        "sha1:" + "é" * 40,
    ],
)
def test_a_digest_that_cannot_be_understood_says_neither_yes_nor_no(labelled):
    assert holds(labelled, b"a") is None


@given(st.text(), st.binary(max_size=20))
def test_no_text_makes_the_check_raise(labelled, data):
    assert holds(labelled, data) in {True, False, None}
