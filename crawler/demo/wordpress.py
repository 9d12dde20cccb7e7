"""The Harbor Courier: pages of a site on WordPress with Jetpack, and its routes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import escape

from crawler.demo.answers import TEXT, Answer, Request, fill, long_date, moved
from crawler.demo.content import COURIER_HOST, Story, find, gone, site_stories
from crawler.demo.pictures import png
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
from crawler.demo.wordpress_feeds import feed, post_sitemap, rest_posts, sitemap_index

PAGE_SIZE = 10
ROBOTS = f"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {ROOT}/wp-sitemap.xml\n"
_BIOS = {
    "Marit Oyelaran": "Marit Oyelaran has covered the port since the old cranes came down.",
    "Joss Penhallow": "Joss Penhallow writes about fishing, weather and the people who argue over both.",
}
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
    return _encoded(story, request.edition)


def _not_there(slug: str) -> Answer:
    """410 for what was taken down, 404 for what never was."""
    first_day = site_stories(COURIER_HOST, 1)
    if slug == "tide-tables-2024" or any(each.slug == slug and each.number in gone(2) for each in first_day):
        return Answer(
            status=410, body=page(f"Gone | {SITE_NAME}", "<h1>This post has been removed.</h1>").encode()
        )
    return not_found()


def _encoded(story: Story, edition: int) -> Answer:
    """The post in its character encoding; the declared Latin-1 holds Windows-1252 quotation marks, as it does."""
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
    """Links to the posts before and after, as on the first day: the page must not change with the calendar."""
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
        f'<li class="comment"><article class="comment-body"><footer class="comment-meta"><b class="fn">{comment.name}'
        f'</b> <span class="says">says:</span></footer><div class="comment-content"><p>{escape(comment.text)}</p></div>'
        '<a rel="nofollow" class="comment-reply-link" href="#respond">Reply</a></article></li>'
        for comment in story.comments
    )
    count = len(story.comments)
    head = (
        f'<h2 class="comments-title">{count} thoughts on \u201c{escape(story.title, quote=False)}\u201d</h2>'
    )
    listed = f'{head}<ol class="comment-list">{rows}</ol>' if rows else ""
    return fill("wordpress-comments.html", list=listed)


def _print_view(story: Story) -> Answer:
    body = (
        f'<html><head><meta charset="UTF-8"><meta name="robots" content="noindex"><title>{escape(story.title)} - Print'
        f"</title></head><body><h1>{escape(story.title)}</h1>{body_html(story)}</body></html>"
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


def _archive(stories: Sequence[Story], number: int, *, path: str, name: str, below: str = "") -> Answer:
    """One page of a list of posts, ten a page; every third link carries a tracking field."""
    pages = (len(stories) + PAGE_SIZE - 1) // PAGE_SIZE
    if not 1 <= number <= pages:
        return not_found()
    rows = "".join(
        f'<article class="post"><h2 class="entry-title"><a href="{permalink(story)}{_TRACKING[place % 3]}">'
        f'{escape(story.title, quote=False)}</a></h2><div class="entry-summary"><p>{escape(excerpt(story))}</p></div></article>'
        for place, story in enumerate(stories[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    )
    older = f'<a class="next" href="{path}page/{number + 1}/">Older posts</a>' if number < pages else ""
    content = f'<div id="primary"><h1 class="page-title">{name}</h1>{rows}<nav class="pagination">{older}</nav></div>{below}'
    body = page(f"{name} | {SITE_NAME}" if name != SITE_NAME else name, content, body_class="archive")
    return Answer(body=body.encode(), content_type="text/html; charset=UTF-8", etag=True, delivery="gzip")


_TRACKING = ("", "?utm_source=front&utm_medium=list", "")


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
    (re.compile(r"/wp-json/wp/v2/posts/?"), lambda r, _m: rest_posts(r)),
    (re.compile(r"/category/(?P<category>[\w-]+)/(?:page/(?P<page>\d{1,4})/)?"), _category),
    (re.compile(r"/author/(?P<author>[\w-]+)/(?:page/(?P<page>\d{1,4})/)?"), _author),
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
