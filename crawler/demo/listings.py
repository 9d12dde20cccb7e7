"""The ways into the defense site: home page, section listings, feeds, sitemaps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from crawler.demo.answers import Answer, Request, ap_date, as_xml, http_date, long_date
from crawler.demo.content import DEFENSE_HOST, Story, site_stories
from crawler.demo.sections import SECTIONS, Section, article_path, article_url, photo_path

PAGE_SIZE = 10
FEED_SIZE = 10
_ROOT = f"http://{DEFENSE_HOST}"
_ADVISORIES = 2
_FEED = "/DesktopModules/ArticleCS/RSS.ashx?ContentType={}&amp;Site=945&amp;max=10"
RSS_PAGE = (
    "<h1>RSS</h1><ul>"
    + "".join(
        f'<li><a href="{_FEED.format(section.content_type)}">{section.name}</a></li>'
        for section in SECTIONS.values()
    )
    + f'<li><a href="{_FEED.format(_ADVISORIES)}">Advisories</a></li></ul>'
)
_AWKWARD_LINKS = """<ul class="quick-links">
<li><a href="/News/No-Such-Page/">Annual almanac</a></li>
<li><a href="/News/newsarticle.aspx?ID=3412207">Breakwater story, as first linked</a></li>
<li><a href="/News/Releases/Release/Article/3398841/an-older-slug-of-this-release/">Pilotage release</a></li>
<li><a href="http://www.harbor-courier.test/">Harbor Courier</a></li>
</ul>"""


def _section_stories(section: Section, edition: int) -> tuple[Story, ...]:
    return tuple(story for story in site_stories(DEFENSE_HOST, edition) if story.section == section.key)


def _listed(section: Section, edition: int) -> tuple[Story, ...]:
    """The section's stories that its listing and feed show: some old ones stand in the sitemap alone."""
    return tuple(story for story in _section_stories(section, edition) if "unlisted" not in story.marks)


def home(request: Request) -> str:
    """Content of the home page: the newest stories, linked in each form that the site understands."""
    newest = [
        story for story in site_stories(DEFENSE_HOST, request.edition) if "unlisted" not in story.marks
    ][:8]
    cards = "".join(
        f'<div class="story-card"><h2><a href="{_varied(article_path(story), place)}">'
        f"{escape(story.title)}</a></h2><p>{escape(story.teaser)}</p></div>"
        for place, story in enumerate(newest)
    )
    carousel = '<div class="carousel"><span>{{item.title}}</span></div>'
    return f'{carousel}<div class="cards">{cards}</div>{_AWKWARD_LINKS}'


def _varied(path: str, place: int) -> str:
    """The path, by its place as it is, in lower case, without a slug, or with a tracking field.

    >>> _varied("/News/Releases/Release/Article/7/a-slug/", 2)
    '/News/Releases/Release/Article/7/'
    """
    head, _, tail = path.rpartition("/Article/")
    short = f"{head}/Article/{tail.partition('/')[0]}/"
    forms = (path, f"{head}/article/{tail}", short, f"{path}?source=frontpage")
    return forms[place % len(forms)]


def listing(name: str, request: Request) -> str | None:
    """Content of a page of the listing called `name` as in its path; None where there is no such page."""
    section = next((section for section in SECTIONS.values() if section.path == f"/News/{name}/"), None)
    if section is None:
        return None
    stories = _listed(section, request.edition)
    wanted = request.number("Page", 1)
    pages = (len(stories) + PAGE_SIZE - 1) // PAGE_SIZE
    if not 1 <= wanted <= pages:
        return None
    shown = stories[(wanted - 1) * PAGE_SIZE : wanted * PAGE_SIZE]
    rows = _as_elements(shown, section) if section.key == "contracts" else _as_anchors(shown)
    return f"<h1>{section.name}</h1>{rows}{_pager(section, wanted, pages)}"


def tag_listing(tag: str, request: Request) -> str | None:
    """Content of the list of stories that carry a tag; None where none does."""
    stories = site_stories(DEFENSE_HOST, request.edition)
    tagged = [story for story in stories if tag in (name.replace(" ", "-") for name in story.tags)]
    return f"<h1>{escape(tag)}</h1>{_as_anchors(tagged)}" if tagged else None


def _as_elements(stories: Sequence[Story], section: Section) -> str:
    """The rows as custom elements that a browser's script would fill: the data stands in their attributes."""
    rows = "".join(
        f'<listing-titles-only article-id="{story.number}" article-title="{escape(story.title)}" '
        f'article-url="{article_url(story)}" article-url-or-link-absolute="{article_url(story)}" '
        f'content-type-name="{section.name}" content-type-val="{section.content_type}" '
        f'publish-date-ap="{ap_date(story.published_at)}" '
        f'publish-date-jss="{story.published_at:%Y-%m-%dT%H:%M:%S}"></listing-titles-only>'
        for story in stories
    )
    return f'<div class="alist-inner alist-more-here"><feature-template>{rows}</feature-template></div>'


def _as_anchors(stories: Sequence[Story]) -> str:
    rows = "".join(
        f'<div class="item"><div class="title"><a class="title" href="{article_path(story)}">'
        f'{escape(story.title)}</a></div><span class="date">{long_date(story.published_at)}</span>'
        f"<p>{escape(story.teaser)}</p></div>"
        for story in stories
    )
    return f'<div class="alist">{rows}</div>'


def _pager(section: Section, wanted: int, pages: int) -> str:
    links = "".join(
        f"<li><span>{page}</span></li>"
        if page == wanted
        else f'<li><a href="{section.path}?Page={page}">{page}</a></li>'
        for page in range(1, pages + 1)
    )
    return f'<div class="center-pager"><ul class="pagination">{links}</ul></div>' if pages > 1 else ""


def feed(request: Request) -> Answer:
    """The feed of one content type: teasers only; without stories one empty item, as this system answers."""
    content_type = request.number("ContentType", 0)
    section = next((each for each in SECTIONS.values() if each.content_type == content_type), None)
    most = request.number("max", FEED_SIZE)
    stories = _listed(section, request.edition)[: max(most, 0)] if section else ()
    items = "".join(_item(story) for story in stories) or (
        "<item><title>This is an empty article</title><link></link><description></description></item>"
    )
    name = section.name if section else "Advisories"
    newest = f"<lastBuildDate>{http_date(stories[0].published_at)}</lastBuildDate>" if stories else ""
    return as_xml(
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Aldmoor Defense {name}</title><link>{_ROOT}</link>"
        f"<description>Aldmoor Defense {name} RSS Feed</description><language>en-us</language>{newest}"
        # The system writes its own address without scheme and path.
        f'<atom:link href="{DEFENSE_HOST}?{escape(request.query_string)}" rel="self" '
        'type="application/rss+xml" />'
        f"{items}</channel></rss>"
    )


def _item(story: Story) -> str:
    picture = f"{_ROOT}{photo_path(story.pictures[0])}" if story.pictures else ""
    thumbnail = escape(f"<br/><img src='{picture}' /><br />") if picture else ""
    enclosure = f'<enclosure url="{picture}" length="1213" type="image/png" />' if picture else ""
    creator = story.byline.removeprefix("By ") or "Press Operations"
    return (
        f"<item><title>{escape(story.title)}</title><link>{article_url(story)}</link>"
        f"<description>{escape(story.teaser)}{thumbnail}</description>"
        f"<pubDate>{http_date(story.published_at)}</pubDate><dc:creator>{escape(creator)}</dc:creator>"
        f'<guid isPermaLink="false">{article_url(story)}</guid>{enclosure}</item>'
    )


def sitemap_index() -> Answer:
    """The sitemap of sitemaps: one a section, one for the pages that are no articles."""
    rows = "".join(
        f"<sitemap><loc>{_ROOT}/DesktopModules/ArticleCS/SiteMap.ashx?moduleid={module}</loc></sitemap>"
        for module in (*(section.module_id for section in SECTIONS.values()), 1)
    )
    return as_xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>')


def sitemap(request: Request) -> Answer:
    """The sitemap of one module: the articles of its section, old ones too; one was forgotten."""
    module = request.number("moduleid", 0)
    section = next((each for each in SECTIONS.values() if each.module_id == module), None)
    if section is None and module != 1:
        return Answer(status=404, body=b"no such module", content_type="text/plain")
    stories = _section_stories(section, request.edition) if section else ()
    rows = "".join(
        f"<url><loc>{article_url(story)}</loc><lastmod>{story.modified_at:%Y-%m-%d}</lastmod><priority>0.5</priority></url>"
        for story in stories
        if "unmapped" not in story.marks
    )
    if section is None:
        rows = "".join(
            f"<url><loc>{_ROOT}{path}</loc></url>" for path in ("/", "/About/", "/Contact/", "/News/RSS/")
        )
    return as_xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')
