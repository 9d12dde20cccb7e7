"""What a crawl of a test server left: its exchanges as they lie in the archive, and what its spider got."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from storage.layout import Layout
from storage.model import Record
from storage.warc import read_records

PART = "X-Presswarc-Part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """The records of an exchange: its answer (response, revisit, failure), its request if one was sent.

    `parts` are what of the answer has no place in it, by name.
    """

    answer: Record
    request: Record | None
    parts: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What a crawl left: exchanges by path in their order, and what the spider got for each path."""

    exchanges: dict[str, list[Archived]]
    answers: dict[str, list[Any]]
    files: list[Path]
    server: Any
    result: dict[str, Any]

    def only(self, path: str) -> Archived:
        (one,) = self.exchanges[path]
        return one


def archived(archive: Path) -> list[Archived]:
    records = [one for path in Layout(archive).warc_files() for one in read_records(path)]
    assert all(isinstance(one, Record) for one in records), records
    beside: dict[str, list[Record]] = {}
    for one in records:
        beside.setdefault(one.headers.get("WARC-Concurrent-To", ""), []).append(one)
    return [
        _archived(one, beside.get(f"<{one.record_id}>", []))
        for one in beside.get("", [])
        if one.record_type in {"response", "revisit", "metadata"}
    ]


def _archived(answer: Record, beside: list[Record]) -> Archived:
    requests = [one for one in beside if one.record_type == "request"]
    assert len(requests) <= 1
    parts = {one.headers[PART]: one.block for one in beside if PART in one.headers}
    return Archived(answer=answer, request=requests[0] if requests else None, parts=parts)


def crawled(crawl: Callable[..., Any], server: Any, archive: Path, paths: list[Any], **told: Any) -> Crawled:
    """Crawl `paths` of `server`: each a path, or a path with more for the request."""
    scheme = "https" if server.tls else "http"
    asked = [(one, {}) if isinstance(one, str) else one for one in paths]
    base = f"{scheme}://127.0.0.1:{server.port}"
    requests = [{"url": base + path, **more} for path, more in asked]
    allowed = [["127.0.0.1", server.port]]
    result = crawl({"archive": str(archive), "allowed": allowed, "requests": requests, **told})
    exchanges: dict[str, list[Archived]] = {}
    for one in archived(archive):
        exchanges.setdefault((one.answer.target_uri or "").removeprefix(base), []).append(one)
    answers: dict[str, list[Any]] = {}
    for (path, _), answer in zip(asked, result["answers"], strict=True):
        answers.setdefault(path, []).append(answer)
    files = Layout(archive).warc_files()
    return Crawled(exchanges=exchanges, answers=answers, files=files, server=server, result=result)


def self_signed(folder: Path, *, with_rsa: bool = False) -> ssl.SSLContext:
    """A server's TLS with a certificate for 127.0.0.1 that nobody vouches for."""
    key = rsa.generate_private_key(65537, 2048) if with_rsa else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
