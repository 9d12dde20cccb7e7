"""The configuration: which source wins, where each value came from, and how faults are told."""

from pathlib import Path

import pytest

from crawler.config import load_config, software
from crawler.setting_table import SETTINGS
from crawler.setting_values import read_bytes
from pipelines.child import MEMORY_BYTES
from storage.errors import ConfigError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def origin_of(config, name):
    return next(origin.source for origin in config.origins if origin.name == name)


def test_without_a_file_the_defaults_hold_and_say_that_no_contact_is_set():
    config = load_config(environ={})
    assert config.archive == Path("archive")
    assert 1 <= config.workers <= 4
    assert (config.wall_s, config.timeout_s, config.retries, config.log_level) == (30.0, 30.0, 2, "info")
    assert config.memory_bytes == MEMORY_BYTES
    assert config.max_body_bytes == 16 * 2**20
    assert config.user_agent == f"{software()} (operator left no contact)"
    assert "contact is not set" in config.advice()[0]
    assert {origin.source for origin in config.origins} == {"default"}


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(folder):
    (folder / "presswarc.toml").write_text("retries = 5\nworkers = 3\ntimeout_s = 7\n")
    environ = {"PRESSWARC_RETRIES": "6", "PRESSWARC_WORKERS": "2", "HOME": "/nowhere"}
    config = load_config(environ=environ, retries=7, archive=None)
    assert (config.retries, config.workers, config.timeout_s, config.wall_s) == (7, 2, 7.0, 30.0)
    assert [origin_of(config, name) for name in ("retries", "workers", "timeout_s", "wall_s")] == [
        "flag",
        "PRESSWARC_WORKERS",
        "presswarc.toml:3",
        "default",
    ]


def test_the_contact_makes_the_user_agent_unless_one_is_given():
    config = load_config(environ={"PRESSWARC_CONTACT": "https://archive.test/crawler"})
    assert config.user_agent == f"{software()} (+https://archive.test/crawler)"
    assert config.advice() == ()
    assert load_config(environ={"PRESSWARC_USER_AGENT": "harbor-bot/1"}).user_agent == "harbor-bot/1"


def test_a_named_file_is_read_and_must_be_there(folder):
    other = folder / "other.toml"
    other.write_text('log_level = "DEBUG"\n')
    (folder / "presswarc.toml").write_text("retries = 5\n")
    config = load_config(path=other, environ={})
    assert (config.log_level, config.retries, config.file) == ("debug", 2, other)
    assert load_config(environ={"PRESSWARC_CONFIG": str(other)}).log_level == "debug"
    with pytest.raises(ConfigError, match=r"cannot read absent\.toml"):
        load_config(path=folder / "absent.toml", environ={})


def test_all_faults_of_the_file_are_told_with_line_and_nearest_key(folder):
    (folder / "presswarc.toml").write_text(
        '# mine\nretrys = 3\nlog_level = "loud"\ncontact = "me"\nworkers = 0\n'
        'memory_bytes = "2 GiBB"\nwall_s = true\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_config(environ={})
    lines = caught.value.message.splitlines()
    assert lines[0] == "6 faults in presswarc.toml"
    assert lines[1] == "presswarc.toml:2 retrys: unknown key, did you mean `retries`?"
    assert [line.split()[0] for line in lines[2:]] == [f"presswarc.toml:{number}" for number in range(3, 8)]
    assert (caught.value.where, caught.value.exit_code) == ("presswarc.toml:2", 2)


def test_an_unknown_variable_gets_the_nearest():
    with pytest.raises(ConfigError, match="unknown variable PRESSWARC_ARCHIV, did you mean `archive`"):
        load_config(environ={"PRESSWARC_ARCHIV": "x"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PRESSWARC_WORKERS", "many"),
        ("PRESSWARC_RETRIES", "-1"),
        ("PRESSWARC_TIMEOUT_S", "0"),
        ("PRESSWARC_TIMEOUT_S", "nan"),
        ("PRESSWARC_MAX_BODY_BYTES", "0"),
        ("PRESSWARC_CONTACT", "https://a.test/\r\nX-Evil: 1"),
        ("PRESSWARC_USER_AGENT", "a\nb"),
        ("PRESSWARC_ARCHIVE", ""),
    ],
)
def test_a_wrong_value_of_the_environment_names_its_variable(variable, value):
    with pytest.raises(ConfigError) as caught:
        load_config(environ={variable: value})
    assert caught.value.where == variable
    assert variable in caught.value.message


def test_a_wrong_flag_names_itself():
    with pytest.raises(ConfigError, match=r"--log-level must be one of"):
        load_config(environ={}, log_level="infos")


def test_a_flag_that_is_no_setting_is_a_programming_fault():
    with pytest.raises(TypeError, match="takes no flag 'retrys'"):
        load_config(environ={}, retrys=1)


def test_every_setting_is_documented_and_its_default_reads_as_itself():
    for setting in SETTINGS:
        assert setting.doc
        assert setting.read(setting.default) == setting.default, setting.name


@pytest.mark.parametrize(("text", "size"), [("16 MiB", 2**24), ("1gb", 10**9), ("0.5 kb", 500), (7, 7)])
def test_sizes_may_have_units(text, size):
    assert read_bytes("1 B", "1 GiB")(text) == size


@pytest.mark.parametrize("written", ["true", "yes", "1", " True "])
def test_a_switch_is_turned_on_by_its_usual_words(folder, written):
    assert load_config(environ={"PRESSWARC_KEEP_SECRETS": written}).keep_secrets is True
    (folder / "presswarc.toml").write_text("keep_transfer_encoding = true\n")
    assert load_config(environ={}).keep_transfer_encoding is True


def test_nothing_is_kept_that_was_not_asked_for():
    config = load_config(environ={"PRESSWARC_KEEP_SECRETS": "no"})
    assert (config.keep_secrets, config.keep_transfer_encoding) == (False, False)
    assert config.warc_max_age_s == 4 * 3600


@pytest.mark.parametrize("written", ["", "on and off", "2"])
def test_a_switch_that_is_neither_on_nor_off_is_refused(written):
    with pytest.raises(ConfigError, match="must be true or false"):
        load_config(environ={"PRESSWARC_KEEP_SECRETS": written})


def test_a_body_that_replay_could_not_read_back_is_not_to_be_kept():
    assert load_config(environ={"PRESSWARC_MAX_BODY_BYTES": "60 MiB"}).max_body_bytes == 60 << 20
    with pytest.raises(ConfigError, match="to 60 MiB"):
        load_config(environ={"PRESSWARC_MAX_BODY_BYTES": "61 MiB"})
