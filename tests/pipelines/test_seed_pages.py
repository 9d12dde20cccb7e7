"""The two seed documents as pages, in markup of several kinds: nothing of the body lost, nothing else kept.

The documents' sentences are read from the shared folder; only their structure is known here. Each page below is
written from what such sites look like, without regard to how the rules find things.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines import clean_text, extract_article
from storage.article import Article

BANNER_LINES = 6


@dataclass(frozen=True)
class Photo:
    alt: str
    title: str
    caption: str
    credit: str
    virin: str

    @property
    def lines(self) -> tuple[str, ...]:
        return self.alt, self.title, self.caption, self.credit, self.virin


@dataclass(frozen=True)
class Story:
    """A seed document by its structure: `flow` is the body in order, with photos or related headlines between."""

    title: str
    flow: tuple[str | Photo, ...]
    related: frozenset[str]
    removed: tuple[str, ...]
    banner: tuple[str, ...] = ()
    notice: str = ""

    @property
    def body(self) -> list[str]:
        return [part for part in self.flow if isinstance(part, str) and part not in self.related]


def lines_of(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@pytest.fixture
def repost(shared) -> Story:
    lines = lines_of(shared / "seed-documents" / "000_e5ce4aec9f18bd2d.txt")
    end = lines.index("Source link")
    flow = lines[2:end]
    related = frozenset(line for line in flow if not line.endswith((".", "”")))
    assert len(related) == 2
    title = lines[1].partition(" | ")[0]
    return Story(title=title, flow=tuple(flow), related=related, removed=(*related, *lines[end:]))


@pytest.fixture
def news_story(shared) -> Story:
    lines = lines_of(shared / "seed-documents" / "004_246fb0f7d5305577.txt")
    banner, title, notice = tuple(lines[:BANNER_LINES]), lines[BANNER_LINES], lines[BANNER_LINES + 1]
    flow: list[str | Photo] = []
    for line in lines[BANNER_LINES + 2 : -1]:
        if line.startswith("VIRIN:"):
            caption_group = [str(flow.pop()) for _ in range(4)][::-1]
            flow.append(Photo(*caption_group, line))
        else:
            flow.append(line)
    photos = [part for part in flow if isinstance(part, Photo)]
    assert len(photos) == 3
    removed = (*banner, notice, *(line for photo in photos for line in photo.lines), lines[-1])
    return Story(
        title=title, flow=tuple(flow), related=frozenset(), removed=removed, banner=banner, notice=notice
    )


def judge(article: Article, story: Story) -> None:
    """Nothing lost, nothing kept, what was removed is there with a kind, in the page's own words."""
    text = [" ".join(paragraph.split()) for paragraph in article.text.split("\n\n")]
    assert text == [" ".join(line.split()) for line in story.body]
    assert article.title == story.title
    dropped = [" ".join(block.text.split()) for block in article.blocks if not block.kept]
    for line in story.removed:
        assert any(" ".join(line.split()) in block for block in dropped), line


def judge_photos(article: Article, story: Story) -> None:
    wanted = [part for part in story.flow if isinstance(part, Photo)]
    assert [photo.virin for photo in article.photos] == [
        part.virin.removeprefix("VIRIN: ") for part in wanted
    ]
    assert [photo.credit for photo in article.photos] == [
        part.credit.removeprefix("Photo By: ") for part in wanted
    ]
    assert [photo.caption for photo in article.photos] == [part.caption for part in wanted]
    assert all(f"{photo.taken_on:%y%m%d}" == photo.virin[:6] for photo in article.photos)


def esc(text: str) -> str:
    return html.escape(text, quote=False)


# A defense.gov story


def uswds_page(story: Story) -> str:
    """Banner in a section with an accordion, figures with figcaption."""
    first, how, one, one_text, two, two_text = map(esc, story.banner)
    flow = "".join(
        f"""<figure class="inline-image"><a href="/Photos/1/"><img src="https://media.example.mil/a/{part.virin[7:]}.JPG"
        alt="{html.escape(part.alt)}"></a><figcaption><span class="alt">{esc(part.alt)}</span>
        <strong>{esc(part.title)}</strong><p>{esc(part.caption)}</p><span>{esc(part.credit)}</span>
        <span>{esc(part.virin)}</span></figcaption></figure>"""
        if isinstance(part, Photo)
        else f"<p>{esc(part)}</p>"
        for part in story.flow
    )
    return f"""<!DOCTYPE html><html lang="en"><head><title>{esc(story.title)} > U.S. Department > Story</title>
    <meta property="og:title" content="{html.escape(story.title)}"></head><body>
    <section class="usa-banner"><header><p>{first}</p><button>{how}</button></header><div class="usa-accordion">
    <div><strong>{one}</strong><br>{one_text}</div><div><strong>{two}</strong><br>{two_text}</div></div></section>
    <nav><ul><li><a href="/News/">News</a></li><li><a href="/Spotlights/">Spotlights</a></li></ul></nav>
    <main><h1 class="maintitle">{esc(story.title)}</h1><div class="alert">{esc(story.notice)}</div>
    <div class="content-wrap"><div class="body">{flow}</div></div>
    <section class="related"><h2>Related Stories</h2><ul><li><a href="/x/">Some Other Story About Ships</a></li></ul>
    </section></main><footer><p>Choose which products you want delivered to your inbox</p></footer></body></html>"""


def plain_divs_page(story: Story) -> str:
    """No telling class anywhere: divs only, photo lines as divs."""
    banner = "".join(f"<div>{esc(line)}</div>" for line in story.banner)
    flow = "".join(
        "<div><img src='/i.jpg'>" + "".join(f"<div>{esc(line)}</div>" for line in part.lines) + "</div>"
        if isinstance(part, Photo)
        else f"<div>{esc(part)}</div>"
        for part in story.flow
    )
    return f"""<html><head><title>{esc(story.title)}</title></head><body><div>{banner}</div><div><h1>{esc(story.title)}</h1>
    <div>{esc(story.notice)}</div><div>{flow}</div><div>Related Stories</div></div></body></html>"""


def line_break_page(story: Story) -> str:
    """The body as bare text between line breaks, photos in a table beside it."""
    banner = "<br>".join(map(esc, story.banner))
    flow = "<br /><br />".join(
        f"""<table class="photo"><tr><td><img src="/i.jpg" alt="{html.escape(part.alt)}"><br>{esc(part.alt)}<br>
        <b>{esc(part.title)}</b><br>{esc(part.caption)}<br>{esc(part.credit)}<br>{esc(part.virin)}</td></tr></table>"""
        if isinstance(part, Photo)
        else esc(part)
        for part in story.flow
    )
    return f"""<html><body><div id="top">{banner}</div><h1>{esc(story.title)}</h1><p><em>{esc(story.notice)}</em></p>
    <div id="story">{flow}</div><h3>Related Stories</h3></body></html>"""


def custom_elements_page(story: Story) -> str:
    """Elements of the site's own making."""
    banner = "".join(f"<span class='b'>{esc(line)}</span> " for line in story.banner)
    flow = "".join(
        f"""<media-inline><media-text><span>{esc(part.alt)}</span></media-text><h5>{esc(part.title)}</h5>
        <p class="cap">{esc(part.caption)}</p><p class="by">{esc(part.credit)}</p><p class="virin">{esc(part.virin)}</p>
        </media-inline>"""
        if isinstance(part, Photo)
        else f"<p>{esc(part)}&nbsp;</p>"
        for part in story.flow
    )
    return f"""<html lang="en"><head><title>{esc(story.title)}</title></head><body><gov-banner>{banner}</gov-banner>
    <article><header><h1>{esc(story.title)}</h1></header><history-note><p>{esc(story.notice)}</p></history-note>
    <story-body>{flow}</story-body></article><aside><h4>Related Stories</h4></aside></body></html>"""


@pytest.mark.parametrize("page", [uswds_page, plain_divs_page, line_break_page, custom_elements_page])
def test_a_defense_story_as_a_page_keeps_its_body_and_nothing_else(news_story, page):
    article = extract_article(
        page(news_story), url="https://www.defense.gov/News/News-Stories/Article/Article/2991144/a/"
    )
    judge(article, news_story)
    judge_photos(article, news_story)


# A WordPress repost

TAIL = """<div class="sharedaddy"><h3 class="sd-title">Share this:</h3><ul><li><a href="#">Twitter</a></li></ul></div>"""


def wordpress_page(story: Story, related: str, source: str, category: str) -> str:
    """A post of a usual theme; how related headlines, the source and the category are marked up varies."""
    flow = "".join(
        related.format(esc(part)) if part in story.related else f"<p>{esc(part)}</p>"
        for part in map(str, story.flow)
    )
    _, *tail = story.removed[len(story.related) :]
    return f"""<!DOCTYPE html><html lang="en-US"><head><title>{esc(story.title)} | eSocialNews</title>
    <meta property="og:site_name" content="eSocialNews"></head><body class="single-post">
    <header><ul id="menu"><li><a href="/">Home</a></li><li><a href="/world/">World</a></li></ul></header>
    <div class="breadcrumbs"><a href="/">Home</a> <a href="/world/">World</a> {esc(story.title)}</div>
    <article><h1 class="entry-title">{esc(story.title)}</h1><div class="entry-content">{flow}{source}{TAIL}</div>
    {category.format(esc(tail[0]))}</article>
    <div id="likes-other-gravatars"><div class="likes-text"><span>%d</span> bloggers like this:</div></div>
    <div id="cookie-law-info-bar">This website uses cookies to improve your experience. <a href="#">Accept</a></div>
    </body></html>"""


RELATED = [
    '<p><a href="/r/">{}</a></p>',
    '<p><strong><a href="/r/">{}</a></strong></p>',
    '<h3><a href="/r/">{}</a></h3>',
    "<p>{}</p>",
    '<a href="/r/">{}</a>',
    '<div class="x"><em>{}</em></div>',
]
SOURCE = [
    '<p><a href="https://origin.example/1">Source link</a></p>',
    '<a href="https://origin.example/1">Source link</a>',
    "<p>Source link</p>",
]
CATEGORY = [
    '<a href="/world/" rel="category tag">{}</a>',
    '<ul class="post-categories"><li><a href="/world/">{}</a></li></ul>',
    "<div>{}</div>",
]


@pytest.mark.parametrize("related", RELATED)
@pytest.mark.parametrize(("source", "category"), list(zip(SOURCE, CATEGORY, strict=True)))
def test_a_wordpress_repost_as_a_page_keeps_its_body_and_nothing_else(repost, related, source, category):
    page = wordpress_page(repost, related, source, category)
    article = extract_article(page.encode(), url="https://news.example/2022/04/a-post/")
    judge(article, repost)
    assert article.site_name == "eSocialNews"
    if "href" in source:
        assert article.origin_url == "https://origin.example/1"


# Both as text


@pytest.mark.parametrize("joiner", ["\n\n", "\n", "\r\n", "\n\n\n\n"])
def test_both_documents_as_text_keep_their_bodies_and_nothing_else(repost, news_story, shared, joiner):
    for story, name in ((repost, "000_e5ce4aec9f18bd2d.txt"), (news_story, "004_246fb0f7d5305577.txt")):
        article = clean_text(joiner.join(lines_of(shared / "seed-documents" / name)))
        judge(article, story)
    judge_photos(article, news_story)
