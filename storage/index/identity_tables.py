"""The tables that say which URLs show one article, column by column."""

from __future__ import annotations

from storage.index.schema import Table, columns

ALIASES = Table(
    name="aliases",
    comment="URLs whose article is known by another URL: what each declares or shows says so",
    columns=columns(
        "url_id | VARCHAR | Identifier of the URL by our rules alone (extractions.article_id)",
        "article_id | VARCHAR | Identifier of the article that it shows",
        "canonical_url | VARCHAR | URL that the article is known by",
        "reason | VARCHAR | declared_canonical, same_text, ...",
        "evidence | VARCHAR | What spoke for it, as JSON",
    ),
    key=("url_id",),
    rank=("article_id", "reason", "evidence"),
)

IDENTITY_TABLES = (ALIASES,)
