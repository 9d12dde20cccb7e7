"""Fields of posts as WordPress's own themes print them, shortened: no JSON-LD, no OpenGraph."""

import pytest

from pipelines import extract_article

URL = "https://www.quay.test/quotes/"
HEAD = (
    "<title>Quotes &#8211; Harbour Courier</title>"
    "<link rel='alternate' type='application/rss+xml' title='Harbour Courier &raquo; Feed' href='/feed/'>"
    "<link rel='alternate' type='application/rss+xml' title='Harbour Courier &raquo; Quotes Comments Feed'"
    " href='/quotes/feed/'>"
)
TEXT = "".join(
    f"<p>The ferry company counted {number} passengers on the last Friday of the month, and all paid.</p>"
    for number in range(214, 220)
)
REPLY = (
    "<div id='respond'><h3 id='reply-title' class='comment-reply-title'>Leave a Reply <small>"
    "<a rel='nofollow' href='/quotes/#respond'>Cancel reply</a></small></h3>"
    "<form><label>Name</label></form></div>"
)
CLASSIC = (
    f"<html lang=en><head>{HEAD}</head><body class='single single-post postid-7'>"
    f"<article class='post hentry'><h1 class='entry-title'>Quotes</h1>"
    f"<div class='entry-content'>{TEXT}</div><footer>"
    "<span class='posted-on'>Published <time class='entry-date published updated' "
    "datetime='2025-03-25T14:14:09+02:00'>March 25, 2025</time></span>"
    "<div class='author-bio'><div class='author-bio-content'><h2 class='author-title'>By Ines Calder</h2>"
    "<p class='author-description'>Ines Calder has written for years.</p>"
    "<a class='author-link' rel='author' href='/author/calder/'>View all of Ines Calder's posts.</a>"
    f"</div></div></footer></article>{REPLY}</body></html>"
)
BLOCKS = (
    f"<html lang=en><head>{HEAD}</head><body class='single single-post postid-7'><main>"
    f"<h1 class='wp-block-post-title'>Quotes</h1>"
    f"<div class='entry-content wp-block-post-content'>{TEXT}</div>"
    "<div class='wp-block-group'><div class='wp-block-group'><div class='wp-block-post-date'>"
    "<time datetime='2025-03-25T14:14:09+02:00'>March 25, 2025</time></div><div class='wp-block-post-author'>"
    "<p class='wp-block-post-author__name'>Ines Calder</p></div></div>"
    f"<div class='wp-block-comments'>{REPLY}</div></div></main></body></html>"
)


@pytest.mark.parametrize("page", [CLASSIC, BLOCKS], ids=["classic theme", "block theme"])
def test_a_theme_of_wordpress_tells_title_site_author_and_the_time_to_the_second(page):
    """The title is a single word, the date stands behind the text, beside the heading over the reply form."""
    article = extract_article(page, url=URL, content_type="text/html")
    assert (article.title, article.site_name) == ("Quotes", "Harbour Courier")
    assert article.authors == ("Ines Calder",)
    assert article.published_at.isoformat() == "2025-03-25T12:14:09+00:00"
    assert article.text.count("The ferry company") == 6
    assert "Reply" not in article.text


def test_a_job_over_the_box_about_the_author_is_no_name():
    page = CLASSIC.replace("By Ines Calder", "Travel Writer at Large")
    assert extract_article(page, url=URL, content_type="text/html").authors != ("Travel Writer at Large",)


def test_a_date_under_anothers_linked_headline_is_still_not_the_posts():
    other = (
        "<div class='card'><h3><a href='/other/'>Another story of the harbour</a></h3>"
        "<time datetime='2026-01-01T08:00:00+00:00'>January 1, 2026</time></div>"
    )
    page = BLOCKS.replace("<main>", f"<main>{other}")
    article = extract_article(page, url=URL, content_type="text/html")
    assert article.published_at.isoformat() == "2025-03-25T12:14:09+00:00"
