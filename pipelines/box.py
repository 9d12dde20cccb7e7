"""A box round a process that parses: in it, a fault in a library can do little with the rights of the user.

No file can be written and none be read but the program's own and the system's libraries; there is no network,
no other program, no signal to another process. It takes a Linux with Landlock (5.13, for all of it 6.12) and
with filters of system calls; what the kernel lacks is left open. Source: landlock(7), seccomp(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import stat
import struct
import sys
import sysconfig
import zoneinfo
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pipelines.call_filter import no_new_privileges, refuse_calls

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # numbers of calls, the same on every machine
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))  # and since which version
_NET, _NET_SINCE = 3, 4  # bind and connect of TCP
_SCOPES, _SCOPES_SINCE = 3, 6  # abstract sockets and signals
_MOST_FILES = 128
_OURS = ("storage", "pipelines", "crawler")
_OTHERS = ("trafilatura", "lxml", "dateparser", "py3langid")
_SYSTEM = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/nix/store",
    "/gnu/store", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types",
    "/usr/share/zoneinfo", "/usr/share/locale", "/dev/null", "/dev/zero", "/dev/urandom",
    "/sys/devices/system/cpu", "/proc/cpuinfo",
)  # fmt: skip
_left_open: list[str] = ["files", "signals to other processes", "the network and other programs"]


def close_box() -> None:
    """Close the box round this process, for good; other threads that run already stay outside."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))
    if sys.platform != "linux" or not no_new_privileges():
        return
    version = _shut_files()
    if version:
        _left_open.remove("files")
    elif not stat.S_ISREG(os.fstat(2).st_mode):  # what is told must still find its place
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if refuse_calls():
        _left_open[:] = [one for one in _left_open if one == "files"]
    elif version >= _SCOPES_SINCE:
        _left_open.remove("signals to other processes")


def left_open() -> tuple[str, ...]:
    """What the box of this process does not close, in words; all of it before `close_box`."""
    return tuple(_left_open)


def _shut_files() -> int:
    """The version of Landlock that holds from now on, by which few files can be read; 0 where none does."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return 0
    rights = sum(right for since, right in _FILE_RIGHTS if version >= since)
    handled = [rights]
    handled += [_NET] if version >= _NET_SINCE else []
    handled += [_SCOPES] if version >= _SCOPES_SINCE else []
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    rules = libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return 0
    try:
        for path in _readable():
            _allow(libc, rules, path)
        return version if libc.syscall(_RESTRICT, rules, 0) == 0 else 0
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path) -> None:
    """Let a file, or all that is in a folder, be read; what is not there needs no leave."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rights = _READ_FILE | (_READ_FOLDER if is_folder else 0)
        libc.syscall(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _readable() -> Iterator[Path]:
    """What a parser reads: Python, the libraries, our own packages, time zones."""
    yield from map(Path, (*_SYSTEM, *zoneinfo.TZPATH, *sysconfig.get_paths().values()))
    for prefix in (sys.prefix, sys.base_prefix):
        yield Path(prefix, "pyvenv.cfg")
        yield from (Path(prefix, name) for name in ("lib", "lib64"))
    private = [Path.cwd(), Path("~").expanduser()]
    for entry in filter(os.path.isabs, sys.path):
        if not any(folder.is_relative_to(entry) for folder in private):
            yield Path(entry)
    for name in (*_OURS, *_OTHERS):  # also where they lie in a folder that is not to be read as a whole
        spec = find_spec(name)
        folders = (spec and spec.submodule_search_locations) or ()
        yield from (Path(folder) if name in _OURS else Path(folder).parent for folder in folders)
