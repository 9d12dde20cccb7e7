"""Values of settings and seeds that nobody can mean: each one error with its place, whatever the key."""

import os
import subprocess
from functools import partial

import pytest
from running import START

from crawler.cli import main
from crawler.cli.options import Common
from crawler.config import load_config
from crawler.seed_reading import read_seed
from crawler.setting_table import SETTINGS
from storage.errors import ConfigError, SeedError, UsageError

LONG = f'"{"a" * 200_000}"'
ODD = (
    "0", "-1", "1e308", "nan", "inf", '""', '"-1"', '"1e308"', '"nan"', LONG, f"[{LONG}]", "true", "[]",
    "[1]", "[[]]", "{}", '"a\\u0000b"', '"\\u001b[2J"', '"a\\nb"', '"\\u202e"', '"٣"', '"~nobody-there/x"',
    "99999999999999999999999", "2026-01-01", "12:00:00", '"https://"', '"http://[::1"', '"1e9 GiB"',
)  # fmt: skip
KEYS = (
    "name", "title", "spider", "urls", "feeds", "sitemaps", "wordpress", "schedule", "timezone", "jitter_s",
    "language", "publisher", "revisit_after_s", "bundled", "http2", "browser", "fallbacks", "listings",
    "scope", "limits", "politeness", "robots", "revisit", "health", "scope.hosts", "scope.allow",
    "scope.deny", "scope.article", "scope.follow", "limits.max_pages", "limits.max_depth",
    "limits.max_links", "limits.max_paging", "limits.max_barren", "politeness.delay_s",
    "politeness.concurrency", "robots.obey", "robots.unreachable", "robots.reason", "revisit.min_s",
    "revisit.max_s", "health.silent_after_s", "health.expect_words",
)  # fmt: skip
_LONGEST_TOLD = 1_200


def fault(kind, call):
    """The error of that kind that a call raises, if it does; any other goes on."""
    try:
        call()
    except kind as error:
        return error
    return None


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_an_odd_value_of_a_setting_is_taken_or_is_one_short_error_with_its_line(tmp_path, name):
    file, refused = tmp_path / "presswarc.toml", 0
    for value in ODD:
        file.write_text(f"\n{name} = {value}\n")
        error = fault(ConfigError, partial(load_config, path=file, environ={}))
        if error is not None:
            refused += 1
            assert f"{file}:2 {name}: " in error.message
            assert len(error.message) < _LONGEST_TOLD
            assert "\x1b" not in error.message
            assert error.hint
    assert refused > len(ODD) // 2


@pytest.mark.parametrize("key", KEYS)
def test_an_odd_value_of_a_seed_is_taken_or_is_one_short_error_with_its_place(tmp_path, key):
    file, refused = tmp_path / "seed.toml", 0
    table, _, inner = key.rpartition(".")
    start = "" if key == "urls" else 'urls = ["https://a.example/"]\n'
    for value in ODD:
        file.write_text(f"{start}[{table}]\n{inner} = {value}\n" if table else f"{start}{key} = {value}\n")
        error = fault(SeedError, partial(read_seed, file))
        if error is not None:
            refused += 1
            assert f"{file}:" in error.message
            assert key in error.message
            assert len(error.message) < _LONGEST_TOLD
            assert error.hint
    assert refused > len(ODD) // 2


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("workers", 100_000, "from 1 to 256"),
        ("workers", "٣", "from 1 to 256"),
        ("memory_bytes", 1, "from 128 MiB to 64 GiB"),
        ("memory_bytes", "1e9 GiB", "from 128 MiB to 64 GiB"),
        ("max_body_bytes", 1, "from 1 KiB to 60 MiB"),
        ("warc_max_bytes", 1, "from 1 KiB to 1 TB"),
        ("timeout_s", "0", "from 0.1 to 3600"),
        ("timeout_s", 1e300, "from 0.1 to 3600"),
        ("wall_s", "0.0000001", "from 0.1 to 3600"),
        ("cpu_s", 86_400, "from 1 to 3600"),
        ("retries", 10_000, "from 0 to 100"),
        ("operator", "a" * 1001, "1000 characters"),
        ("archive", "~nobody-there/a", "a home that there is"),
    ],
)
def test_a_setting_that_no_machine_could_keep_to_is_refused_with_its_range(name, value, told):
    with pytest.raises(ConfigError, match=told):
        load_config(environ={f"PRESSWARC_{name.upper()}": str(value)})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("politeness.concurrency = 1000", "at most 64"),
        ("politeness.delay_s = 1e9", "at most 86400"),
        ("jitter_s = 1e9", "at most 604800"),
        (f'name = "{"a" * 81}"', "at most 80 letters"),
        ('title = "a\\u001b[2J"', "printable text"),
        ('scope.hosts = ["a\\u0000b"]', "not a host name"),
        ('feeds = ["https://a.example/\\u0000"]', "not an http or https URL"),
    ],
)
def test_a_value_of_a_seed_that_nobody_can_mean_is_refused_with_what_it_may_be(tmp_path, line, told):
    file = tmp_path / "seed.toml"
    file.write_text(f'{line}\nurls = ["https://a.example/"]\n')
    with pytest.raises(SeedError, match=told):
        read_seed(file)


def test_a_reason_may_go_over_several_lines(tmp_path):
    file = tmp_path / "seed.toml"
    file.write_text('urls = ["https://a.example/"]\n[robots]\nreason = """asked\nby mail"""\n')
    assert read_seed(file).robots.reason == "asked\nby mail"


@pytest.mark.parametrize(("name", "told"), [("file", "it is no folder"), ("a" * 300, "too long")])
def test_an_archive_where_none_can_be_is_refused_before_anything_is_done(tmp_path, name, told):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=told):
        Common(archive=tmp_path / name).config()


@pytest.mark.parametrize("words", [("seeds", "check"), ("import",), ("extract",)])
def test_a_file_name_that_no_system_takes_is_a_fault_of_the_command(tmp_path, capsys, words):
    assert main([*words, str(tmp_path / ("a" * 300))]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "too long" in told
    assert "report it" not in told


@pytest.mark.parametrize("kind", ["pipe", "name"])
def test_what_is_no_file_or_has_no_name_to_show_is_not_verified(tmp_path, capsys, kind):
    path = tmp_path / ("pipe" if kind == "pipe" else "na\udcffme")
    os.mkfifo(path) if kind == "pipe" else path.touch()
    assert main(["verify", str(path)]) == 2
    assert "try: " in capsys.readouterr().err


def test_streams_that_were_closed_are_no_fault():
    shell = ["/bin/sh", "-c", '"$@" <&- >&- 2>&-', "sh"]
    assert subprocess.run([*shell, *START, "seeds", "list"], check=False, timeout=60).returncode == 0
