"""The bundled sample sites keep what they promise: counts, links, validators, encodings, truth."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from lxml import etree
from lxml import html as lxml_html

from crawler.demo.content import COURIER_HOST, DEFENSE_HOST
from crawler.demo.pictures import png
from crawler.demo.server import SampleSites
from crawler.demo.truth import TruthArticle, truth

FEED = "/DesktopModules/ArticleCS/RSS.ashx?ContentType={}&Site=945&max={}"
LINKED = {DEFENSE_HOST, COURIER_HOST}


@dataclass(frozen=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def tree(self):
        return etree.fromstring(self.body)


class Client:
    """One kept-alive connection to the sample sites."""

    def __init__(self, sites: SampleSites) -> None:
        self.connection = http.client.HTTPConnection(*sites.address, timeout=60)

    def get(self, host: str, target: str, *, method: str = "GET", **fields: str) -> Got:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        self.connection.request(method, target, headers={"Host": host, **headers})
        response = self.connection.getresponse()
        return Got(response.status, response.headers, response.read())

    def open(self, url: str, **fields: str) -> Got:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.get(parts.netloc, target, **fields)


@pytest.fixture
def sites():
    with SampleSites() as running:
        yield running


@pytest.fixture
def client(sites):
    client = Client(sites)
    yield client
    client.connection.close()


def articles(host: str, edition: int = 1) -> list[TruthArticle]:
    return [article for article in truth(edition) if article.host == host]


def shingles(article: TruthArticle) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(article.paragraphs).lower())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def containment(one: TruthArticle, other: TruthArticle) -> float:
    left, right = shingles(one), shingles(other)
    return len(left & right) / min(len(left), len(right))


def opened(client: Client, url: str) -> Got:
    """The page at `url`; the page that fails once is asked again."""
    got = client.open(url)
    return client.open(url) if got.status == 500 else got


def locations(got: Got) -> list[str]:
    return got.tree.xpath("//*[local-name()='loc']/text()")


def squeezed(page: str) -> str:
    return " ".join(lxml_html.fromstring(page).text_content().split())


def decoded(got: Got) -> str:
    """The page's text by its declared encoding, read as browsers do."""
    body = gzip.decompress(got.body) if got.headers.get("Content-Encoding") == "gzip" else got.body
    named = re.search(r"charset=([\w-]+)", got.headers["Content-Type"])
    declared = named[1] if named else re.search(rb'charset="([\w-]+)"', body)[1].decode()
    return body.decode("cp1252" if declared.lower() in {"iso-8859-1", "windows-1252"} else declared)


def test_the_counts_that_the_demo_promises_hold():
    first = truth(1)
    virins = [photo.virin for article in articles(DEFENSE_HOST) for photo in article.photos]
    kinds = [article.repost_kind for article in first if article.repost_of]
    assert len(first) >= 50
    assert len(articles(DEFENSE_HOST)) >= 26
    assert len(articles(COURIER_HOST)) >= 22
    assert {kind: kinds.count(kind) for kind in kinds} == {"whole": 4, "cut": 4, "added": 4}
    assert len(set(virins)) == len(virins) >= 12
    assert len({article.url for article in first}) == len(first)


def test_sections_that_need_a_second_listing_page_have_one(client):
    assert client.get(DEFENSE_HOST, "/News/News-Stories/?Page=2").status == 200
    assert client.get(DEFENSE_HOST, "/News/News-Stories/?Page=3").status == 404
    assert client.get(COURIER_HOST, "/category/world/page/2/").status == 200
    assert client.get(COURIER_HOST, "/category/world/page/3/").status == 404


@pytest.mark.parametrize("edition", [1, 2])
def test_every_paragraph_of_the_truth_stands_in_its_page_in_order(sites, client, edition):
    sites.edition = edition
    for article in truth(edition):
        page = squeezed(decoded(opened(client, article.url)))
        place = 0
        for paragraph in article.paragraphs:
            place = page.find(paragraph, place)
            assert place >= 0, (article.url, paragraph)
        assert article.title in page
        for photo in article.photos:
            assert photo.caption in page
            assert photo.credit in page
            assert article.host == COURIER_HOST or f"VIRIN: {photo.virin}" in page


@pytest.mark.parametrize("edition", [1, 2])
def test_distinct_stories_share_little_and_reposts_much(edition):
    found = truth(edition)
    first = {article.url: article for article in truth(1)}
    for place, one in enumerate(found):
        for other in found[place + 1 :]:
            if one.repost_of != other.url and other.repost_of != one.url:
                assert containment(one, other) < 0.2, (one.title, other.title)
        if one.repost_of:
            assert containment(one, first[one.repost_of]) > 0.9


def test_two_posts_tell_of_a_defense_story_in_other_words():
    by_number = {article.number: article for article in truth(1)}
    for own, told in ((5136, 3440612), (5149, 3455127)):
        assert by_number[own].repost_of is None
        assert containment(by_number[own], by_number[told]) < 0.02


@pytest.mark.parametrize("edition", [1, 2])
def test_every_address_in_feeds_and_sitemaps_answers(sites, client, edition):
    sites.edition = edition
    found = set()
    for index in ("/DesktopModules/SiteData/SiteMap.ashx", "/wp-sitemap.xml"):
        host = COURIER_HOST if "wp-" in index else DEFENSE_HOST
        for child in locations(client.get(host, index)):
            found.update(locations(client.open(child)))
    for content_type in (1, 9, 11, 13, 400):
        feed = client.get(DEFENSE_HOST, FEED.format(content_type, 50)).tree
        found.update(feed.xpath("//item/link/text()"))
        found.update(feed.xpath("//enclosure/@url"))
    for number in (1, 2, 3):
        found.update(client.get(COURIER_HOST, f"/feed/?paged={number}").tree.xpath("//item/link/text()"))
    assert {article.url for article in truth(edition)} < found
    for url in found:
        assert opened(client, url).status == 200, url


def links_of(got: Got, url: str) -> list[str]:
    """Where a page or a redirect leads on the two sites."""
    if "Location" in got.headers:
        target = got.headers["Location"]
        return [target if target.startswith("http") else f"http://{urlsplit(url).netloc}{target}"]
    if got.status != 200 or not got.headers["Content-Type"].startswith("text/html"):
        return []
    tree = lxml_html.fromstring(decoded(got))
    tree.make_links_absolute(url)
    found = [link.partition("#")[0] for link in tree.xpath("//a/@href | //img/@src | //link/@href")]
    return [link for link in found if urlsplit(link).netloc in LINKED]


def test_every_link_of_every_page_leads_somewhere_but_for_the_three_meant_to_fail(client):
    seen, broken, waiting = set(), set(), [f"http://{host}/" for host in sorted(LINKED)]
    while waiting:
        url = waiting.pop()
        if url not in seen:
            seen.add(url)
            got = opened(client, url)
            waiting += links_of(got, url)
            if got.status >= 400:
                broken.add((urlsplit(url).path, got.status))
    assert broken == {
        ("/News/No-Such-Page/", 404),
        ("/2019/01/lost-in-the-fire/", 404),
        ("/2024/05/tide-tables-2024/", 410),
    }
    reached = {url.partition("?")[0] for url in seen}
    missing = {article.number for article in truth(1) if article.url not in reached}
    contracts = {article.number for article in truth(1) if article.section == "contracts"}
    # The old two stand in the sitemap alone, contracts in attributes; the newest is on the home page.
    assert missing == {690114, 702356} | contracts - {3470881}


def test_a_feed_has_teasers_only_and_an_empty_one_says_so(client):
    items = client.get(DEFENSE_HOST, FEED.format(1, 3)).tree.findall(".//item")
    assert len(items) == 3
    first = next(article for article in truth(1) if article.url == items[0].findtext("link"))
    assert len(items[0].findtext("description").split()) < 45
    assert first.paragraphs[-1] not in items[0].findtext("description")
    assert items[0].find("guid").get("isPermaLink") == "false"
    assert items[0].findtext("{http://purl.org/dc/elements/1.1/}creator")
    (empty,) = client.get(DEFENSE_HOST, FEED.format(2, 10)).tree.findall(".//item")
    assert empty.findtext("title") == "This is an empty article"
    assert not empty.findtext("link")


def test_old_stories_are_reached_by_the_sitemap_or_a_later_listing_page_alone(client):
    listed = [client.get(DEFENSE_HOST, f"/News/News-Stories/?Page={page}").text for page in (1, 2)]
    feed = client.get(DEFENSE_HOST, FEED.format(1, 50)).text
    sitemap = client.get(DEFENSE_HOST, "/DesktopModules/ArticleCS/SiteMap.ashx?moduleid=2842").text
    assert "/690114/" in sitemap
    assert all("/690114/" not in page for page in (*listed, feed))
    assert "/3419954/" in listed[1]
    assert all("/3419954/" not in page for page in (listed[0], sitemap))
    assert "/3419954/" not in client.get(DEFENSE_HOST, FEED.format(1, 10)).text


def test_the_contracts_listing_keeps_its_data_in_attributes(client):
    tree = lxml_html.fromstring(client.get(DEFENSE_HOST, "/News/Contracts/").text)
    rows = tree.xpath("//listing-titles-only")
    assert [row.get("article-url") for row in rows] == [
        article.url for article in articles(DEFENSE_HOST) if article.section == "contracts"
    ]
    assert rows[0].get("publish-date-jss") == "2026-02-04T22:00:00"
    assert not tree.xpath("//main//a")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/News/News-Stories/Article/Article/3412207/engineers-close-the-gap-in-the-north-breakwater/", 200),
        ("/News/News-Stories/Article/article/3412207/", 200),
        ("/News/News-Stories/Article/Article/3412207//", 200),
        ("/News/News-Stories/Article/Article/3412207/?source=letter", 200),
        ("/News/News-Stories/Article/Article/3412207/another-slug/", 301),
        ("/news/newsarticle.aspx?ID=3412207", 301),
        ("/News/News-Stories/Article/Article/9999999/", 404),
        ("/News/", 302),
    ],
)
def test_the_number_alone_decides_which_article_it_is(client, target, status):
    got = client.get(DEFENSE_HOST, target)
    assert got.status == status
    if status == 301:
        assert got.headers["Location"].endswith("/3412207/engineers-close-the-gap-in-the-north-breakwater/")


def test_the_news_site_redirects_as_wordpress_does(client):
    post = next(article for article in truth(1) if article.number == 5112)
    assert client.get(COURIER_HOST, "/?p=5112").headers["Location"] == post.url
    assert client.open(post.url.rstrip("/")).headers["Location"] == post.url
    assert client.get(COURIER_HOST, "/latest/").status == 302
    assert client.open(post.url + "?utm_source=letter").body == client.open(post.url).body
    assert client.get(COURIER_HOST, "/2024/05/tide-tables-2024/").status == 410
    assert client.get(COURIER_HOST, "/2019/01/lost-in-the-fire/").status == 404


def test_rest_pages_carry_their_totals_and_end_with_a_400(client):
    posts = articles(COURIER_HOST)
    got = client.get(COURIER_HOST, "/wp-json/wp/v2/posts?per_page=20&page=2")
    assert got.headers["X-WP-Total"] == str(len(posts))
    assert got.headers["X-WP-TotalPages"] == "2"
    assert [post["link"] for post in json.loads(got.body)] == [post.url for post in posts[20:]]
    past = client.get(COURIER_HOST, "/wp-json/wp/v2/posts?per_page=20&page=3")
    assert past.status == 400
    assert json.loads(past.body)["code"] == "rest_post_invalid_page_number"
    assert client.get(COURIER_HOST, "/wp-json/wp/v2/posts?per_page=101").status == 400
    assert client.get(COURIER_HOST, "/feed/?paged=4").status == 404


def test_reposts_that_declare_the_origin_as_canonical_are_not_in_the_sitemap(client):
    listed = locations(client.get(COURIER_HOST, "/wp-sitemap-posts-post-1.xml"))
    declared = {article.url for article in articles(COURIER_HOST) if article.says == "canonical"}
    assert len(declared) == 2
    assert set(listed) == {article.url for article in articles(COURIER_HOST)} - declared
    for url in declared:
        canonical = lxml_html.fromstring(client.open(url).text).xpath("//link[@rel='canonical']/@href")[0]
        assert urlsplit(canonical).netloc == DEFENSE_HOST


def test_unchanged_pages_answer_304_to_their_validators_a_day_later(sites, client):
    before = {article.url: opened(client, article.url) for article in truth(1)}
    sites.edition = 2
    after = {}
    for url, got in before.items():
        fields = {"If_None_Match": got.headers["ETag"]} if got.headers["ETag"] else {}
        if got.headers["Last-Modified"]:
            fields["If_Modified_Since"] = got.headers["Last-Modified"]
        assert fields, url
        after[url] = client.open(url, **fields)
    changed = {article.url for article in truth(2) if article.edition == 2} & before.keys()
    gone = before.keys() - {article.url for article in truth(2)}
    counted = {url for url in before if url.endswith("/eight-army-dogs-sleep-through-their-own-farewell/")}
    assert {url for url, got in after.items() if got.status == 200} == changed | counted
    assert {url for url, got in after.items() if got.status == 410} == gone
    assert {got.status for got in after.values()} == {200, 304, 410}
    assert all(
        got.body == b"" and got.headers["Content-Length"] is None
        for got in after.values()
        if got.status == 304
    )


def test_the_second_day_changes_adds_and_removes_articles():
    first = {article.url: article for article in truth(1)}
    second = {article.url: article for article in truth(2)}
    both = first.keys() & second.keys()
    texts = [url for url in both if first[url].paragraphs != second[url].paragraphs]
    titles = [url for url in both if first[url].title != second[url].title]
    assert len(texts) == 3
    assert len(titles) == 1
    assert len(second.keys() - first.keys()) == 2
    assert len(first.keys() - second.keys()) == 1
    assert all(second[url].modified_at > first[url].modified_at for url in (*texts, *titles))
    assert any(second[url].paragraphs[-1].startswith("Correction:") for url in texts)
    untouched = both - set(texts) - set(titles)
    assert all(first[url] == second[url] for url in untouched)


def test_gzip_is_sent_where_it_is_taken_and_by_one_page_always(client):
    url = next(article.url for article in truth(1) if article.number == 3419954)
    plain, packed = client.open(url), client.open(url, Accept_Encoding="gzip")
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    always = next(article.url for article in truth(1) if article.number == 3433061)
    assert client.open(always).headers["Content-Encoding"] == "gzip"


def test_latin_1_is_declared_in_the_header_alone_and_windows_1252_in_the_page_alone(client):
    latin, windows = (
        next(article for article in truth(1) if article.number == number) for number in (5103, 5174)
    )
    got = client.open(latin.url)
    assert got.headers["Content-Type"] == "text/html; charset=ISO-8859-1"
    assert b"charset" not in got.body
    assert "José Núñez-Brée".encode("latin-1") in got.body
    with pytest.raises(UnicodeDecodeError):
        got.body.decode()
    got = client.open(windows.url)
    assert got.headers["Content-Type"] == "text/html"
    assert b'<meta charset="windows-1252">' in got.body
    assert b"\x93One hears better,\x94" in got.body


def test_one_page_comes_in_chunks_and_one_fails_once(client):
    by_number = {article.number: article for article in truth(1)}
    chunked = client.open(by_number[3461339].url)
    assert chunked.headers["Transfer-Encoding"] == "chunked"
    assert chunked.headers["Content-Length"] is None
    assert chunked.text.endswith("</html>\n")
    assert [client.open(by_number[3480233].url).status for _ in range(3)] == [500, 200, 200]


def test_a_head_answers_like_a_get_without_the_body(client):
    url = truth(1)[0].url
    got, head = client.open(url), client.open(url, method="HEAD")
    assert head.body == b""
    assert head.headers.items() == got.headers.items()
    assert int(got.headers["Content-Length"]) == len(got.body)


def test_an_unknown_host_is_refused_and_a_post_is_not_allowed(client):
    assert client.get("www.elsewhere-weekly.test", "/").status == 421
    assert client.get(COURIER_HOST, "/", method="POST").status == 405


def test_photographs_are_images_and_differ(client):
    tree = lxml_html.fromstring(client.open(articles(DEFENSE_HOST)[-1].url).text)
    got = client.get(DEFENSE_HOST, tree.xpath("//main//img/@src")[0])
    assert got.headers["Content-Type"] == "image/png"
    assert got.body.startswith(b"\x89PNG\r\n\x1a\n")
    virins = {photo.virin for article in truth(1) for photo in article.photos if photo.virin}
    assert len({png(virin) for virin in virins}) == len(virins)


def test_robots_txt_names_a_relative_sitemap_and_forbids_the_print_form(client):
    robots = client.get(DEFENSE_HOST, "/robots.txt").text
    assert "Sitemap: /DesktopModules/SiteData/SiteMap.ashx" in robots
    assert "Disallow: /*Print.aspx" in robots
    assert "Crawl-delay" not in robots


def test_what_was_said_on_the_wire_is_kept_byte_by_byte_when_asked():
    with SampleSites(record=True) as sites:
        client = Client(sites)
        got = client.get(COURIER_HOST, "/robots.txt")
        client.get(COURIER_HOST, "/nowhere/")
        client.connection.close()
        first, second = sites.exchanges
    assert first.received.startswith(b"GET /robots.txt HTTP/1.1\r\n")
    assert first.received.endswith(b"\r\n\r\n")
    assert first.sent.startswith(b"HTTP/1.1 200 OK\r\nDate: Mon, 02 Mar 2026 06:00:00 GMT\r\n")
    assert first.sent.endswith(b"\r\n\r\n" + got.body)
    assert second.received.startswith(b"GET /nowhere/ HTTP/1.1\r\n")
    assert [request.status for request in sites.requests] == [200, 404]


def test_two_servers_send_the_same_bytes():
    sent = []
    for _ in range(2):
        with SampleSites(record=True, edition=2) as sites:
            client = Client(sites)
            for target in ("/", "/feed/", "/2025/10/the-choir-that-sang-to-the-fog/"):
                client.get(COURIER_HOST, target, Accept_Encoding="gzip")
            client.connection.close()
            sent.append([exchange.sent for exchange in sites.exchanges])
    assert sent[0] == sent[1]


def test_stopping_ends_kept_alive_connections_and_leaves_no_thread():
    before = set(threading.enumerate())
    sites = SampleSites()
    sites.start()
    client = Client(sites)
    client.get(COURIER_HOST, "/robots.txt")
    assert sites.connect_to()[f"{DEFENSE_HOST}:80"] == f"127.0.0.1:{sites.address[1]}"
    sites.stop()
    assert set(threading.enumerate()) <= before
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.get(COURIER_HOST, "/robots.txt")
    client.connection.close()
