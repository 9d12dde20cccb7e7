"""Fields one by one: which source is believed, what the losers were, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import clean_text, extract_article
from pipelines.fields.languages import stop_word_shares
from pipelines.fields.linked_data import linked_article
from pipelines.fields.marks import names_author

TEXT = (
    "<p>The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said.</p>"
    "<p>Nobody in the town could remember that the ice had stayed for so many weeks, and the boats lay "
    "still.</p>"
)
URL = "https://www.quaypost.example/news/harbor"
SITE = "<meta property='og:site_name' content='Quay Post'>"


def article(head="", body="", *, url=URL, lang="", text=TEXT):
    return extract_article(
        f"<html{lang}><head>{head}</head><body>{body}<div>{text}</div></body></html>", url=url
    )


def linked(**values):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **values})}</script>'


def told(found, field):
    return [(one.value, one.source, one.won) for one in found.candidates if one.field == field]


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Harbor opens - Quay Post</title>" + SITE, "", "Harbor opens"),
        ("<title>Quay Post: Harbor opens</title>" + SITE, "", "Harbor opens"),
        ("<title>Harbor opens - quaypost.example</title>", "", "Harbor opens"),
        ("<title>Harbor opens \u2013 Quaypost</title>", "", "Harbor opens"),
        ("<title>Blog: Harbor opens again</title>", "", "Harbor opens again"),
        ("<title>Harbor opens | News | Quay Post</title>", "Harbor opens", "Harbor opens"),
        ("<title>Harbor opens &amp;amp; closes</title>", "", "Harbor opens & closes"),
        ("<title>Home</title>", "Harbor opens again", "Harbor opens again"),
        ("<title>Quay</title>", "Harbor opens again", "Harbor opens again"),
        (
            linked(headline="Harbor of Port Mar..."),
            "Harbor of Port Maren opens again",
            "Harbor of Port Maren opens again",
        ),
        (linked(headline="Harbor opens again"), "HARBOR OPENS AGAIN", "Harbor opens again"),
        (linked(headline="Harbor opens again"), "Quay Post", "Harbor opens again"),
        (
            linked(headline="Harbor opens") + "<meta property='og:title' content='Harbor opens'>",
            "The harbor is open",
            "Harbor opens",
        ),
        (
            "<meta property='og:title' content='Why the harbor of Port Maren opens again'>",
            "Harbor of Port Maren opens again",
            "Harbor of Port Maren opens again",
        ),
        ("<meta property='og:title' content='Harbor donâ\u0080\u0099t open'>", "", "Harbor don\u2019t open"),
    ],
)
def test_title_is_the_printing_that_is_believed(head, heading, title):
    assert article(head, f"<h1>{heading}</h1>" if heading else "").title == title


def test_losing_titles_are_told_with_their_sources():
    head = linked(headline="Harbor opens") + "<title>Open harbor | Quay Post</title>" + SITE
    found = told(article(head, "<h1>Harbor opens</h1>"), "title")
    assert found[0] == ("Harbor opens", "h1", True)
    assert ("Harbor opens", "json-ld", False) in found
    assert ("Open harbor", "title", False) in found


@pytest.mark.parametrize(
    ("head", "body", "authors", "source"),
    [
        (linked(author=[{"name": "Ann Example"}, "Bo Sample"]), "", ("Ann Example", "Bo Sample"), "json-ld"),
        (
            linked(author={"name": "Quay Post"}) + SITE,
            "<p class='author'>Ann Example</p>",
            ("Ann Example",),
            "markup:class",
        ),
        (
            linked(author={"name": "Ann Example"}),
            "<h1>H</h1><p>By Ann Example and Bo Sample</p>",
            ("Ann Example", "Bo Sample"),
            "text",
        ),
        (linked(author={"name": "quay_admin7"}), "<h1>H</h1><p>By Ann Example</p>", ("Ann Example",), "text"),
        ("<meta name='author' content='Ann'>", "<h1>H</h1><p>By Ann Example</p>", ("Ann Example",), "text"),
        (
            "<meta name='author' content='Ann Example'><meta name='author' content='Bo Sample'>",
            "",
            ("Ann Example", "Bo Sample"),
            "meta:author",
        ),
        (
            "<meta name='citation_author' content='Example, Ann B.'>",
            "",
            ("Ann B. Example",),
            "meta:citation_author",
        ),
        ("", "<h1>H</h1><a href='/author/ann/'>Ann Example</a>", ("Ann Example",), "markup:link"),
        ("", "<h1>H</h1><div class='post__authorName'>Ann Example</div>", ("Ann Example",), "markup:class"),
        ("", "<h1>H</h1><div><span>Written by</span></div><div>Ann Example</div>", ("Ann Example",), "text"),
        (linked(author={"@type": "Organization", "name": "Quay Post"}) + SITE, "", ("Quay Post",), "json-ld"),
        ("<meta name='author' content='https://quay.example/ann'>", "", (), None),
        ("", "<h1>H</h1><div class='author-bio'>Ann Example</div>", (), None),
        ("", "<h1>H</h1><div class='comment'><span class='author'>Ann Example</span></div>", (), None),
    ],
)
def test_authors_come_from_the_best_source_that_names_a_person(head, body, authors, source):
    found = article(head, body)
    assert found.authors == authors
    assert [won for _, won, is_won in told(found, "authors") if is_won] == ([source] if source else [])


def test_class_words_name_an_author_or_something_of_his():
    classes = ("author", "c-byline__name", "authorImage", "author-social", "authority")
    assert [names_author(one) for one in classes] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [
        (" lang='en-US'", "", "en"),
        (" xml:lang='de'", "", "de"),
        ("", "<meta property='og:locale' content='fr_FR'>", "fr"),
        ("", "<meta http-equiv='content-language' content='es, en'>", "es"),
        ("", linked(inLanguage="it"), "it"),
        ("", "", "en"),
    ],
)
def test_language_is_declared_or_read_from_the_text(lang, head, language):
    assert article(head, lang=lang).language == language


def test_language_of_a_long_text_goes_before_that_of_a_template():
    german = (
        "<p>Der Hafen von Port Maren ist nach einem Winter mit vielen Stürmen wieder offen, und die "
        "ersten Boote sind mit"
        " dem Licht des Morgens aus dem Hafen gefahren.</p><p>Die Lotsen sagen, dass es in den letzten "
        "Wochen nicht ein"
        " Boot durch das Eis geschafft hat, und dass auch die Fähre an der Brücke liegen blieb.</p><p>"
        "Der Rat der Stadt"
        " will im Sommer entscheiden, wer die Arbeiten an dem Kai zu bezahlen hat und ob es für die "
        "Fischer Geld aus der"
        " Kasse der Stadt gibt.</p>"
    )
    found = article(lang=" lang='en'", text=german)
    assert told(found, "language") == [("de", "text", True), ("en", "html:lang", False)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Die Boote sind mit dem ersten Licht aus dem Hafen gefahren, und der Kapitän war nicht an Bord.",
            "de",
        ),
        (
            (
                "Les bateaux sont sortis du port avec la première lumière, et le capitaine ne se trouvait "
                "pas à bord."
            ),
            "fr",
        ),
        (
            "Los barcos salieron del puerto con la primera luz, y el capitán no se encontraba en la nave.",
            "es",
        ),
        (
            (
                "De boten zijn met het eerste licht uit de haven gevaren, en de kapitein was niet aan boord "
                "van het schip."
            ),
            "nl",
        ),
        (
            (
                "Le barche sono uscite dal porto con la prima luce, e il capitano non si trovava a bordo "
                "della nave."
            ),
            "it",
        ),
        (
            (
                "Os barcos saíram do porto com a primeira luz do dia, e o capitão não se encontrava a bordo "
                "com eles."
            ),
            "pt",
        ),
    ],
)
def test_stop_words_tell_the_language(text, language):
    shares = stop_word_shares(text)
    assert max(shares, key=shares.get) == language


def test_language_of_a_few_words_is_not_guessed():
    assert stop_word_shares("The harbor of Port Maren") == {}


@pytest.mark.parametrize(
    ("head", "body", "paywalled"),
    [
        (linked(isAccessibleForFree=False), "", True),
        (linked(isAccessibleForFree="False"), "", True),
        (linked(isAccessibleForFree=True), "", False),
        (linked(isAccessibleForFree="http://schema.org/True"), "", False),
        (linked(hasPart={"@type": "WebPageElement", "isAccessibleForFree": "false"}), "", True),
        ("<meta property='article:content_tier' content='metered'>", "", True),
        ("<meta property='article:content_tier' content='free'>", "", False),
        ("", "<div class='paywall-overlay'>Subscribe to go on.</div>", True),
        ("", "<div class='paywall-overlay' hidden>Subscribe to go on.</div>", None),
        ("", "<p class='paywall'>The boats lay still.</p>", None),
        ("", "", None),
    ],
)
def test_paywall_is_what_the_page_declares(head, body, paywalled):
    assert article(head, body).paywalled is paywalled


def test_section_site_and_addresses_are_told_with_their_sources():
    head = SITE + linked(articleSection="Local", publisher={"name": "The Quay Post"}, url=URL)
    head += "<meta property='article:section' content='News'><link rel='canonical' href='/news/harbor'>"
    found = article(head)
    assert (found.section, found.site_name, found.declared_canonical) == ("Local", "Quay Post", URL)
    assert told(found, "section") == [("Local", "json-ld", True), ("News", "meta:article:section", False)]
    assert told(found, "site_name")[:2] == [("Quay Post", "og", True), ("The Quay Post", "json-ld", False)]
    assert told(found, "declared_canonical")[0] == (URL, "link", True)


def test_origin_and_dateline_are_candidates():
    head = "<link rel='canonical' href='https://first.example/harbor'>"
    found = article(
        head, "<p>PORT MAREN, Maine (AP) -- The harbor of Port Maren opened again, its captain said.</p>"
    )
    assert told(found, "origin_url") == [("https://first.example/harbor", "link", True)]
    assert told(found, "dateline") == [("PORT MAREN, Maine (AP)", "text", True)]


def test_candidates_of_a_field_are_bounded():
    metas = "".join(
        f"<meta name='{name}' content='{name} {'x' * 400}'>"
        for name in ("date", "pubdate", "dc.date", "published")
    )
    times = "".join(f"<time datetime='202{n}-01-01'>x</time>" for n in range(9))
    found = told(article(metas, times), "published_at")
    assert len(found) == 8 or len(found) < 9
    assert all(len(value) <= 300 for value, _, _ in found)


@pytest.mark.parametrize(
    "broken",
    [
        '{"@type":"NewsArticle","headline":"Harbor opens","author":[{"name":"Ann Example",},],}',
        '<!-- {"@type":"NewsArticle","headline":"Harbor opens","author":{"name":"Ann Example"}} -->',
        '//<![CDATA[\n{"@type":"Article","headline":"Harbor opens","author":{"name":"Ann Example"}}\n//]]>',
        '{"@type":"NewsArticle","headline":"Harbor\\ opens","author":{"name":"Ann Example"}}',
        '{"@type":"NewsArticle","headline":"Harbor opens","author":{"name":"Ann Example"},"x":"a "b" c"}',
        (
            "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;Harbor "
            "opens&quot;,&quot;author&quot;:&quot;Ann Example&quot;}"
        ),
        (
            '{"@graph":[{"@type":"Person","@id":"#a","name":"Ann Example"},'
            '{"@type":"Article","headline":"Harbor opens","author":{"@id":"#a"}}]}'
        ),
        (
            '{"@type":"http://schema.org/NewsArticle","headline":["Harbor opens"],'
            '"author":{"givenName":"Ann","familyName":"Example"}}'
        ),
        (
            '{"@type":"WebPage","mainEntity":{"@type":"Article",'
            '"headline":"Harbor opens","author":[[],[{"name":"Ann Example"}]]}}'
        ),
    ],
)
def test_linked_data_is_read_also_where_templates_err(broken):
    found = linked_article([broken])
    assert (found.headline.replace("\\", ""), found.authors) == ("Harbor opens", ("Ann Example",))


def test_article_is_found_among_reviews_and_lists():
    nodes = [
        {"@type": "Review", "name": "A lamp", "author": {"name": "Bo Sample"}},
        {"@type": "NewsArticle", "headline": "Harbor opens", "datePublished": "2023-05-02"},
        {"@type": "ItemList", "itemListElement": [{"@type": "Article", "headline": "Other"}]},
    ]
    assert linked_article([json.dumps(nodes)]).headline == "Harbor opens"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ("@type", "author", "name", "headline", "@graph", "hasPart", "@id", "publisher")
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read(value):
    found = linked_article([json.dumps(value)])
    assert isinstance(found.headline, str)
    assert all(isinstance(name, str) for name in found.authors)


@given(st.text(max_size=200))
def test_any_script_is_read(text):
    assert linked_article([text]).headline == ""


@settings(deadline=None, max_examples=60)  # a parse on a busy machine
@given(st.text(alphabet="<>/\"'= abhimt1metaimscript:-{}[]&;", max_size=200))
def test_any_markup_gives_an_article(markup):
    found = extract_article("<html><body><p>x y" + markup)
    assert found.candidates == () or all(one.value for one in found.candidates)


def test_dump_tells_its_fields_as_candidates():
    lines = "Harbor opens again\n\nBy Ann Example\n\nMay 2, 2023\n\n" + "\n\n".join(
        f"PORT MAREN, Maine -- The harbor of Port Maren opened again after winter {n}, and the boats left."
        for n in range(3)
    )
    found = clean_text(lines)
    assert found.language == "en"
    assert told(found, "title") == [("Harbor opens again", "text", True)]
    assert told(found, "authors") == [("Ann Example", "text", True)]
    assert told(found, "dateline") == [("PORT MAREN, Maine", "text", True)]
    assert told(found, "language") == [("en", "text", True)]
