import json
import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import capture
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.tables import TABLES
from storage.index.writer import IndexWriter
from storage.urls import article_id

WORDS = [f"word{number}" for number in range(400)]
COMPARED = ("aliases", "url_links", "url_parameters", "work.faces", "articles", "work.runs", "captures")
ALL_TABLES = [table.name for table in TABLES if table.name not in {"schema_version", "work.state"}]


def story(seed, words=150, ending=""):
    """A text of its own for each seed."""
    return " ".join(random.Random(seed).choices(WORDS, k=words)) + ending


@dataclass(frozen=True)
class Page:
    url: str
    text: str | None
    declared: str | None = None
    hours: int = 0
    title: str = "A title"
    published_at: datetime | None = None


def rows_of(number, page):
    """Capture and extraction of a page; without a text it is no article."""
    of = capture(number, page.url, page.hours)
    if page.text is None:
        return of, extraction_row(of, Outcome.NOT_AN_ARTICLE, reason="a listing")
    article = Article(title=page.title, text=page.text, declared_canonical=page.declared)
    article = replace(article, published_at=page.published_at)
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def add(writer, numbered):
    made = [rows_of(number, page) for number, page in numbered]
    writer.add(captures=[one for one, _ in made], extractions=[one for _, one in made])


_shared: list[IndexWriter] = []


@pytest.fixture(scope="module", autouse=True)
def _one_writer(tmp_path_factory):
    """A writer for all tests: to make the tables of an index takes longer than to try something in it."""
    with IndexWriter(tmp_path_factory.mktemp("archive")) as writer:
        _shared.append(writer)
        yield
        _shared.clear()


@contextmanager
def index():
    """The writer, with an empty index."""
    (writer,) = _shared
    for table in ALL_TABLES:
        writer.connection.execute(f"DELETE FROM {table}")
    yield writer


def derive(writer):
    writer.identify()
    writer.refresh()


def rows(writer, sql, parameters=None):
    return writer.connection.execute(sql, parameters or []).fetchall()


def state(writer):
    return {table: sorted(map(repr, rows(writer, f"FROM {table}"))) for table in COMPARED}


def articles(*pages):
    """Sets of the URLs of each article, and the verdict on what each URL declares, or on its parameters."""
    with index() as writer:
        add(writer, enumerate(pages))
        derive(writer)
        shown = rows(
            writer,
            "SELECT list_sort(list(DISTINCT url)) FROM captures WHERE article_id IS NOT NULL "
            "GROUP BY article_id",
        )
        verdicts = dict(rows(writer, "SELECT url, verdict FROM url_links ORDER BY kind DESC"))
        return sorted(tuple(one) for (one,) in shown), verdicts


NEWS = "https://news.example/2026/storm-hits-coast"
WAR = "https://www.war.gov/News/Article/Article/4012345/"
ONE = story(1)


def together(*pages):
    return len(articles(*pages)[0]) == 1


@pytest.mark.parametrize(
    ("url", "declared"),
    [
        ("https://news.example/node/88999", NEWS),
        ("https://news.example/news/amp/storm-17", NEWS),
        ("https://news.example/?p=123", NEWS),
        ("https://news.example/print/content/5533", NEWS),
        (f"{NEWS}?foo=1", NEWS),
        (f"{NEWS}/view", NEWS),
        (f"{NEWS}?ref=home", NEWS),
        ("http://www.defense.gov/News/newsarticle.aspx?id=12", WAR),
    ],
)
def test_a_url_and_the_one_it_declares_are_one_article_where_both_show_its_text(url, declared):
    pages = Page(url, ONE, declared), Page(declared, ONE, declared, hours=1)
    assert together(*pages)
    assert together(*reversed(pages))


@pytest.mark.parametrize(
    ("url", "declared", "verdict"),
    [
        ("https://news.example/node/88999", NEWS, "used"),
        ("https://news.example/?p=123", NEWS, "used"),
        (f"{NEWS}?ref=home", NEWS, "used"),
        (f"{NEWS}?id=5", NEWS, "unproven"),
        (NEWS, "https://news.example/", "home_page"),
        ("https://news.example/?p=1", "https://news.example/", "home_page"),
        (NEWS, "https://news.example/2026", "used"),
        (NEWS, "https://news.example/coast", "section"),
        ("https://news.example/coast/storm-hits-it", "https://news.example/coast/", "section"),
        (f"{NEWS}?page=2", NEWS, "part"),
        (f"{NEWS}/2", NEWS, "part"),
        (NEWS, "https://other.example/2026/storm-hits-coast", "other_site"),
        ("https://eu.news.example/2026/storm-hits-coast", NEWS, "unproven"),
        (NEWS, "What", "no_url"),
        (NEWS, "http://packing-list", "other_site"),
    ],
)
def test_what_a_lone_page_declares_is_judged_by_the_urls(url, declared, verdict):
    _, verdicts = articles(Page(url, ONE, declared))
    assert verdicts == {url: verdict}


def test_a_page_that_declares_itself_in_another_form_has_no_link():
    assert articles(Page(f"{NEWS}/?utm_source=x", ONE, NEWS.replace("https:", "http:"))) == (
        [(f"{NEWS}/?utm_source=x",)],
        {},
    )


def test_the_article_is_known_by_the_url_that_is_declared_though_it_was_never_fetched():
    with index() as writer:
        add(writer, [(1, Page("https://news.example/node/88999", ONE, f"{NEWS}?utm_source=x"))])
        derive(writer)
        found = rows(writer, "SELECT article_id, url, canonical_url FROM articles")
        assert found == [(article_id(NEWS), "https://news.example/node/88999", NEWS)]
        ((reason, evidence),) = rows(writer, "SELECT reason, evidence FROM aliases")
        assert reason == "declared_canonical"
        assert json.loads(evidence) == {"texts": "first", "url": NEWS}


def test_versions_follow_over_all_forms_of_the_url_in_order_of_time():
    pages = [
        Page("https://m.news.example/story?ref=a", story(1), hours=1),
        Page("https://news.example/story", story(1), hours=2),
        Page("https://news.example/story?ref=b", story(1, ending=" Corrected."), hours=3),
        Page("https://news.example/story?ref=b", story(1), hours=0),
        Page(
            "https://news.example/node/7",
            story(1, ending=" Corrected."),
            "https://news.example/story",
            hours=4,
        ),
    ]
    with index() as writer:
        add(writer, enumerate(pages))
        derive(writer)
        ((found, versions, captures),) = rows(writer, "SELECT article_id, versions, captures FROM articles")
        assert (found, versions, captures) == (article_id("https://news.example/story"), 2, 5)
        spans = rows(writer, "SELECT version, captures FROM work.runs ORDER BY version")
        assert spans == [(1, 3), (2, 2)]


def test_the_home_page_that_every_page_declares_is_no_article():
    pages = [Page(f"https://news.example/story-{n}", story(n), "https://news.example/") for n in range(4)]
    found, verdicts = articles(*pages, Page("https://news.example/", None))
    assert len(found) == 4
    assert set(verdicts.values()) == {"home_page"}


def test_one_url_that_many_texts_declare_is_not_believed():
    target = "https://news.example/all-our-stories-here"
    alone = Page("https://news.example/a/story-of-one", story(1), target)
    assert articles(alone)[1] == {alone.url: "used"}
    pages = [Page(f"https://news.example/a/story-of-{n}", story(n), target) for n in range(3)]
    found, verdicts = articles(*pages)
    assert len(found) == 3
    assert set(verdicts.values()) == {"many_texts"}


def test_a_listing_that_is_declared_is_no_article():
    target = "https://news.example/all-our-stories-here"
    _, verdicts = articles(Page(NEWS, ONE, target), Page(target, None))
    assert verdicts == {NEWS: "no_article_there"}


@pytest.mark.parametrize("alike", [False, True], ids=["of their own", "alike"])
@pytest.mark.parametrize("captured", [False, True], ids=["target unknown", "target captured"])
@pytest.mark.parametrize("script", ["/story.php", "/show/story-view.php", "/"])
def test_an_id_that_the_declared_url_lacks_selects_all_the_same(alike, captured, script):
    url = f"https://news.example{script}"

    def text(n):
        return story("boilerplate", 200) + story(n, 12) if alike else story(n)

    pages = [Page(f"{url}?id={n}", text(n), url, title=f"Story {n}") for n in range(4)]
    if captured:
        pages.append(Page(url, text(3), url, hours=5, title="Story 3"))
    found, _ = articles(*pages)
    assert len(found) == len(pages)
    with index() as writer:
        add(writer, enumerate(pages))
        derive(writer)
        learned = rows(writer, "SELECT parameter, urls, selects FROM url_parameters")
        assert learned == ([] if script == "/" else [("id", 4, True)])


def test_pages_that_declare_another_script_for_all_their_ids_are_not_one():
    target = "https://news.example/read-all-the-news"
    pages = [
        Page(
            f"https://news.example/show.php?id={n}",
            story("same", 300) + story(n, 12),
            target,
            title=f"Story {n}",
        )
        for n in range(4)
    ]
    assert len(articles(*pages)[0]) == 4
    assert len(articles(*pages, Page(target, story("same", 300) + story(9, 12)))[0]) == 5


def test_an_unknown_parameter_that_two_pages_show_to_select_nothing_is_dropped():
    pages = [Page(f"{NEWS}?zz={n}", ONE, NEWS) for n in range(2)]
    found, verdicts = articles(*pages)
    assert len(found) == 1
    assert set(verdicts.values()) == {"used"}


def test_parameters_that_rarely_select_are_learned_from_the_texts():
    pages = [Page(f"{NEWS}?ref={n}", ONE) for n in "abc"]
    other = [Page(f"https://other.example/story?ref={n}", story(n)) for n in "abc"]
    with index() as writer:
        add(writer, enumerate([*pages, *other]))
        derive(writer)
        learned = rows(writer, "SELECT * FROM url_parameters ORDER BY site")
        assert learned == [("news.example", "ref", 3, 2, 0, False), ("other.example", "ref", 3, 0, 2, True)]
        assert len(rows(writer, "FROM articles")) == 4
        reasons = rows(writer, "SELECT DISTINCT reason, article_id, canonical_url FROM aliases")
        assert reasons == [("same_text", article_id(NEWS), NEWS)]


def test_a_parameter_that_selects_elsewhere_on_the_site_is_not_dropped():
    same = [Page(f"https://news.example/menu?source={n}", story("menu")) for n in "ab"]
    other = [Page(f"https://news.example/story?source={n}", story(n)) for n in "abc"]
    found, verdicts = articles(*same, *other)
    assert len(found) == 5
    assert verdicts[same[0].url] == "parameter_selects"


def test_one_site_that_changes_a_page_between_two_captures_has_not_shown_that_the_parameter_selects():
    pages = [Page(f"{NEWS}?ref={n}", ONE) for n in range(9)]
    late = (
        Page(f"https://news.example/live?ref={1}", story("x")),
        Page("https://news.example/live", story("y")),
    )
    found, verdicts = articles(*pages, *late)
    assert len(found) == 3
    assert verdicts[late[0].url] == "other_text"


def test_a_corrected_text_is_that_of_the_article_where_the_parameter_is_known_to_select_nothing():
    corrected = Page(f"{NEWS}-2?ref=a", story(5)), Page(f"{NEWS}-2", story(5, ending=" Corrected now."))
    assert len(articles(*corrected)[0]) == 2
    known = [Page(f"{NEWS}?ref={n}", ONE) for n in range(2)]
    assert len(articles(*corrected, *known)[0]) == 2  # two articles of two URLs each


@pytest.mark.parametrize(
    "view", ["page=1", "page=all", "print=y", "lang=en", "sid=7", "mobile=0", "output=1"]
)
def test_a_view_that_shows_the_same_text_is_the_same_article(view):
    assert together(Page(NEWS, ONE), Page(f"{NEWS}?{view}", ONE))


WALL = "Subscribe to read this story. Already a subscriber? Log in here to go on reading all of it today."


@pytest.mark.parametrize("captured", [False, True], ids=["target unknown", "target captured"])
@pytest.mark.parametrize(
    ("url", "declared"),
    [
        ("https://news.example/a/story-{}-of-day", "https://news.example/news-for-you-and-all"),
        ("https://news.example/politics/story-{}-of-day", "https://news.example/politics"),
        ("https://news.example/story.php?source={}", None),
        ("https://news.example/story.php?source={}", "https://news.example/story.php"),
    ],
)
def test_what_a_paywall_says_in_the_place_of_every_story_makes_them_not_one(url, declared, captured):
    pages = [Page(url.format(n), WALL, declared, title=f"Story {n}") for n in range(4)]
    if captured:
        pages.append(Page(declared or "https://news.example/story.php", WALL, title="Premium"))
    assert len(articles(*pages)[0]) == len(pages)


@pytest.mark.parametrize("captured", [False, True], ids=["target unknown", "target captured"])
def test_an_error_that_two_urls_show_for_a_while_does_not_make_them_one(captured):
    error = "https://news.example/error/nothing-found-here"
    pages = [Page(f"https://news.example/story-{n}", story(n), title=f"Story {n}") for n in range(2)]
    pages += [Page(page.url, WALL, error, hours=5, title="Oops") for page in pages]
    if captured:
        pages.append(Page(error, WALL, title="Oops"))
    assert len(articles(*pages)[0]) == 2 + captured


@pytest.mark.parametrize("title", ["Gas prices on November {}", "Gas prices"])
@pytest.mark.parametrize("captured", [False, True], ids=["target unknown", "target captured"])
def test_a_form_filled_in_each_week_is_not_one_though_the_url_of_the_first_was_left_in_it(title, captured):
    days = (3, 10, 17) if captured else (10, 17)
    pages = [
        Page(
            f"https://news.example/2026/11/{day}/gas-prices",
            story("form", 180, " ") + story(day, 40),
            "https://news.example/2026/11/3/gas-prices",
            title=title.format(day),
            published_at=datetime(2026, 11, day, tzinfo=UTC),
        )
        for day in days
    ]
    assert len(articles(*pages)[0]) == len(pages)


@pytest.mark.parametrize(
    ("words", "title"), [(60, "Storm hits coast | News Example"), (60, ""), (400, "News Example")]
)
def test_a_print_view_under_another_title_is_the_same_article(words, title):
    text = story(1, words)
    view = Page("https://news.example/print/content/7", text, NEWS, title=title)
    assert together(Page(NEWS, text, NEWS, title="Storm hits coast"), view)


@pytest.mark.parametrize("days", [(3, 3), (3, None)])
def test_an_edited_text_is_that_of_the_article_if_its_day_or_its_title_is(days):
    first, later = (day and datetime(2026, 11, day, tzinfo=UTC) for day in days)
    title = "Storm hits the coast" if later else "A title"
    node = Page("https://news.example/node/7", ONE, NEWS, title=title, published_at=later)
    edited = Page(NEWS, f"{ONE} More of it.", NEWS, hours=3, published_at=first)
    assert together(node, edited)


def test_pages_of_one_article_are_kept_apart():
    whole = f"{ONE}\n\n{story(2)}\n\n{story(3)}"
    pages = [
        Page(NEWS, ONE),
        Page(f"{NEWS}?page=2", story(2), NEWS),
        Page(f"{NEWS}?page=3", story(3), f"{NEWS}?view=all"),
        Page(f"{NEWS}?view=all", whole, f"{NEWS}?view=all"),
    ]
    assert len(articles(*pages)[0]) == 4


def test_a_chain_of_declared_urls_is_one_article_known_by_its_end():
    ends = [f"https://news.example/{name}/storm-hits-coast" for name in ("a", "b", "c")]
    pages = [Page(ends[0], ONE, ends[1]), Page(ends[1], ONE, ends[2])]
    with index() as writer:
        add(writer, enumerate(pages))
        derive(writer)
        assert rows(writer, "SELECT article_id, canonical_url FROM articles") == [
            (article_id(ends[2]), ends[2])
        ]


def test_pages_that_declare_each_other_are_one_article_if_they_show_one():
    left, right = (f"https://news.example/{name}/storm-hits-coast" for name in ("a", "b"))
    assert together(Page(left, ONE, right), Page(right, ONE, left))
    assert not together(Page(left, ONE, right), Page(right, story(2), left))


def test_what_a_page_declares_last_counts():
    other = "https://news.example/2026/storm-leaves-coast"
    first = Page("https://news.example/node/7", ONE, NEWS, hours=1)
    later = Page("https://news.example/node/7", ONE, other, hours=2)
    with index() as writer:
        add(writer, [(1, later)])
        derive(writer)
        add(writer, [(2, first)])
        derive(writer)
        assert rows(writer, "SELECT article_id FROM articles") == [(article_id(other),)]


def test_a_target_that_turns_out_to_tell_another_story_is_left():
    node = Page("https://news.example/node/7", ONE, NEWS)
    with index() as writer:
        add(writer, [(1, node)])
        derive(writer)
        assert rows(writer, "SELECT article_id FROM articles") == [(article_id(NEWS),)]
        add(writer, [(2, Page(NEWS, story(2)))])
        derive(writer)
        found = rows(writer, "SELECT article_id FROM articles")
        assert sorted(found) == sorted([(article_id(NEWS),), (article_id(node.url),)])


def test_an_extraction_that_goes_takes_its_alias_with_it():
    with index() as writer:
        numbered = list(enumerate([Page(f"{NEWS}?ref={n}", ONE) for n in "ab"]))
        add(writer, numbered)
        derive(writer)
        writer.drop_extractions([rows_of(*numbered[0])[0].record_id])
        derive(writer)
        assert rows(writer, "FROM aliases") == []
        assert rows(writer, "SELECT article_id FROM articles") == [(article_id(f"{NEWS}?ref=b"),)]


HOSTS = ("https://news.example", "http://www.news.example", "https://eu.news.example", "https://b.example")
PATHS = ("/", "/story-a-b", "/story-a-b/2", "/node/17", "/news", "/x.php")
QUERIES = ("", "?id=1", "?id=2", "?ref=a", "?ref=b", "?ref=a&src=x", "?page=1", "?page=2", "?id=1&ref=a")
URLS = st.builds("{}{}{}".format, st.sampled_from(HOSTS), st.sampled_from(PATHS), st.sampled_from(QUERIES))
TEXTS = st.sampled_from(
    [
        ONE,
        story(1, ending=" More of it."),
        story(2),
        story(3),
        story(1)[:500] + story(9),
        "Short.",
        "Brief one.",
        None,
    ]
)
PAGES = st.lists(
    st.builds(
        Page, URLS, TEXTS, st.none() | URLS, st.integers(0, 5), st.sampled_from(["A title", "Another"])
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(PAGES, st.randoms(use_true_random=False))
def test_neither_order_nor_batches_nor_what_was_dropped_since_show(pages, rng):
    numbered = list(enumerate(pages))
    dropped = set(rng.sample(range(len(pages)), rng.randrange(len(pages))))
    with index() as writer:
        add(writer, [one for one in numbered if one[0] not in dropped])
        writer.add(captures=[rows_of(*numbered[number])[0] for number in dropped])
        derive(writer)
        expected = state(writer)
    rng.shuffle(numbered)
    with index() as writer:
        while numbered:
            size = rng.randint(1, len(numbered))
            add(writer, numbered[:size])
            del numbered[:size]
            if rng.random() < 0.6:
                derive(writer)
        writer.drop_extractions([rows_of(number, pages[number])[0].record_id for number in sorted(dropped)])
        derive(writer)
        assert state(writer) == expected
