"""Views of what was published: by day, by author, what was corrected, who republished whom."""

from __future__ import annotations

from storage.index.schema import View, columns

ARTICLES_BY_DAY = View(
    name="articles_by_day",
    comment="One row a day of publication, source and host: how much was published",
    select="""
        SELECT published_at::DATE AS day, source, host, count(*), count(*) FILTER (NOT is_duplicate),
               count(*) FILTER (is_duplicate), sum(word_count)::BIGINT
        FROM articles GROUP BY day, source, host""",
    columns=columns(
        "day | DATE | Day of publication as the pages claim it, UTC; NULL where they give no date",
        "source | VARCHAR | Name of the seed",
        "host | VARCHAR | Host without www",
        "articles | BIGINT | Articles",
        "originals | BIGINT | Those that are no copies of another article",
        "copies | BIGINT | Those that are",
        "words | BIGINT | Words of their texts together",
    ),
)

BYLINES = View(
    name="bylines",
    comment="One row an article and each of its authors",
    select="""
        SELECT article_id, unnest(authors), generate_subscripts(authors, 1)::INTEGER, len(authors)::INTEGER,
               host, source, published_at, is_duplicate
        FROM articles""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "author | VARCHAR | Name as the page has it, without rank or office",
        "position | INTEGER | Place in the byline, from 1",
        "authors | INTEGER | Number of authors of the article",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "published_at | TIMESTAMP | Publication time the page claims, UTC",
        "is_duplicate | BOOLEAN | Whether the article is a copy of another",
    ),
)

CORRECTIONS = View(
    name="corrections",
    comment="One row a version after an article's first: what was changed, and when we saw it",
    select="""
        SELECT r.article_id, r.version, r.url, a.host, a.source, a.published_at, b.last_captured_at,
               r.first_captured_at,
               round((epoch_us(r.first_captured_at) - epoch_us(a.published_at)) / 3.6e9, 1), r.changed,
               old.title, new.title, coalesce(old_cleaned.word_count, old.word_count),
               coalesce(new_cleaned.word_count, new.word_count), r.words_added, r.words_removed,
               CASE WHEN r.correction IS DISTINCT FROM b.correction THEN r.correction END,
               CASE WHEN r.correction IS DISTINCT FROM b.correction THEN r.correction_kind END
        FROM work.runs r
        JOIN work.runs b ON b.article_id = r.article_id AND b.version = r.version - 1
        JOIN articles a ON a.article_id = r.article_id
        JOIN work.contents new ON new.content_digest = r.content_digest
        JOIN work.contents old ON old.content_digest = b.content_digest
        LEFT JOIN work.cleaned new_cleaned ON new_cleaned.content_digest = r.content_digest
        LEFT JOIN work.cleaned old_cleaned ON old_cleaned.content_digest = b.content_digest
        WHERE r.version > 1""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "version | INTEGER | The new version, 2 for the first change",
        "url | VARCHAR | URL of the version's first capture",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "published_at | TIMESTAMP | Publication time the article claims now, UTC",
        "last_seen_before_at | TIMESTAMP | Latest capture of the version before, UTC: changed after it",
        "seen_at | TIMESTAMP | First capture of this version, UTC: changed before it",
        "hours_after_publication | DOUBLE | Hours from the publication to seen_at",
        "changed | VARCHAR[] | Fields that differ from the version before",
        "title_before | VARCHAR | Title of the version before",
        "title | VARCHAR | Title",
        "words_before | INTEGER | Words of the text of the version before",
        "words | INTEGER | Words of the text",
        "words_added | INTEGER | Words it has more of than the version before, whatever their places",
        "words_removed | INTEGER | Words it has fewer of",
        "notice | VARCHAR | What the page says of the change: a notice that the version before did not have",
        "notice_kind | VARCHAR | correction, clarification, update or editors_note",
    ),
)

SYNDICATION = View(
    name="syndication",
    comment="One row a copy on another host than its origin: who republished whom, and how fast",
    select="""
        SELECT c.cluster_id, o.article_id, x.host, x.url, x.title, x.published_at, c.article_id, y.host,
               y.url, y.title, y.published_at,
               round((epoch_us(y.published_at) - epoch_us(x.published_at)) / 3.6e9, 1), c.relation, c.score,
               CASE WHEN p.left_id = o.article_id THEN p.left_in_right ELSE p.right_in_left END,
               CASE WHEN list_contains(o.evidence ->> '$.pointed_at_by[*]', c.article_id) THEN 'link'
                    WHEN list_contains(o.evidence ->> '$.credited_by[*]', c.article_id) THEN 'name' END
        FROM clusters c
        JOIN clusters o ON o.cluster_id = c.cluster_id AND o.is_origin
        JOIN articles x ON x.article_id = o.article_id
        JOIN articles y ON y.article_id = c.article_id
        LEFT JOIN pairs p ON p.left_id = least(o.article_id, c.article_id)
            AND p.right_id = greatest(o.article_id, c.article_id)
        WHERE NOT c.is_origin AND x.host <> y.host""",
    columns=columns(
        "cluster_id | VARCHAR | Cluster of both",
        "origin_id | VARCHAR | Article that it comes from",
        "origin_host | VARCHAR | Its host",
        "origin_url | VARCHAR | Its URL",
        "origin_title | VARCHAR | Its title",
        "origin_published_at | TIMESTAMP | Publication time it claims, UTC",
        "copy_id | VARCHAR | Article that repeats it",
        "copy_host | VARCHAR | Its host",
        "copy_url | VARCHAR | Its URL",
        "copy_title | VARCHAR | Its title",
        "copy_published_at | TIMESTAMP | Publication time it claims, UTC",
        "delay_hours | DOUBLE | Hours from one publication to the other; a page with a day alone counts from "
        "its midnight",
        "relation | VARCHAR | exact, near or excerpt",
        "score | DOUBLE | Containment behind the relation, 0 to 1",
        "share_kept | DOUBLE | Share of the origin's text found in the copy, 0 to 1; NULL where the two were "
        "linked by a third",
        "credited | VARCHAR | How the copy names its origin: link, name (byline or source line); NULL: it "
        "does not",
    ),
)

SYNDICATION_BY_HOST = View(
    name="syndication_by_host",
    comment="One row a pair of hosts: how much the one republishes of the other",
    select="""
        SELECT origin_host, copy_host, count(*), count(credited), count(*) FILTER (relation = 'exact'),
               round(median(delay_hours), 1), min(delay_hours), round(median(share_kept), 3),
               min(copy_published_at), max(copy_published_at)
        FROM syndication GROUP BY origin_host, copy_host""",
    columns=columns(
        "origin_host | VARCHAR | Host that had the texts first",
        "copy_host | VARCHAR | Host that repeats them",
        "copies | BIGINT | Articles repeated",
        "credited | BIGINT | Those of them that name their origin",
        "unchanged | BIGINT | Those of them with the same text word for word",
        "median_delay_hours | DOUBLE | Median hours from publication to repetition",
        "fastest_hours | DOUBLE | Fewest hours",
        "median_share_kept | DOUBLE | Median share of the origin's text that is kept",
        "first_at | TIMESTAMP | First repetition, UTC",
        "last_at | TIMESTAMP | Latest repetition, UTC",
    ),
)

STORY_VIEWS = (ARTICLES_BY_DAY, BYLINES, CORRECTIONS, SYNDICATION, SYNDICATION_BY_HOST)
