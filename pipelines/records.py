"""What a WARC record says: a capture, a failure, a crawl, a page."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass

import zstandard

from storage.article import Outcome
from storage.cdxj import CAPTURE_TYPES
from storage.inflate import GZIP_WINDOW, Inflating, inflated
from storage.layout import imported_crawl_id, imported_source
from storage.model import Capture, Crawl, Discovered, Failure, Headers, Record
from storage.postquery import METHODS_WITH_BODY, body_query
from storage.warc.build import read_warc_fields
from storage.warc.http import BARE_TYPES, headers_of, http_head, mime_of, payload_of, split_head, status_of
from storage.warc.read import warc_datetime

INDEXED_TYPES = CAPTURE_TYPES | BARE_TYPES  # the records that are captures; a conversion has no CDXJ line
MAX_PAGE_BYTES = 64 << 20
TEXT_TYPE = "text/plain"
_ZSTD_STEP_BYTES = 1 << 10  # may unpack to 32 MB
_LANGUAGES = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "dan": "da", "deu": "de", "ell": "el", "eng": "en",
    "est": "et", "fas": "fa", "fin": "fi", "fra": "fr", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu",
    "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "nld": "nl", "nor": "no",
    "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "slk": "sk", "slv": "sl", "spa": "es", "srp": "sr",
    "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "zho": "zh",
}  # fmt: skip
_METHOD = re.compile(rb"([A-Z]{1,32}) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response as extraction wants it: the body with its content coding undone.

    `is_text`: it is plain text that was made of a page, as WET files have it; `language` is what its maker
    found it written in. `is_cut`: the coding does not come to its end, though all of it was read.
    """

    url: str
    content_type: str | None
    body: bytes
    is_text: bool = False
    language: str | None = None
    is_cut: bool = False


def capture_of(
    record: Record, *, source: str, crawl_id: str, warc_file: str, request: Record | None = None
) -> Capture | None:
    """Row of `captures` for a response, revisit, resource or conversion record, None for any other.

    `request` is the record of the request that it answers; without one it is taken for the answer to a GET.
    """
    if record.record_type not in INDEXED_TYPES or not record.target_uri:
        return None
    head = http_head(record)
    headers = headers_of(head)
    method = method_of(request)
    return Capture(
        record_id=record.record_id or _content_id(record),
        url=record.target_uri,
        source=source,
        crawl_id=crawl_id,
        captured_at=record.captured_at,
        method=method,
        status=status_of(head),
        mime=mime_of(record, headers),
        payload_digest=record.headers.get("WARC-Payload-Digest") or _payload_digest(record, head),
        record_type=record.record_type,
        warc_file=warc_file,
        warc_offset=record.offset,
        warc_length=record.length,
        truncated=record.headers.get("WARC-Truncated"),
        protocol=" ".join(record.headers.get_all("WARC-Protocol")) or None,
        ip=record.headers.get("WARC-IP-Address"),
        redirect_to=headers.get("Location"),
        refers_to_url=record.headers.get("WARC-Refers-To-Target-URI"),
        refers_to_at=warc_datetime(record.headers.get("WARC-Refers-To-Date", "")),
        request_body=_request_body(request) if method in METHODS_WITH_BODY else None,
    )


def method_of(request: Record | None) -> str:
    """Method of a request record, GET where there is none or it can't be told."""
    found = _METHOD.match(request.block) if request else None
    return found.group(1).decode("ascii") if found else "GET"


def _request_body(request: Record | None) -> str | None:
    """What a request record asked with, as a query."""
    if request is None:
        return None
    headers = headers_of(split_head(request.block)[0])
    return body_query(headers.get("Content-Type", ""), payload_of(request.block))


def _payload_digest(record: Record, head: bytes) -> str:
    """Digest, as CDX servers write it, of a payload that has none; empty where it is not all here."""
    if record.record_type == "revisit" or record.omitted_bytes:
        return ""
    payload = hashlib.sha1(record.block[len(head) :], usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(payload).decode()}"


def _content_id(record: Record) -> str:
    """An identifier for a record whose writer gave it none: the same wherever the record lies.

    The standard asks for one, and without it all such records would be one row.
    """
    told = f"{record.record_type} {record.target_uri} {record.captured_at.isoformat()}\n"
    return f"urn:sha256:{hashlib.sha256(told.encode('utf-8', 'replace') + record.block).hexdigest()}"


def failure_of(record: Record, *, source: str, crawl_id: str) -> Failure | None:
    """Row of `failures` for a metadata record of ours, None for any other."""
    if record.record_type != "metadata" or not record.target_uri:
        return None
    fields = read_warc_fields(record.block)
    if fields.get("fetchOutcome") not in {outcome.value for outcome in Outcome}:
        return None
    return Failure(
        record_id=record.record_id,
        url=record.target_uri,
        source=source,
        crawl_id=crawl_id,
        failed_at=record.captured_at,
        outcome=Outcome(fields["fetchOutcome"]),
        reason=fields.get("fetchReason", ""),
    )


def discovered_of(record: Record) -> Discovered | None:
    """How a fetch came about, from a metadata record of ours; None for any other."""
    fetched = record.headers.get("WARC-Concurrent-To", "").strip("<>")
    if record.record_type != "metadata" or not record.target_uri or not fetched:
        return None
    if record.headers.get("Content-Type") != "application/warc-fields":
        return None
    fields = read_warc_fields(record.block)
    depth = fields.get("depth", "")
    if "foundIn" not in fields or not re.fullmatch(r"[0-9]{1,9}", depth):
        return None
    return Discovered(
        record_id=fetched,
        url=record.target_uri,
        found_on=fields.get("via", ""),
        found_in=fields["foundIn"],
        kind=fields.get("linkKind", ""),
        depth=int(depth),
        title=fields.get("title"),
        published_raw=fields.get("publishedRaw"),
        modified_raw=fields.get("modifiedRaw"),
    )


def crawl_of(record: Record) -> Crawl | None:
    """The crawl that a warcinfo record of ours tells of, None for any other record."""
    if record.record_type != "warcinfo":
        return None
    fields = read_warc_fields(record.block)
    started_at = warc_datetime(fields.get("crawlStarted", ""))
    if "crawlId" not in fields or started_at is None:
        return None
    return Crawl(
        crawl_id=fields["crawlId"],
        source=fields.get("source", ""),
        started_at=started_at,
        software=fields.get("software", ""),
        seed_url=fields.get("seed", ""),
        robots=fields.get("robots", ""),
    )


def crawl_by_name(record: Record, warc_file: str) -> Crawl | None:
    """The crawl of a file that others made, from its name in the archive and its first readable record.

    Such a file is a crawl of its own. None where the name is not one that an import gives.
    """
    source = imported_source(warc_file)
    if source is None:
        return None
    fields = read_warc_fields(record.block) if record.record_type == "warcinfo" else Headers(())
    return Crawl(
        crawl_id=imported_crawl_id(warc_file),
        source=source,
        started_at=record.captured_at,
        software=fields.get("software", ""),
        seed_url="",
        robots=fields.get("robots", ""),
    )


def page_of(record: Record, most_bytes: int = MAX_PAGE_BYTES) -> Page:
    """The page in a response, resource or conversion record; of one that is packed, at most `most_bytes`.

    A body whose coding does not hold is given as far as it unpacks.
    """
    if record.record_type in BARE_TYPES:
        return Page(
            url=record.target_uri or "",
            content_type=record.headers.get("Content-Type"),
            body=record.block,
            is_text=record.record_type == "conversion" and mime_of(record, record.headers) == TEXT_TYPE,
            language=identified_language(record.headers),
        )
    head, _ = split_head(record.block)
    headers = headers_of(head)
    body = payload_of(record.block)
    codings = ",".join(headers.get_all("Content-Encoding")).lower().split(",")
    is_cut = False
    for coding in reversed([name.strip() for name in codings]):
        body, is_whole = _decoded(body, coding, most_bytes)
        is_cut = is_cut or not is_whole
    kind = headers.get("Content-Type")
    return Page(url=record.target_uri or "", content_type=kind, body=body, is_cut=is_cut)


def identified_language(headers: Headers) -> str | None:
    """The two-letter code of the language that most of a text is in, as the maker of the record found it.

    Source: Common Crawl, whose WET records name languages by ISO 639-3 code, the one with most text first.

    >>> identified_language(Headers([("WARC-Identified-Content-Language", "deu,eng")]))
    'de'
    """
    found = headers.get("WARC-Identified-Content-Language", "").split(",")[0].strip().lower()
    return _LANGUAGES.get(found)


def decode(body: bytes, coding: str, most_bytes: int = MAX_PAGE_BYTES) -> bytes:
    """Body with one content coding undone, at most `most_bytes`; as it is where the coding is not known.

    >>> decode(zlib.compress(b"abc"), "deflate"), decode(b"abc", "gzip"), decode(b"abc", "identity")
    (b'abc', b'abc', b'abc')
    """
    return _decoded(body, coding, most_bytes)[0]


def _decoded(body: bytes, coding: str, most_bytes: int) -> tuple[bytes, bool]:
    """Body with one content coding undone, and whether that came to its end, or to `most_bytes`.

    A body of which nothing unpacks is given as it is, whole: its server only says that it is packed.
    """
    try:
        if coding in {"gzip", "x-gzip", "deflate"}:
            unpacked, is_whole = _inflate(body, coding, most_bytes)
        elif coding == "br":
            unpacked, is_whole = _brotli(body, most_bytes)
        elif coding == "zstd":
            unpacked, is_whole = _zstd(body, most_bytes)
        else:
            return body, True
    except ImportError:
        return body, True
    return (unpacked, is_whole) if unpacked else (body, True)


def _inflate(body: bytes, coding: str, most_bytes: int) -> tuple[bytes, bool]:
    """What unpacks of a deflate stream or of gzip members in a row."""
    deflate = zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS
    window = deflate if coding == "deflate" else GZIP_WINDOW
    unpacked, ended = inflated(body, window=window, most_bytes=most_bytes)
    return unpacked, ended in {Inflating.WHOLE, Inflating.TOO_LARGE}


def _brotli(body: bytes, most_bytes: int) -> tuple[bytes, bool]:
    """What unpacks of a brotli stream; Scrapy brings the library."""
    import brotli

    reader = brotli.Decompressor()
    try:
        unpacked = bytes(reader.process(body, output_buffer_limit=most_bytes))
    except (brotli.error, TypeError):
        return b"", False
    return unpacked, reader.is_finished() or len(unpacked) >= most_bytes


def _zstd(body: bytes, most_bytes: int) -> tuple[bytes, bool]:
    """What unpacks of zstd frames in a row; what follows them and is none is passed over."""
    unpacked = bytearray()
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_PAGE_BYTES)
    frame, at, is_whole = decompressor.decompressobj(), 0, False
    while at < len(body) and len(unpacked) < most_bytes:
        part = body[at : at + _ZSTD_STEP_BYTES]
        try:
            unpacked += frame.decompress(part)
        except zstandard.ZstdError:
            break
        at += len(part)
        is_whole = frame.eof
        if is_whole:
            at -= len(frame.unused_data)
            frame = decompressor.decompressobj()
    return bytes(unpacked[:most_bytes]), is_whole or len(unpacked) >= most_bytes
