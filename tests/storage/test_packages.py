"""WACZ files of every sort, well made and not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from storage.imports.packages import open_package

WARC = b"WARC/1.0\r\nnot looked at here" * 400


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def wacz(path, members, *, told=None, digest=True, packing=zipfile.ZIP_STORED, **facts):
    """A WACZ file with `members`; its description tells `told` in the place of what is so."""
    resources = [
        {"name": name, "path": name, "hash": sha256(data), "bytes": len(data)}
        for name, data in members.items()
    ]
    described = json.dumps({"resources": resources, **facts} if told is None else told).encode()
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, data in members.items():
            file.writestr(name, data)
        file.writestr("datapackage.json", described)
        if digest:
            signed = {"path": "datapackage.json", "hash": sha256(described)}
            file.writestr("datapackage-digest.json", json.dumps(signed))
    return path


def contents(package) -> dict[str, bytes]:
    found = {}
    for member in package.warcs():
        out = io.BytesIO()
        if package.extract(member, out):
            found[member.filename] = out.getvalue()
    return found


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_warc_members_come_out_with_their_bytes_however_they_are_packed(tmp_path, packing):
    members = {"archive/a.warc.gz": WARC, "archive/b.warc": WARC[::-1], "pages/pages.jsonl": b"{}"}
    with open_package(wacz(tmp_path / "x.wacz", members, packing=packing)) as package:
        assert contents(package) == {name: members[name] for name in list(members)[:2]}
        assert package.problems == []


def test_what_the_package_says_of_itself_is_read(tmp_path):
    path = wacz(
        tmp_path / "x.wacz", {"archive/a.warc": WARC}, title="Harbor", software="tool 1", created="2022-01-18"
    )
    with open_package(path) as package:
        about = package.about
    assert (about.title, about.software, about.created, about.signed_by) == (
        "Harbor",
        "tool 1",
        "2022-01-18",
        "",
    )


def test_everything_but_warcs_and_indexes_is_a_note(tmp_path):
    names = [
        "archive/a.warc",
        "indexes/index.cdx.gz",
        "pages/pages.jsonl",
        "pages/extraPages.jsonl",
        "logs/x.log",
    ]
    with open_package(wacz(tmp_path / "x.wacz", dict.fromkeys(names, b"x"))) as package:
        notes = {one.filename: package.read(one) for one in package.notes()}
    assert set(notes) == {*names[2:], "datapackage.json", "datapackage-digest.json"}
    assert notes["logs/x.log"] == b"x"


def test_a_member_of_which_the_description_tells_another_digest_is_told(tmp_path):
    told = {"resources": [{"path": "archive/a.warc", "hash": sha256(b"another")}]}
    with open_package(wacz(tmp_path / "x.wacz", {"archive/a.warc": WARC}, told=told)) as package:
        assert contents(package) == {"archive/a.warc": WARC}
        assert package.problems == ["archive/a.warc: its sha256 is not the one in datapackage.json"]


def test_members_told_of_and_not_there_and_there_and_not_told_of_are_told(tmp_path):
    told = {"resources": [{"path": "archive/gone.warc", "hash": sha256(WARC)}]}
    with open_package(wacz(tmp_path / "x.wacz", {"archive/a.warc": WARC}, told=told)) as package:
        assert package.problems == [
            "archive/gone.warc: told of in datapackage.json, not in the file",
            "archive/a.warc: not told of in datapackage.json",
        ]


def test_a_description_that_was_changed_after_it_was_digested_is_told(tmp_path):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": WARC}, digest=False)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("datapackage-digest.json", json.dumps({"hash": sha256(b"as it was")}))
    with open_package(path) as package:
        package.read(package.file.getinfo("datapackage.json"))
        assert package.problems == ["datapackage.json: its sha256 is not the one in datapackage-digest.json"]


@pytest.mark.parametrize("told", [[], {"resources": 3}, {"resources": [3, {"path": 4}, {}]}, "x"])
def test_a_description_of_any_shape_is_read(tmp_path, told):
    with open_package(wacz(tmp_path / "x.wacz", {"archive/a.warc": WARC}, told=told)) as package:
        assert contents(package) == {"archive/a.warc": WARC}
        assert package.problems


@pytest.mark.parametrize(
    "name", ["archive/../../x.warc", "/etc/x.warc", "..\\x.warc", "C:x.warc", "a\nb.warc"]
)
def test_a_member_with_an_unsafe_name_is_passed_over_and_told(tmp_path, name):
    with open_package(wacz(tmp_path / "x.wacz", {name: WARC, "archive/a.warc": WARC})) as package:
        assert contents(package) == {"archive/a.warc": WARC}
        assert any("an unsafe name" in problem for problem in package.problems)


def test_a_damaged_member_is_told_and_the_others_come_out(tmp_path):
    members = {"archive/a.warc": WARC, "archive/b.warc": WARC[::-1]}
    path = wacz(tmp_path / "x.wacz", members, packing=zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    raw[60:90] = bytes(30)
    path.write_bytes(raw)
    with open_package(path) as package:
        assert contents(package) == {"archive/b.warc": WARC[::-1]}
        assert [one.partition(" (")[0] for one in package.problems] == ["archive/a.warc: does not unpack"]


def test_a_zip64_package_is_read(tmp_path):
    path = tmp_path / "x.wacz"
    file = zipfile.ZipFile(path, "w", allowZip64=True)
    with file, file.open("archive/a.warc", "w", force_zip64=True) as out:
        out.write(WARC)
    with open_package(path) as package:
        assert contents(package) == {"archive/a.warc": WARC}


def test_an_encrypted_member_is_told(tmp_path):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": WARC})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1  # the flag in the local header and in the directory
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with open_package(path) as package:
        assert contents(package) == {}
        assert "does not unpack" in package.problems[0]


def test_a_package_without_captures_is_told(tmp_path):
    with open_package(wacz(tmp_path / "x.wacz", {"pages/pages.jsonl": b"{}"})) as package:
        assert package.problems == ["no WARC file in it"]
