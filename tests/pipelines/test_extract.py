"""Pages of the two known kinds in several markups, other pages, and what is no page at all."""

from __future__ import annotations

import random
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import extract_article
from storage.article import BlockKind, Outcome, PageKind

URL = "https://news.example/2023/03/bridge/"
TITLE = "Harbor Engineers Finish Ferry Bridge at Port Maren"
BODY = (
    (
        "Engineers on Tuesday finished the last span of a floating bridge at Port Maren, closing a gap that "
        "had cut the harbor in two."
    ),
    '"We poured concrete all night and nobody went home," the port captain said. "Now the ferries rest."',
    "Nobody was hurt.",
    (
        "The bridge carries one lane of traffic and a footpath, and it will stay until a permanent crossing "
        "opens, officials said."
    ),
    (
        "For the fishing families of the eastern quay, the crossing ends a detour of nearly three hours "
        "each way."
    ),
)
HEADLINES = (
    "Why the ferry fleet of Port Maren may never sail again",
    "Flood wall plan divides the council of the eastern quay",
)
PHOTO = (
    "A crane lowers a steel span onto a barge.",
    "Steel Span",
    "A crane crew sets the last span of the floating bridge at Port Maren, March 3, 2023.",
    "Photo By: Navy Petty Officer 2nd Class Ida Sample",
    "VIRIN: 230303-N-AB123-1004C",
)
BODIES = {
    "paragraphs": lambda items: "\n".join(f"<p>{escape(item)}</p>" if raw else item for raw, item in items),
    "divs": lambda items: "\n".join(f"<div>{escape(item)}</div>" if raw else item for raw, item in items),
    "bare_text": lambda items: "<br><br>\n".join(escape(item) if raw else item for raw, item in items),
}
RELATED = {
    "linked_paragraph": "<p><a href='/s'>{}</a></p>",
    "linked_bold": "<p><strong><a href='/s'>{}</a></strong></p>",
    "bold": "<p><strong>{}</strong></p>",
    "linked_heading": "<h3><a href='/s'>{}</a></h3>",
    "bare_link": "<a href='/s'>{}</a>",
    "plain": "<p>{}</p>",
    "list": "<ul><li><a href='/s'>{}</a></li></ul>",
}
TAILS = {
    "jetpack": '<p><a href="https://origin.example/1">Source link</a></p><footer class="entry-footer"><a '
    'rel="category tag">World News</a>'
    '</footer><div id="likes-other-gravatars"><div class="likes-text"><span>%d</span> bloggers like '
    "this:</div></div>",
    "list": '<a href="https://origin.example/1">Source link</a><ul class="post-categories"><li><a href="/'
    'w">World News</a></li></ul>'
    '<div style="display:none">%d bloggers like this:</div>',
    "plain": (
        '<div><a href="https://origin.example/1">Source link</a></div><div>World News</div><p>%d '
        "bloggers like this:</p>"
    ),
}
PHOTOS = {
    "figure": (
        "<figure><img src='/230303-N-AB123-1004C.JPG' alt='{0}'><figcaption><h4>{1}</h4><p>{2}</p>"
        "<p>{3}</p><p>{4}</p></figcaption></figure>"
    ),
    "divs": "<div><img src='/a.jpg' alt='{0}'></div><div>{1}</div><div>{2}</div><div>{3}</div><div>{4}</div>",
    "paragraphs_without_image": "<p>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p><p>{4}</p>",
    "line_breaks": "<p>{0}<br>{1}<br>{2}<br>{3}<br>{4}</p>",
    "custom_elements": (
        "<photo-card><img src='/a.jpg' alt='{0}'><c-t>{1}</c-t><c-c>{2}</c-c><c-b>{3}</c-b>"
        "<c-v>{4}</c-v></photo-card>"
    ),
    "one_line": "<div><img src='/a.jpg' alt='{0}'><h3>{1}</h3><p>{2} <span>{3}</span> {4}</p></div>",
}
BANNERS = {
    "uswds": (
        "<section class='usa-banner'><p>An official website of the United States Government</p>"
        "<button>Here's how you know</button></section>"
    ),
    "spans": (
        "<div><span>An official website of the United States Government</span> <span>Here's how you "
        "know</span></div>"
    ),
    "paragraphs": "<p>An official website of the United States Government</p><p>Here's how you know</p>",
}
NOTICE = (
    "You have accessed part of a historical collection on this site. Some of the information contained "
    "within may be outdated "
    "and links may not function."
)


def repost(body="paragraphs", related="plain", tail="jetpack"):
    items = [
        (True, BODY[0]),
        (True, BODY[1]),
        (False, RELATED[related].format(HEADLINES[0])),
        (True, BODY[2]),
        (True, BODY[3]),
    ]
    items += [(False, RELATED[related].format(HEADLINES[1])), (True, BODY[4])]
    return (
        f"<html lang='en-US'><head><title>{TITLE} | Maren Daily</title></head><body><nav><a href='/'>"
        f"Home</a> <a href='/w'>World</a></nav>"
        f"<div class='crumbs'>Home World {TITLE} | Maren Daily</div><article><h1>{TITLE}</h1><div "
        f"class='entry-content'>"
        f"{BODIES[body](items)}</div>{TAILS[tail]}</article></body></html>"
    )


def story(body="paragraphs", photo="figure", banner="uswds"):
    items = [(True, BODY[0]), (False, PHOTOS[photo].format(*PHOTO)), *((True, text) for text in BODY[1:])]
    return (
        f"<html lang='en'><head><title>{TITLE} &gt; Department of Harbors &gt; News</title></head><body>"
        f"{BANNERS[banner]}"
        f"<h1>{TITLE}</h1><p>{NOTICE}</p><div class='content'>{BODIES[body](items)}</div><h2>Related "
        f"Stories</h2>"
        f"<div><a href='/1'><h4>Harbor Master Meets the Fleet</h4></a></div></body></html>"
    )


def removed(article):
    return {block.text: block.kind for block in article.blocks if not block.kept}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("related", RELATED)
@pytest.mark.parametrize("tail", TAILS)
def test_repost_keeps_its_paragraphs_in_order_and_nothing_else(body, related, tail):
    article = extract_article(repost(body, related, tail), url=URL)
    assert article.text == "\n\n".join(BODY)
    assert (article.title, article.site_name, article.language) == (TITLE, "Maren Daily", "en")
    assert article.origin_url == "https://origin.example/1"
    found = removed(article)
    assert [found[line] for line in HEADLINES] == [BlockKind.RELATED] * 2
    assert found["Source link"] is BlockKind.SOURCE_LINK
    assert found["World News"] is BlockKind.NAVIGATION
    assert found["%d bloggers like this:"] is BlockKind.WIDGET


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("banner", BANNERS)
def test_government_story_keeps_its_paragraphs_in_order_and_nothing_else(body, photo, banner):
    article = extract_article(story(body, photo, banner), url="https://www.harbor.example/News/Article/12/")
    assert article.text == "\n\n".join(BODY)
    assert (article.title, article.site_name) == (TITLE, "Department of Harbors")
    found = removed(article)
    assert found[NOTICE] is BlockKind.HISTORICAL_NOTICE
    assert found["Related Stories"] is BlockKind.RELATED
    assert BlockKind.GOV_BANNER in found.values()
    assert found[PHOTO[2]] is BlockKind.CAPTION
    assert found[PHOTO[4]] is BlockKind.CREDIT
    (shot,) = article.photos
    assert (shot.caption, shot.credit, shot.virin) == (
        PHOTO[2],
        "Navy Petty Officer 2nd Class Ida Sample",
        "230303-N-AB123-1004C",
    )


def test_every_block_has_its_place_in_the_page():
    article = extract_article(repost(), url=URL)
    kept = [block for block in article.blocks if block.kept]
    assert all(block.path.startswith("/html/body") and block.rule for block in article.blocks)
    assert [block.text for block in kept] == list(BODY)


def test_short_paragraph_equal_to_the_deck_stays():
    page = repost().replace("</h1>", f"</h1><p class='deck'>{BODY[2]}</p>")
    assert BODY[2] in extract_article(page, url=URL).text.split("\n\n")


def test_line_broken_inside_a_sentence_goes_on():
    broken = BODY[3].replace(" and it will stay", "<br>\nand it will stay")
    page = repost().replace(escape(BODY[3]), broken)
    assert BODY[3] in extract_article(page, url=URL).text


def test_long_headings_without_a_link_are_the_storys_own():
    page = repost()
    for line in HEADLINES:
        page = page.replace(f"<p>{line}</p>", f"<h3>{line}</h3>")
    kept = {block.text: block.kind for block in extract_article(page, url=URL).blocks if block.kept}
    assert [kept.get(line) for line in HEADLINES] == [BlockKind.HEADING, BlockKind.HEADING]


def test_headings_that_are_linked_elsewhere_on_the_page_are_other_stories():
    page = repost()
    links = "".join(f"<li><a href='/s'>{line}</a></li>" for line in HEADLINES)
    for line in HEADLINES:
        page = page.replace(f"<p>{line}</p>", f"<h3>{line}</h3>")
    page = page.replace("</body>", f"<div><ul>{links}</ul></div></body>")
    assert extract_article(page, url=URL).text.split("\n\n") == list(BODY)


@pytest.mark.parametrize(
    "frame",
    [
        "<footer class='site-foot'><p>{}</p></footer>",
        "<div role='contentinfo'><div><p>{}</p></div></div>",
        "<aside><p>{}</p></aside>",
        "<div role='banner'><p>{}</p></div>",
        "<nav><div>{}</div></nav>",
    ],
)
def test_text_in_the_frame_of_a_site_is_never_body(frame):
    mission = (
        "The harbor office keeps the piers, the lights and the sea walls of Port Maren, and the people who "
        "live behind them. It was founded after the flood, and it answers to the council of the quays alone."
    )
    own = "<h1>Forms</h1><div><p>Forms lie at the desk.</p></div>"
    page = f"<html><body>{own}{frame.format(mission)}</body></html>"
    article = extract_article(page)
    assert mission not in article.text
    assert any(block.text == mission and not block.kept for block in article.blocks)


def test_footer_of_a_quote_or_an_article_is_none_of_the_sites():
    page = repost().replace("</article>", f"<footer><p>{BODY[3][:-1]}, again.</p></footer></article>")
    rules = {block.rule for block in extract_article(page, url=URL).blocks if "again." in block.text}
    assert not any(rule.startswith("landmark") for rule in rules)


def test_canonical_on_another_host_is_the_origin():
    page = (
        repost()
        .replace("<title>", "<link rel='canonical' href='https://wire.example/a'><title>")
        .replace("https://origin.example/1", "/own")
    )
    article = extract_article(page, url=URL)
    assert article.declared_canonical == article.origin_url == "https://wire.example/a"


def test_page_nested_three_hundred_deep_keeps_its_text():
    page = (
        repost()
        .replace("<article>", "<div>" * 320 + "<article>")
        .replace("</article>", "</article>" + "</div>" * 320)
    )
    assert extract_article(page, url=URL).text == "\n\n".join(BODY)


def test_page_nested_beyond_the_parser_keeps_its_text():
    page = repost().replace("<article>", "<div>" * 30_000 + "<article>")
    assert extract_article(page, url=URL).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("café".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("café".encode(), "text/html; charset=idna"),
        ("café".encode(), "text/html; charset=zlib_codec"),
        ("café".encode(), None),
        ("café".encode("utf-16"), "text/html"),
        (b"\xef\xbb\xbf" + "café".encode(), "text/html; charset=iso-8859-1"),
        (b'<meta charset="windows-1252">' + "café".encode("cp1252"), None),
    ],
)  # fmt: skip
def test_charset_comes_from_header_mark_meta_or_the_bytes(data, content_type):
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    head, tail = (
        "<html><body><p>In the harbor the only ",
        " of the quay opened again on Tuesday, its owner told the paper.</p></body></html>",
    )
    codec = "utf-16-le" if wide else "ascii"
    mark, rest = (
        (data[:2], data[2:])
        if wide
        else (data[:3], data[3:])
        if data.startswith(b"\xef\xbb\xbf")
        else (b"", data)
    )
    article = extract_article(
        mark + head.encode(codec) + rest + tail.encode(codec), content_type=content_type
    )
    assert "café of the quay" in article.text


@pytest.mark.parametrize(
    ("data", "content_type", "outcome"),
    [
        (b"", None, Outcome.EMPTY),
        (b"   \n ", "text/html", Outcome.EMPTY),
        (b"<html><body><script>1</script></body></html>", None, Outcome.EMPTY),
        (b"%PDF-1.7 <html>", None, Outcome.NOT_HTML),
        (b"{}", "application/json", Outcome.NOT_HTML),
        ("no markup here", None, Outcome.NOT_HTML),
        (
            "<html><body><ul><li><a href=/a>One story</a><li><a href=/b>Two stories</a></ul></body></html>",
            None,
            Outcome.NOT_AN_ARTICLE,
        ),
    ],
)
def test_page_without_article_says_what_it_is(data, content_type, outcome):
    article = extract_article(data, content_type=content_type)
    assert article.outcome is outcome
    assert article.blocks
    assert not article.text or outcome is Outcome.NOT_AN_ARTICLE


def test_bytes_that_are_no_text_are_no_page_though_tags_stand_in_them():
    noise = random.Random("noise").randbytes(100_000)
    assert extract_article(b"\xff\xfb\x90" + noise + b"<p>", url=URL).outcome is Outcome.NOT_HTML
    odd = "<p>\x02A ferry\x03 came to the harbour in the night, and nobody on the quay had seen it.\x07</p>"
    assert extract_article(odd.encode(), url=URL).outcome is not Outcome.NOT_HTML


def test_front_page_of_teasers_is_a_listing():
    teaser = (
        "<div class='item'><h3><a href='/{0}'>Story number {0} of the harbor</a></h3><p><a href='/"
        "{0}'>Officials met in the harbor again to talk of pier {0}.</a></p></div>"
    )
    page = (
        "<html><body><h1>Maren Daily</h1>"
        + "".join(teaser.format(number) for number in range(30))
        + "</body></html>"
    )
    article = extract_article(page, url="https://news.example/")
    assert (article.outcome, article.page_kind) == (Outcome.NOT_AN_ARTICLE, PageKind.LISTING)


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=40)))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_an_article(data, content_type):
    assert isinstance(extract_article(data, content_type=content_type).outcome, Outcome)


_LINKED_DATA = '{"@type":"Article","author":[[1]],"headline":[]}'
_PIECES = st.sampled_from(
    ["<p>", "</p>", "<div class='related'>", "</div>", "<figure>", "<img alt='x' src='//['>", "<br>", "<h1>",
     "<a href='http://['>", "</a>", "Photo By: ", "VIRIN: ", "220214-F-FW957-1367C", "Source link",
     "<!--", "-->",
     "%d bloggers like this:", "<table><tr><td>", "<svg><p>", "\x00",
     "\ud800", "Ends here.", " two words ",
     "<link rel=canonical href='http://['>", "<title> | </title>", "&#xD800;", "<?pi ?>",
     f"<script type='application/ld+json'>{_LINKED_DATA}</script>",
     "<time datetime='0000-00-00'>",
     "<meta property='article:published_time' content='2022-13-45T99'>"],
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from([None, URL, "http://[", "", "mailto:x"]))
@settings(max_examples=120, deadline=None)
def test_any_markup_gives_an_article_with_each_block_decided(page, url):
    article = extract_article(page, url=url)
    assert all(block.rule for block in article.blocks)
    assert bool(article.text) == any(block.kept for block in article.blocks)


def test_a_page_that_leaves_out_its_body_tag_is_read_all_the_same():
    marked_up = "".join(f"<p>{escape(line)}</p>" for line in BODY)
    head = f"<!doctype html><meta charset=utf-8><title>{TITLE}</title>"
    article = extract_article(f"{head}<article><h1>{TITLE}</h1>{marked_up}</article>", url=URL)
    assert article.outcome is Outcome.ARTICLE
    assert article.title == TITLE
    assert article.text.split("\n\n") == list(BODY)
