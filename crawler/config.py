"""The configuration: flags, PRESSWARC_* variables, presswarc.toml, defaults, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crawler.setting_values import (
    read_body_bytes,
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
from crawler.toml_keys import nearest, read_toml
from storage.errors import ConfigError

FILE_NAME = "presswarc.toml"
ENV_PREFIX = "PRESSWARC_"
CONFIG_VARIABLE = f"{ENV_PREFIX}CONFIG"
_MOST_WORKERS = 4
_NO_CONTACT = (
    "contact is not set: sites cannot reach you. Set `contact` in presswarc.toml, or PRESSWARC_CONTACT, to a "
    "web page or mail address of yours."
)


def software() -> str:
    """Name and version, as in `presswarc/0.1.0`."""
    try:
        return f"presswarc/{version('presswarc')}"
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "presswarc/unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its name, default, what it does, and how a text or TOML value is read.

    `read` gives the value, or raises ValueError with what it must be.
    """

    name: str
    default: object
    doc: str
    read: Callable[[object], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a setting's value came from: `flag`, `PRESSWARC_X`, `presswarc.toml:3` or `default`."""

    name: str
    value: object
    source: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one run. `origins` tells where each came from, in the order of `SETTINGS`."""

    archive: Path
    contact: str
    operator: str
    user_agent: str
    workers: int
    wall_s: float
    cpu_s: int
    memory_bytes: int
    max_body_bytes: int
    timeout_s: float
    warc_max_bytes: int
    warc_max_age_s: float
    keep_transfer_encoding: bool
    keep_secrets: bool
    retries: int
    frontier: str = ""
    log_level: str
    health_file: str
    health_webhook: str
    health_webhook_private: bool
    browser_path: str
    browser_wall_s: float
    browser_requests: int
    browser_bytes: int
    browser_dom_bytes: int
    browser_pages: int
    file: Path | None = None
    origins: tuple[Origin, ...] = field(default=(), compare=False)

    def advice(self) -> tuple[str, ...]:
        """What the operator should set before crawling other people's sites."""
        if self.contact:
            return ()
        return (_NO_CONTACT,)


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
        read=read_whole(1),
        doc="Processes that parse pages; by default one a CPU, at most 4",
    ),
    Setting(
        name="wall_s",
        default=30.0,
        read=read_seconds,
        doc="Seconds after which the parsing of a page is stopped",
    ),
    Setting(
        name="cpu_s",
        default=20,
        read=read_whole(1),
        doc="Seconds of CPU time that the parsing of a page may take",
    ),
    Setting(
        name="memory_bytes",
        default=1_610_612_736,
        read=read_bytes,
        doc="Memory that a parsing process may take",
    ),
    Setting(
        name="max_body_bytes",
        default=16_777_216,
        read=read_body_bytes,
        doc="Largest body kept; what is longer is cut and marked WARC-Truncated",
    ),
    Setting(name="timeout_s", default=30.0, read=read_seconds, doc="Seconds to wait for an answer"),
    Setting(
        name="warc_max_bytes",
        default=1_000_000_000,
        read=read_bytes,
        doc="Size at which a new WARC file is begun",
    ),
    Setting(
        name="warc_max_age_s",
        default=14_400.0,
        read=read_seconds,
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
    Setting(name="retries", default=2, read=read_whole(0), doc="How often a failed fetch is tried again"),
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
        read=read_seconds,
        doc="Seconds that the rendering of a page may take; what it is by then is kept",
    ),
    Setting(
        name="browser_requests",
        default=100,
        read=read_whole(0),
        doc="How many scripts, styles and data are fetched for one page at most",
    ),
    Setting(
        name="browser_bytes",
        default=33_554_432,
        read=read_bytes,
        doc="How large these may be together, unpacked",
    ),
    Setting(
        name="browser_dom_bytes",
        default=8_388_608,
        read=read_body_bytes,
        doc="Largest rendered page kept",
    ),
    Setting(
        name="browser_pages",
        default=100,
        read=read_whole(1),
        doc="Pages after which the browser is started anew",
    ),
)
SETTING_NAMES = tuple(setting.name for setting in SETTINGS)


def load_config(
    *, path: Path | None = None, environ: Mapping[str, str] | None = None, **flags: object
) -> Config:
    """The configuration from flags (None: not given), environment, file and defaults.

    `path` is the file of `--config`; without it that of PRESSWARC_CONFIG, then presswarc.toml in the current
    folder, if it is there. Raises: ConfigError with every fault of the file, or the first of the others.
    """
    environ = os.environ if environ is None else environ
    file, of_file = _read_file(path, environ)
    found = of_file | _read_environ(environ) | _read_flags(flags)
    values = {setting.name: setting.default for setting in SETTINGS}
    values |= {name: value for name, (value, _) in found.items()}
    if not values["user_agent"]:
        contact = values["contact"]
        values["user_agent"] = (
            f"{software()} (+{contact})" if contact else f"{software()} (operator left no contact)"
        )
    origins = tuple(
        Origin(
            name=setting.name,
            value=values[setting.name],
            source=found[setting.name][1] if setting.name in found else "default",
            doc=setting.doc,
        )
        for setting in SETTINGS
    )
    # Each value was read by its setting's own function; the checker cannot follow that through the table.
    return Config(**values, file=file, origins=origins)  # type: ignore[arg-type]


_Found = dict[str, tuple[object, str]]


def _read_file(path: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, _Found]:
    """The file in use and its values with `file:line`."""
    named = path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    file = named or Path(FILE_NAME)
    if named is None and not file.is_file():
        return None, {}
    source, table = read_toml(file, ConfigError)
    found: _Found = {}
    for setting in SETTINGS:
        value = table.raw(setting.name)
        if value is None:
            continue
        try:
            found[setting.name] = (setting.read(value), f"{file}:{source.line_of(setting.name)}")
        except ValueError as error:
            table.blame(setting.name, f"{error}, not {value!r}")
    table.close()
    source.fail(ConfigError, hint="`presswarc config show` lists the settings")
    return file, found


def _read_environ(environ: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        name = variable.removeprefix(ENV_PREFIX).lower()
        if name not in SETTING_NAMES:
            close = nearest(variable, (f"{ENV_PREFIX}{known.upper()}" for known in SETTING_NAMES))
            close = close or nearest(name, SETTING_NAMES)
            raise ConfigError(
                f"unknown variable {variable}{close}",
                hint="`presswarc config show` lists the settings",
                where=variable,
            )
        found[name] = (_read(name, environ[variable], variable), variable)
    return found


def _read_flags(flags: Mapping[str, object]) -> _Found:
    """The flags that were given; their names are the settings' own."""
    given = {name: value for name, value in flags.items() if value is not None}
    return {
        name: (_read(name, value, f"--{name.replace('_', '-')}"), "flag") for name, value in given.items()
    }


def _read(name: str, value: object, where: str) -> object:
    setting = next((setting for setting in SETTINGS if setting.name == name), None)
    if setting is None:
        raise TypeError(f"load_config() takes no flag {name!r}")
    try:
        return setting.read(value)
    except ValueError as error:
        raise ConfigError(f"{where} {error}, not {value!r}", hint=setting.doc, where=where) from error
