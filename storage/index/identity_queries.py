"""What `storage.index.identity` asks of the index. All go by temporary tables that begin with `identity_`.

A site's links are judged together, because what it does with a parameter shows in the texts of all its URLs.
Everything here is about URLs that have such a link, which few have.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from storage.index.url_links import SETTLED

_AT = "{'at': e.captured_at, 'record': e.record_id}"
SETTLED_LIST = ", ".join(f"'{one.value}'" for one in SETTLED)


def _all_of(column: str, condition: str = "") -> str:
    """The different values of a column in order, no NULL. SQL."""
    return f"coalesce(list_sort(list(DISTINCT {column}) FILTER ({condition or f'{column} IS NOT NULL'})), [])"


# By row numbers, because DuckDB then unpacks the rows it needs and no others.
# What the URLs show that extractions came or went for, and declare: the latest of each. Only those are read
# on that name another URL, or have parameters.
SHOWN = (
    """
    CREATE OR REPLACE TEMP TABLE identity_read AS
    SELECT article_id AS url_id, canonical_url, extras_digest, captured_at, record_id
    FROM extractions WHERE outcome = 'article' AND rowid IN (
        SELECT e.rowid FROM extractions e SEMI JOIN work.unidentified ON e.article_id = url_id)
    """,
    """
    CREATE OR REPLACE TEMP TABLE identity_declared AS
    SELECT extras_digest, declared_canonical FROM work.extras WHERE rowid IN (
        SELECT x.rowid FROM work.extras x SEMI JOIN identity_read USING (extras_digest))
      AND declared_canonical <> ''
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_shown AS
    SELECT url_id, arg_max(e.canonical_url, {_AT}) AS url,
           arg_max(x.declared_canonical, {_AT}) FILTER (x.declared_canonical IS NOT NULL) AS declared
    FROM identity_read e LEFT JOIN identity_declared x USING (extras_digest) GROUP BY url_id
    """,
)
CANDIDATES = """
SELECT url_id, url, declared FROM identity_shown
WHERE contains(url, '?') OR declared <> url ORDER BY url_id
"""

# Their links are made anew. Judged again is all that leads where they lead, or led, or to them.
BEFORE = (
    """
    CREATE OR REPLACE TEMP TABLE identity_left AS
    SELECT DISTINCT target_id AS url_id, verdict = 'used' AS is_used
    FROM url_links SEMI JOIN work.unidentified USING (url_id)
    """,
    """
    CREATE OR REPLACE TEMP TABLE identity_seeds AS
    SELECT url_id FROM work.unidentified UNION SELECT url_id FROM identity_left WHERE is_used
    """,
    "DELETE FROM url_links WHERE url_id IN (FROM work.unidentified)",
)
HAS_LINKS = (
    "SELECT 1 FROM url_links UNION ALL SELECT 1 FROM aliases UNION ALL SELECT 1 FROM work.faces LIMIT 1"
)
LINKS_COME = "INSERT INTO url_links BY NAME FROM staged"

FACES = (
    """
    CREATE OR REPLACE TEMP TABLE identity_targets AS
    SELECT url_id AS target_id FROM identity_left
    UNION
    SELECT target_id FROM url_links
    WHERE url_id IN (FROM work.unidentified) OR target_id IN (FROM work.unidentified)
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_needed AS
    SELECT DISTINCT unnest([url_id, target_id]) AS url_id FROM url_links
    WHERE relation NOT IN ({SETTLED_LIST}) AND url_id IN (FROM work.unidentified)
    UNION
    SELECT target_id FROM url_links
    WHERE relation NOT IN ({SETTLED_LIST}) AND target_id IN (FROM work.unidentified)
    """,
    """
    DELETE FROM work.faces WHERE url_id IN (FROM work.unidentified) OR url_id IN (FROM identity_needed)
    """,
    """
    CREATE OR REPLACE TEMP TABLE identity_pages AS
    SELECT article_id AS url_id, canonical_url, outcome, content_digest, captured_at, record_id
    FROM extractions WHERE rowid IN (
        SELECT e.rowid FROM extractions e SEMI JOIN identity_needed ON e.article_id = url_id)
    """,
    r"""
    CREATE OR REPLACE TEMP TABLE identity_contents AS
    SELECT content_digest, text_digest, sketch, published_at::DATE AS day,
           {'n': word_count, 't': text_digest} AS length,
           trim(regexp_replace(lower(nfc_normalize(title)), '[^\pL\pM\pN]+', ' ', 'g')) AS title
    FROM work.contents WHERE rowid IN (
        SELECT c.rowid FROM work.contents c SEMI JOIN identity_pages USING (content_digest))
    """,
    f"""
    INSERT INTO work.faces
    SELECT url_id, bool_or(outcome = 'article'), arg_max(e.canonical_url, {_AT}),
           {_all_of("c.title", "c.title <> ''")}, {_all_of("c.day")}, {_all_of("c.text_digest")},
           {_all_of("c.content_digest")},
           coalesce(arg_max(c.sketch, c.length) FILTER (c.sketch IS NOT NULL), [])
    FROM identity_pages e LEFT JOIN identity_contents c USING (content_digest)
    GROUP BY url_id HAVING bool_or(outcome IN ('article', 'not_an_article'))
    """,
    """
    DELETE FROM work.faces WHERE url_id IN (
        SELECT url_id FROM identity_left
        EXCEPT SELECT unnest([url_id, target_id]) FROM url_links
        WHERE url_id IN (SELECT url_id FROM identity_left) OR target_id IN (SELECT url_id FROM identity_left))
    """,
)

# Where the other URL was not captured, those that lead to it are compared with the first of them.
_LEADING = "relation IN ('form', 'moved', 'parameters')"
_SHARED = "len(list_intersect({0}, {1})) / least(len({0}), len({1}))"
_CORE = "list_filter({}.sketch, lambda hash: hash % 16 = 0)"
_ALIKE = f"""
CASE WHEN least(len({_CORE.format("f")}), len({_CORE.format("o")})) >= 4
     THEN {_SHARED.format(_CORE.format("f"), _CORE.format("o"))} >= 0.5
     WHEN least(len(f.sketch), len(o.sketch)) > 0 THEN {_SHARED.format("f.sketch", "o.sketch")} >= 0.5
     ELSE list_has_any(f.texts, o.texts) END
"""
# A title of three words or more with the name of the site before or behind it is still that title.
_TITLES_FIT = """
len(f.titles) = 0 OR len(o.titles) = 0 OR list_has_any(f.titles, o.titles)
OR len(list_filter(f.titles, lambda a: len(list_filter(o.titles, lambda b:
    a LIKE '% % %' AND b LIKE '% % %'
    AND (starts_with(a, b || ' ') OR starts_with(b, a || ' ') OR ends_with(a, ' ' || b)
         OR ends_with(b, ' ' || a)))) > 0)) > 0
"""
_LONG_AND_EQUAL = f"f.sketch = o.sketch AND len({_CORE.format('f')}) >= 10"  # from some 160 words
# One short text under two titles may be what a site shows in the place of any story: a paywall, an error; so
# may one that both have shown, where their longest are not alike. Texts but alike, under other titles or
# of other days, may be one form filled in twice.
_COMPARED = """
CASE WHEN has_none THEN 'alone' WHEN other_id = url_id THEN 'first'
     WHEN NOT is_alike AND NOT is_shared THEN 'different'
     WHEN is_alike AND is_shared AND (titles_fit OR is_long) THEN 'same'
     WHEN NOT is_shared AND (same_day OR titles_fit AND no_day) THEN 'alike'
     ELSE 'template' END
"""
COMPARE = (
    f"""
    CREATE OR REPLACE TEMP TABLE identity_links AS
    SELECT * FROM url_links SEMI JOIN identity_targets USING (target_id)
    WHERE relation NOT IN ({SETTLED_LIST})
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_first AS
    SELECT target_id, arg_min(url_id, {{'p': relation = 'parameters', 'u': url_id}}) AS first_id,
           arg_min(dropped, {{'p': relation = 'parameters', 'u': url_id}}) AS first_dropped
    FROM identity_links WHERE {_LEADING} GROUP BY target_id
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_compared AS
    SELECT l.* EXCLUDE (compared, verdict), l.verdict AS old_verdict, l.compared AS old_compared,
           coalesce(t.is_article, false) AS is_captured, coalesce(NOT t.is_article, false) AS has_no_article,
           CASE WHEN t.is_article THEN t.url_id WHEN {_LEADING} THEN r.first_id END AS other_id,
           CASE WHEN t.is_article THEN l.dropped ELSE list_concat(
               list_filter(l.dropped, lambda one: NOT list_contains(r.first_dropped, one)),
               list_filter(r.first_dropped, lambda one: NOT list_contains(l.dropped, one))) END AS differing
    FROM identity_links l
    LEFT JOIN work.faces t ON t.url_id = l.target_id
    LEFT JOIN identity_first r ON r.target_id = l.target_id
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_faced AS
    SELECT l.* EXCLUDE (differing),
           list_distinct(list_transform(l.dropped, lambda one: one.parameter)) AS names,
           list_distinct(list_transform(l.differing, lambda one: one.parameter)) AS differing,
           o.url_id IS NULL AS has_none, list_has_any(f.contents, o.contents) AS has_content,
           list_has_any(f.texts, o.texts) AS is_shared, {_ALIKE} AS is_alike, {_TITLES_FIT} AS titles_fit,
           {_LONG_AND_EQUAL} AS is_long, list_has_any(f.days, o.days) AS same_day,
           len(f.days) = 0 OR len(o.days) = 0 AS no_day
    FROM identity_compared l
    LEFT JOIN work.faces f ON f.url_id = l.url_id LEFT JOIN work.faces o ON o.url_id = l.other_id
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_told AS
    SELECT * EXCLUDE (has_none, has_content, is_shared, is_alike, titles_fit, is_long, same_day, no_day),
           {_COMPARED} AS compared,
           coalesce(has_content AND compared IN ('first', 'same'), false) AS same_content
    FROM identity_faced
    """,
)

# URLs that hung together before, and that hang together now.
REACH = (
    "CREATE OR REPLACE TEMP TABLE identity_reached AS SELECT DISTINCT url_id FROM identity_seeds",
    "CREATE OR REPLACE TEMP TABLE identity_edge AS FROM identity_reached",
)
GROW = (
    """
    CREATE OR REPLACE TEMP TABLE identity_next AS
    SELECT url_id FROM (
        SELECT target_id AS url_id FROM url_links SEMI JOIN identity_edge USING (url_id)
        WHERE verdict = 'used'
        UNION
        SELECT url_id FROM url_links WHERE verdict = 'used' AND target_id IN (FROM identity_edge)
        UNION
        SELECT article_id FROM aliases SEMI JOIN identity_edge USING (url_id)
        UNION
        SELECT url_id FROM aliases WHERE article_id IN (FROM identity_edge))
    ANTI JOIN identity_reached USING (url_id)
    """,
    "INSERT INTO identity_reached FROM identity_next",
    "CREATE OR REPLACE TEMP TABLE identity_edge AS FROM identity_next",
)
IS_GROWING = "FROM identity_edge LIMIT 1"
USED = """
SELECT l.url_id, l.kind, l.url, l.target_id, l.target_url, l.compared,
       list_transform(l.dropped, lambda one: one.parameter), t.canonical_url
FROM url_links l SEMI JOIN identity_reached USING (url_id)
LEFT JOIN work.faces t ON t.url_id = l.target_id AND t.is_article
WHERE l.verdict = 'used' ORDER BY l.url_id, l.kind
"""

STORE = (
    """
    CREATE OR REPLACE TEMP TABLE identity_moved AS
    SELECT DISTINCT url_id, article_id FROM (
        (SELECT url_id, article_id, canonical_url FROM identity_aliases
         EXCEPT SELECT url_id, article_id, canonical_url FROM aliases)
        UNION ALL
        (SELECT url_id, article_id, canonical_url FROM aliases SEMI JOIN identity_reached USING (url_id)
         EXCEPT SELECT url_id, article_id, canonical_url FROM identity_aliases))
    """,
    "DELETE FROM aliases WHERE url_id IN (FROM identity_reached)",
    "INSERT INTO aliases FROM identity_aliases",
    """
    INSERT INTO work.touched
    SELECT DISTINCT url FROM extractions e SEMI JOIN identity_moved m ON e.article_id = m.url_id
    ANTI JOIN work.touched USING (url)
    """,
    # Who names one of these URLs as its origin names the article.
    """
    INSERT INTO work.unclustered
    SELECT DISTINCT article_id FROM identity_moved ANTI JOIN work.unclustered USING (article_id)
    """,
)
DONE = "DELETE FROM work.unidentified"
