"""The views that the contract names, column by column, and the list of all."""

# ruff: noqa: S608 (the names in this query are this package's own)

from __future__ import annotations

from storage.index.fallbacks import FALLBACKS
from storage.index.learned_tables import kept_text
from storage.index.schema import View, columns
from storage.index.tables import ARTICLES
from storage.index.views_crawls import CRAWL_VIEWS
from storage.index.views_photos import PHOTO_VIEWS
from storage.index.views_stories import STORY_VIEWS
from storage.index.views_urls import URL_VIEWS

UNIQUE_ARTICLES = View(
    name="unique_articles",
    comment="One row a cluster: its origin",
    select="SELECT * FROM articles WHERE NOT is_duplicate",
    columns=ARTICLES.columns,
)

VERSIONS = View(
    name="versions",
    comment="One row a version of an article: captures in a row that say the same but for case and "
    "punctuation",
    select=f"""
        SELECT r.article_id, r.version, r.url, r.first_captured_at, r.last_captured_at, r.captures, r.changed,
               c.title, {kept_text("c.text", "w.removed")}, coalesce(w.word_count, c.word_count),
               coalesce(w.text_digest, c.text_digest), r.content_digest, c.authors, c.dateline,
               c.published_at, c.origin_url, r.words_added, r.words_removed, r.correction, r.correction_kind
        FROM work.runs r JOIN work.contents c USING (content_digest)
             LEFT JOIN work.cleaned w USING (content_digest)""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "version | INTEGER | 1 for the first",
        "url | VARCHAR | URL of the version's first capture",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, UTC",
        "captures | INTEGER | Number of captures",
        "changed | VARCHAR[] | Fields that differ from the version before; empty for the first",
        "title | VARCHAR | Title",
        "text | VARCHAR | Clean text",
        "word_count | INTEGER | Words of the text",
        "text_digest | VARCHAR | SHA-256 of the text in lower case without punctuation",
        "content_digest | VARCHAR | SHA-256 of title, text, authors, dateline, published_at, origin_url",
        "authors | VARCHAR[] | Authors in order",
        "dateline | VARCHAR | Dateline",
        "published_at | TIMESTAMP | Publication time the page claims, UTC",
        "origin_url | VARCHAR | Where a repost says it comes from",
        "words_added | INTEGER | Words it has more of than the version before, whatever their places; NULL "
        "for the first",
        "words_removed | INTEGER | Words it has fewer of than the version before; NULL for the first",
        "correction | VARCHAR | Notice that says what was corrected, clarified or updated; NULL without one",
        "correction_kind | VARCHAR | correction, clarification, update or editors_note; NULL without one",
    ),
)

VIEWS = (UNIQUE_ARTICLES, VERSIONS, *CRAWL_VIEWS, *STORY_VIEWS, *PHOTO_VIEWS, *URL_VIEWS, FALLBACKS)
