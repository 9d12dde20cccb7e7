"""The sites of `month_script` as a crawler meets them: what they answer at a moment of the month.

Pages are made of the templates of the bundled sample sites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from month_script import (
    ARTICLES,
    BEGIN,
    EVERYWHERE,
    FERRY,
    HOSTS,
    ISLES,
    MOOR,
    NAMES,
    Article,
    Text,
    troubled,
)

from crawler.demo.answers import Answer, as_xml, fill, http_date, long_date, moved

_PAGE_SIZE, _FEED_SIZE = 10, 10
_WALL = (
    "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>\n"
    'You don\'t have permission to access "http&#58;&#47;&#47;{host}&#47;" on this server.<P>\n'
    "Reference&#32;&#35;18&#46;2f1a1602&#46;1772400000&#46;1a2b3c4d\n</BODY></HTML>\n"
)


@dataclass(slots=True, kw_only=True)
class Site:
    """One of the sites."""

    name: str
    articles: tuple[Article, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.articles = ARTICLES[self.name]

    @property
    def root(self) -> str:
        return f"http://{HOSTS[self.name]}"

    def shown(self, channel: str, at: datetime) -> list[Article]:
        """What a way names then, newest first."""
        found = [one for one in self.articles if one.is_listed(channel, at)]
        return sorted(found, key=lambda one: one.published_at, reverse=True)

    def in_reach(self, at: datetime) -> list[Article]:
        """What a crawl of the whole site would find then."""
        ways = {"listing", "sitemap"} if troubled(self.name, {"mute"}, at) else EVERYWHERE
        found = {one.number: one for way in ways for one in self.shown(way, at) if one.is_there(at)}
        return list(found.values())

    def answer(self, target: str, at: datetime) -> Answer:
        """What it answers then; troubles that are the server's own are not looked at."""
        if troubled(self.name, {"unavailable"}, at):
            return Answer(status=503, body=b"Service Unavailable\n", content_type="text/plain")
        if troubled(self.name, {"wall"}, at):
            return Answer(
                status=403, body=_WALL.format(host=HOSTS[self.name]).encode(), content_type="text/html"
            )
        parts = urlsplit(target)
        if parts.path == "/robots.txt":
            text = f"User-agent: *\nDisallow: /wp-admin/\n\nSitemap: {self.root}/sitemap.xml\n"
            return Answer(body=text.encode(), content_type="text/plain", etag=True)
        if parts.path in {"/", "/feed/", "/sitemap.xml", "/posts.xml", "/news/"}:
            return self._way(parts.path, parse_qs(parts.query), at)
        return self._article(parts.path, at)

    def _way(self, path: str, query: dict[str, list[str]], at: datetime) -> Answer:
        if path == "/feed/":
            return self._feed(at)
        if path == "/sitemap.xml":
            return as_xml(
                '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
                f"<sitemap><loc>{self.root}/posts.xml</loc></sitemap></sitemapindex>"
            )
        if path == "/posts.xml":
            return self._sitemap(at)
        page = int(query.get("page", ["1"])[0])
        return self._listing(page, at)

    def _feed(self, at: datetime) -> Answer:
        shown = [] if troubled(self.name, {"mute"}, at) else self.shown("feed", at)[:_FEED_SIZE]
        items = "".join(
            f"<item><title>{escape(one.text(at).title)}</title><link>{one.url(at)}</link>"
            f"<pubDate>{http_date(one.published_at)}</pubDate></item>"
            for one in shown
        )
        return as_xml(
            f'<rss version="2.0"><channel><title>{NAMES[self.name]}</title><link>{self.root}/</link>'
            f"<description>News</description>{items}</channel></rss>",
            content_type="application/rss+xml",
        )

    def _sitemap(self, at: datetime) -> Answer:
        dated = self.name != MOOR
        rows = "".join(
            f"<url><loc>{one.url(at)}</loc>"
            + (f"<lastmod>{one.text(at).since.isoformat()}</lastmod>" if dated else "")
            + "</url>"
            for one in self.shown("sitemap", at)
        )
        return as_xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')

    def _listing(self, page: int, at: datetime) -> Answer:
        shown = self.shown("listing", at)
        pages = (len(shown) + _PAGE_SIZE - 1) // _PAGE_SIZE
        if not 1 <= page <= pages:
            return self._missing(404)
        rows = "".join(
            f'<article class="post"><h2 class="entry-title"><a href="{one.url(at)}">'
            f"{escape(one.text(at).title)}</a></h2></article>"
            for one in shown[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
        )
        older = f'<a class="next" rel="next" href="/news/?page={page + 1}">Older</a>' if page < pages else ""
        content = f'<div id="primary"><h1>News</h1>{rows}<nav class="pagination">{older}</nav></div>'
        return Answer(body=self._page("News", content), etag=True, delivery="gzip")

    def _article(self, path: str, at: datetime) -> Answer:
        for one in self.articles:
            if one.published_at <= at and path in {one.path(at), one.path_of(one.slug)}:
                if not one.is_there(at):
                    return self._missing(one.gone_status)
                return self._story(one, at) if path == one.path(at) else moved(one.path(at))
        return self._static(path)

    def _story(self, article: Article, at: datetime) -> Answer:
        text = article.text(at)
        if troubled(self.name, {"shells"}, at):
            return Answer(body=self._page(text.title, '<div id="app"></div>'), etag=True)
        make = self._afpims if self.name == ISLES else self._wordpress
        page = make(article, text, at)
        if article.counts_readers:
            return Answer(body=page)
        by_date = self.name == FERRY
        return Answer(body=page, modified_at=text.since if by_date else None, etag=not by_date)

    def _wordpress(self, article: Article, text: Text, at: datetime) -> bytes:
        readers = int((at - BEGIN).total_seconds() // 3600) * 3
        content = fill(
            "wordpress-post.html",
            number=str(article.number),
            category="world",
            category_name="World",
            title=escape(text.title),
            datetime=article.published_at.isoformat(),
            date=long_date(article.published_at),
            author=article.author,
            author_slug=article.author.lower().replace(" ", "-"),
            bio=f"{article.author} writes for the {NAMES[self.name]}.",
            counter=f' <span class="post-views">{readers} views</span>' if article.counts_readers else "",
            body="\n".join(f"<p>{escape(one)}</p>" for one in text.paragraphs),
            likes="",
            tags="",
            permalink=article.url(at),
            neighbours="",
            related="",
            comments="",
        )
        return self._page(text.title, content, meta=self._meta(article, text, at))

    def _afpims(self, article: Article, text: Text, at: datetime) -> bytes:
        content = fill(
            "afpims-article.html",
            content_type="News Story",
            content_type_value="1",
            section_path="/news/",
            section_upper="NEWS STORIES",
            number=str(article.number),
            kicker="News Story",
            title=escape(text.title),
            date=long_date(article.published_at),
            byline=f'<span class="sep"> | </span><span class="author">By {article.author}</span>',
            notice="",
            body="\n".join(f"<p>{escape(one)}</p>" for one in text.paragraphs),
            tags="",
            related="",
        )
        return self._page(text.title, content, meta=self._meta(article, text, at))

    def _meta(self, article: Article, text: Text, at: datetime) -> str:
        return (
            f'<link rel="canonical" href="{article.url(at)}">'
            f'<meta property="og:type" content="article">'
            f'<meta property="og:title" content="{escape(text.title)}">'
            f'<meta property="article:published_time" content="{article.published_at.isoformat()}">'
        )

    def _page(self, title: str, content: str, *, meta: str = "") -> bytes:
        """A page in the frame of one of the sample sites, under this site's name."""
        if self.name == ISLES:
            frame = fill("afpims-page.html", head_title=escape(title), meta="@meta@", content="@content@")
            frame = re.sub(r'href="/News/[^"]*"', 'href="/news/"', frame)
            frame = frame.replace("Aldmoor Department of Defense", NAMES[ISLES])
            return frame.replace("@meta@", meta).replace("@content@", content).encode()
        page = fill(
            "wordpress-page.html",
            charset_meta='<meta charset="UTF-8">\n',
            head_title=escape(f"{title} | {NAMES[self.name]}"),
            meta=meta,
            body_class="post",
            content=content,
            recent="",
        )
        page = page.replace("http://www.harbor-courier.test", self.root)
        return page.replace("Harbor Courier", NAMES[self.name]).replace("The Courier", "The paper").encode()

    def _static(self, path: str) -> Answer:
        """Pages that never change: what the frame of each page links to."""
        name = path.strip("/").rpartition("/")[2]
        if name.lower() in {"about", "privacy", "advertise", "contact", "accessibility", "foi", "subscribe"}:
            content = f"<h1>{name}</h1><p>Letters reach us at the old customs house.</p>"
            return Answer(body=self._page(name, content), etag=True)
        return self._missing(404)

    def _missing(self, status: int) -> Answer:
        return replace(Answer(body=self._page("Not here", "<h1>This page is not here</h1>")), status=status)
