import string
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import url_rules
from storage.urls import (
    article_id,
    article_key,
    canonical_url,
    doubtful_parameters,
    host_of,
    site_of,
    surt_key,
)
from storage.wrapped_urls import unwrapped

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its source has escapes that Python warns of when it compiles it
    from surt import surt

HOSTS = st.sampled_from(
    [
        "example.org",
        "www.Example.org",
        "www12.a.b.example",
        "a.example:8080",
        "bücher.example",
        "x.example:443",
    ]
)
PARTS = st.text(alphabet="aBz09.%2f/;=&?-_~ ü(){}'\"+@:,!#|", max_size=25)
VIEW_PIECES = (
    "amp AMP print index.html .. . a x.amp x.amp.html ;sid=1 %2e%2e ? & print=1 utm_x=1 id=7 % %4 # #!x"
)
VIEW_PARTS = st.lists(st.sampled_from(["", *VIEW_PIECES.split()])).map("/".join)
SCHEMES = st.sampled_from(["http://", "https://", "HTTP://", "ftp://", ""])

SURT_CASES = (
    "http://example.org/goo/?b&a",
    "http://example.org/goo/?a=2&b&a=1",
    "https://www2.Example.org:443/A%20b/../C//d/./e/",
    "http://user:pw@example.org/x",
    "http://example.org/x?jsessionid=0123456789abcdefghijklemopqrstuv&b=1",
    "http://example.org/x?foo&sid=9682993c8daa2c5497996114facdc805&b=1",
    "http://example.org/(S(4hqa0555fwsecu455xqckv45))/mileg.aspx?page=x",
    "http://bücher.example/straße?ü=ö",
    "dns:example.org",
    "mailto:someone@example.org",
    "http://1113982867/",
    "http://10.0.258/",
    "http://127.0.0.1:8000/x/",
    "example.org/x",
    "http://https/order.example",
    "http:////////www.example.org/a",
    "http://example.org?x=1",
    "http://example.org/%2525/%23%3f",
    "http://example.org/../../a",
    "http://[::1]:8080/x",
    "http://example.org.:80/",
    "https://example.org:80/",
    "http://example.org/a?&b&&a=",
    "urn:pageinfo:http://example.com/",
    "filedesc:something.warc.gz",
    "",
    "http://[2001:DB8::1]:8080/a?b",
    "http://[::ffff:1.2.3.4]/",
    "http://user:p%40w@example.org:81/x",
    "http://www.www.example.org/",
    "http://www1.example.org/",
    "http://www123.example.org./",
    "http://wwwx.example.org/",
    "http://example.org../a",
    "http://.example.org/",
    "http://example.org:/x",
    "ftp://example.org:21/x",
    "http://example.org/?b=2&a=1&a=0&B=1",
    "http://example.org/?a=1;b=2",
    "http://example.org/?=x",
    "http://example.org/x;jsessionid=0123456789abcdefghijklemopqrstuv?x=1",
    "http://example.org/x?a=1&PHPSESSID=9682993c8daa2c5497996114facdc805&b",
    "http://example.org/x?ASPSESSIONIDAQBSDSRT=EOHBLBDDPFCLHKPGGKLILNAM&y=2",
    "http://example.org/x?CFID=1169580&CFTOKEN=48630702&z=3",
    "http://xn--bcher-kva.example/",
    "http://\u00e3\x81\x82.example/",
    "http://a_b.example/",
    "http://256.256.256.256/",
    "https://https://example.org/x",
    "//example.org/x",
    "urn:text:https://example.org/a?b",
    "metadata://gnu.org/software/wget/warc/MANIFEST.txt",
    "screenshot:http://example.org/",
    "whois://whois.example/x",
    "file:///home/a b.html",
    "data:text/plain,hello",
    "about:blank",
    "http://",
    "http:///x",
    "http:example.org",
    " http://example.org/ ",
    "http://example.org/x?__wb_method=POST&a=1&__wb_post_data=YWJj",
)


@pytest.mark.parametrize("url", SURT_CASES)
def test_surt_key_is_that_of_the_surt_package(url):
    assert surt_key(url) == surt(url)


@given(SCHEMES, HOSTS, PARTS)
def test_surt_key_is_that_of_the_surt_package_for_any_path_and_query(scheme, host, rest):
    url = f"{scheme}{host}/{rest}"
    assert surt_key(url) == surt(url)


@given(SCHEMES, HOSTS | PARTS, PARTS | VIEW_PARTS)
def test_canonical_url_applied_twice_changes_nothing(scheme, host, rest):
    once = canonical_url(f"{scheme}{host}/{rest}")
    assert canonical_url(once) == once


@given(SCHEMES, HOSTS, PARTS | VIEW_PARTS)
def test_canonical_url_is_of_the_same_article(scheme, host, rest):
    url = f"{scheme}{host}/{rest}"
    assert article_key(canonical_url(url)) == article_key(url)


@given(st.text(), st.text(alphabet=string.printable))
def test_no_text_makes_any_of_them_raise(anything, printable):
    for url in (anything, printable, "http://" + anything, "http://a.example/" + anything):
        for function in (surt_key, canonical_url, article_key, article_id, host_of):
            assert isinstance(function(url), str)


FORMS = [
    line.split("\t")
    for line in (Path(__file__).parent / "url_forms.tsv").read_text("utf-8").splitlines()
    if not line.startswith("# ")
]


@pytest.mark.parametrize(("url", "canonical", "key"), FORMS)
def test_each_form_of_url_has_its_canonical_url_and_key(url, canonical, key):
    assert (canonical_url(url), article_key(url)) == (url if canonical == "=" else canonical, key)


def test_there_are_enough_forms_and_none_twice():
    assert len({url for url, _, _ in FORMS}) == len(FORMS) >= 150


@pytest.mark.parametrize("name", url_rules.TRACKING_PARAMETERS)
def test_a_tracking_parameter_is_dropped_and_what_stands_beside_it_stays(name):
    named = name.replace("*", "x")
    assert canonical_url(f"https://a.example/x?id=1&{named}=2&z=3") == "https://a.example/x?id=1&z=3"


def test_no_parameter_is_both_dropped_and_doubtful():
    dropped = {name for name in url_rules.TRACKING_PARAMETERS if not name.endswith("*")}
    assert not (dropped | url_rules.SESSION_PARAMETERS) & url_rules.DOUBTFUL_PARAMETERS.keys()


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,3}[0-9]", fullmatch=True), st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
    )
)
def test_an_unknown_parameter_always_selects(parameters):
    query = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    url = "https://a.example/x" + (f"?{query}" if query else "")
    assert canonical_url(url) == url
    assert doubtful_parameters(url) == (url, ())


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("https://a.example/x", ("https://a.example/x", ())),
        ("https://a.example/x?id=1", ("https://a.example/x?id=1", ())),
        ("https://a.example/x?id=1&ref=h", ("https://a.example/x?id=1", ("ref=h",))),
        ("https://a.example/x?page=1", ("https://a.example/x", ("page=1",))),
        ("https://a.example/x?page=2", ("https://a.example/x?page=2", ())),
        ("https://a.example/x?Source=a&cid=b", ("https://a.example/x", ("Source=a", "cid=b"))),
        ("https://a.example/?p=12", ("https://a.example/?p=12", ())),
        ("https://a.example/x?ref=h#!/a", ("https://a.example/x#!/a", ("ref=h",))),
    ],
)
def test_doubtful_parameters_are_told_apart(canonical, expected):
    assert doubtful_parameters(canonical) == expected


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("http://www.a.example/x", "https://amp.a.example/y", True),
        ("http://a.example/x", "http://news.a.example/x", False),
        ("http://a.example/x", "http://a.example:8080/x", False),
        ("https://www.defense.gov/x", "https://www.war.gov/x", True),
        ("https://archive.defense.gov/x", "http://www.defenselink.mil/x", True),
        ("https://media.defense.gov/x", "https://www.war.gov/x", False),
        ("https://web.archive.org/web/20200102030405/http://m.a.example/x", "https://a.example/", True),
    ],
)
def test_a_site_is_its_host_whatever_form_of_it_is_asked(left, right, same):
    assert (site_of(left) == site_of(right)) is same


WRAPPERS = st.lists(
    st.sampled_from(
        [
            "https://web.archive.org/web/20200102030405/",
            "https://web.archive.org/web/20200102030405id_/",
            "http://wayback.archive-it.org/12/2020/",
            "https://www.google.com/amp/s/",
            "https://x.cdn.ampproject.org/c/",
            "http://pywb.example/all/20200102030405mp_/",
            "http://www.defense.gov/utility/printitem.aspx?print=",
        ]
    ),
    max_size=4,
).map("".join)


@given(WRAPPERS, SCHEMES, HOSTS, VIEW_PARTS | PARTS)
def test_a_copy_of_a_copy_has_the_canonical_url_of_the_page(wrappers, scheme, host, rest):
    once = canonical_url(f"{wrappers}{scheme or 'http://'}{host}/{rest}")
    assert canonical_url(once) == once
    assert unwrapped(once) == once


@given(WRAPPERS, st.sampled_from(["http://a.example/x?id=1", "https://a.example/x?id=1#top"]))
def test_a_copy_is_of_the_article_that_it_is_a_copy_of(wrappers, url):
    assert article_key(wrappers + url) == "a.example/x?id=1"


HOSTILE = (
    "/amp", "/.amp", "/print", "/index.html", "//", "/..", "/a/..", "&", "?", "&a", "%", "%25", "%2e", "%ff",
    ";sid=", "(", "/(S(", "www.", "m.", "amp.", "a.", "@", ":", "[", "#", "#!", "+", "ü", "http://",
    "https%3A%2F%2F", "web.archive.org/web/20200102030405/",
    "http://web.archive.org/web/20200102030405/",
    "https://www.google.com/amp/s/", "/article/12345", "20200102030405/", ":~:", "\x00", "\ud800", "a-", "0",
)  # fmt: skip


@pytest.mark.parametrize("start", ["http://", "http://a.example/", "http://a.example/x?"])
def test_long_hostile_urls_are_answered(start):
    # Where work grew with the square of the length, or regular expressions went back and forth, this would
    # take hours.
    for piece in HOSTILE:
        url = start + piece * (60_000 // len(piece)) + "!"
        once = canonical_url(url)
        assert article_key(once) == article_key(url), piece


DOD_FORMS = (
    "https://www.defense.gov/News/News-Stories/Article/Article/4012345/some-title/",
    "https://www.defense.gov/News/News-Stories/Article/Article/4012345/",
    "http://www.war.gov/news/news-stories/article/article/4012345/other-title",
    "https://dod.defense.gov/News/Article/Article/4012345/source/GovDelivery/",
    "https://defense.gov/Releases/Release/Article/4012345?utm_source=x#top",
    "https://www.war.gov/News/Releases/Release/Article/4012345/t/?Print=1",
)


def test_every_form_of_a_defense_article_has_one_key():
    assert {article_key(url) for url in DOD_FORMS} == {"dod:4012345"}
    assert len({article_id(url) for url in DOD_FORMS}) == 1


def test_the_number_counts_within_its_site_only():
    keys = [
        article_key(f"https://www.{host}/News/Article/3012345/x")
        for host in ("af.mil", "army.mil", "war.gov")
    ]
    assert keys == ["af.mil:article:3012345", "army.mil:article:3012345", "dod:3012345"]


def test_a_date_after_article_is_no_article_number():
    urls = [
        f"https://paper.example/article/{day}/{slug}"
        for day in ("2026/11/02", "20261102")
        for slug in ("a", "b")
    ]
    assert len({article_key(url) for url in urls}) == len(urls)


def test_a_sample_site_on_another_port_is_another_site():
    assert article_key("http://127.0.0.1:8001/Article/4012345/") != article_key(
        "http://127.0.0.1:8002/Article/4012345/"
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("http://www.a.example/b/", "https://a.example/b"),
        ("https://m.a.example/b", "https://a.example/b?utm_campaign=z"),
        ("https://amp.a.example/b", "https://a.example/b"),
    ],
)
def test_forms_of_one_page_share_an_article_id(left, right):
    assert article_id(left) == article_id(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://m.example/x", "https://example/x"),
        ("https://a.example/X", "https://a.example/x"),
    ],
)
def test_different_pages_keep_different_ids(left, right):
    assert article_id(left) != article_id(right)
