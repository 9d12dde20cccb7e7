"""The configuration: flags, PRESSWARC_* variables, presswarc.toml, defaults, in this order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crawler.setting_table import SETTING_NAMES, SETTINGS
from crawler.setting_values import shown
from crawler.toml_keys import nearest, read_toml
from storage.errors import ConfigError

FILE_NAME = "presswarc.toml"
ENV_PREFIX = "PRESSWARC_"
CONFIG_VARIABLE = f"{ENV_PREFIX}CONFIG"
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
    wayback_endpoint: str
    dvids_endpoint: str
    dvids_key: str
    file: Path | None = None
    origins: tuple[Origin, ...] = field(default=(), compare=False)

    def advice(self) -> tuple[str, ...]:
        """What the operator should set before crawling other people's sites."""
        if self.contact:
            return ()
        return (_NO_CONTACT,)


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
            table.blame(setting.name, f"{error}, not {shown(value)}")
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
        raise ConfigError(f"{where} {error}, not {shown(value)}", hint=setting.doc, where=where) from error
