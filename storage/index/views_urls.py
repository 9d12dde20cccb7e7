"""Views of URLs over time: what answers there, what is gone, what moved, how articles were found."""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from storage.index.fallbacks import MADE_ELSEWHERE
from storage.index.schema import View, columns

# The status of the latest capture comes of one number for both, which is faster than looking for the row.
URL_STATUS = View(
    name="url_status",
    comment="One row a URL that was asked for and answered: what it answered last",
    select=f"""
        SELECT url, n, first_at, last_at, status::INTEGER, good_at,
               CASE WHEN status IN (404, 410) THEN 'gone' WHEN status >= 400 THEN 'failing'
                    WHEN status BETWEEN 300 AND 399 AND status <> 304 THEN 'moved' ELSE 'here' END,
               article_id
        FROM (SELECT url, count(*) AS n, min(captured_at) AS first_at, max(captured_at) AS last_at,
                     max(epoch_us(captured_at) * 1000 + status) % 1000 AS status,
                     max(captured_at) FILTER (status < 300 OR status = 304) AS good_at,
                     max(article_id) AS article_id
              FROM captures WHERE method = 'GET' AND ({MADE_ELSEWHERE}) IS NOT TRUE GROUP BY url)""",
    columns=columns(
        "url | VARCHAR | URL that was asked for",
        "captures | BIGINT | Number of captures",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, UTC",
        "last_status | INTEGER | HTTP status of the latest",
        "last_good_at | TIMESTAMP | Latest capture that had the page (2xx or 304), UTC",
        "state | VARCHAR | here (2xx or 304), moved (3xx), gone (404 or 410) or failing (another error)",
        "article_id | VARCHAR | Article that captures of it show; NULL when they show none",
    ),
)

GONE_ARTICLES = View(
    name="gone_articles",
    comment="Articles that their site no longer has: since the latest capture that shows one, a 404 or 410",
    select="""
        SELECT a.article_id, min(c.url), a.host, a.source, a.title, a.published_at, a.last_captured_at,
               min(c.captured_at), max(c.captured_at), count(*), max(c.status)
        FROM captures c
        JOIN (SELECT DISTINCT url, article_id
              FROM captures SEMI JOIN (SELECT url FROM captures WHERE status IN (404, 410)) USING (url)
              WHERE article_id IS NOT NULL) shown ON shown.url = c.url
        JOIN articles a ON a.article_id = shown.article_id
        WHERE c.status IN (404, 410) AND c.captured_at > a.last_captured_at
        GROUP BY ALL""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "url | VARCHAR | URL that no longer has it",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "title | VARCHAR | Title",
        "published_at | TIMESTAMP | Publication time the page claimed, UTC",
        "last_good_at | TIMESTAMP | Latest capture that shows it, UTC: taken down after it",
        "gone_at | TIMESTAMP | First capture after that which says it is gone, UTC",
        "checked_at | TIMESTAMP | Latest capture that says so, UTC",
        "checks | BIGINT | Captures that say so",
        "status | INTEGER | 404, or 410 if ever that was said",
    ),
)

REDIRECTS = View(
    name="redirects",
    comment="One row a redirect that was met: from where to where",
    select="""
        SELECT url, CASE WHEN redirect_to LIKE '//%' THEN split_part(url, '//', 1) || redirect_to
                         WHEN redirect_to LIKE '/%'
                         THEN regexp_extract(url, '^[^/]+//[^/?#]+') || redirect_to
                         ELSE redirect_to END AS target,
               status, status IN (301, 308), count(*), min(captured_at), max(captured_at)
        FROM captures WHERE redirect_to IS NOT NULL GROUP BY url, target, status""",
    columns=columns(
        "url | VARCHAR | URL that was asked for",
        "redirect_to | VARCHAR | Where it redirects to, with the host",
        "status | INTEGER | HTTP status",
        "permanent | BOOLEAN | Whether the site says that it moved for good (301, 308)",
        "captures | BIGINT | Number of captures",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, UTC",
    ),
)

DISCOVERY_LAG = View(
    name="discovery_lag",
    comment="How each article was found and how long after its publication; one row its first capture",
    select="""
        SELECT a.article_id, a.url, a.host, a.source, a.published_at, a.first_captured_at,
               round((epoch_us(a.first_captured_at) - epoch_us(a.published_at)) / 3.6e9, 1), c.crawl_id,
               d.found_in, d.found_on, d.depth
        FROM articles a
        JOIN captures c ON c.article_id = a.article_id AND c.captured_at = a.first_captured_at
            AND (c.record_type <> 'conversion' OR c.mime <> 'text/plain')
        LEFT JOIN discoveries d ON d.record_id = c.record_id""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "url | VARCHAR | Its URL",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "published_at | TIMESTAMP | Publication time the page claims, UTC",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "lag_hours | DOUBLE | Hours from the one to the other",
        "crawl_id | VARCHAR | Crawl that made the capture",
        "found_in | VARCHAR | seed, feed, sitemap, wordpress, listing, page, robots or redirect; NULL when "
        "nothing tells",
        "found_on | VARCHAR | URL of the feed, sitemap or page that has the link, or that redirected here",
        "depth | INTEGER | How many links from the seed",
    ),
)

URL_VIEWS = (URL_STATUS, GONE_ARTICLES, REDIRECTS, DISCOVERY_LAG)
