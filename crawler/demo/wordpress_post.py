"""The page of one Harbor Courier post, and the frame around every page of the site."""

from __future__ import annotations

import json
from html import escape

from crawler.demo.answers import Answer, fill, long_date
from crawler.demo.content import COURIER_HOST, Story, find, site_stories
from crawler.demo.posts import (
    CATEGORIES,
    ROOT,
    SITE_NAME,
    author_of,
    body_html,
    excerpt,
    origin_url,
    permalink,
)

_BIOS = {
    "Marit Oyelaran": "Marit Oyelaran has covered the port since the old cranes came down.",
    "Joss Penhallow": "Joss Penhallow writes about fishing, weather and the people who argue over both.",
}


def page(head_title: str, content: str, *, meta: str = "", body_class: str = "", charset: str = "") -> str:
    """A whole page: menus, sidebar, cookie bar and footer around `content`."""
    recent = "\n".join(
        f'<li><a href="{permalink(story)}">{escape(story.title, quote=False)}</a></li>'
        for story in site_stories(COURIER_HOST, 1)[
            :5
        ]  # the first day's list: the sidebar is cached for a week
    )
    declared = {"iso-8859-1": ""}.get(charset, f'<meta charset="{charset or "UTF-8"}">\n')
    return fill(
        "wordpress-page.html",
        charset_meta=declared,
        head_title=escape(head_title, quote=False),
        meta=meta,
        body_class=body_class,
        content=content,
        recent=recent,
    )


def post_answer(story: Story, edition: int) -> Answer:
    """The post's page in its encoding; the declared Latin-1 holds Windows-1252 quotes, as ever."""
    text = _post_page(story, edition)
    body = text.encode("cp1252" if story.charset else "utf-8", "xmlcharrefreplace")
    types = {"iso-8859-1": "text/html; charset=ISO-8859-1", "windows-1252": "text/html"}
    counter = "counter" in story.marks
    return Answer(
        body=body,
        content_type=types.get(story.charset, "text/html; charset=UTF-8"),
        modified_at=None if counter else story.modified_at,
        etag=counter,
        delivery=story.delivery,
        headers=(("Link", f"<{ROOT}/?p={story.number}>; rel=shortlink"),),
    )


def _post_page(story: Story, edition: int) -> str:
    author = author_of(story)
    link = permalink(story)
    views = (
        f' <span class="post-views">{1180 + 24 * edition} views</span>' if "counter" in story.marks else ""
    )
    content = fill(
        "wordpress-post.html",
        number=str(story.number),
        category=story.section,
        category_name=CATEGORIES[story.section],
        title=escape(story.title, quote=False),
        datetime=story.published_at.isoformat(),
        date=long_date(story.published_at),
        author=author,
        author_slug=author.lower().replace(" ", "-"),
        bio=_BIOS.get(author, "The newsroom of the Harbor Courier."),
        counter=views,
        body=body_html(story),
        likes=fill("wordpress-sharing.html", permalink=link, number=str(story.number)),
        permalink=link,
        tags=_tags(story),
        neighbours=_neighbours(story),
        related=_related(story),
        comments=_comments(story),
    )
    return page(
        f"{story.title} | {SITE_NAME}",
        content,
        meta=_meta(story),
        body_class=f"post-template-default single single-post postid-{story.number}",
        charset=story.charset,
    )


def _meta(story: Story) -> str:
    link, origin = permalink(story), origin_url(story)
    canonical = origin if story.says == "canonical" and origin else link
    og_url = origin if story.says == "og-url" and origin else link
    suffix = f" | {SITE_NAME}" if "og-suffix" in story.marks else ""
    fields = [
        f'<link rel="canonical" href="{canonical}">',
        f'<link rel="shortlink" href="{ROOT}/?p={story.number}">',
        f'<meta property="og:type" content="article"><meta property="og:url" content="{og_url}">',
        f'<meta property="og:title" content="{escape(story.title + suffix)}">',
        f'<meta property="og:site_name" content="{SITE_NAME}">',
        f'<meta property="og:description" content="{escape(excerpt(story))}">',
        f'<meta property="article:published_time" content="{story.published_at.isoformat()}">',
        f'<meta property="article:modified_time" content="{story.modified_at.isoformat()}">',
    ]
    if "json-ld" in story.marks:
        fields.append(f'<script type="application/ld+json">{_json_ld(story)}</script>')
    return "\n".join(fields)


def _json_ld(story: Story) -> str:
    article = {
        "@type": "Article",
        "headline": story.title,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.modified_at.isoformat(),
        "author": {"@type": "Person", "name": author_of(story)},
        "articleSection": [CATEGORIES[story.section]],
    }
    site = {"@type": "WebSite", "name": SITE_NAME, "url": f"{ROOT}/"}
    return json.dumps({"@context": "https://schema.org", "@graph": [article, site]}).replace("</", "<\\/")


def _tags(story: Story) -> str:
    links = ", ".join(
        f'<a href="/tag/{tag.replace(" ", "-")}/" rel="tag">{escape(tag)}</a>' for tag in story.tags
    )
    return f' <span class="tags-links">Tagged {links}</span>' if links else ""


def _neighbours(story: Story) -> str:
    """Links to the posts before and after, as on the first day: the page must not change with the day."""
    stories = site_stories(COURIER_HOST, 1)
    place = next((index for index, each in enumerate(stories) if each.number == story.number), -1)
    if place < 0:
        return ""
    older, newer = stories[place + 1 : place + 2], stories[max(place - 1, 0) : place]
    links = [
        f'<a href="{permalink(each)}" rel="prev">{escape(each.title, quote=False)}</a>' for each in older
    ]
    links += [
        f'<a href="{permalink(each)}" rel="next">{escape(each.title, quote=False)}</a>' for each in newer
    ]
    return " ".join(links)


def _related(story: Story) -> str:
    found = [find(COURIER_HOST, number, 1) for number in story.related]
    return "\n".join(
        f'<div class="jp-relatedposts-post"><h4><a href="{permalink(each)}?utm_source=related">'
        f"{escape(each.title, quote=False)}</a></h4></div>"
        for each in found
        if each
    )


def _comments(story: Story) -> str:
    rows = "".join(
        '<li class="comment"><article class="comment-body"><footer class="comment-meta">'
        f'<b class="fn">{comment.name}</b> <span class="says">says:</span></footer>'
        f'<div class="comment-content"><p>{escape(comment.text)}</p></div>'
        '<a rel="nofollow" class="comment-reply-link" href="#respond">Reply</a></article></li>'
        for comment in story.comments
    )
    count = len(story.comments)
    head = (
        f'<h2 class="comments-title">{count} thoughts on \u201c{escape(story.title, quote=False)}\u201d</h2>'
    )
    listed = f'{head}<ol class="comment-list">{rows}</ol>' if rows else ""
    return fill("wordpress-comments.html", list=listed)
