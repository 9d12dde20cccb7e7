"""Links of HTML pages and listings, and how much a URL looks like an article."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders import discovered
from crawler.discovery import Discovery, FoundIn, LinkKind
from crawler.discovery.likeness import article_likeness
from crawler.discovery.links import clean_url
from crawler.seeds import Limits, Listing, Scope, Seed

ROOT = "https://www.marrow.test"
HERE = f"{ROOT}/news/"
SEED = Seed(
    name="marrow",
    title="Marrow",
    listings=(Listing(url=f"{ROOT}/News/Contracts/?Page={{page}}", max_pages=3),),
    scope=Scope(hosts=("www.marrow.test",)),
    limits=Limits(max_paging=4),
)
STORY = "/2026/03/mayor-opens-new-bridge/"


def found(body, *, url=HERE, kind=LinkKind.PAGE, content_type="text/html", headers=(), seed=SEED):
    return discovered(body, url=url, kind=kind, content_type=content_type, headers=headers, seed=seed)


def urls(links):
    return [link.url for link in links]


def test_anchors_become_links_with_their_text_each_url_once():
    discovery = found(
        f"<a href='{STORY}'><img alt='a bridge' src=x></a>"
        "<a href=' ../about us/?a=1&amp;b=2#team '>About <b>us</b></a>"
        f"<a href='{STORY}#comments'>Mayor opens new bridge</a><a href='#top'>top</a><a href=''>this page</a>"
    )
    story, about = discovery.links
    assert (story.url, story.kind, story.found_in) == (f"{ROOT}{STORY}", LinkKind.ARTICLE, FoundIn.PAGE)
    assert (about.url, about.title, about.kind) == (f"{ROOT}/about%20us/?a=1&b=2", "About us", LinkKind.PAGE)


def test_the_base_element_counts_if_it_is_sound():
    assert urls(found("<base href='/deep/er/'><a href='x'>x</a>").links) == [f"{ROOT}/deep/er/x"]
    assert urls(found('<base href="http://["><a href="x">x</a>').links) == [f"{HERE}x"]


def test_other_schemes_templates_and_nofollow_links_are_counted():
    discovery = found(
        "<a href='mailto:a@b.test'>m</a><a href='javascript:void(0)'>j</a><a href='{{item.url}}'>t</a>"
        "<a rel='external NOFOLLOW' href='/ad'>ad</a><a href='http://['>b</a><a href='https://u:p@www.marrow.test/'>u</a>"
    )
    assert discovery.links == ()
    assert discovery.skipped == (
        "2 broken links",
        "1 links marked nofollow",
        "2 links of other schemes",
        "1 links of unfilled templates",
    )


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        ("<meta name='ROBOTS' content='NOINDEX, NOFOLLOW'>", ()),
        ("<meta name=robots content=none>", ()),
        ("", [("X-Robots-Tag", "nofollow")]),
    ],
)
def test_a_page_that_asks_not_to_be_followed_is_not(head, headers):
    discovery = found(f"{head}<a href='/x'>x</a>", headers=headers)
    assert (discovery.links, discovery.notes) == ((), ("the page asks that its links are not followed",))


def test_noindex_and_what_is_meant_for_one_robot_do_not_stop_links():
    body = "<meta name=robots content=noindex><meta name=otherbot content=nofollow><a href='/x'>x</a>"
    assert len(found(body, headers=[("X-Robots-Tag", "otherbot: nofollow")]).links) == 1


def test_declared_feeds_and_the_rest_interface_are_found_but_not_comment_feeds():
    discovery = found(
        "<link rel='alternate' type='application/rss+xml' title='Marrow' href='/feed/'>"
        "<link rel='alternate' type='application/rss+xml' href='/comments/feed/'>"
        "<link rel='alternate' hreflang='de' href='/de/'>"
        "<link rel='alternate' type='application/json' href='/x'>"
        "<link rel='https://api.w.org/' href='/wp-json/'>"
        "<a href='/DesktopModules/ArticleCS/RSS.ashx?ContentType=1&amp;Site=945'>News</a>"
    )
    assert [(link.kind, link.url.partition("?")[0]) for link in discovery.links] == [
        (LinkKind.FEED, f"{ROOT}/feed/"),
        (LinkKind.WORDPRESS, f"{ROOT}/wp-json/wp/v2/posts"),
        (LinkKind.FEED, f"{ROOT}/DesktopModules/ArticleCS/RSS.ashx"),
    ]


ELEMENTS = (
    "<div><feature-template><listing-titles-only article-id='7' article-title='Contracts for March 2' "
    "article-url='/News/Contracts/Contract/Article/4016173//' article-url-or-link-absolute='' "
    "publish-date-ap='March 2, 2026' publish-date-jss='2026-03-02T17:00:00'></listing-titles-only>"
    "<listing-with-preview article-title='By link' article-url='/never' "
    "article-url-or-link-absolute='https://www.marrow.test/News/Article/5/'></listing-with-preview></feature-template></div>"
)


def test_articles_in_attributes_of_custom_elements_are_found():
    first, second = found(ELEMENTS, kind=LinkKind.LISTING).links
    assert (first.url, first.title) == (
        f"{ROOT}/News/Contracts/Contract/Article/4016173//",
        "Contracts for March 2",
    )
    assert (first.kind, first.published_raw) == (LinkKind.ARTICLE, "2026-03-02T17:00:00")
    assert second.url == f"{ROOT}/News/Article/5/"


def next_of(body, url, **fields):
    return urls(found(body, url=url, kind=LinkKind.LISTING, **fields).next_pages)


STORIES = f"<a href='{STORY}'>Mayor opens new bridge</a>"


def test_the_next_page_is_the_one_marked_next():
    body = f"{STORIES}<a rel='next' href='?after=99'>Older</a>"
    assert next_of(body, HERE) == [f"{HERE}?after=99"]
    assert next_of(f"<head><link rel=next href='?after=98'></head>{STORIES}", HERE) == [f"{HERE}?after=98"]


@pytest.mark.parametrize(
    ("url", "pager", "following"),
    [
        (f"{ROOT}/n/?Page=2", "<a href='/n/?Page=1'>1</a><a href='/n/?Page=3'>3</a>", [f"{ROOT}/n/?Page=3"]),
        (f"{ROOT}/n/", "<a href='/n/?Page=2'>2</a><a href='/n/?Page=9'>Last</a>", [f"{ROOT}/n/?Page=2"]),
        (f"{ROOT}/n/?Page=3", "<a href='/n/?Page=1'>1</a><a href='/n/?Page=2'>2</a>", []),
        (f"{ROOT}/n/page/2/", "<a href='/n/page/3/'>3</a>", [f"{ROOT}/n/page/3/"]),
        (f"{ROOT}/n/", "<a href='/other/page/2/'>2</a>", []),
        (f"{ROOT}/n/?Page=4", "<a href='/n/?Page=5'>5</a>", []),
    ],
)
def test_a_pager_leads_to_the_next_number_of_the_same_listing_up_to_the_limit(url, pager, following):
    assert next_of(STORIES + pager, url) == following


def test_a_listing_filled_by_a_script_goes_on_by_the_seeds_template_up_to_its_limit():
    rows = "".join(ELEMENTS.replace("4016173", f"401617{number}") for number in range(10))
    assert next_of(rows, f"{ROOT}/News/Contracts/") == [f"{ROOT}/News/Contracts/?Page=2"]
    assert next_of(rows, f"{ROOT}/News/Contracts/?Page=2") == [f"{ROOT}/News/Contracts/?Page=3"]
    assert next_of(rows, f"{ROOT}/News/Contracts/?Page=3") == []
    assert next_of(ELEMENTS, f"{ROOT}/News/Contracts/?Page=2") == [], "a page that is not full is the last"


def test_a_listing_without_articles_ends_with_a_note():
    discovery = found("<p>Nothing here</p>", url=f"{ROOT}/News/Contracts/", kind=LinkKind.LISTING)
    assert (discovery.next_pages, discovery.notes) == ((), ("listing without articles",))


def test_a_page_of_too_many_links_is_cut_with_a_note():
    discovery = found("".join(f"<a href='/{n}'>x</a>" for n in range(3_010)))
    assert len(discovery.links) == 3_000
    assert discovery.notes == ("10 links beyond the limit",)


def test_a_page_made_of_anchors_is_read_up_to_a_bound():
    notes = found("<a href='/x'>x</a>" * 10_001).notes
    assert notes == ("more than 10000 anchors",)


def test_discovery_and_scope_load_neither_scrapy_nor_twisted():
    code = "import sys, crawler.discovery, crawler.scope; print({'scrapy', 'twisted'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_feed_behind_a_page_address_is_read_as_a_feed():
    assert (
        found("<?xml version='1.0'?><rss><item><link>/a</link></item></rss>").links[0].found_in
        is FoundIn.FEED
    )


@pytest.mark.parametrize(
    ("path", "text", "is_article"),
    [
        ("/News/News-Stories/Article/Article/3486750/dockyard-takes-on-its-largest-class/", "", True),
        ("/News/Contracts/Contract/Article/4016173//", "", True),
        ("/Speech/article/606952/", "", True),
        ("/2026/03/02/mayor-opens-new-bridge/", "", True),
        ("/2026-03-02-mayor-opens-new-bridge", "", True),
        ("/politics/mayor-opens-new-bridge-over-the-harbor.html", "", True),
        ("/mayor-opens-new-bridge/", "Mayor opens new bridge over harbor", True),
        ("/news/world-europe-60411234", "", True),
        ("/item/60411234", "", False),
        ("/", "The best local paper of the harbor towns since 1884", False),
        ("/2026/03/", "", False),
        ("/2026/03/page/2/", "", False),
        ("/about-us/", "About us", False),
        ("/privacy-policy-and-terms/", "How we use what we know of you", False),
        ("/tag/north-breakwater-storm-damage/", "North breakwater storm damage", False),
        ("/category/world/", "World", False),
        ("/author/marit-oyelaran-of-the-harbor/", "", False),
        ("/contact/", "", False),
        ("/Multimedia/Photos/igphoto/2001340771/", "A ship leaves the harbor", False),
        ("/news/?page=2", "Older posts of this category are here now", False),
    ],
)
def test_likeness_tells_articles_from_other_pages(path, text, is_article):
    likeness = article_likeness(f"{ROOT}{path}", SEED, text=text)
    assert likeness.is_article is is_article, likeness


def test_sections_are_told_from_articles_where_the_articles_addresses_have_numbers():
    section = "<a href='/our/office-of-the-harbor-master'>Office of the Harbor Master</a>"
    stories = [f"<a href='/story-{n}00000/'>x</a>" for n in range(1, 4)]
    assert found(section + "".join(stories[:2])).links[0].kind is LinkKind.ARTICLE
    assert found(section + "".join(stories)).links[0].kind is LinkKind.PAGE


def test_article_patterns_alone_decide_where_a_seed_has_them():
    seed = Seed(name="m", title="m", scope=Scope(hosts=(), article=(r"/s/\d+$",)))
    assert article_likeness(f"{ROOT}/s/7", seed).is_article
    assert not article_likeness(f"{ROOT}{STORY}", seed, text="Mayor opens new bridge", bonus=9).is_article


@pytest.mark.parametrize(
    ("href", "clean"),
    [
        ("//Other.TEST:80/a", "https://other.test:80/a"),
        ("http://marrow.test:80", "http://marrow.test/"),
        ("a\tb\n.html", f"{HERE}ab.html"),
        ("caf\xe9?q=\xe9", f"{HERE}caf%C3%A9?q=%C3%A9"),
        ("?x=%zz&y=%41", f"{HERE}?x=%zz&y=%41"),
        ("https://m\xfcnster.test/", "https://xn--mnster-3ya.test/"),
        ("?a=1&utm_medium=x&fbclid=y&utmost=2", f"{HERE}?a=1&utmost=2"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://x:99999999/", None),
        ("http:///", None),
        ("tel:123", None),
        ("/" + "a" * 5000, None),
    ],
)
def test_urls_are_made_absolute_and_safe(href, clean):
    assert clean_url(href, HERE) == clean


@given(st.text())
@example(";\x1b")
def test_a_clean_url_stays_as_it_is(text):
    first = clean_url(text, HERE)
    assert first is None or clean_url(first, HERE) == first


PIECES = st.sampled_from(
    [
        "<a href='",
        "'>",
        '<base href="http://[">',
        "<rss><item><link>",
        "<urlset><url><loc>",
        "<!DOCTYPE html [",
        "]]>",
        "<![CDATA[",
        "&#0;&#xD800;&b;",
        '{"items":[{"url":',
        "[" * 2000,
        "Sitemap: ",
        "http://",
        "?Page=",
        "<x article-url='",
        "<link rel=next href='//[",
        "<?xml version='1.0' encoding='utf-7'?>",
        "\x00",
        "\ufeff",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map(
        lambda parts: "".join(parts).encode("utf-8", "ignore")
    ),
)
TYPES = st.sampled_from(
    [None, "", "text/html; charset=utf-16", "text/xml; charset=hex", "x; charset=\x00", "a; charset=idna"]
)


@settings(max_examples=150, deadline=None)
@given(body=BODIES, content_type=TYPES, kind=st.sampled_from(LinkKind))
def test_no_content_makes_discovery_raise_and_all_it_gives_travels(body, content_type, kind):
    for data in (body, b"\x1f\x8b" + body, b"\xff\xfe" + body):
        discovery = found(data, kind=kind, content_type=content_type)
        assert isinstance(discovery, Discovery)
        assert pickle.loads(pickle.dumps(discovery)) == discovery
        assert all(link.url.startswith(("http://", "https://")) for link in discovery.links)
