"""The Harbor Courier: pages of a site on WordPress with Jetpack, and its routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from crawler.demo.answers import TEXT, Answer, Request, as_json, moved
from crawler.demo.content import COURIER_HOST, Story, find, gone, site_stories
from crawler.demo.pictures import png
from crawler.demo.posts import (
    CATEGORIES,
    ROOT,
    SITE_NAME,
    author_of,
    body_html,
    excerpt,
    permalink,
)
from crawler.demo.wordpress_feeds import feed, post_sitemap, rest_posts, sitemap_index
from crawler.demo.wordpress_post import page, post_answer

PAGE_SIZE = 10
_TRACKING = ("", "?utm_source=front&utm_medium=list", "")
ROBOTS = f"""User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php

Sitemap: {ROOT}/wp-sitemap.xml
"""
_STATIC = {
    "about": ("About Us", "The Courier is printed on the quay every weekday and owned by its readers."),
    "privacy": ("Privacy Policy", "We keep the letters you send us in a locked drawer."),
    "advertise": ("Advertise", "Small notices are taken until four o'clock on the day before."),
}
_AWKWARD_LINKS = """<div class="widget-links"><ul>
<li><a href="/2019/01/lost-in-the-fire/">From the archive</a></li>
<li><a href="/2024/05/tide-tables-2024/">Tide tables 2024</a></li>
<li><a href="/latest/">Latest story</a></li>
<li><a href="http://www.elsewhere-weekly.test/">Elsewhere Weekly</a></li>
</ul></div>"""


def answer(request: Request) -> Answer:
    """The site's answer to a GET."""
    for pattern, respond in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match:
            return respond(request, match)
    return not_found()


def not_found() -> Answer:
    """The site's 404 page."""
    content = '<div id="primary"><h1 class="page-title">Oops! That page can\u2019t be found.</h1></div>'
    return Answer(
        status=404, body=page(f"Page not found | {SITE_NAME}", content, body_class="error404").encode()
    )


def _post(request: Request, match: re.Match[str]) -> Answer:
    stories = site_stories(COURIER_HOST, request.edition)
    story = next((each for each in stories if each.slug == match["slug"]), None)
    if story is None or f"{story.published_at:%Y/%m}" != match["month"]:
        return _not_there(match["slug"])
    if not match["slash"]:
        return moved(permalink(story))
    if request.query("share"):
        return moved(permalink(story), 302)
    if request.query("print"):
        return _print_view(story)
    return post_answer(story, request.edition)


def _not_there(slug: str) -> Answer:
    """410 for what was taken down, 404 for what never was."""
    first_day = site_stories(COURIER_HOST, 1)
    if slug == "tide-tables-2024" or any(each.slug == slug and each.number in gone(2) for each in first_day):
        return Answer(
            status=410, body=page(f"Gone | {SITE_NAME}", "<h1>This post has been removed.</h1>").encode()
        )
    return not_found()


def _print_view(story: Story) -> Answer:
    body = (
        '<html><head><meta charset="UTF-8"><meta name="robots" content="noindex">'
        f"<title>{escape(story.title)} - Print</title></head>"
        f"<body><h1>{escape(story.title)}</h1>{body_html(story)}</body></html>"
    )
    return Answer(body=body.encode(), content_type="text/html; charset=UTF-8")


def _home(request: Request, match: re.Match[str]) -> Answer:
    if request.query("p"):
        story = find(COURIER_HOST, request.number("p", 0), request.edition)
        return moved(permalink(story)) if story else not_found()
    stories = site_stories(COURIER_HOST, request.edition)
    return _archive(stories, int(match["page"] or 1), path="/", name=SITE_NAME, below=_AWKWARD_LINKS)


def _category(request: Request, match: re.Match[str]) -> Answer:
    key = match["category"]
    if key not in CATEGORIES:
        return not_found()
    stories = [story for story in site_stories(COURIER_HOST, request.edition) if story.section == key]
    return _archive(stories, int(match["page"] or 1), path=f"/category/{key}/", name=CATEGORIES[key])


def _author(request: Request, match: re.Match[str]) -> Answer:
    slug = match["author"]
    stories = site_stories(COURIER_HOST, request.edition)
    wrote = [story for story in stories if author_of(story).lower().replace(" ", "-") == slug]
    return (
        _archive(wrote, int(match["page"] or 1), path=f"/author/{slug}/", name="Author")
        if wrote
        else not_found()
    )


def _tag(request: Request, match: re.Match[str]) -> Answer:
    slug = match["tag"]
    stories = site_stories(COURIER_HOST, request.edition)
    tagged = [story for story in stories if slug in (name.replace(" ", "-") for name in story.tags)]
    return _archive(tagged, 1, path=f"/tag/{slug}/", name=slug)


def _archive(stories: Sequence[Story], number: int, *, path: str, name: str, below: str = "") -> Answer:
    """One page of a list of posts, ten a page; every third link carries a tracking field."""
    pages = (len(stories) + PAGE_SIZE - 1) // PAGE_SIZE
    if not 1 <= number <= pages:
        return not_found()
    rows = "".join(
        f'<article class="post"><h2 class="entry-title"><a href="{permalink(story)}{_TRACKING[place % 3]}">'
        f"{escape(story.title, quote=False)}</a></h2>"
        f'<div class="entry-summary"><p>{escape(excerpt(story))}</p></div></article>'
        for place, story in enumerate(stories[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    )
    older = f'<a class="next" href="{path}page/{number + 1}/">Older posts</a>' if number < pages else ""
    pager = f'<nav class="pagination">{older}</nav>'
    content = f'<div id="primary"><h1 class="page-title">{name}</h1>{rows}{pager}</div>{below}'
    body = page(f"{name} | {SITE_NAME}" if name != SITE_NAME else name, content, body_class="archive")
    return Answer(body=body.encode(), content_type="text/html; charset=UTF-8", etag=True, delivery="gzip")


def _static(_request: Request, match: re.Match[str]) -> Answer:
    title, text = _STATIC[match["name"]]
    content = f'<div id="primary"><h1 class="entry-title">{title}</h1><p>{text}</p></div>'
    return Answer(body=page(f"{title} | {SITE_NAME}", content).encode(), etag=True)


def _latest(request: Request, _match: re.Match[str]) -> Answer:
    return moved(permalink(site_stories(COURIER_HOST, request.edition)[0]), 302)


_ROUTES: tuple[tuple[re.Pattern[str], Callable[[Request, re.Match[str]], Answer]], ...] = (
    (re.compile(r"/robots\.txt"), lambda _r, _m: Answer(body=ROBOTS.encode(), content_type=TEXT)),
    (re.compile(r"/(?:page/(?P<page>\d{1,4})/)?"), _home),
    (re.compile(r"/feed/"), lambda r, _m: feed(r) or not_found()),
    (re.compile(r"/wp-sitemap\.xml"), lambda _r, _m: sitemap_index()),
    (re.compile(r"/wp-sitemap-posts-post-1\.xml"), lambda r, _m: post_sitemap(r)),
    (re.compile(r"/wp-json/"), lambda _r, _m: as_json({"name": SITE_NAME, "namespaces": ["wp/v2"]})),
    (re.compile(r"/wp-json/wp/v2/posts/?"), lambda r, _m: rest_posts(r)),
    (re.compile(r"/category/(?P<category>[\w-]+)/(?:page/(?P<page>\d{1,4})/)?"), _category),
    (re.compile(r"/author/(?P<author>[\w-]+)/(?:page/(?P<page>\d{1,4})/)?"), _author),
    (re.compile(r"/tag/(?P<tag>[\w-]+)/"), _tag),
    (re.compile(r"/latest/"), _latest),
    (re.compile(rf"/(?P<name>{'|'.join(_STATIC)})/"), _static),
    (re.compile(r"/(?P<month>\d{4}/\d{2})/(?P<slug>[\w-]+)(?P<slash>/?)"), _post),
    (
        re.compile(r"/wp-content/uploads/harbor\.png"),
        lambda _r, _m: Answer(body=png("harbor"), content_type="image/png", etag=True),
    ),
    (
        re.compile(r"/wp-content/themes/quayside/style\.css"),
        lambda _r, _m: Answer(body=b"body{margin:0}\n", content_type="text/css", etag=True),
    ),
)
