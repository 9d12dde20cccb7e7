"""robots.txt as RFC 9309 has it: groups, patterns, encodings, the line that decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.robots import READ_BYTES, product_token, read_rules

AGENT = "presswarc/0.6 (+https://desk.example/bot)"
HOST = "https://news.example"


def deciding(text: str | bytes, path: str) -> str:
    """The rule that decides about a path, empty where none does."""
    body = text if isinstance(text, bytes) else text.encode()
    rule = read_rules(body, AGENT).deciding(HOST + path)
    return "" if rule is None else str(rule)


def allows(text: str | bytes, path: str) -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return read_rules(body, AGENT).allows(HOST + path)


def group(*lines: str, agent: str = "*") -> str:
    return "\n".join([f"User-agent: {agent}", *lines])


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        # The examples of RFC 9309 section 5.2 and of section 2.2.2.
        (("Disallow: /example/page/", "Allow: /example/page/allowed.gif"), "/example/page/allowed.gif", True),
        (("Allow: /example/page/", "Disallow: /example/page/disallowed.gif"), "/example/page/x", True),
        (("Allow: /example/page/", "Disallow: /example/page/disallowed.gif"),
         "/example/page/disallowed.gif", False),
        (("Disallow: /foo/bar?baz=quz",), "/foo/bar?baz=quz", False),
        (("Disallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar",), "/foo/bar?baz=https%3A%2F%2Ffoo.bar", False),
        (("Disallow: /foo/bar/ツ",), "/foo/bar/%E3%83%84", False),
        (("Disallow: /foo/bar/%E3%83%84",), "/foo/bar/%e3%83%84", False),
        (("Disallow: /foo/bar/%62%61%7A",), "/foo/bar/baz", False),
        (("Disallow: /a%2Fb",), "/a/b", True),
        # Wildcards.
        (("Disallow: /*Print.aspx",), "/DesktopModules/ArticleCS/Print.aspx?Article=7", False),
        (("Disallow: /*.axd$",), "/x/y.axd", False),
        (("Disallow: /*.axd$",), "/x/y.axd?d=1", True),
        (("Disallow: *captcha*",), "/a/captcha/b", False),
        (("Disallow: /a*b*c$",), "/a-b-c-b-c", False),
        (("Disallow: /a*b*c$",), "/a-b-c-b", True),
        (("Disallow: /x$y",), "/x$y/z", False),
        (("Disallow: /*/*/*/*/*$",), "/a/b/c/d", True),
        # Of two as long the Allow wins.
        (("Disallow: /page", "Allow: /page"), "/page", True),
        (("Disallow:",), "/page", True),
        (("Disallow: /",), "/robots.txt", True),
        (("Disallow: /",), "", False),
        (("Disallow: /private # ours",), "/private", False),
        (("Dissallow: /private",), "/private", False),
        (("Disallow /private",), "/private", False),
    ],
)  # fmt: skip
def test_the_longest_pattern_that_matches_decides(lines, path, allowed):
    assert allows(group(*lines), path) is allowed


def test_the_line_that_decides_is_told_by_its_number_and_group():
    text = "# the desk's\r\n\r\nUser-Agent: PressWARC\rDisallow: /drafts/*\nAllow: /drafts/open"
    assert deciding(text, "/drafts/one") == "Disallow: /drafts/* (line 4, for PressWARC)"
    assert deciding(text, "/drafts/open/two") == "Allow: /drafts/open (line 5, for PressWARC)"
    assert deciding(text, "/news") == ""


def test_groups_of_the_same_crawler_are_one_and_those_for_all_hold_for_the_others_alone():
    text = (
        group("Disallow: /all")
        + "\n"
        + group("Disallow: /one", agent="presswarc")
        + "\nUser-agent: other\nUser-agent: presswarc/2.0\nSitemap: /map.xml\nDisallow: /two"
    )
    assert [allows(text, path) for path in ("/all", "/one", "/two")] == [True, False, False]
    assert not read_rules(text.encode(), "somebody").allows(f"{HOST}/all")


def test_a_name_that_only_begins_or_ends_like_ours_is_another_crawler():
    assert allows(group("Disallow: /", agent="press"), "/x")
    assert allows(group("Disallow: /", agent="presswarc-news"), "/x")


def test_rules_before_any_name_bind_nobody():
    assert allows("Disallow: /\n" + group("Disallow: /private"), "/x")


@pytest.mark.parametrize(
    ("lines", "delay"),
    [
        (("Crawl-delay: 10",), 10.0),
        (("Crawl-delay: 2.5", "Disallow: /x"), 2.5),
        (("Crawl-delay: soon",), None),
        (("Crawl-delay: -1",), None),
        (("Crawl-delay: inf",), None),
        (("Disallow: /x",), None),
    ],
)
def test_crawl_delay_is_that_of_the_group(lines, delay):
    assert read_rules(group(*lines).encode(), AGENT).crawl_delay_s == delay


def test_a_crawl_delay_alone_ends_the_names_of_its_group():
    text = "User-agent: presswarc\nCrawl-delay: 5\nUser-agent: other\nDisallow: /"
    assert allows(text, "/x")


def test_a_byte_order_mark_and_bytes_that_are_no_utf_8_cost_no_rule():
    body = b"\xef\xbb\xbfUser-agent: *\nDisallow: /caf\xe9/\nDisallow: /private/"
    assert not allows(body, "/private/")
    assert not allows(body, "/caf%E9/")
    assert deciding(body, "/caf%E9/").encode() == "Disallow: /caf\ufffd/ (line 2, for *)".encode()


def test_what_stands_in_the_first_500_kib_is_read_and_a_line_that_is_cut_is_not():
    before = "# a comment\n" * 43_000  # a little over 512,000 bytes
    assert not allows(before + group("Disallow: /late"), "/late")
    filled = "#" * (READ_BYTES - len(group("Disallow: /a")) - 1) + "\n" + group("Disallow: /archive-of-all")
    assert allows(filled, "/a")


def test_html_in_its_place_has_no_rules():
    assert allows("<!doctype html>\n<title>Not found</title><p>User-agent: we lack the page</p>", "/x")


def test_a_question_mark_counts_where_nothing_follows_it():
    assert not allows(group("Disallow: /?"), "/?")
    assert allows(group("Disallow: /?"), "/")
    assert allows(group("Disallow: /?"), "/#?")


def test_many_stars_take_no_time():
    assert allows(group("Disallow: /" + "a*" * 500 + "b$"), "/" + "a" * 1500)


def test_the_product_token_is_what_stands_before_the_version():
    assert [product_token(one) for one in ("Foo_Bar-x/1.0", "presswarc", " x (y)")] == [
        "Foo_Bar-x", "presswarc", "x",
    ]  # fmt: skip


PATHS = st.text("ab/*$?.%", max_size=8).map(lambda text: f"/{text}")
LINES = st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), PATHS), max_size=5)


@given(LINES, st.text("ab/?.", max_size=10))
def test_verdicts_are_those_of_another_reader(lines, path):
    text = group(*(f"{name}: {pattern}" for name, pattern in lines))
    # The other one reads "%" followed by no digits, "$" within a pattern and "?" at its end in its own way.
    if not any("%" in pattern or "$" in pattern[:-1] or pattern.endswith("?") for _, pattern in lines):
        theirs = Protego.parse(text).can_fetch(f"{HOST}/{path}", "presswarc")
        assert allows(text, f"/{path}") is theirs
