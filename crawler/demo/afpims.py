"""The Aldmoor Department of Defense: pages of a site on the AFPIMS content system, and its routes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape

from crawler.demo.answers import TEXT, Answer, Request, fill, long_date, moved
from crawler.demo.content import DEFENSE_HOST, Picture, Story, find, gone, site_stories
from crawler.demo.listings import RSS_PAGE, feed, home, listing, sitemap, sitemap_index, tag_listing
from crawler.demo.markup import blocks_html
from crawler.demo.pictures import png
from crawler.demo.sections import SECTIONS, article_path, article_url, photo_path

SITE_NAME = "Aldmoor Department of Defense"
NOTICE = (
    "You have accessed part of a historical collection on Aldmoor Defense. Parts of what it tells may have "
    "been overtaken by events, and some links may lead nowhere. Questions go to the Department's web desk."
)
ROBOTS = """Sitemap: /DesktopModules/SiteData/SiteMap.ashx
User-agent: *
Disallow: *captcha*
Disallow: /*Print.aspx
Disallow: /*.axd$
Disallow: /bin/
Disallow: /Error/
Disallow: /Admin/
Disallow: /Share/
Disallow: /Search-Results/
"""
_STATIC = {
    "About": "The Department answers to the Assembly for the islands' Army, Navy and Air Force.",
    "Contact": "Letters reach the Department at the Old Customs House, Port Aldmoor.",
    "Privacy": "The Department keeps no record of who reads these pages beyond the day's count.",
    "Accessibility": "Readers who meet an obstacle on these pages may ask for another form of any document.",
    "FOI": "Requests for records are answered within thirty days by the Registrar.",
    "Subscribe": "Notices by letter or by wire are free of charge.",
    "Share": "Sharing opens in a new window.",
}


def answer(request: Request) -> Answer:
    """The site's answer to a GET."""
    for pattern, respond in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match:
            return respond(request, match)
    return not_found()


def page(head_title: str, content: str, *, meta: str = "") -> bytes:
    """A whole page: banner, menus and footer around `content`."""
    return fill("afpims-page.html", head_title=escape(head_title), meta=meta, content=content).encode()


def not_found() -> Answer:
    """The site's 404 page."""
    content = (
        '<h1 class="maintitle">Page Not Found</h1><p>The page may have moved in the last rebuilding.</p>'
    )
    return Answer(status=404, body=page("404 Not Found", content))


def _article(request: Request, match: re.Match[str]) -> Answer:
    """The article with that ID; a wrong slug is sent to the right one, a missing one is let pass."""
    number, slug = int(match["number"]), match["slug"] or ""
    story = find(DEFENSE_HOST, number, request.edition)
    if number in gone(request.edition):
        return Answer(status=410, body=page("410 Gone", "<h1>This article has been withdrawn</h1>"))
    if story is None:
        return not_found()
    if slug.strip("/") and slug.strip("/").lower() != story.slug:
        return moved(article_path(story))
    body = _article_page(story, request.edition)
    return Answer(body=body, modified_at=story.modified_at, etag=True, delivery=story.delivery)


def _old_article(request: Request, _match: re.Match[str]) -> Answer:
    story = find(DEFENSE_HOST, request.number("ID", 0), request.edition)
    return moved(article_path(story)) if story else not_found()


def _article_page(story: Story, edition: int) -> bytes:
    section = SECTIONS[story.section]
    byline = (
        f'<span class="sep"> | </span><span class="author">{escape(story.byline)}</span>'
        if story.byline
        else ""
    )
    notice = f'<div class="historical"><p>{NOTICE}</p></div>' if "old" in story.marks else ""
    content = fill(
        "afpims-article.html",
        content_type=section.item_name,
        content_type_value=str(section.content_type),
        section_path=section.path,
        section_upper=section.name.upper(),
        number=str(story.number),
        kicker=section.item_name,
        title=escape(story.title, quote=False),
        date=long_date(story.published_at),
        byline=byline,
        notice=notice,
        body=_body(story),
        tags=_tags(story),
        related=_related(story, edition),
    )
    head_title = f"{story.title} > {SITE_NAME} > {section.item_name}"
    return page(head_title, content, meta=_meta(story))


def _body(story: Story) -> str:
    """The body's blocks with its photographs in their places."""
    if "breaks" in story.marks:
        return _bare_body(story)
    blocks = blocks_html(story.texts)
    if story.section == "contracts":
        blocks = [_centred(block) for block in blocks]
    if story.dateline:
        lead = f"{story.dateline} -- "
        blocks[0] = blocks[0].replace(lead, f"<strong>{lead}</strong>", 1)
    out = []
    for index in range(len(blocks) + 1):
        out += [photo_html(picture) for picture in story.pictures if picture.after == index]
        out += blocks[index : index + 1]
    return "\n".join(out)


def _bare_body(story: Story) -> str:
    """The body as the CMS of 2016 kept it: text parted by line breaks, photographs in a gallery above."""
    gallery = "".join(photo_html(picture) for picture in story.pictures)
    texts = [escape(text, quote=False) for text in story.paragraphs]
    lead = f"{story.dateline} -- "
    if story.dateline:
        texts[0] = texts[0].replace(lead, f"<strong>{lead}</strong>", 1)
    return f'{gallery}<div class="da_black">{"<br /><br />".join(texts)}</div><div class="da_body_end"></div>'


def _centred(block: str) -> str:
    if not block.startswith("<h3>"):
        return block
    inner = block.removeprefix("<h3>").removesuffix("</h3>")
    return f'<p style="text-align: center;"><strong>{inner}</strong></p>'


def photo_html(picture: Picture) -> str:
    """One photograph with its title, caption, credit and VIRIN."""
    return fill(
        "afpims-photo.html",
        number=str(picture.number),
        src=photo_path(picture),
        alt=escape(picture.alt),
        title=escape(picture.title, quote=False),
        caption=escape(picture.caption, quote=False),
        credit=escape(picture.credit, quote=False),
        virin=picture.virin,
    )


def _tags(story: Story) -> str:
    links = " ".join(f'<a href="/News/Tag/{tag.replace(" ", "-")}/">{escape(tag)}</a>' for tag in story.tags)
    return f'<div class="tags">{links}</div>' if links else ""


def _related(story: Story, edition: int) -> str:
    """The "Related Stories" block; it names stories that have been withdrawn too, as such blocks do."""
    linked = [
        find(DEFENSE_HOST, number, 1) or find(DEFENSE_HOST, number, edition) for number in story.related
    ]
    rows = [
        f'<div class="related-item"><a href="{article_path(other)}">'
        f"{escape(other.title, quote=False)}</a></div>"
        for other in linked
        if other
    ]
    return f'<section class="related"><h2>Related Stories</h2>{"".join(rows)}</section>' if rows else ""


def _meta(story: Story) -> str:
    url = article_url(story)
    suffix = f" > {SITE_NAME}" if "og-suffix" in story.marks else ""
    fields = [
        f'<link rel="canonical" href="{url}">',
        f'<meta name="description" content="{escape(story.teaser)}">',
        f'<meta property="og:site_name" content="{SITE_NAME}">',
        f'<meta property="og:type" content="article"><meta property="og:url" content="{url}">',
        f'<meta property="og:title" content="{escape(story.title + suffix)}">',
        f'<meta property="og:description" content="{escape(story.teaser)}">',
    ]
    if story.pictures:
        image = f"http://{DEFENSE_HOST}{photo_path(story.pictures[0])}"
        fields.append(f'<meta property="og:image" content="{image}">')
    if "published-time" in story.marks:
        fields.append(f'<meta property="article:published_time" content="{story.published_at.isoformat()}">')
        fields.append(f'<meta property="article:modified_time" content="{story.modified_at.isoformat()}">')
    if "json-ld" in story.marks:
        fields.append(f'<script type="application/ld+json">{_json_ld(story, url)}</script>')
    return "\n".join(fields)


def _json_ld(story: Story, url: str) -> str:
    value = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "url": url,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.modified_at.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {"@type": "GovernmentOrganization", "name": SITE_NAME},
    }
    return json.dumps(value).replace("</", "<\\/")


def _print(request: Request, _match: re.Match[str]) -> Answer:
    """The print form, which robots.txt asks robots not to fetch."""
    story = find(DEFENSE_HOST, request.number("Article", 0), request.edition)
    if story is None:
        return not_found()
    texts = "<br /><br />".join(escape(text, quote=False) for text in story.paragraphs)
    title = escape(story.title, quote=False)
    body = f'<html><body><div class="da_print_body"><h1 class="title">{title}</h1>{texts}</div></body></html>'
    return Answer(body=body.encode())


def _media(request: Request, match: re.Match[str]) -> Answer:
    pictures = (
        picture for story in site_stories(DEFENSE_HOST, request.edition) for picture in story.pictures
    )
    if not any(photo_path(picture) == request.path for picture in pictures):
        return not_found()
    return Answer(body=png(match["virin"]), content_type="image/png", etag=True)


def _photo_page(request: Request, match: re.Match[str]) -> Answer:
    """The page of one photograph: an image, its lines and a download link, no article."""
    pictures = (
        picture for story in site_stories(DEFENSE_HOST, request.edition) for picture in story.pictures
    )
    picture = next((picture for picture in pictures if picture.number == int(match["number"])), None)
    if picture is None:
        return not_found()
    link = f'<a href="{photo_path(picture)}">Download Image: Full Size (0.01 MB)</a>'
    content = f'<h1 class="maintitle">{escape(picture.title)}</h1>{photo_html(picture)}{link}'
    return Answer(body=page(f"{picture.title} > {SITE_NAME} > Photo", content), etag=True)


def _static(_request: Request, match: re.Match[str]) -> Answer:
    name = match["name"]
    return Answer(body=page(f"{name} > {SITE_NAME}", f"<h1>{name}</h1><p>{_STATIC[name]}</p>"), etag=True)


def _listing(request: Request, match: re.Match[str]) -> Answer:
    name = match["name"]
    content = tag_listing(name, request) if "/Tag/" in request.path else listing(name, request)
    if content is None:
        return not_found()
    return Answer(body=page(f"{name.replace('-', ' ')} > {SITE_NAME}", content), etag=True)


_ROUTES: tuple[tuple[re.Pattern[str], Callable[[Request, re.Match[str]], Answer]], ...] = (
    (re.compile(r"/robots\.txt"), lambda _r, _m: Answer(body=ROBOTS.encode(), content_type=TEXT, etag=True)),
    (re.compile(r"/"), lambda r, _m: Answer(body=page(SITE_NAME, home(r)), etag=True, delivery="gzip")),
    (re.compile(r"/News/"), lambda _r, _m: moved("/News/News-Stories/", 302)),
    (re.compile(r"/News/RSS/"), lambda _r, _m: Answer(body=page(f"RSS > {SITE_NAME}", RSS_PAGE), etag=True)),
    (re.compile(r"/News/[\w-]+/[\w-]+/Article/(?P<number>\d{1,9})(?P<slug>/.*)?", re.IGNORECASE), _article),
    (re.compile(r"/news/newsarticle\.aspx", re.IGNORECASE), _old_article),
    (re.compile(r"/News/(?:Tag/)?(?P<name>[\w-]+)/"), _listing),
    (re.compile(r"/DesktopModules/ArticleCS/RSS\.ashx"), lambda r, _m: feed(r)),
    (re.compile(r"/DesktopModules/SiteData/SiteMap\.ashx"), lambda _r, _m: sitemap_index()),
    (re.compile(r"/DesktopModules/ArticleCS/SiteMap\.ashx"), lambda r, _m: sitemap(r)),
    (re.compile(r"/DesktopModules/ArticleCS/Print\.aspx"), _print),
    (re.compile(r"/media/.+/(?P<virin>[\w-]+)\.PNG"), _media),
    (re.compile(r"/Multimedia/Photos/igphoto/(?P<number>\d+)/"), _photo_page),
    (re.compile(rf"/(?P<name>{'|'.join(_STATIC)})/"), _static),
    (
        re.compile(r"/Portals/1/skin\.css"),
        lambda _r, _m: Answer(body=b"body{font-family:serif}\n", content_type="text/css", etag=True),
    ),
)
