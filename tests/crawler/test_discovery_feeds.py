"""Feeds of every dialect, sound and broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import FoundIn, LinkKind, discover
from crawler.discovery.json_values import READ_IN_PART, TOO_DEEP, ReadJson, read_json
from crawler.seeds import Limits, Scope, Seed
from storage.model import Headers

URL = "https://www.marrow.test/feed/"
SEED = Seed(
    name="marrow", title="Marrow", scope=Scope(hosts=("www.marrow.test",)), limits=Limits(max_paging=4)
)


def found(body, *, url=URL, content_type="application/rss+xml", seed=SEED):
    data = body.encode() if isinstance(body, str) else body
    return discover(
        url=url, content_type=content_type, body=data, headers=Headers([]), kind_hint=LinkKind.FEED, seed=seed
    )


def urls(discovery):
    return [link.url for link in discovery.links]


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Marrow</title><link>https://www.marrow.test</link>
<atom:link href="https://www.marrow.test/feed/" rel="self" type="application/rss+xml"/>
<item><title>Tide &amp;amp; time: the "new" quay</title><link>
  https://www.marrow.test/quay/?utm_source=rss#comments </link>
<pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate><guid isPermaLink="false">17</guid></item>
<item><title><![CDATA[Second <b>story</b>]]></title><guid>https://www.marrow.test/second/</guid>
<dc:date>2026-03-01T10:00:00Z</dc:date></item>
</channel></rss>"""


def test_rss_items_become_articles_with_title_and_date_as_written():
    discovery = found(RSS)
    first, second = discovery.links
    assert (first.url, first.title) == ("https://www.marrow.test/quay/", 'Tide & time: the "new" quay')
    assert first.published_raw == "Mon, 02 Mar 2026 06:00:00 GMT"
    assert (first.kind, first.found_in) == (LinkKind.ARTICLE, FoundIn.FEED)
    assert (second.url, second.published_raw) == ("https://www.marrow.test/second/", "2026-03-01T10:00:00Z")
    assert (discovery.notes, discovery.next_pages) == ((), ())


def test_atom_takes_the_alternate_link_xml_base_and_both_dates():
    discovery = found(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.marrow.test/a/">'
        '<link rel="next" href="/feed/?before=7"/>'
        '<entry xml:base="b/"><title type="html">Bread &lt;i&gt;rises&lt;/i&gt;</title>'
        '<link rel="enclosure" href="https://www.marrow.test/x.mp3"/><link href="story"/>'
        "<published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated></entry>"
        "<entry><title>Only updated</title><link rel='alternate' href='https://www.marrow.test/c'/>"
        "<updated>2026-01-03T00:00:00Z</updated></entry></feed>"
    )
    first, second = discovery.links
    assert first.url == "https://www.marrow.test/a/b/story"
    assert (first.published_raw, first.modified_raw) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert second.published_raw == "2026-01-03T00:00:00Z"
    assert [link.url for link in discovery.next_pages] == ["https://www.marrow.test/feed/?before=7"]


def test_rdf_items_beside_the_channel_are_found():
    discovery = found(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<channel rdf:about="https://www.marrow.test/"><link>https://www.marrow.test/</link></channel>'
        '<item rdf:about="https://www.marrow.test/1"><title>One</title><link>https://www.marrow.test/1</link></item>'
        '<item rdf:about="https://www.marrow.test/2"><title>Two</title></item></rdf:RDF>'
    )
    assert urls(discovery) == ["https://www.marrow.test/1", "https://www.marrow.test/2"]


def test_json_feed_is_read_with_its_next_page():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/feed.json?page=2",
        "items": [
            {"id": "1", "url": "/one", "title": "One", "date_published": "2026-02-01T00:00:00Z"},
            {"id": "2", "external_url": "https://elsewhere.test/two"},
            {"id": "3", "url": 7},
            "odd",
        ],
    }
    discovery = found(json.dumps(feed), content_type="application/feed+json")
    assert urls(discovery)[:2] == ["https://www.marrow.test/one", "https://elsewhere.test/two"]
    assert discovery.links[0].published_raw == "2026-02-01T00:00:00Z"
    assert [link.url for link in discovery.next_pages] == ["https://www.marrow.test/feed.json?page=2"]


def json_items(*odd):
    """A JSON feed of two sound entries with these between them, as they stand."""
    first, last = '{"url": "/one", "title": "One"}', '{"url": "/two", "title": "Two"}'
    return (
        '{"version": "1", "items": [' + ", ".join([first, *odd, last]) + '], "next_url": "/feed.json?page=2"}'
    )


DEEP = "[" * 3000 + "]" * 3000
BOTH = ["https://www.marrow.test/one", "https://www.marrow.test/two"]


@pytest.mark.parametrize(
    ("odd", "notes"),
    [
        (DEEP, (TOO_DEEP,)),
        ('{"url": "/odd", "extra": ' + '{"a":' * 3000 + "1" + "}" * 3000 + "}", (TOO_DEEP,)),
        ('{"summary": "[[[[", "extra": ' + DEEP + "}", (TOO_DEEP,)),
        ('{"id": ' + "9" * 5000 + "}", ()),
        ('{"summary": "a line\nand a tab\t"}', ()),
    ],
)
def test_an_odd_entry_of_a_json_feed_costs_no_other(odd, notes):
    discovery = found(json_items(odd), content_type="application/feed+json")
    assert [url for url in urls(discovery) if not url.endswith("/odd")] == BOTH
    assert ("https://www.marrow.test/odd" in urls(discovery)) == ("/odd" in odd)
    assert discovery.notes == notes
    assert [link.url for link in discovery.next_pages] == ["https://www.marrow.test/feed.json?page=2"]


@pytest.mark.parametrize(
    "odd", ["[" * 3000, '{"a": ' * 3000, '{"title": "a "quoted" word"}', "{", "nonsense"]
)
def test_what_stands_before_the_fault_of_a_json_feed_is_taken(odd):
    discovery = found(json_items(odd), content_type="application/feed+json")
    assert urls(discovery) == BOTH[:1]
    assert discovery.notes[-1] == READ_IN_PART


@pytest.mark.parametrize(
    "body", ["{", '{"items": [', '{"items"', "[" * 100_000, '{"a":' * 100_000, '{"items": "a']
)
def test_a_json_feed_that_gives_nothing_is_a_note(body):
    discovery = found(body, content_type="application/feed+json")
    assert discovery.links == ()
    assert discovery.notes


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=4), one, max_size=4),
    max_leaves=12,
)


@given(JSON, st.integers(0, 200))
def test_sound_json_is_read_as_it_is_and_any_part_of_it_without_a_fault(value, end):
    text = json.dumps(value)
    assert read_json(text) == ReadJson(value=value)
    assert len(read_json(text[:end]).notes) <= 1


def test_an_empty_item_is_a_note_and_no_link():
    discovery = found(
        "<rss><channel><item><title>This is an empty article</title><link></link></item></channel></rss>"
    )
    assert (discovery.links, discovery.notes) == ((), ("empty article", "empty feed"))


def test_a_feed_without_items_is_a_note():
    assert found("<rss version='2.0'><channel><title>x</title></channel></rss>").notes == ("empty feed",)


def test_html_instead_of_a_feed_is_a_note_with_its_title():
    discovery = found(
        "<!DOCTYPE html><html><head><title>Access\n Denied</title></head></html>", content_type="text/html"
    )
    assert (discovery.links, discovery.notes) == ((), ('HTML instead of a feed: "Access Denied"',))


@pytest.mark.parametrize("body", ["", "   \n", "\ufeff"])
def test_nothing_instead_of_a_feed_is_a_note(body):
    discovery = found(body)
    assert discovery.links == ()
    assert len(discovery.notes) == 1


def test_broken_xml_gives_what_can_be_had():
    cut = RSS.replace("&amp;amp;", "& &nbsp; \x07").replace("</channel></rss>", "<item><title>cut")
    assert urls(found("\n\n  " + cut)) == ["https://www.marrow.test/quay/", "https://www.marrow.test/second/"]


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("swordfish")
    doctype = f'<!DOCTYPE rss [<!ENTITY a "{"ha" * 50}"><!ENTITY b "{"&a;" * 500}"><!ENTITY f SYSTEM "file://{secret}">]>'
    item = "<item><title>x&b;&f;</title><link>https://www.marrow.test/1</link></item>"
    discovery = found(f'<?xml version="1.0"?>{doctype}<rss><channel>{item}</channel></rss>')
    (link,) = discovery.links
    assert link.url == "https://www.marrow.test/1"
    assert "swordfish" not in (link.title or "")
    assert "haha" not in (link.title or "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_the_feeds_own_encoding_is_followed(encoding):
    name = "ISO-8859-1" if encoding == "latin-1" else encoding.removesuffix("-sig")
    item = "<item><title>Caf\xe9</title><link>/1</link></item>"
    text = f'<?xml version="1.0" encoding="{name}"?><rss>{item}</rss>'
    assert found(text.encode(encoding)).links[0].title == "Caf\xe9"


def test_the_charset_of_the_header_counts_where_the_feed_names_none():
    body = "<rss><item><title>Caf\xe9</title><link>/1</link></item></rss>".encode("latin-1")
    assert found(body, content_type="text/xml; charset=iso-8859-1").links[0].title == "Caf\xe9"


def test_a_feed_that_wordpress_made_is_paged_up_to_the_limit():
    body = RSS.replace("<channel>", "<channel><generator>https://wordpress.org/?v=6.5</generator>")
    assert [link.url for link in found(body).next_pages] == [f"{URL}?paged=2"]
    assert [link.url for link in found(body, url=f"{URL}?cat=1&paged=3").next_pages] == [
        f"{URL}?cat=1&paged=4"
    ]
    assert found(body, url=f"{URL}?paged=4").next_pages == ()
    assert found(body, url=f"{URL}?paged=many").next_pages == ()


def test_the_articles_address_wins_over_the_feed_services():
    body = (
        '<rss xmlns:f="http://rssnamespace.org/feedburner/ext/1.0"><item><link>https://feeds.test/~r/1</link>'
        "<f:origLink>https://www.marrow.test/real</f:origLink></item></rss>"
    )
    assert urls(found(body)) == ["https://www.marrow.test/real"]


def test_a_pictures_title_is_not_taken_for_the_articles():
    body = (
        '<rss xmlns:media="http://search.yahoo.com/mrss/"><item><media:title>A gull</media:title>'
        "<title>Gulls return</title><link>/1</link></item></rss>"
    )
    assert found(body).links[0].title == "Gulls return"


@pytest.mark.parametrize("reference", ["&#xD800;", "&#x0dFfF;", "&#55296;", "&#057343"])
def test_half_a_surrogate_pair_costs_a_letter_and_not_the_feed(reference):
    (link,) = found(f"<rss><item><title>a{reference}b</title><link>/1</link></item></rss>").links
    assert link.title == "a\ufffdb"


def test_text_that_is_no_unicode_is_a_note():
    body = '<?xml version="1.0" encoding="utf-16"?><rss><item><title>&#xD800;</title></item></rss>'
    assert found(body.encode("utf-16")).notes == ("unreadable characters in a feed",)


def test_links_that_are_no_web_addresses_are_counted():
    body = (
        "<rss><item><link>mailto:a@b.test</link></item><item><link>http://[</link></item>"
        "<item><title>x</title></item></rss>"
    )
    assert found(body).notes == (
        "entry with a link that is no web address (2)",
        "entry without a link",
        "empty feed",
    )


def test_article_patterns_of_the_seed_decide_over_the_feed():
    seed = Seed(name="m", title="m", scope=Scope(hosts=("www.marrow.test",), article=("/quay/",)))
    assert [link.kind for link in found(RSS, seed=seed).links] == [LinkKind.ARTICLE, LinkKind.PAGE]


def test_links_beyond_the_limit_are_cut_with_a_note():
    items = "".join(f"<item><link>https://www.marrow.test/{n}</link></item>" for n in range(5))
    seed = Seed(name="m", title="m", scope=Scope(hosts=("www.marrow.test",)), limits=Limits(max_links=3))
    discovery = found(f"<rss>{items}</rss>", seed=seed)
    assert len(discovery.links) == 3
    assert discovery.notes == ("2 links beyond the limit",)
