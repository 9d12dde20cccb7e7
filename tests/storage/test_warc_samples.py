"""Small files that other tools wrote, whole and damaged, each read with the best outcome that is known."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.model import Damage, Record
from storage.warc import read_records

SAMPLES = {  # records and damages; what the damages are stands below
    "iipc+jwarc/cc.warc.gz": (1, 0),
    "iipc+jwarc/gzip_extra_sl.warc.gz": (1, 0),
    "internetarchive+gowarc/corrupted-mid-record.warc.gz.open": (12, 1),
    "internetarchive+gowarc/corrupted-trailing-bytes.warc.gz.open": (30, 1),
    "internetarchive+gowarc/empty.warc.gz.open": (0, 1),
    "internetarchive+gowarc/good.warc.gz.open": (50, 0),
    "internetarchive+gowarc/single-record.warc.gz.open": (1, 0),
    "internetarchive+gowarc/skip-non-open.warc.gz": (10, 0),
    "internetarchive+gowarc/test.warc.gz": (3, 0),
    "own-wget-1.21.3.warc.gz": (24, 0),
    "t_flip.warc.gz": (82, 1),
    "t_head5.warc.gz": (30, 1),
    "t_junk.warc.gz": (31, 1),
    "t_member.warc.gz": (31, 0),
    "t_mid.warc.gz": (30, 1),
    "t_tail8.warc.gz": (30, 1),
    "webrecorder+cdxj-indexer/bad.arc": (3, 1),
    "webrecorder+cdxj-indexer/cc.warc.gz": (3, 0),
    "webrecorder+cdxj-indexer/example.arc": (2, 0),
    "webrecorder+cdxj-indexer/example.warc.gz": (4, 2),
    "webrecorder+cdxj-indexer/missing-http.warc.gz": (2, 1),
    "webrecorder+cdxj-indexer/post-test-more.warc": (6, 0),
    "webrecorder+cdxj-indexer/post-test.warc.gz": (6, 0),
    "webrecorder+py-wacz/example-collection-with-lists.warc": (38, 0),
    "webrecorder+py-wacz/example-collection.warc": (4, 0),
    "webrecorder+py-wacz/example-iana.warc": (118, 0),
    "webrecorder+py-wacz/example-resource.warc.gz": (3, 0),
    "webrecorder+py-wacz/example-warcinfo-metadata.warc": (4, 0),
    "webrecorder+warcio/bad.arc": (3, 1),
    "webrecorder+warcio/example-bad-non-chunked.warc.gz": (5, 1),
    "webrecorder+warcio/example-bad.warc.gz.bad": (6, 0),
    "webrecorder+warcio/example-digest.warc": (4, 0),
    "webrecorder+warcio/example-iana.org-chunked.warc": (3, 0),
    "webrecorder+warcio/example-resource.warc.gz": (3, 0),
    "webrecorder+warcio/example-space-in-target-uri.warc.gz": (2, 0),
    "webrecorder+warcio/example-space-in-url.arc": (1, 1),
    "webrecorder+warcio/example-trunc.warc": (3, 1),
    "webrecorder+warcio/example-wget-bad-target-uri.warc.gz": (6, 0),
    "webrecorder+warcio/example-wrong-chunks.warc.gz": (1, 1),
    "webrecorder+warcio/example.arc": (2, 0),
    "webrecorder+warcio/example.arc.gz": (2, 0),
    "webrecorder+warcio/example.warc": (6, 0),
    "webrecorder+warcio/example.warc.gz": (6, 0),
    "webrecorder+warcio/post-test.warc.gz": (6, 0),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_files_of_other_tools_are_read(shared, name):
    path = shared / "corpora" / "warc-samples" / name
    if not path.exists():
        pytest.skip(f"no {name}")
    kinds = Counter(type(one).__name__ for one in read_records(path))
    assert (kinds["Record"], kinds["Damage"]) == SAMPLES[name]


def test_there_is_an_outcome_for_every_sample(shared):
    folder = shared / "corpora" / "warc-samples"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*arc*") if path.is_file()}
    assert found == set(SAMPLES)


REASONS = {
    "internetarchive+gowarc/empty.warc.gz.open": ["the member is empty"],
    "t_tail8.warc.gz": ["the gzip member is cut short"],
    "webrecorder+cdxj-indexer/missing-http.warc.gz": ["holds in no reading"],  # the record is there, too
    "webrecorder+warcio/bad.arc": ["no usable Archive-length"],  # it is "abc"; -1 means unknown and is taken
    "webrecorder+warcio/example-space-in-url.arc": ["cut short"],  # twelve bytes are missing
    "webrecorder+warcio/example-trunc.warc": ["holds for 975 bytes"],
    "webrecorder+warcio/example-wrong-chunks.warc.gz": ["block digest"],  # one record over two members
}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_wrong_with_a_sample_is_said(shared, name):
    path = shared / "corpora" / "warc-samples" / name
    if not path.exists():
        pytest.skip(f"no {name}")
    told = [one.reason for one in read_records(path) if isinstance(one, Damage)]
    assert len(told) == len(REASONS[name])
    assert all(part in reason for part, reason in zip(REASONS[name], told, strict=True))


def test_an_arc_file_gives_its_description_and_its_responses(shared):
    path = shared / "corpora" / "warc-samples" / "webrecorder+warcio" / "example.arc.gz"
    if not path.exists():
        pytest.skip("no example.arc.gz")
    first, second = (one for one in read_records(path) if isinstance(one, Record))
    assert (first.record_type, first.target_uri) == ("warcinfo", "filedesc://live-web-example.arc.gz")
    assert (second.record_type, second.target_uri) == ("response", "http://example.com/")
    assert second.headers["IP-address"] == "93.184.216.119"
    assert second.captured_at.isoformat() == "2014-02-16T05:02:21+00:00"
    assert second.block.startswith(b"HTTP/1.1 200 OK")
    assert first.record_id.startswith("urn:uuid:")
    assert first.record_id != second.record_id
