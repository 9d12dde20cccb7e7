"""Sitemaps, robots.txt and WordPress's REST interface."""

import gzip
import json
from importlib import import_module

import pytest

from builders import discovered
from crawler.discovery import LinkKind
from crawler.discovery import markup as markup_module
from crawler.seeds import Limits, Scope, Seed

ROOT = "https://www.marrow.test"
SEED = Seed(
    name="marrow", title="Marrow", scope=Scope(hosts=("www.marrow.test",)), limits=Limits(max_paging=4)
)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def found(body, *, url=f"{ROOT}/sitemap.xml", kind=LinkKind.SITEMAP, content_type="text/xml", headers=()):
    return discovered(body, url=url, kind=kind, content_type=content_type, headers=headers, seed=SEED)


def urls(discovery):
    return [link.url for link in discovery.links]


def test_a_urlset_gives_pages_with_their_dates():
    discovery = found(
        f"<urlset {SPACE}><url><loc> {ROOT}/2026/03/mayor-opens-new-bridge/ </loc>"
        f"<lastmod>2026-03-02</lastmod></url>"
        f"<url><loc>{ROOT}/about/</loc></url><url><loc>{ROOT}/tag/boats/</loc></url><url><loc></loc></url></urlset>"
    )
    assert [(link.kind, link.modified_raw) for link in discovery.links] == [
        (LinkKind.ARTICLE, "2026-03-02"),
        (LinkKind.PAGE, None),
        (LinkKind.LISTING, None),
    ]
    assert discovery.notes == ("1 sitemap entries without a web address",)


def test_an_index_gives_sitemaps_those_of_articles_first():
    body = (
        f"<sitemapindex {SPACE}><sitemap><loc>{ROOT}/wp-sitemap-taxonomies-category-1.xml</loc></sitemap>"
        f"<sitemap><loc>{ROOT}/wp-sitemap-posts-post-1.xml</loc><lastmod>2026-03-01</lastmod></sitemap>"
        f"<sitemap><loc>{ROOT}/sitemap.xml</loc></sitemap></sitemapindex>"
    )
    discovery = found(body)
    first = max(discovery.links, key=lambda link: link.priority)
    assert {link.kind for link in discovery.links} == {LinkKind.SITEMAP}
    assert (first.url, first.modified_raw) == (f"{ROOT}/wp-sitemap-posts-post-1.xml", "2026-03-01")
    assert len(discovery.links) == 2, "an index that names itself is no road"


def test_the_name_of_a_sitemap_tells_what_it_holds():
    body = f"<urlset {SPACE}><url><loc>{ROOT}/harbor-gets-lights/</loc></url></urlset>"
    kinds = {
        name: found(body, url=f"{ROOT}/{name}").links[0].kind
        for name in ("wp-sitemap-posts-post-1.xml", "wp-sitemap-posts-page-1.xml", "sitemap.xml")
    }
    assert list(kinds.values()) == [LinkKind.ARTICLE, LinkKind.PAGE, LinkKind.PAGE]


def test_the_news_extension_gives_title_and_date_and_makes_articles():
    body = (
        f'<urlset {SPACE} xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{ROOT}/x</loc>'
        "<n:news><n:publication><n:name>Marrow</n:name></n:publication>"
        "<n:publication_date>2026-03-02T05:00:00Z</n:publication_date>"
        "<n:title>Gulls &amp; boys</n:title></n:news>"
        "</url></urlset>"
    )
    (link,) = found(body).links
    assert (link.kind, link.title, link.published_raw) == (
        LinkKind.ARTICLE,
        "Gulls & boys",
        "2026-03-02T05:00:00Z",
    )


def test_gzip_is_unpacked_whole_cut_or_damaged():
    body = gzip.compress(f"<urlset {SPACE}><url><loc>{ROOT}/a</loc></url></urlset>".encode(), mtime=0)
    assert urls(found(body, content_type="application/gzip")) == [f"{ROOT}/a"]
    assert "gzip cut short" in found(body[:-9]).notes
    assert "damaged gzip" in found(body[:12] + b"\xff\xff\xff" + body[15:]).notes


def test_gzip_is_unpacked_only_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(markup_module, "MAX_UNPACKED_BYTES", 1000)
    rows = "".join(f"<url><loc>{ROOT}/{n}</loc></url>" for n in range(200))
    discovery = found(gzip.compress(f"<urlset {SPACE}>{rows}</urlset>".encode()))
    assert 0 < len(discovery.links) < 200
    assert "unpacked only in part: too large" in discovery.notes


def test_a_sitemap_of_more_tags_than_are_read_says_so(monkeypatch):
    monkeypatch.setattr(import_module("crawler.discovery.discover"), "_MOST_TAGS_OF_SITEMAP", 9)
    entries = "".join(f"<url><loc>{ROOT}/2026/03/story-number-{n}/</loc></url>" for n in range(9))
    discovery = found(f"<urlset {SPACE}>{entries}</urlset>")
    assert urls(discovery) == [f"{ROOT}/2026/03/story-number-{n}/" for n in range(2)]
    assert discovery.notes == ("larger than is read: its end is left out",)


def test_a_plain_list_of_urls_is_a_sitemap():
    discovery = found(f"{ROOT}/a\r\n\r\n{ROOT}/b\nnot a url\n", content_type="text/plain")
    assert urls(discovery) == [f"{ROOT}/a", f"{ROOT}/b"]


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("", "empty answer instead of a sitemap"),
        ("<html><head><title>Oops</title>", 'HTML instead of a sitemap: "Oops"'),
        (f"<urlset {SPACE}></urlset>", "empty sitemap"),
        ("Not found", "empty sitemap"),
        ("<error>no</error>", "no sitemap: <error>"),
    ],
)
def test_what_is_no_sitemap_is_a_note(body, note):
    discovery = found(body)
    assert (discovery.links, discovery.notes) == ((), (note,))


def test_a_feed_given_as_a_sitemap_is_read_as_a_feed():
    assert urls(found("<rss><item><link>/a</link></item></rss>")) == [f"{ROOT}/a"]


def test_robots_names_sitemaps_relative_ones_too():
    body = (
        "\ufeffSitemap: /DesktopModules/SiteMap.ashx\nUser-agent: *\nDisallow: /x\n"
        " sitemap :https://cdn.test/s.xml # old\n"
    )
    discovery = found(body, url=f"{ROOT}/robots.txt", kind=LinkKind.ROBOTS, content_type="text/plain")
    assert urls(discovery) == [f"{ROOT}/DesktopModules/SiteMap.ashx", "https://cdn.test/s.xml"]
    assert discovery.notes == ()


def test_robots_without_a_sitemap_gives_the_usual_place_as_a_guess():
    discovery = found("User-agent: *\nDisallow:\n", url=f"{ROOT}/robots.txt", kind=LinkKind.ROBOTS)
    assert [(link.url, link.reasons) for link in discovery.links] == [(f"{ROOT}/sitemap.xml", ("guess",))]


def test_an_html_page_as_robots_is_a_note():
    body = "<!doctype html><html><p>Sitemap: /x</p></html>"
    discovery = found(body, url=f"{ROOT}/robots.txt", kind=LinkKind.ROBOTS)
    assert [(link.url, link.reasons) for link in discovery.links] == [(f"{ROOT}/sitemap.xml", ("guess",))]
    assert discovery.notes == ("HTML instead of robots.txt: guessed",)


POSTS = f"{ROOT}/wp-json/wp/v2/posts?per_page=100&page="


def rest(body, page=1, total="3"):
    return found(
        json.dumps(body),
        url=f"{POSTS}{page}",
        kind=LinkKind.WORDPRESS,
        content_type="application/json",
        headers=[("X-WP-TotalPages", total)],
    )


def test_rest_posts_become_articles_and_lead_to_the_next_page():
    post = {
        "link": f"{ROOT}/a/",
        "date_gmt": "2026-03-01T08:00:00",
        "modified_gmt": "2026-03-02T08:00:00",
        "title": {"rendered": "Gulls &#8217;n <em>boys</em>"},
    }
    discovery = rest([post, {"id": 3}, None])
    (link,) = discovery.links
    assert (link.title, link.published_raw, link.modified_raw) == (
        "Gulls \u2019n boys",
        "2026-03-01T08:00:00Z",
        "2026-03-02T08:00:00Z",
    )
    assert discovery.notes == ("2 posts without a link",)
    assert [each.url for each in discovery.next_pages] == [
        f"{ROOT}/wp-json/wp/v2/posts?per_page=100&_fields=link,date_gmt,modified_gmt,title&page=2"
    ]


@pytest.mark.parametrize(
    ("page", "total", "further"), [(2, "3", 1), (3, "3", 0), (4, "99", 0), (1, "", 0), (1, "x", 0)]
)
def test_rest_pages_end_where_the_header_or_the_limit_says(page, total, further):
    assert len(rest([{"link": "/a"}], page, total).next_pages) == further


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ({"code": "rest_no_route"}, "REST answer is no list of posts: rest_no_route"),
        ([], "no posts"),
        (7, "REST answer is no list of posts: None"),
    ],
)
def test_a_rest_answer_without_posts_is_a_note(body, note):
    assert rest(body).notes == (note,)


def test_a_rest_answer_that_is_no_json_is_a_note():
    discovery = found("<html>", url=f"{POSTS}1", kind=LinkKind.WORDPRESS)
    assert discovery.notes == ("REST answer is not JSON",)
