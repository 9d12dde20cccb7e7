"""The command `verify` as a person uses it: on files by themselves, with a mended copy, as JSON."""

from __future__ import annotations

import json
import random

import pytest
from damage import whole_file

from crawler.cli import main
from storage.model import Damage
from storage.warc import read_records


@pytest.fixture
def damaged(tmp_path):
    """A file of twenty records, thirteen of them damaged in twelve places, two of them in a row."""
    whole = whole_file("gzip", random.Random(3), count=20)
    data = bytearray(whole.data)
    for one in whole.originals[:13]:
        data[(one.start + one.end) // 2] ^= 255
    path = tmp_path / "old.warc.gz"
    path.write_bytes(bytes(data))
    return path


def test_a_sound_file_exits_0(tmp_path, capsys):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(whole_file("gzip", random.Random(3)).data)
    assert main(["verify", str(path)]) == 0
    assert capsys.readouterr().out == "sound: 1 files, 8 records, 8 digests, 0 cdxj lines, 0 indexed\n"


def test_many_findings_of_a_kind_are_counted_and_ten_shown(damaged, capsys):
    assert main(["verify", str(damaged)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert sum("give no sound record" in line for line in told) == 10
    assert "  and 2 more like these (damage); --all shows them" in told
    assert sum(line.startswith("  try: ") for line in told) == 1
    assert told[-1].startswith("12 findings: 1 files, 7 records")
    assert main(["verify", "--all", str(damaged)]) == 1
    assert capsys.readouterr().out.count("give no sound record") == 12


def test_repair_writes_a_sound_copy_beside_the_file_and_leaves_the_file(damaged, capsys):
    before = damaged.read_bytes()
    assert main(["verify", "--repair", str(damaged)]) == 1
    assert "old.warc.gz.mended: 7 records" in capsys.readouterr().out
    assert damaged.read_bytes() == before
    found = list(read_records(damaged.with_name("old.warc.gz.mended")))
    assert len(found) == 7
    assert not any(isinstance(one, Damage) for one in found)


def test_json_has_every_finding_and_what_was_mended(damaged, capsys):
    assert main(["verify", "--json", "--repair", str(damaged)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["findings"]) == 12
    assert {one["kind"] for one in told["findings"]} == {"damage"}
    assert told["mended"][0]["records"] == 7
    assert len(told["mended"][0]["left_out"]) >= 1


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path, capsys):
    assert main(["verify", str(tmp_path / "none.warc.gz")]) == 2
    assert "none.warc.gz" in capsys.readouterr().err
