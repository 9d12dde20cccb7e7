"""Discovery on real feeds and a real home page, where the folder of corpora is at hand."""

import gzip

import pytest

from crawler.discovery import LinkKind, discover
from crawler.scope import judge
from crawler.seeds import load_seed
from storage.model import Headers

FEED = "http://www.af.mil/DesktopModules/ArticleCS/RSS.ashx?ContentType=1&Site=1&max=20"


def found(body, url, kind):
    seed = load_seed(url)
    return seed, discover(
        url=url, content_type="text/html", body=body, headers=Headers([]), kind_hint=kind, seed=seed
    )


@pytest.fixture
def feeds(shared):
    folder = shared / "corpora" / "afpims-rss"
    if not folder.is_dir():
        pytest.skip("no real feeds here")
    return sorted(folder.iterdir())


@pytest.fixture
def home_page(shared):
    path = shared / "corpora" / "defense-home" / "dod.cfm.html.gz"
    if not path.is_file():
        pytest.skip("no real home page here")
    return gzip.decompress(path.read_bytes())


def test_every_item_of_47_real_feeds_is_an_article_with_title_and_date(feeds):
    assert len(feeds) == 47
    items = links = 0
    for path in feeds:
        body = path.read_bytes()
        seed, discovery = found(body, FEED, LinkKind.FEED)
        items += body.count(b"<item>")
        links += len(discovery.links)
        assert (discovery.notes, discovery.next_pages) == ((), ())
        for link in discovery.links:
            assert link.kind is LinkKind.ARTICLE
            assert link.title
            assert link.published_raw.endswith("GMT")
            assert judge(link, seed, depth=1).in_scope, link
    assert (items, links) == (902, 902)


def test_addresses_in_real_feeds_look_like_articles_without_being_told(feeds):
    likely = total = 0
    for path in feeds:
        _, discovery = found(path.read_bytes(), FEED, LinkKind.FEED)
        total += len(discovery.links)
        likely += sum(any("/Article/ID/" in reason for reason in link.reasons) for link in discovery.links)
    assert likely == total


def test_a_real_home_page_asks_not_to_be_followed(home_page):
    _, discovery = found(home_page, "https://www.defense.gov/", LinkKind.PAGE)
    assert discovery.links == ()
    assert len(discovery.notes) == 1


def test_articles_of_a_real_home_page_are_told_from_its_other_links(home_page):
    body = home_page.replace(b'content="NOINDEX, NOFOLLOW"', b'content="INDEX"')
    seed, discovery = found(body, "https://www.defense.gov/", LinkKind.PAGE)
    articles = {
        link.url for link in discovery.links if link.kind is LinkKind.ARTICLE and judge(link, seed).in_scope
    }
    with_number = {
        link.url for link in discovery.links if "/Article/" in link.url and judge(link, seed).in_scope
    }
    assert articles == with_number
    assert len(articles) == 9
    listings = {link.url for link in discovery.links if link.kind is LinkKind.LISTING}
    assert "http://www.defense.gov/Home/Term/2903/defense-news/" in listings
    others = [link.url for link in discovery.links if link.kind is LinkKind.PAGE]
    assert "http://www.defense.gov/Newsroom/Contracts/" in others
