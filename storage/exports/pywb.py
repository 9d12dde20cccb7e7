"""A pywb collection over the archive where it lies: no WARC file is copied.

pywb reads the archive's own CDXJ and WARC files, and beside them one index that is made here: lines that lead
from each 304 to the body it confirmed. Source: pywb 2.10, `warcserver/warcserver.py` and `pathresolvers.py`.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from storage.cdxj import place_of, read_lines
from storage.errors import UsageError
from storage.exports.cdxj import need_cdxj
from storage.exports.files import refuse_existing, unwritable, whole_file
from storage.exports.lines import unchanged_lines
from storage.layout import Layout

COLLECTION = "presswarc"
CONFIG, README, UNCHANGED = "config.yaml", "README.txt", "indexes/unchanged.cdxj"
READABLE = (".warc", ".warc.gz", ".arc", ".arc.gz")  # what pywb can replay

_CONFIG = """\
# Made by `presswarc export --pywb`, which makes it again with --force. README.txt says how to start pywb.
collections:
  {collection}:
    index_group:
      captures: {index}
      unchanged: {unchanged}
    archive_paths:
{archives}
    timeout: 60
enable_auto_colls: false
framed_replay: true
"""
_README = """\
This folder shows the archive {archive} in pywb.

    python3 -m venv pywb-venv
    pywb-venv/bin/pip install pywb
    pywb-venv/bin/wayback -b 127.0.0.1 -p 8080 -d {folder}

then open http://127.0.0.1:8080/{collection}/

pywb reads the archive's own index and WARC files: new captures show as soon as a crawl has ended. Pages that
the crawl found unchanged (304) show their body once this folder is made again:

    presswarc export --archive {archive} --pywb {folder} --force

{moving}
"""
_INSIDE = "The paths in config.yaml are relative: the archive may move, with this folder in it."
_OUTSIDE = "The paths in config.yaml are absolute: when the archive or this folder moves, export again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What was written, and which WARC files pywb cannot show."""

    config: Path
    captures: int
    unchanged: int
    unreadable: tuple[str, ...]


def write_collection(layout: Layout, folder: Path, *, force: bool) -> Collection:
    """Write the configuration of a pywb collection that shows the archive.

    Raises: ArchiveError where there is no index, UsageError, OutOfSpaceError.
    """
    need_cdxj(layout)
    index, archive = _paths(layout, folder)
    for name in (CONFIG, README, UNCHANGED):
        refuse_existing(folder / name, force=force)
    try:
        (folder / UNCHANGED).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, folder) from error
    captures, files = _indexed(layout)
    with whole_file(folder / UNCHANGED, force=force) as out:
        unchanged = 0
        for line in unchanged_lines(read_lines(layout.cdxj)):
            out.write(line)
            unchanged += 1
    # A capture replayed from a WARC file elsewhere has its whole path as its file's name.
    prefixes = [archive, ""] if any(name.startswith("/") for name in files) else [archive]
    inside = not archive.startswith("/")
    texts = {
        CONFIG: _CONFIG.format(
            collection=COLLECTION,
            index=_quoted(index),
            unchanged=_quoted(f"./{UNCHANGED}"),
            archives="\n".join(f"      - {_quoted(prefix)}" for prefix in prefixes),
        ),
        README: _README.format(
            archive=shlex.quote(str(layout.root)),
            folder=shlex.quote(str(folder)),
            collection=COLLECTION,
            moving=_INSIDE if inside else _OUTSIDE,
        ),
    }
    for name, text in texts.items():
        with whole_file(folder / name, force=force) as out:
            out.write(text.encode())
    unreadable = tuple(sorted(name for name in files if not name.endswith(READABLE)))
    return Collection(config=folder / CONFIG, captures=captures, unchanged=unchanged, unreadable=unreadable)


def _indexed(layout: Layout) -> tuple[int, set[str]]:
    """Number of lines of the CDXJ, and the WARC files they name."""
    count, files = 0, set()
    for line in read_lines(layout.cdxj):
        files.add(place_of(line)[0])
        count += 1
    return count, files


def _paths(layout: Layout, folder: Path) -> tuple[str, str]:
    """The CDXJ and the folder of WARC files as the configuration names them.

    pywb works in the configuration's folder, so that relative paths hold wherever the archive is moved with
    that folder in it. Raises: UsageError for a path that pywb cannot take.
    """
    root, at = layout.root.resolve(), folder.resolve()
    placed = Layout(root)
    paths = [str(placed.cdxj), str(placed.warc)]
    if at.is_relative_to(root):
        paths = [os.path.join(".", os.path.relpath(path, at)) for path in paths]  # noqa: PTH118 (keeps the dot)
    for path in (*paths, str(folder)):
        # pywb takes * for a pattern, and :// for the address of a server.
        if "*" in path or "://" in path or not path.isprintable() or _surrogates(path):
            hint = "give the archive a plainer name"
            raise UsageError("pywb cannot take this path", hint=hint, where=path)
    return paths[0], f"{paths[1]}/"


def _surrogates(path: str) -> bool:
    """Whether the path has bytes that are no UTF-8."""
    return any("\ud800" <= letter <= "\udfff" for letter in path)


def _quoted(path: str) -> str:
    r"""The path in quotes, as YAML and pywb's own templates read it.

    >>> _quoted('/a {b}/"c"/')
    '"/a {{b}}/\\"c\\"/"'
    """
    return json.dumps(path.replace("{", "{{").replace("}", "}}"), ensure_ascii=False)
