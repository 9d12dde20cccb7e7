"""Digests as WARC headers write them: an algorithm's name, a colon, the value.

Presswarc writes `sha256:` with lower-case hex, which `sha256sum` prints too; it reads base32 and hex of any
algorithm that Python has.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

ALGORITHM = "sha256"


def digest(*parts: bytes) -> str:
    """Labelled digest of `parts` in a row.

    >>> digest(b"")[:23], digest(b"a", b"b") == digest(b"ab")
    ('sha256:e3b0c44298fc1c14', True)
    """
    hasher = hashlib.new(ALGORITHM)
    for part in parts:
        hasher.update(part)
    return f"{ALGORITHM}:{hasher.hexdigest()}"


def holds(labelled: str, data: bytes) -> bool | None:
    """Whether `labelled` is the digest of `data`; None where the label or the value can't be understood.

    >>> holds(digest(b"a"), b"a"), holds(digest(b"a"), b"b"), holds("crc:1", b"a")
    (True, False, None)
    >>> holds("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"")
    True
    """
    hasher = hasher_of(labelled)
    if hasher is None:
        return None
    hasher.update(data)
    return agrees(labelled, hasher)


def hasher_of(labelled: str) -> hashlib._Hash | None:
    """A fresh hasher of the algorithm that `labelled` names; None where it can't be understood."""
    name, separator, _ = labelled.partition(":")
    algorithm = name.strip().lower().replace("-", "")
    if not separator or algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return None
    return hashlib.new(algorithm, usedforsecurity=False)


def agrees(labelled: str, hasher: hashlib._Hash) -> bool | None:
    """Whether `labelled` is the digest of what `hasher` was given; None where it can't be understood."""
    value = labelled.partition(":")[2].strip()
    actual = hasher.digest()
    if value in {base64.b32encode(actual).decode().rstrip("="), actual.hex()}:  # as nearly all are written
        return True
    expected = _decode(value, len(actual))
    return None if expected is None else expected == actual


def _decode(value: str, size: int) -> bytes | None:
    """Bytes of a hex or base32 digest value of `size` bytes."""
    try:
        if len(value) == size * 2 and not value.endswith("="):
            return bytes.fromhex(value)
        padded = value.rstrip("=").upper()
        decoded = base64.b32decode(padded + "=" * (-len(padded) % 8))
    except (ValueError, binascii.Error):
        return None
    return decoded if len(decoded) == size else None
