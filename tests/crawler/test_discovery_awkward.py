"""Feeds, sitemaps, listings and pages as real servers send them: faulty, unmarked, without an end."""

import gzip
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import discovered
from crawler.discovery import Chains, LinkKind, starts
from crawler.discovery.links import FoundIn, Link, next_page
from crawler.discovery.markup import html_tree
from crawler.discovery.wordpress import posts_of_api, posts_url
from crawler.seeds import Limits, Listing, Scope, Seed, load_seed, read_seed
from storage.errors import SeedError

ROOT = "https://www.marrow.test"
SEED = Seed(
    name="marrow", title="Marrow", scope=Scope(hosts=("www.marrow.test",)), limits=Limits(max_paging=4)
)
STORY = "/2026/03/mayor-opens-new-bridge/"
RSS = f"<rss><channel><item><title>Bridge</title><link>{ROOT}{STORY}</link></item></channel></rss>"
POST = {"link": f"{ROOT}{STORY}", "title": {"rendered": "Bridge"}}


def found(body, kind, *, url=f"{ROOT}/here", headers=(), seed=SEED):
    return discovered(body, url=url, kind=kind, content_type="", headers=headers, seed=seed)


def urls(links):
    return [link.url for link in links]


def listing(url, pager, seed=SEED, stories=1):
    shown = "".join(f"<a href='{STORY}{number}/'>Mayor</a>" for number in range(stories))
    return urls(found(shown + pager, LinkKind.LISTING, url=url, seed=seed).next_pages)


@pytest.mark.parametrize(
    "before",
    [
        "<br />\n<b>Warning</b>: foreach() in /srv/feed.php on line 7<br />\n",
        "Notice: x\n",
        "\n\n<!-- cached -->",
    ],
)
def test_what_a_faulty_program_says_before_a_feed_or_sitemap_costs_nothing(before):
    assert urls(found(f"{before}<?xml version='1.0'?>{RSS}", LinkKind.FEED).links) == [f"{ROOT}{STORY}"]
    sitemap = f"{before}<urlset><url><loc>{ROOT}{STORY}</loc></url></urlset>"
    assert urls(found(sitemap, LinkKind.SITEMAP).links) == [f"{ROOT}{STORY}"]
    posts = found(before + json.dumps([POST]), LinkKind.WORDPRESS)
    assert (urls(posts.links), posts.notes) == ([f"{ROOT}{STORY}"], ())


def test_a_page_that_shows_a_feed_is_no_feed():
    discovery = found(f"<html><body><pre>{RSS}</pre></body></html>", LinkKind.FEED)
    assert (discovery.links, discovery.notes) == ((), ('HTML instead of a feed: "Bridge"',))


def test_a_sitemap_of_several_gzip_members_is_read_to_its_end():
    pieces = [f"<urlset><url><loc>{ROOT}/a/</loc></url>", f"<url><loc>{ROOT}/b/</loc></url></urlset>"]
    discovery = found(b"".join(gzip.compress(piece.encode()) for piece in pieces), LinkKind.SITEMAP)
    assert (urls(discovery.links), discovery.notes) == ([f"{ROOT}/a/", f"{ROOT}/b/"], ())


def test_what_follows_a_gzip_member_and_is_none_is_left():
    body = gzip.compress(f"<urlset><url><loc>{ROOT}/a/</loc></url></urlset>".encode()) + b"\x00" * 512
    assert found(body, LinkKind.SITEMAP).notes == ()


def test_atom_entries_without_an_alternate_link_lead_where_their_id_or_content_does():
    discovery = found(
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        f'<entry><title>a</title><id>{ROOT}/a</id><link rel="self" href="/a.atom"/></entry>'
        '<entry><title>b</title><id>tag:marrow.test,2026:b</id><content src="/b"/></entry>'
        "<entry><title>c</title><id>urn:uuid:1225c695</id></entry></feed>",
        LinkKind.FEED,
    )
    assert urls(discovery.links) == [f"{ROOT}/a", f"{ROOT}/b"]
    assert discovery.notes == ("entry without a link",)


def test_an_empty_article_is_none_though_it_has_a_link():
    item = f"<item><title>This is an empty article</title><link>{ROOT}/News/Article/0/</link></item>"
    discovery = found(f"<rss><channel>{item * 2}</channel></rss>", LinkKind.FEED)
    assert (discovery.links, discovery.notes) == ((), ("empty article (2)", "empty feed"))


@pytest.mark.parametrize(
    ("declared", "posts"),
    [
        ("https://www.marrow.test/wp-json/", "/wp-json/wp/v2/posts?"),
        ("https://www.marrow.test/blog/wp-json", "/blog/wp-json/wp/v2/posts?"),
        ("https://www.marrow.test/index.php?rest_route=/", "&rest_route=/wp/v2/posts&"),
    ],
)
def test_the_rest_interface_is_found_by_the_page_or_its_header_pretty_addresses_or_not(declared, posts):
    in_page = found(f"<link rel='https://api.w.org/' href='{declared}'>", LinkKind.PAGE)
    in_head = found(
        "<p>", LinkKind.PAGE, headers=[("Link", f'<{declared}>; rel="https://api.w.org/", </x>; rel=y')]
    )
    assert urls(in_page.links) == urls(in_head.links)
    (link,) = in_page.links
    assert link.kind is LinkKind.WORDPRESS
    assert posts in link.url
    assert link.url.endswith("page=1")
    assert posts_url(link.url, 2).endswith("page=2")


def test_another_programs_query_is_no_rest_interface():
    assert posts_of_api("https://www.marrow.test/?feed=rss2") is None


@pytest.mark.parametrize(
    ("count", "headers", "further"),
    [
        (10, (), ["page=2"]),
        (9, (), []),
        (10, [("X-WP-TotalPages", "1")], []),
        (3, [("X-WP-TotalPages", "2")], ["page=2"]),
    ],
)
def test_posts_go_on_behind_a_full_page_where_no_field_tells_how_many_there_are(count, headers, further):
    body = json.dumps([{**POST, "link": f"{ROOT}/{number}"} for number in range(count)])
    address = f"{ROOT}/wp-json/wp/v2/posts?per_page=10&page=1"
    discovery = found(body, LinkKind.WORDPRESS, url=address, headers=headers)
    assert [link.url.rpartition("&")[2] for link in discovery.next_pages] == further


@pytest.mark.parametrize(
    "pager",
    [
        "<a href='?after=b2'>Next</a>",
        "<a href='?after=b2'>Older posts &raquo;</a>",
        "<a href='?after=b2' aria-label='Next page'><svg></svg></a>",
        "<a href='?after=b2' class='btn pagination__next'>2</a>",
        "<ul><li class='pager-next'><a href='?after=b2'>more</a></li></ul>",
        "<a href='?after=b2'>\u203a</a>",
        "<a href='?after=b2'>N\u00e4chste Seite</a>",
    ],
)
def test_what_a_reader_takes_for_the_next_page_is_it(pager):
    assert listing(f"{ROOT}/news", pager) == [f"{ROOT}/news?after=b2"]


@pytest.mark.parametrize(
    "pager",
    [
        "<a href='https://elsewhere.test/?after=b2'>Next</a>",
        "<a href='/news?page=2' class='next'>Next</a>",  # seen from page 3: the slideshow's, or a mistake
        "<a href='#more'>Next</a>",
        "<a href='/news/mayor-opens-bridge/' class='next'>Next</a>",
        "<a href='/' class='next'>Next</a>",
        "<a href='/news/next-week-in-the-harbour/'>What comes next week in the harbour</a>",
    ],
)
def test_what_only_looks_like_the_next_page_is_not(pager):
    assert listing(f"{ROOT}/news?page=3", pager) == []


def test_a_pager_that_counts_from_zero_is_followed_without_a_gap():
    pager = "".join(f"<a href='/news?page={number}'>{number + 1}</a>" for number in range(5))
    assert listing(f"{ROOT}/news", pager) == [f"{ROOT}/news?page=1"]
    assert listing(f"{ROOT}/news?page=1", pager) == [f"{ROOT}/news?page=2"]
    assert listing(f"{ROOT}/news?page=3", pager) == [], "four pages are the limit"
    unnamed = pager.replace(">1<", ">\u00ab<")
    assert listing(f"{ROOT}/news", unnamed.replace(">2<", "><")) == [f"{ROOT}/news?page=1"]


def test_a_next_serves_where_the_pager_skips_numbers():
    pager = "<a href='/n?page=1'>1</a><a href='/n?page=9'>9</a><a href='/n?page=3' class='next'>Next</a>"
    assert listing(f"{ROOT}/n?page=2", pager) == [f"{ROOT}/n?page=3"]


@pytest.mark.parametrize("template", [f"{ROOT}/old/p{{page}}.html", f"{ROOT}/archive/{{page}}/all?sort=new"])
def test_a_template_of_any_form_is_followed_up_to_its_limit(template):
    seed = Seed(
        name="marrow",
        title="Marrow",
        listings=(Listing(url=template, max_pages=3),),
        scope=Scope(hosts=("www.marrow.test",)),
    )
    pages = [template.replace("{page}", str(number)) for number in (1, 2, 3)]
    assert listing(pages[0], "", seed, stories=5) == [pages[1]]
    assert listing(pages[1], "", seed, stories=5) == [pages[2]]
    assert listing(pages[2], "", seed, stories=5) == []
    assert listing(pages[1], "", seed, stories=4) == [], "so few are the last, if no pager says otherwise"
    assert listing(pages[0], f"<a rel=next href='{pages[1]}'>2</a>", seed, stories=1) == [pages[1]]


def test_the_menus_link_to_the_section_itself_is_no_pager():
    template = f"{ROOT}/News/Contracts/?Page={{page}}"
    seed = Seed(
        name="marrow",
        title="Marrow",
        listings=(Listing(url=template, max_pages=3),),
        scope=Scope(hosts=("www.marrow.test",)),
    )
    menu = "<nav><a href='/News/Contracts/'>Contracts</a></nav>"
    following = [template.replace("{page}", "2")]
    assert listing(template.replace("{page}", "1"), menu, seed, stories=10) == following
    assert listing(f"{ROOT}/News/Contracts/", menu, seed, stories=10) == following


def test_listings_and_feeds_without_numbers_end_somewhere():
    chains = Chains(3)

    def admitted(*addresses):
        return [chains.refusal(next_page(url, LinkKind.LISTING, Link)) is None for url in addresses]

    assert admitted(*(f"{ROOT}/news?after={number}x" for number in range(5))) == [True] * 3 + [False] * 2
    assert admitted(f"{ROOT}/news?after=0x") == [True], "known already"
    assert admitted(*(f"{ROOT}/sport?after={number}x" for number in range(3))) == [True] * 3
    assert admitted(*(f"{ROOT}/world/c{number}x/" for number in range(4))) == [True] * 3 + [False]
    assert admitted(*(f"{ROOT}/more?page={number}" for number in range(2, 9))) == [True] * 7
    article = Link(url=f"{ROOT}/news?after=9x", kind=LinkKind.ARTICLE, found_in=LinkKind.PAGE)
    assert chains.refusal(article) is None


@pytest.mark.parametrize("form", ["{}/feed?{}", "{}/{}/more", "{}/x?page=2&{}", "{}/page/7/?{}"])
def test_a_chain_whose_addresses_have_nothing_in_common_ends_all_the_same(form):
    chains, here, followed = Chains(3), f"{ROOT}/feed", 0
    for letters in ("qwertz", "poiuy", "asdfg", "lkjhg", "yxcvb", "mnbvc", "rtzui"):
        link = next_page(form.format(ROOT, letters), LinkKind.FEED, FoundIn.FEED)
        if chains.refusal(link, here) is not None:
            break
        here, followed = link.url, followed + 1
    assert 3 <= followed <= 4


@pytest.mark.parametrize("title", ["A <b>bold word", "One</i> two <br> three", "<a href='/x'>Linked"])
def test_html_in_the_titles_of_a_feed_costs_none_of_its_entries(title):
    items = "".join(f"<item><title>{title}</title><link>{STORY}{one}/</link></item>" for one in range(3))
    links = found(f"<rss><channel>{items}</channel></rss>", LinkKind.FEED).links
    assert urls(links) == [f"{ROOT}{STORY}{one}/" for one in range(3)]
    assert {link.title for link in links} <= {"A bold word", "One two three", "Linked"}


def test_sitemaps_that_name_sitemaps_end_somewhere():
    chains, hops = Chains(3), ""
    named = Link(url=f"{ROOT}/more.xml", kind=LinkKind.SITEMAP, found_in=FoundIn.SITEMAP)
    while chains.refusal(named, f"{ROOT}/sitemap.xml", hops) is None:
        hops += "M"
    assert (len(hops), chains.refusal(named, "", hops)) == (4, "nested_sitemaps")
    assert chains.refusal(replace(named, kind=LinkKind.ARTICLE), "", hops) is None


def test_a_feed_that_says_in_ascii_that_it_is_utf_16_is_read():
    feed = f"<?xml version='1.0' encoding='UTF-16'?><rss><item><link>{STORY}</link></item></rss>"
    assert urls(found(feed, LinkKind.FEED).links) == [f"{ROOT}{STORY}"]


def test_a_listing_whose_pages_name_the_next_ends_with_one_that_does_not():
    template = f"{ROOT}/world/page/{{page}}/"
    seed = replace(SEED, listings=(Listing(url=template, max_pages=9),))
    stories = "".join(f"<a href='{STORY}{number}/'>Mayor</a>" for number in range(10))
    chains = Chains(3)

    def refused(number: int, pager: str) -> str | None:
        url = template.replace("{page}", str(number))
        (link,) = found(stories + pager, LinkKind.LISTING, url=url, seed=seed).next_pages
        return chains.refusal(link)

    assert refused(1, "") is None, "the pager may be a script's"
    assert refused(1, "<a rel=next href='/world/page/2/'>Older</a>") is None
    assert refused(2, "") == "end_of_listing"


def test_a_feed_goes_on_by_its_own_next_up_to_the_limit():
    feed = f'<feed><link rel="next" href="/f?page={{}}"/><entry><link href="{STORY}"/></entry></feed>'
    assert urls(found(feed.format(4), LinkKind.FEED).next_pages) == [f"{ROOT}/f?page=4"]
    assert found(feed.format(5), LinkKind.FEED).next_pages == ()
    body = json.dumps({"items": [{"url": STORY}], "next_url": "/f?page=5"})
    assert found(body, LinkKind.FEED).next_pages == ()


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ("0; url=/new/home", f"{ROOT}/new/home"),
        ("5;URL='https://www.marrow.test/new'", f"{ROOT}/new"),
        ("0, /new", f"{ROOT}/new"),
        ("600; url=/new", None),  # a reader has long read the page
        ("30", None),
        ("0; url=/here", None),  # only a reload
        ("0; url=javascript:x()", None),
    ],
)
def test_a_meta_refresh_is_a_link_and_a_note(told, target):
    discovery = found(f'<head><meta http-equiv="Refresh" content="{told}"></head>', LinkKind.PAGE)
    assert urls(discovery.links) == ([target] if target else [])
    assert discovery.notes == (("moved by a meta refresh: its target is taken as a link",) if target else ())


def test_a_refresh_for_readers_without_scripts_is_not_for_us():
    body = '<body><noscript><meta http-equiv="refresh" content="0;url=/nojs"></noscript><p>text</body>'
    assert found(body, LinkKind.PAGE).links == ()


def test_a_story_linked_by_picture_headline_and_read_more_is_called_by_its_headline():
    body = (
        f"<a href='{STORY}'><img alt='People stand on a long new bridge over the harbour'></a>"
        f"<a href='{STORY}'>Mayor opens bridge</a><a href='{STORY}'>Read</a>"
    )
    (link,) = found(body, LinkKind.PAGE).links
    assert link.title == "Mayor opens bridge"


def test_a_page_in_utf8_that_does_not_say_so_is_read_as_that():
    (link,) = found(f"<a href='{STORY}'>Größere Brücke</a>".encode(), LinkKind.PAGE).links
    assert link.title == "Größere Brücke"
    (other,) = found(f"<a href='{STORY}'>Größere Brücke</a>".encode("latin-1"), LinkKind.PAGE).links
    assert other.title == "Größere Brücke"


def test_elements_of_a_listing_are_articles_where_the_seed_says_so():
    body = "<card article-url='/Video/99/'></card><card article-url='/News/Article/5001/'></card>"
    seed = Seed(name="m", title="m", scope=Scope(hosts=("www.marrow.test",), article=(r"/Article/\d+",)))
    kinds = {link.url: link.kind for link in found(body, LinkKind.LISTING, seed=seed).links}
    assert kinds == {f"{ROOT}/Video/99/": LinkKind.PAGE, f"{ROOT}/News/Article/5001/": LinkKind.ARTICLE}


def test_a_link_too_long_is_counted_by_that_reason():
    discovery = found(f"<a href='/{'a' * 5_000}'>x</a>", LinkKind.PAGE)
    assert (discovery.links, discovery.skipped) == ((), ("1 links too long to be asked for",))


def test_a_start_too_long_for_the_crawler_is_told_before_the_crawl(tmp_path):
    address = f"{ROOT}/{'a' * 2_000}"
    with pytest.raises(SeedError, match="longer than 2000 characters"):
        load_seed(address)
    path = tmp_path / "long.toml"
    path.write_text(
        f'urls = ["{ROOT}/"]\nfeeds = ["{address}"]\n[[listings]]\nurl = "{address}?p={{page}}"\n'
    )
    with pytest.raises(SeedError) as caught:
        read_seed(path)
    assert caught.value.message.count("longer than 2000 characters") == 2


def test_the_longest_start_taken_is_short_enough_for_scrapy(tmp_path):
    path = tmp_path / "long.toml"
    longest = f"{ROOT}/".ljust(2_000, "a")
    path.write_text(f'urls = ["{longest}"]\nwordpress = "{longest}"\n')
    assert max(len(link.url) for link in starts(read_seed(path))) <= 2_083


@pytest.mark.parametrize("line", ["Sitemap: /a.xml", "site-map:/a.xml", "SITEMAP :\t/a.xml # ours"])
def test_a_sitemap_line_is_known_in_any_spelling(line):
    discovery = found(f"User-agent: *\r{line}\rDisallow: /x", LinkKind.ROBOTS, url=f"{ROOT}/robots.txt")
    assert urls(discovery.links) == [f"{ROOT}/a.xml"]


WHOLE = {
    LinkKind.FEED: [
        RSS,
        f'<feed><entry><link href="{STORY}"/><id>{ROOT}/x</id></entry></feed>',
        json.dumps({"items": [{"url": STORY, "title": "x"}], "next_url": "/f?page=2"}),
    ],
    LinkKind.SITEMAP: [
        f"<urlset><url><loc>{ROOT}{STORY}</loc><lastmod>2026-03-01</lastmod></url></urlset>",
        f"<sitemapindex><sitemap><loc>{ROOT}/s.xml.gz</loc></sitemap></sitemapindex>",
        f"{ROOT}{STORY}\n{ROOT}/b\n",
    ],
    LinkKind.WORDPRESS: [json.dumps([POST, {"link": 7}, None])],
    LinkKind.ROBOTS: ["User-agent: *\nSitemap: /sitemap.xml\n"],
    LinkKind.LISTING: [
        f"<a href='{STORY}'>x</a><a rel=next href='?page=2'>2</a><c article-url='/n/1'></c>",
        "<meta http-equiv=refresh content='0;url=/n'><link rel='https://api.w.org/' href='/wp-json/'>",
    ],
}
CUTS = st.tuples(st.integers(0, 400), st.integers(0, 12), st.binary(max_size=8))


@settings(max_examples=120, deadline=None)
@given(
    chosen=st.sampled_from([(kind, text) for kind, texts in WHOLE.items() for text in texts]),
    cuts=st.lists(CUTS, max_size=5),
    times=st.integers(1, 40),
)
def test_a_damaged_answer_never_raises_and_gives_no_more_than_the_limit(chosen, cuts, times):
    kind, text = chosen
    body = text.encode() * times
    for start, length, put in cuts:
        body = body[:start] + put + body[start + length :]
    seed = Seed(
        name="m", title="m", scope=Scope(hosts=("www.marrow.test",)), limits=Limits(max_links=5, max_paging=3)
    )
    discovery = found(body, kind, seed=seed)
    assert len(discovery.links) <= 5
    assert len(discovery.next_pages) <= 1
    assert all(link.url.startswith(("http://", "https://")) for link in discovery.links)


def test_a_tag_of_a_hundred_thousand_attributes_costs_a_page_none_of_its_links():
    crowded = "<div" + "".join(f' a{number}="{number}"' for number in range(100_000)) + ">"
    tree = html_tree(f"<body>{crowded}<a href='/story'>A story</a>".encode(), "text/html")
    assert tree is not None
    assert [link.get("href") for link in tree.iter("a")] == ["/story"]
    assert [dict(element.attrib) for element in tree.iter("div")] == [{}]
