"""The settings: their names, defaults, what each does and how its value is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crawler.setting_values import (
    LARGEST_BODY,
    read_bytes,
    read_contact,
    read_file,
    read_frontier,
    read_level,
    read_path,
    read_seconds,
    read_text,
    read_web_address,
    read_whole,
    read_yes_or_no,
)

_MOST_WORKERS = 4
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its name, default, what it does, and how a text or TOML value is read.

    `read` gives the value, or raises ValueError with what it must be.
    """

    name: str
    default: object
    doc: str
    read: Callable[[object], object]


def _default_workers() -> int:
    return min(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        _MOST_WORKERS,
    )


SETTINGS: tuple[Setting, ...] = (
    Setting(name="archive", default=Path("archive"), read=read_path, doc="Folder of the archive"),
    Setting(
        name="contact",
        default="",
        read=read_contact,
        doc="Web page or mail address of whoever runs the crawl, sent in the User-Agent: set it",
    ),
    Setting(
        name="operator", default="", read=read_text, doc="Who runs the crawl, written into each WARC file"
    ),
    Setting(
        name="user_agent",
        default="",
        read=read_text,
        doc="The User-Agent sent; by default program, version and contact",
    ),
    Setting(
        name="workers",
        default=_default_workers(),
        read=read_whole(1, 256),
        doc="Processes that parse pages; by default one a CPU, at most 4",
    ),
    Setting(
        name="wall_s",
        default=30.0,
        read=read_seconds(0.1, _HOUR_S),
        doc="Seconds after which the parsing of a page is stopped",
    ),
    Setting(
        name="cpu_s",
        default=20,
        read=read_whole(1, _HOUR_S),
        doc="Seconds of CPU time that the parsing of a page may take",
    ),
    Setting(
        name="memory_bytes",
        default=536_870_912,
        read=read_bytes("128 MiB", "64 GiB"),
        doc="Memory that a parsing process may take",
    ),
    Setting(
        name="max_body_bytes",
        default=16_777_216,
        read=read_bytes("1 KiB", LARGEST_BODY),
        doc="Largest body kept; what is longer is cut and marked WARC-Truncated",
    ),
    Setting(
        name="timeout_s", default=30.0, read=read_seconds(0.1, _HOUR_S), doc="Seconds to wait for an answer"
    ),
    Setting(
        name="warc_max_bytes",
        default=1_000_000_000,
        read=read_bytes("1 KiB", "1 TB"),
        doc="Size at which a new WARC file is begun",
    ),
    Setting(
        name="warc_max_age_s",
        default=14_400.0,
        read=read_seconds(1, 30 * 24 * _HOUR_S),
        doc="Seconds after which a new WARC file is begun",
    ),
    Setting(
        name="keep_transfer_encoding",
        default=False,
        read=read_yes_or_no,
        doc="Keep the chunks of chunked answers in the WARC; few readers agree on their payload digest",
    ),
    Setting(
        name="keep_secrets",
        default=False,
        read=read_yes_or_no,
        doc="Keep the values of Authorization, Cookie and Proxy-Authorization in request records",
    ),
    Setting(
        name="retries", default=2, read=read_whole(0, 100), doc="How often a failed fetch is tried again"
    ),
    Setting(
        name="frontier",
        default="",
        read=read_frontier,
        doc="postgresql://... of a database that many crawlers share; by default a file in the archive",
    ),
    Setting(name="log_level", default="info", read=read_level, doc="debug, info, warning or error"),
    Setting(
        name="health_file",
        default="",
        read=read_file,
        doc="File for Prometheus, written after each run: NAME.prom in node_exporter's textfile folder",
    ),
    Setting(
        name="health_webhook",
        default="",
        read=read_web_address,
        doc="Web address to which each alarm, raised or closed, is posted as JSON",
    ),
    Setting(
        name="health_webhook_private",
        default=False,
        read=read_yes_or_no,
        doc="Whether the webhook may be at an address that is not public",
    ),
    Setting(
        name="browser_path",
        default="",
        read=read_file,
        doc="The Chromium that renders pages of seeds with browser = true; by default the one on the PATH",
    ),
    Setting(
        name="browser_wall_s",
        default=30.0,
        read=read_seconds(0.1, _HOUR_S),
        doc="Seconds that the rendering of a page may take; what it is by then is kept",
    ),
    Setting(
        name="browser_requests",
        default=100,
        read=read_whole(0, 10_000),
        doc="How many scripts, styles and data are fetched for one page at most",
    ),
    Setting(
        name="browser_bytes",
        default=33_554_432,
        read=read_bytes("1 KiB", "1 GiB"),
        doc="How large these may be together, unpacked",
    ),
    Setting(
        name="browser_dom_bytes",
        default=8_388_608,
        read=read_bytes("1 KiB", LARGEST_BODY),
        doc="Largest rendered page kept",
    ),
    Setting(
        name="browser_pages",
        default=100,
        read=read_whole(1, 100_000),
        doc="Pages after which the browser is started anew",
    ),
    Setting(
        name="wayback_endpoint",
        default="https://web.archive.org/web",
        read=read_web_address,
        doc="Where the fallback `wayback` asks: an archive that answers as the Internet Archive's or as pywb",
    ),
    Setting(
        name="dvids_endpoint",
        default="https://api.dvidshub.net",
        read=read_web_address,
        doc="Where the fallback `dvids` asks",
    ),
    Setting(
        name="dvids_key",
        default="",
        read=read_text,
        doc="Key for the interface of DVIDS, which the fallback `dvids` needs; it is written nowhere",
    ),
)
SETTING_NAMES = tuple(setting.name for setting in SETTINGS)
