"""Seeds: what is read, and that every fault is told at once with its line."""

import pickle
import sys
from pathlib import Path

import pytest

from crawler.discovery import LinkKind, starts
from crawler.seeds import (
    Fallback,
    Follow,
    Health,
    Listing,
    Revisit,
    Unreachable,
    load_seed,
    read_seed,
    seed_folders,
    seed_names,
)
from crawler.settings import of_seed
from storage.errors import SeedError

WHOLE = """
title = "The Marrow Gazette"
spider = "defense"
urls = ["https://www.marrow.test/news/"]
feeds = ["https://www.marrow.test/feed/"]
sitemaps = ["https://www.marrow.test/sitemap.xml"]
wordpress = true
schedule = "*/20 6-22 * * mon-fri"
language = "en"
publisher = "Marrow Press"
revisit_after_s = 3_600
http2 = true
browser = true
timezone = "Europe/Vienna"
jitter_s = 90
fallbacks = ["wayback", "feed"]

[[listings]]
url = "https://www.marrow.test/latest/?page={page}"
max_pages = 7

[scope]
hosts = ["WWW.marrow.test", "*.photos.marrow.test"]
allow = ['/news/']
deny = ['/quiz/']
article = ['/news/\\d+/']
follow = "articles"

[limits]
max_pages = 90
max_depth = 1
max_links = 70
max_paging = 4

[politeness]
delay_s = 3
concurrency = 2

[robots]
obey = false
unreachable = "allow"
reason = "written leave of the publisher"

[revisit]
min_s = 600
max_s = 86_400

[health]
silent_after_s = 172_800
expect_words = 300
"""


def written(tmp_path, text, name="marrow.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(SeedError) as caught:
        read_seed(path)
    return caught.value, caught.value.message.replace(f"{path}:", "").splitlines()[1:]


def test_every_key_of_a_seed_arrives(tmp_path):
    seed = read_seed(written(tmp_path, WHOLE))
    assert seed.http2 is True
    assert (seed.name, seed.title, seed.spider, seed.publisher) == (
        "marrow",
        "The Marrow Gazette",
        "defense",
        "Marrow Press",
    )
    assert seed.listings == (Listing(url="https://www.marrow.test/latest/?page={page}", max_pages=7),)
    assert (seed.sitemaps, seed.sitemaps_auto) == (("https://www.marrow.test/sitemap.xml",), False)
    assert seed.wordpress == "https://www.marrow.test/wp-json/wp/v2/posts"
    assert seed.scope.hosts == ("www.marrow.test", "*.photos.marrow.test")
    assert (seed.scope.allow, seed.scope.deny, seed.scope.article) == (
        ("/news/",),
        ("/quiz/",),
        (r"/news/\d+/",),
    )
    assert seed.scope.follow is Follow.ARTICLES
    assert (seed.limits.max_pages, seed.limits.max_depth, seed.limits.max_links, seed.limits.max_paging) == (
        90,
        1,
        70,
        4,
    )
    assert (seed.politeness.delay_s, seed.politeness.concurrency) == (3.0, 2)
    assert (seed.robots.obey, seed.robots.reason) == (False, "written leave of the publisher")
    assert (seed.schedule, seed.language, seed.revisit_after_s) == ("*/20 6-22 * * mon-fri", "en", 3600)
    assert (seed.timezone, seed.jitter_s, seed.browser) == ("Europe/Vienna", 90.0, True)
    assert seed.fallbacks == (Fallback.WAYBACK, Fallback.FEED)
    assert seed.robots.unreachable is Unreachable.ALLOW
    assert seed.revisit == Revisit(min_s=600, max_s=86_400)
    assert seed.health == Health(silent_after_s=172_800, expect_words=300)


def test_what_an_older_file_does_not_say_changes_nothing(tmp_path):
    seed = read_seed(written(tmp_path, 'urls = ["https://marrow.test/"]'))
    assert (seed.timezone, seed.jitter_s, seed.fallbacks, seed.browser) == ("UTC", 0.0, (), False)
    assert seed.robots.unreachable is Unreachable.WAIT
    assert (seed.revisit, seed.health) == (Revisit(), Health())


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("revisit_after_s = 0", (0, 0)),  # always asked for again
        ("revisit_after_s = 60", (60, Revisit().max_s)),
        ("revisit_after_s = 9_000_000", (Revisit().min_s, 9_000_000)),
        ("[revisit]\nmax_s = 300", (300, 300)),
    ],
)
def test_the_bounds_of_revisiting_leave_room_for_the_first_wait(tmp_path, text, bounds):
    revisit = read_seed(written(tmp_path, f'urls = ["https://marrow.test/"]\n{text}')).revisit
    assert (revisit.min_s, revisit.max_s) == bounds


def test_a_seed_of_one_line_obeys_robots_waits_and_asks_robots_for_sitemaps(tmp_path):
    seed = read_seed(written(tmp_path, 'urls = ["https://marrow.test/"]'))
    assert (seed.robots.obey, seed.sitemaps_auto, seed.scope.hosts) == (True, True, ("marrow.test",))
    assert seed.politeness.delay_s > 0
    assert (seed.schedule, seed.wordpress, seed.bundled, seed.publisher) == (None, None, None, None)


def test_all_faults_are_told_at_once_with_their_lines_and_the_nearest_key(tmp_path):
    text = (
        'title = "x"\n'
        "shedule = '* * * * *'\n"
        'spider = "defence"\n'
        "feeds = [\n"
        '  "https://marrow.test/feed/",\n'
        '  "ftp://marrow.test/feed/",\n'
        "]\n"
        "language = 7\n"
        "[scope]\n"
        "alow = ['/x/']\n"
        "deny = ['/(']\n"
        "[politeness]\n"
        "delay_s = -1\n"
        "[robots]\n"
        "obey = false\n"
        "[[listings]]\n"
        'url = "https://marrow.test/"\n'
        "[[listings]]\n"
        'url = "https://marrow.test/{page}"\n'
        "max_pages = true\n"
    )
    error, faults = faults_of(tmp_path, text)
    assert [fault.partition(":")[0] for fault in faults] == [
        "2 shedule",
        "3 spider",
        "6 feeds",
        "8 language",
        "10 scope.alow",
        "11 scope.deny",
        "13 politeness.delay_s",
        "15 robots.obey",
        "17 listings.0.url",
        "20 listings.1.max_pages",
    ]
    assert "did you mean `schedule`" in faults[0]
    assert "did you mean `defense`" in faults[1]
    assert "did you mean `allow`" in faults[4]
    assert error.message.startswith("10 faults in ")
    assert error.where.endswith("marrow.toml:2")
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("schedule = '60 * * * *'", "minute `60` is not within 0-59"),
        ("schedule = '@hourly'", "a cron line has 5 fields, this has 1"),
        ("schedule = '5-1 * * * *'", "minute `5-1` runs backwards"),
        ("schedule = '*/0 * * * *'", "minute `*/0` has a step of 0"),
        ("schedule = '* * * foo *'", "month `foo` is not within 1-12"),
        ("schedule = '* * * * 8'", "weekday `8` is not within 0-7"),
        ("revisit_after_s = inf", "must be a whole number, not inf"),
        ("wordpress = 3", "must be text, not 3"),
        ("sitemaps = 'none'", 'must be "auto" or a list of URLs'),
        ("urls = 'https://marrow.test/'", "must be a list of texts"),
        ("urls = ['https://desk:secret@marrow.test/']", "a URL with a user name or password"),
        ("name = '../etc'", "must be letters, digits, hyphens"),
        ("bundled = 'harbour-courier'", "did you mean `harbor-courier`"),
        ("[politeness]\ndelay_s = nan", "must not be below 0"),
        ("[scope]\nhosts = ['https://marrow.test']", "not a host name"),
        ("scope = 1", "must be a table"),
        ("listings = [1]", "must be tables"),
        ("timezone = 'America/New_Yrok'", "did you mean `America/New_York`"),
        ("timezone = '../../etc/passwd'", "not a time zone"),
        ("jitter_s = -1", "must not be below 0"),
        ("fallbacks = ['wayback', 'prnt']", "did you mean `print`"),
        ("browser = 'yes'", "must be true or false"),
        ("[revisit]\nmin_s = 90\nmax_s = 30", "must not be above max_s, 30, not 90"),
        ("[robots]\nunreachable = 'alow'", "did you mean `allow`"),
        ("[robots]\nunreachable = 'allow'", "allow needs a reason beside it"),
        ("[health]\nexpect_word = 3", "did you mean `expect_words`"),
    ],
)
def test_a_wrong_value_is_named_with_its_problem(tmp_path, line, problem):
    _, faults = faults_of(tmp_path, f"feeds = ['https://marrow.test/feed/']\n{line}\n")
    assert len(faults) == 1
    assert problem in faults[0]


def test_a_seed_without_a_start_is_refused(tmp_path):
    _, faults = faults_of(tmp_path, 'title = "x"\n')
    assert faults == ["1 urls: nowhere to start: give urls, feeds, sitemaps, listings or wordpress"]


def test_broken_toml_is_told_with_its_line(tmp_path):
    with pytest.raises(SeedError, match="is no TOML") as caught:
        read_seed(written(tmp_path, "title = 'x'\nurls = [\n"))
    assert caught.value.where.endswith("marrow.toml:2")


def test_a_file_that_is_not_there_is_a_seed_error(tmp_path):
    with pytest.raises(SeedError, match=r"cannot read nowhere\.toml: No such file"):
        load_seed(str(tmp_path / "nowhere.toml"))


def test_an_unknown_name_gets_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SeedError, match="did you mean `defense-gov`"):
        load_seed("defence-gov")


def test_a_host_without_a_scheme_gets_the_url_as_a_hint():
    with pytest.raises(SeedError, match="no seed is called") as caught:
        load_seed("www.marrow.test")
    assert caught.value.hint == "for a site give its whole URL: https://www.marrow.test/"


def test_a_url_becomes_a_seed_of_its_host():
    seed = load_seed("https://News.marrow.test:8443/today/")
    assert (seed.name, seed.scope.hosts) == ("news.marrow.test-8443", ("news.marrow.test:8443",))
    assert [(link.kind, link.url) for link in starts(seed)] == [
        (LinkKind.ROBOTS, "https://news.marrow.test:8443/robots.txt"),
        (LinkKind.PAGE, "https://news.marrow.test:8443/today/"),
    ]


def test_a_url_that_is_none_is_a_seed_error():
    with pytest.raises(SeedError, match="not an http or https URL"):
        load_seed("gopher://marrow.test/")


def test_seeds_of_the_current_folder_come_first(tmp_path, monkeypatch):
    (tmp_path / "seeds").mkdir()
    written(tmp_path / "seeds", 'title = "mine"\nurls = ["https://marrow.test/"]', name="demo.toml")
    monkeypatch.chdir(tmp_path)
    assert load_seed("demo").title == "mine"
    assert seed_folders()[0] == (tmp_path / "seeds").resolve()
    assert {"demo", "demo-defense", "defense-gov", "wordpress-example"} <= set(seed_names())


def test_an_absent_folder_of_seeds_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(seed_folders()) == 1


@pytest.mark.parametrize("name", ["defense-gov", "demo", "demo-defense", "wordpress-example"])
def test_the_shipped_seeds_load_start_in_their_scope_and_travel_to_a_worker(name):
    shipped = Path(seed_folders()[-1]) / f"{name}.toml"
    seed = read_seed(shipped)
    assert pickle.loads(pickle.dumps(seed)) == seed
    assert starts(seed)
    assert seed.robots.obey
    assert (seed.politeness.delay_s == 0) == (seed.bundled is not None)


def test_the_start_of_a_seed_is_each_link_once_soonest_first(tmp_path):
    links = starts(read_seed(written(tmp_path, WHOLE)))
    assert [link.kind for link in links] == ["feed", "page", "listing", "wordpress", "sitemap"]
    assert links[2].url == "https://www.marrow.test/latest/?page=1"
    assert links[3].url.startswith("https://www.marrow.test/wp-json/wp/v2/posts?per_page=100&")
    priorities = [link.priority for link in links]
    assert priorities == sorted(priorities, reverse=True)


def test_http2_is_spoken_where_the_seed_asks_for_it(tmp_path):
    asking, silent = (
        written(tmp_path, text, f"{len(text)}.toml") for text in (WHOLE, WHOLE.replace("http2", "#"))
    )
    assert [of_seed(read_seed(path))["PRESSWARC_HTTP2"] for path in (asking, silent)] == [True, False]


def test_http2_without_its_package_is_told_before_the_crawl(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h2", None)
    path = written(tmp_path, WHOLE)
    with pytest.raises(SeedError) as caught:
        of_seed(read_seed(path))
    assert "presswarc[http2]" in caught.value.hint
    assert caught.value.where == str(path)
