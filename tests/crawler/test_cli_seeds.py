"""`presswarc seeds add` and `seeds check --live`, as real commands against the sample sites."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from running import presswarc, told

from crawler.demo.content import COURIER_HOST
from crawler.demo.server import SampleSites
from crawler.seeds import read_seed

URL = f"http://{COURIER_HOST}/"


@pytest.fixture(scope="module")
def samples() -> Iterator[SampleSites]:
    with SampleSites() as sites:
        yield sites


@pytest.fixture
def there(samples: SampleSites) -> tuple[str, ...]:
    """The options that lead to the sample site."""
    host, port = samples.address
    return ("--connect-to", f"{COURIER_HOST}:80:{host}:{port}", "--delay", "0")


def test_a_seed_is_made_checked_and_never_overwritten(tmp_path, there, samples):
    done = presswarc("seeds", "add", URL, "--name", "courier", *there, cwd=tmp_path)
    assert done.stdout == "seeds/courier.toml\n"
    assert "feed: http://www.harbor-courier.test/feed/, 10 links in scope" in told(done)
    path = tmp_path / "seeds" / "courier.toml"
    seed = read_seed(path)
    assert (seed.name, seed.feeds, seed.language) == ("courier", (f"{URL}feed/",), "en")
    assert presswarc("seeds", "check", "courier", cwd=tmp_path).stdout == ""

    asked, text = len(samples.requests), path.read_text()
    again = presswarc("seeds", "add", URL, "--name", "courier", *there, cwd=tmp_path, code=2)
    assert told(again)[0] == "error: there is a seed already"
    assert path.read_text() == text
    assert len(samples.requests) == asked, "it is refused before the site is asked"

    live = presswarc("seeds", "check", "courier", "--live", *there, cwd=tmp_path)
    rows = [json.loads(line) for line in live.stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["robots", "sitemap", "feed", "page", "listing", "wordpress"]
    assert all(row["in_scope"] and row["status"] == 200 and row["problem"] is None for row in rows)
    assert rows[2]["newest_at"].startswith("2026-02-12T06:00:00")


def test_an_address_of_a_bundled_seed_that_gives_nothing_makes_exit_code_1(tmp_path):
    done = presswarc(
        "seeds", "check", "demo-defense", "--live", "--delay", "0", "--csv", cwd=tmp_path, code=1
    )
    header, *rows = done.stdout.splitlines()
    assert header == "seed,kind,status,links,in_scope,articles,newest_at,problem,url"
    (idle,) = [row for row in rows if "empty" in row]
    assert "ContentType=2&" in idle
    assert told(done)[-1] == f"{len(rows)} addresses asked for, 1 of them of no use"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("add", "www.example.test"), "error: give the site's whole URL"),
        (("add", "gopher://example.test/"), "error: not an http or https URL"),
        (("add", URL, "--name", "../up"), "error: --name must be letters, digits"),
        (("check", "--delay", "1"), "error: forms of output, --delay and addresses go with --live"),
        (("check", "--live"), "error: --live asks the servers of the seeds that you name"),
    ],
)
def test_what_can_not_be_done_is_told(tmp_path, words, error):
    done = presswarc("seeds", *words, cwd=tmp_path, code=2)
    assert told(done)[0].startswith(error)
    assert not (tmp_path / "seeds").exists()


def test_a_site_that_may_not_be_dialled_is_a_fault_and_leaves_no_file(tmp_path):
    done = presswarc("seeds", "add", "http://127.0.0.1:9/", cwd=tmp_path, code=1)
    fault = "nothing is asked for without its robots.txt: not a public address: 127.0.0.1"
    assert f"error: nothing to look at: {fault}" in told(done)
    assert not (tmp_path / "seeds").exists()
