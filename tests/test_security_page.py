"""SECURITY.md says what is promised and names the tests that hold the program to it."""

import re

import pytest
from scrapy.settings import default_settings

from crawler.config import load_config
from crawler.settings import of_config


def test_every_test_that_the_page_names_is_there(root):
    page = " ".join((root / "SECURITY.md").read_text(encoding="utf-8").split())
    files = {path.name: path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py")}
    named = re.findall(r"`(test_\w+\.py)`((?:[:,]? `test_\w+`)*)", page)
    assert sum(len(tests.split(",")) for _, tests in named) > 30
    missing = [name for name, _ in named if name not in files]
    for name, tests in named:
        missing += [one for one in re.findall(r"`(\w+)`", tests) if f"def {one}(" not in files.get(name, "")]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("COOKIES_ENABLED", False),
        ("HTTPPROXY_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("REFERRER_POLICY", "no-referrer"),
    ],
)
def test_scrapys_dangerous_defaults_are_off(name, value):
    assert of_config(load_config(environ={}))[name] == value
    assert getattr(default_settings, name) != value  # else the row says nothing any more


def test_no_handler_is_left_for_what_is_no_web_address():
    handlers = of_config(load_config(environ={}))["DOWNLOAD_HANDLERS"]
    assert set(default_settings.DOWNLOAD_HANDLERS_BASE) <= set(handlers)
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}
