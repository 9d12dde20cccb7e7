"""What WordPress itself answers, shortened: feeds, sitemaps, listings, posts; pretty URLs and plain."""

import pytest

from builders import discovered
from crawler.discovery import LinkKind, starts
from crawler.discovery.likeness import article_likeness
from crawler.discovery.paging import page_number
from crawler.seeds import Limits, Listing, Scope, Seed, read_seed

ROOT = "https://www.quay.test"
SEED = Seed(
    name="quay",
    title="Quay",
    listings=(Listing(url=f"{ROOT}/category/boats/page/{{page}}/", max_pages=5),),
    scope=Scope(hosts=("www.quay.test",)),
    limits=Limits(max_paging=9),
)
ENTRY = f"<entry><title>Tide</title><link rel='alternate' href='{ROOT}/?p=7'/></entry>"
ITEM = f"<item rdf:about='{ROOT}/?p=7'><title>Tide</title><link>{ROOT}/?p=7</link></item>"


def found(body, *, url=f"{ROOT}/", kind=LinkKind.PAGE, content_type="text/html", headers=(), seed=SEED):
    return discovered(body, url=url, kind=kind, content_type=content_type, headers=headers, seed=seed)


ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'>{}" + ENTRY + "</feed>"
RDF = (
    "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
    " xmlns:admin='http://webns.net/mvcb/'><channel>{}</channel>" + ITEM + "</rdf:RDF>"
)
ATOM_MAKER = "<generator uri='https://wordpress.org/' version='6.1.9'>WordPress</generator>"
RDF_MAKER = "<admin:generatorAgent rdf:resource='https://wordpress.org/?v=6.1.9'/>"
OTHER_MAKER = "<generator uri='https://gohugo.io/'>Hugo</generator>"


@pytest.mark.parametrize(
    ("url", "body", "following"),
    [
        ("/feed/atom/", ATOM.format(ATOM_MAKER), ["/feed/atom/?paged=2"]),
        ("/?feed=rdf", RDF.format(RDF_MAKER), ["/?feed=rdf&paged=2"]),
        ("/feed/atom/", ATOM.format(OTHER_MAKER), []),
    ],
    ids=["Atom", "RDF", "Atom of another program"],
)
def test_a_feed_of_any_dialect_that_wordpress_made_has_further_pages(url, body, following):
    pages = found(body, url=ROOT + url, kind=LinkKind.FEED, content_type="text/xml").next_pages
    assert [link.url for link in pages] == [ROOT + path for path in following]


SITEMAP = (
    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
    + "".join(f"<url><loc>{ROOT}{path}</loc></url>" for path in ("/quotes/", "/?p=7", "/archives/12", "/"))
    + "</urlset>"
)


@pytest.mark.parametrize(
    "url",
    [
        "/wp-sitemap-posts-post-1.xml",
        "/post-sitemap2.xml",
        "/?sitemap=posts&sitemap-subtype=post&paged=1",
    ],
)
def test_whatever_a_sitemap_of_posts_names_is_an_article_but_for_the_front_page(url):
    kinds = [link.kind for link in found(SITEMAP, url=ROOT + url, kind=LinkKind.SITEMAP).links]
    assert kinds == [LinkKind.ARTICLE] * 3 + [LinkKind.PAGE]


def test_a_sitemap_of_pages_proves_nothing():
    links = found(SITEMAP, url=f"{ROOT}/wp-sitemap-posts-page-1.xml", kind=LinkKind.SITEMAP).links
    assert not [link.url for link in links if link.kind is LinkKind.ARTICLE]


@pytest.mark.parametrize(
    ("path", "text", "is_article", "is_listing"),
    [
        ("/?p=7", "", True, False),
        ("/index.php?p=7", "Tide", True, False),
        ("/?p=2", "2", False, False),
        ("/shop/?p=7", "", False, False),
        ("/?cat=2", "", False, True),
        ("/?tag=ferry", "Ferry", False, True),
        ("/?m=202503", "March 2025", False, True),
        ("/archives/7", "", True, False),
        ("/archives/2025/", "", False, True),
        ("/archives/category/boats", "Boats", False, True),
        ("/2025/07/2025/", "", False, False),
        ("/2025/07/", "", False, True),
        ("/news/2025/07/06", "", False, True),
    ],
)
def test_addresses_of_wordpress_tell_posts_from_archives(path, text, is_article, is_listing):
    likeness = article_likeness(ROOT + path, SEED, text=text)
    assert (likeness.is_article, likeness.is_listing) == (is_article, is_listing)


def test_the_id_of_a_post_is_no_page_number():
    assert page_number(f"{ROOT}/?p=7") == 1
    assert page_number(f"{ROOT}/?paged=7") == page_number(f"{ROOT}/news/?p=7") == 7
    front = "".join(f"<a href='/?p={number}'>Story number {number} of many</a>" for number in (2, 3, 60))
    older = "<a href='/?paged=2'>Older posts</a>"
    pages = found(front + older, url=f"{ROOT}/", kind=LinkKind.LISTING).next_pages
    assert [link.url for link in pages] == [f"{ROOT}/?paged=2"]


@pytest.mark.parametrize(
    ("pager", "following"),
    [
        ("<a href='/category/boats/'>Page 1</a> <span>Page 2</span>", []),
        ("<a href='/category/boats/'>1</a> <span>2</span>", []),
        ("<a href='/category/boats/'>Boats</a>", [f"{ROOT}/category/boats/page/3/"]),
    ],
)
def test_nothing_is_asked_for_behind_the_last_page_of_two(pager, following):
    """Page 1 has no number in its address, so it is told by what its link says."""
    story = "".join(
        f"<a href='/2025/03/the-ferry-is-late-{n}-times/'>The ferry is late {n} times</a>" for n in range(9)
    )
    pages = found(story + pager, url=f"{ROOT}/category/boats/page/2/", kind=LinkKind.LISTING).next_pages
    assert [link.url for link in pages] == following


def head(*feeds):
    return "".join(
        f"<link rel=alternate type=application/rss+xml title='Quay &raquo; Feed' href='{ROOT}{feed}'>"
        for feed in feeds
    )


@pytest.mark.parametrize(
    ("url", "classes", "feeds", "followed"),
    [
        ("/2025/03/tide/", "single single-post postid-7", ("/feed/", "/2025/03/tide/feed/"), ["/feed/"]),
        ("/2025/03/tide/2/", "single paged-2 postid-7", ("/feed/", "/2025/03/tide/feed/"), ["/feed/"]),
        ("/archives/7", "single postid-7", ("/feed", "/archives/7/feed"), ["/feed"]),
        ("/about/", "page page-id-9", ("/feed/", "/about/feed/"), ["/feed/"]),
        ("/?p=7", "single postid-7", ("/?feed=rss2", "/?feed=rss2&p=7"), ["/?feed=rss2"]),
        ("/", "home page page-id-2", ("/feed/", "/comments/feed/"), ["/feed/"]),
        (
            "/category/boats/",
            "archive",
            ("/feed/", "/category/boats/feed/"),
            ["/feed/", "/category/boats/feed/"],
        ),
        ("/news/", "sections", ("/news/feed/",), ["/news/feed/"]),
    ],
)
def test_the_feed_of_a_posts_comments_is_not_followed(url, classes, feeds, followed):
    page = f"<html><head>{head(*feeds)}</head><body class='{classes}'><p>Tide</p></body></html>"
    links = found(page, url=ROOT + url).links
    assert [link.url for link in links if link.kind is LinkKind.FEED] == [ROOT + path for path in followed]


def test_a_seed_may_have_the_rest_interface_alone(tmp_path):
    (tmp_path / "quay.toml").write_text(f"wordpress = '{ROOT}/?rest_route=/wp/v2/posts'\n", encoding="utf-8")
    seed = read_seed(tmp_path / "quay.toml")
    assert seed.scope.hosts == ("www.quay.test",)
    assert [(link.kind, link.url.partition("&")[0]) for link in starts(seed)] == [
        (LinkKind.ROBOTS, f"{ROOT}/robots.txt"),
        (LinkKind.WORDPRESS, f"{ROOT}/?per_page=100"),
    ]
