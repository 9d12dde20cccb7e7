import string
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.urls import article_id, article_key, canonical_url, host_of, surt_key

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


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?utm_source=f&utm_medium=m&id=5&fbclid=z", "https://a.example/x?id=5"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example/x?page=2&sid=5", "https://a.example/x?page=2&sid=5"),
        ("https://a.example/x;jsessionid=AB12CD34EF56?id=1", "https://a.example/x?id=1"),
        ("https://a.example/x?PHPSESSID=0123456789abcdef0123456789abcdef", "https://a.example/x"),
        ("https://a.example/News/Default.aspx?id=3", "https://a.example/News/?id=3"),
        ("https://a.example/2026/story/amp/", "https://a.example/2026/story/"),
        ("https://a.example/story/print", "https://a.example/story"),
        ("https://a.example/print/", "https://a.example/print/"),
        ("https://a.example/story.amp.html", "https://a.example/story.html"),
        ("https://a.example/x?outputType=amp", "https://a.example/x"),
        ("https://a.example/x?print=1&n=2", "https://a.example/x?n=2"),
        ("https://a.example/x?print=poster", "https://a.example/x?print=poster"),
        ("https://a.example/%7euser/caf%C3%A9 1", "https://a.example/~user/caf%C3%A9%201"),
        ("https://a.example/a%2Fb", "https://a.example/a%2Fb"),
        ("https://a.example/app#!/story/5", "https://a.example/app#!/story/5"),
        ("http://a.example:80", "http://a.example/"),
        ("https://a.example:8443/x/../y/", "https://a.example:8443/y/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("http://a.example/x", "http://a.example/x"),
    ],
)
def test_canonical_url_drops_what_selects_nothing_and_keeps_the_rest(url, expected):
    assert canonical_url(url) == expected


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
