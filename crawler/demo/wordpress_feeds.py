"""The Harbor Courier's feed, sitemaps and REST answers."""

from __future__ import annotations

from html import escape

from crawler.demo.answers import Answer, Request, as_json, as_xml, http_date
from crawler.demo.content import COURIER_HOST, Story, site_stories
from crawler.demo.posts import ROOT, SITE_NAME, author_of, body_html, excerpt, origin_url, permalink

PAGE_SIZE = 10
MOST_A_PAGE = 100
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def feed(request: Request) -> Answer | None:
    """A page of the feed, excerpts only; None past its end."""
    stories = site_stories(COURIER_HOST, request.edition)
    number = request.number("paged", 1)
    shown = stories[(number - 1) * PAGE_SIZE : number * PAGE_SIZE] if number > 0 else ()
    if not shown:
        return None
    items = "".join(_item(story) for story in shown)
    return as_xml(
        f'<rss version="2.0" {_NAMESPACES}><channel><title>{SITE_NAME}</title>'
        f'<atom:link href="{ROOT}/feed/" rel="self" type="application/rss+xml" /><link>{ROOT}/</link>'
        f"<description>Tides, trade and the wider world since 1911</description>"
        f"<lastBuildDate>{http_date(stories[0].published_at)}</lastBuildDate><language>en</language>"
        f"<generator>https://wordpress.org/?v=6.6</generator>{items}</channel></rss>",
        content_type="application/rss+xml; charset=UTF-8",
    )


def _item(story: Story) -> str:
    link = permalink(story)
    title = escape(story.title, quote=False)
    appeared = (
        f'<p>The post <a href="{link}">{title}</a> appeared first on <a href="{ROOT}">{SITE_NAME}</a>.</p>'
    )
    source = f'<source url="{origin_url(story)}">Aldmoor Defense</source>' if story.says == "og-url" else ""
    return (
        f"<item><title>{title}</title><link>{link}</link><dc:creator><![CDATA[{author_of(story)}]]></dc:creator>"
        f"<pubDate>{http_date(story.published_at)}</pubDate>"
        f'<guid isPermaLink="false">{ROOT}/?p={story.number}</guid>'
        f"<description><![CDATA[<p>{escape(excerpt(story), quote=False)}</p>{appeared}]]></description>"
        f"{source}</item>"
    )


def sitemap_index() -> Answer:
    """WordPress's own index of sitemaps."""
    return as_xml(
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{ROOT}/wp-sitemap-posts-post-1.xml</loc></sitemap></sitemapindex>",
        content_type="application/xml; charset=UTF-8",
    )


def post_sitemap(request: Request) -> Answer:
    """Every post but those that declare another site's page as their canonical address."""
    rows = "".join(
        f"<url><loc>{permalink(story)}</loc><lastmod>{story.modified_at.isoformat()}</lastmod></url>"
        for story in site_stories(COURIER_HOST, request.edition)
        if story.says != "canonical"
    )
    return as_xml(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>',
        content_type="application/xml; charset=UTF-8",
    )


def rest_posts(request: Request) -> Answer:
    """A page of posts as JSON with the totals in header fields; 400 past the end, as WordPress answers."""
    stories = site_stories(COURIER_HOST, request.edition)
    size, number = request.number("per_page", PAGE_SIZE), request.number("page", 1)
    if not 1 <= size <= MOST_A_PAGE or number < 1:
        return as_json(
            {"code": "rest_invalid_param", "message": "Invalid parameter.", "data": {"status": 400}},
            status=400,
        )
    pages = (len(stories) + size - 1) // size
    if number > pages:
        message = "The page number requested is larger than the number of pages available."
        value = {"code": "rest_post_invalid_page_number", "message": message, "data": {"status": 400}}
        return as_json(value, status=400)
    shown = stories[(number - 1) * size : number * size]
    totals = (("X-WP-Total", str(len(stories))), ("X-WP-TotalPages", str(pages)))
    return as_json([_rest_post(story) for story in shown], headers=totals)


def _rest_post(story: Story) -> dict[str, object]:
    stamp = "%Y-%m-%dT%H:%M:%S"
    return {
        "id": story.number,
        "date": f"{story.published_at:{stamp}}",
        "date_gmt": f"{story.published_at:{stamp}}",
        "guid": {"rendered": f"{ROOT}/?p={story.number}"},
        "modified": f"{story.modified_at:{stamp}}",
        "modified_gmt": f"{story.modified_at:{stamp}}",
        "slug": story.slug,
        "status": "publish",
        "type": "post",
        "link": permalink(story),
        "title": {"rendered": escape(story.title, quote=False)},
        "content": {"rendered": body_html(story), "protected": False},
        "excerpt": {"rendered": f"<p>{escape(excerpt(story), quote=False)}</p>", "protected": False},
    }
