"""A filter of system calls for a process that parses: no network, no other program, no other process.

What is listed is refused and all else allowed, for a list of what is needed would depend on the C library and
change with it. The refusal is an error (EPERM), as of a user without the right. Source: seccomp(2), bpf(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2  # of prctl(2)
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUALS, _HAS_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER_AT, _ARCH_AT, _FIRST_AT, _SECOND_AT = 0, 4, 16, 24  # in `struct seccomp_data`, little endian
_THREAD = 0x00010000  # CLONE_THREAD
_PUSHES_KEYS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: they type on the user's terminal
_X32 = 0x40000000  # calls by the numbers of another table
_ARCHES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# Numbers on x86_64 and aarch64; None where there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the network, and what reaches round a filter
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "mq_open": (240, 180), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # other programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    # what files are, which Landlock does not guard, and files by another way than their names
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "open_by_handle_at": (304, 265), "memfd_create": (319, 279),
    # the machine, for a crawler that runs as root
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "fsopen": (430, 430), "open_tree": (428, 428),
    "move_mount": (429, 429), "mount_setattr": (442, 442), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "sethostname": (170, 161), "settimeofday": (164, 170), "clock_settime": (227, 112),
}  # fmt: skip
_CLONE, _CLONE3, _IOCTL = (56, 220), (435, 435), (16, 29)
_OF_A_PROCESS = ((62, 129), (234, 131), (302, 261))  # kill, tgkill, prlimit64: of this process only


def no_new_privileges() -> bool:
    """Whether the kernel gives this process no more rights than it has, from now on."""
    return _prctl(_SET_NO_NEW_PRIVS, 1, None)


def refuse_calls() -> bool:
    """Whether the kernel refuses the calls, from now on, to this thread and those that it begins."""
    known = _ARCHES.get(platform.machine())
    if known is None:
        return False
    program = b"".join(_filter(*known, os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return _prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(head, len(head)))


def _filter(column: int, arch: int, pid: int) -> list[bytes]:
    """The filter's steps. Those of a jump: how many to leave out if it holds, and if not."""
    refused = _step(_RETURN, _ERROR | errno.EPERM)
    allowed = _step(_RETURN, _ALLOW)
    steps = [_step(_LOAD, _ARCH_AT), _step(_EQUALS, arch, 1, 0), refused, _step(_LOAD, _NUMBER_AT)]
    steps += [_step(_AT_LEAST, _X32, 0, 1), refused]
    for pair in _REFUSED.values():
        number = pair[column]
        steps += [] if number is None else [_step(_EQUALS, number, 0, 1), refused]
    # Without clone3, whose flags no filter sees, the C library uses clone.
    steps += [_step(_EQUALS, _CLONE3[column], 0, 1), _step(_RETURN, _ERROR | errno.ENOSYS)]
    threads = [_step(_LOAD, _FIRST_AT), _step(_HAS_BIT, _THREAD, 0, 1), allowed, refused]
    steps += _when(_CLONE[column], threads)
    keys = [
        _step(_LOAD, _SECOND_AT),
        *(_step(_EQUALS, key, 1 - at, at) for at, key in enumerate(_PUSHES_KEYS)),
    ]
    steps += _when(_IOCTL[column], [*keys, refused, allowed])
    own = [_step(_LOAD, _FIRST_AT), _step(_EQUALS, 0, 1, 0), _step(_EQUALS, pid, 0, 1), allowed, refused]
    for call in _OF_A_PROCESS:
        steps += _when(call[column], own)
    return [*steps, allowed]


def _when(number: int, steps: list[bytes]) -> list[bytes]:
    """The steps for one call; they end in a verdict, all other calls go on behind them."""
    return [_step(_EQUALS, number, 0, len(steps)), *steps]


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction, a `struct sock_filter`."""
    return struct.pack("=HBBI", code, then, otherwise, value)


def _prctl(option: int, first: int, second: ctypes.Array[ctypes.c_char] | None) -> bool:
    """Whether prctl(2) did it."""
    words = [ctypes.c_ulong(first), second or ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)]
    try:
        return bool(ctypes.CDLL(None).prctl(option, *words) == 0)
    except (OSError, AttributeError):
        return False
