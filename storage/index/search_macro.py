"""The macro `search`: a question in, the best articles out, in plain SQL that any DuckDB client runs.

A question is read in four steps, each a query of the macro: items between blanks, their words, the forms of
those words that articles have, the documents that have them. Scores are BM25, in whole millionths, so that
their sum is the same in whatever order it is made.
"""

# ruff: noqa: RUF001, S608 (quotation marks of all kinds are what it is about; the names are our own)

from __future__ import annotations

import re

from storage.index.schema import Macro, literal
from storage.index.search_text import AUTHORS_AT, TEXT_AT, is_stop_word, words_of

K1, B = 1.2, 0.75
MOST_ITEMS, MOST_WORDS = 100, 60  # of a question; the rest is not looked at
MOST_FORMS = 300  # words that one with an asterisk stands for, the commonest
_MOST_CHARACTERS = 4000
_SHORTEST_STEM = 4
_SNIPPET_PIECES = 36  # words
_BEFORE = 6

_ITEM = r'[+-]?(?:[A-Za-z]+:)?(?:"[^"]*"?|[^\s"]+)'
_PART = r"(?is)^([+-]?)(?:(title|author|text|host|site|source|language|kind|after|since|before|until):)?(.*)$"
_IN_WORDS = "'', 'title', 'author', 'text'"
_FALLBACK = "lambda left_out: left(t.word, length(t.word) - left_out)"

_ASKED = f"""
asked AS (
    SELECT regexp_extract_all(left(translate(concat_ws(' ',
        'author:"' || translate(author, '"', ' ') || '"', 'host:"' || host || '"',
        'source:"' || source || '"', 'language:"' || language || '"', 'kind:"' || kind || '"',
        'since:"' || since || '"', 'before:"' || before || '"', words), '“”„', '\"\"\"'), {_MOST_CHARACTERS}),
        {literal(_ITEM)})[:{MOST_ITEMS}] AS items
), split AS MATERIALIZED (
    SELECT item_no, part.sign AS sign, lower(part.field) AS field, starts_with(part.rest, '"') AS is_quoted,
           trim(part.rest, '"') AS rest
    FROM (SELECT generate_subscripts(items, 1) AS item_no,
                 regexp_extract(unnest(items), {literal(_PART)}, ['sign', 'field', 'rest']) AS part
          FROM asked)
)"""

_DAYS = """CASE WHEN regexp_full_match(rest, '\\d{4}') THEN rest || '-01-01'
         WHEN regexp_full_match(rest, '\\d{4}-\\d\\d?') THEN rest || '-01' ELSE rest END"""
_LIMITS = f"""
limits AS MATERIALIZED (
    SELECT coalesce(list(value) FILTER (field IN ('host', 'site') AND sign <> '-'), []) AS hosts,
           coalesce(list(value) FILTER (field IN ('host', 'site') AND sign = '-'), []) AS no_hosts,
           coalesce(list(value) FILTER (field = 'source' AND sign <> '-'), []) AS sources,
           coalesce(list(value) FILTER (field = 'source' AND sign = '-'), []) AS no_sources,
           coalesce(list(value) FILTER (field = 'language' AND sign <> '-'), []) AS languages,
           coalesce(list(value) FILTER (field = 'kind' AND sign <> '-'), []) AS kinds,
           count(field) > 0 AS narrows,
           max(moment) FILTER (field IN ('since', 'after')) AS since_at,
           min(moment) FILTER (field IN ('before', 'until')) AS before_at
    FROM (SELECT field, sign,
                 CASE WHEN field IN ('host', 'site') THEN regexp_replace(lower(rest), '^www\\.', '')
                      WHEN field = 'source' THEN rest ELSE lower(rest) END AS value,
                 CASE WHEN field IN ('after', 'since', 'before', 'until')
                      THEN coalesce(try_cast({_DAYS} AS TIMESTAMP),
                          error(field || ': takes a day as 2026-03-01, not ' || rest)) END AS moment
          FROM split WHERE field NOT IN ({_IN_WORDS}))
)"""

# A bit for each thing that a document must have, or must not; of a phrase all words share one.
_TERMS = f"""
terms AS MATERIALIZED (
    SELECT *, 1::UBIGINT << (bit_no - 1)::UBIGINT AS bit FROM (
        SELECT *, dense_rank() OVER (ORDER BY item_no, CASE WHEN is_phrase THEN 0 ELSE place END) AS bit_no,
               md5_number_lower(word) AS key,
               CASE field WHEN 'author' THEN {AUTHORS_AT} WHEN 'text' THEN {TEXT_AT} ELSE 0 END AS low,
               CASE field WHEN 'title' THEN {AUTHORS_AT} WHEN 'author' THEN {TEXT_AT}
               ELSE 4294967295 END AS high
        FROM (SELECT *, row_number() OVER (ORDER BY item_no, place) AS term_no,
                     is_quoted AND count(*) OVER (PARTITION BY item_no) > 1 AS is_phrase,
                     count(*) OVER (PARTITION BY item_no) AS size
              FROM (SELECT item_no, sign, field, is_quoted, unnest(found) AS word,
                           generate_subscripts(found, 1) AS place,
                           ends_with(rest, '*') AND generate_subscripts(found, 1) = len(found) AS is_prefix
                    FROM (SELECT *, {words_of("rest")} AS found FROM split WHERE field IN ({_IN_WORDS})))
              WHERE NOT {is_stop_word("word")})
        WHERE term_no <= {MOST_WORDS})
), needs AS (
    SELECT coalesce(bit_or(bit) FILTER (sign <> '-' AND (sign = '+' OR field <> '' OR is_quoted)), 0)
               AS wanted,
           coalesce(bit_or(bit) FILTER (sign = '-'), 0) AS unwanted,
           (SELECT NOT narrows FROM limits) AS anywhere
    FROM terms
)"""

# A word that no article has takes the forms of the longest stem that it begins with.
_FORMS = f"""
known AS MATERIALIZED (
    SELECT t.term_no, s.stem_key FROM terms t JOIN search_terms s ON s.key = t.key
    WHERE NOT t.is_quoted AND NOT t.is_prefix
    QUALIFY row_number() OVER (PARTITION BY t.term_no, s.stem_key) = 1
), guessed AS MATERIALIZED (
    SELECT t.term_no, s.stem_key FROM search_terms s JOIN (
        SELECT term_no, length(beginning) AS size, md5_number_lower(beginning) AS stem_key
        FROM (SELECT term_no, unnest(list_transform(range(6), {_FALLBACK})) AS beginning
              FROM terms t WHERE NOT is_quoted AND NOT is_prefix
                AND term_no NOT IN (SELECT term_no FROM known))
        WHERE length(beginning) >= {_SHORTEST_STEM}) t ON t.stem_key = s.stem_key
    QUALIFY row_number() OVER (PARTITION BY t.term_no ORDER BY t.size DESC) = 1
), forms AS MATERIALIZED (
    SELECT f.term_no, f.key, any_value(f.word) AS word, sum(f.articles) AS articles,
           any_value(t.is_phrase OR t.field <> '') AS is_placed
    FROM (
        SELECT t.term_no, s.key, s.word, s.articles FROM terms t JOIN search_terms s ON s.key = t.key
        WHERE t.is_quoted AND NOT t.is_prefix
        UNION ALL
        SELECT k.term_no, s.key, s.word, s.articles
        FROM (FROM known UNION ALL FROM guessed) k
        JOIN search_terms s ON s.stem_key = k.stem_key
        UNION ALL
        SELECT t.term_no, s.key, s.word, s.articles
        FROM terms t JOIN search_terms s ON starts_with(s.word, t.word)
        WHERE t.is_prefix
        QUALIFY row_number() OVER (PARTITION BY t.term_no ORDER BY s.articles DESC, s.key) <= {MOST_FORMS}) f
    JOIN terms t ON t.term_no = f.term_no
    GROUP BY f.term_no, f.key
), weights AS MATERIALIZED (
    SELECT t.term_no, t.sign <> '-' AS counts, t.bit, t.is_phrase, n.average,
           ln(1 + (greatest(n.docs - f.articles, 0) + 0.5) / (f.articles + 0.5)) AS rarity
    FROM (SELECT term_no, sum(articles) OVER (PARTITION BY term_no) AS articles FROM forms
          QUALIFY row_number() OVER (PARTITION BY term_no) = 1) f
    JOIN terms t ON t.term_no = f.term_no,
         (SELECT count(*) AS docs, avg(length) AS average FROM work.search_docs) n
)"""

_POSTED = "(SELECT key, {} FROM work.search_postings UNION ALL SELECT key, {} FROM work.search_tail)"
_FOUND = f"""
placed AS MATERIALIZED (
    SELECT p.term_no, p.doc, p.place, t.item_no, t.bit, t.is_phrase, t.size, t.place AS nth
    FROM (SELECT f.term_no, unnest(p.docs) AS doc, unnest(p.places) AS place
          FROM {_POSTED.format("docs, places", "docs, places")} p
          JOIN forms f ON f.key = p.key WHERE f.is_placed) p
    JOIN terms t ON t.term_no = p.term_no WHERE p.place >= t.low AND p.place < t.high
), counted AS (
    SELECT term_no, doc, count(*) AS times FROM (
        SELECT f.term_no, unnest(p.docs) AS doc
        FROM {_POSTED.format("docs", "docs")} p JOIN forms f ON f.key = p.key WHERE NOT f.is_placed
        UNION ALL
        SELECT term_no, doc FROM placed)
    GROUP BY term_no, doc
), phrased AS (
    SELECT doc, any_value(bit) AS bit FROM placed WHERE is_phrase
    GROUP BY item_no, doc, place::BIGINT - nth
    HAVING bit_count(bit_or(1::UBIGINT << term_no::UBIGINT)) = any_value(size)
)"""

# Documents are narrowed by what few questions ask for only where one does: it takes six columns more to read.
_OF_HOST = "d.host = one OR ends_with(d.host, '.' || one)"
_RANKED = f"""
allowed AS (
    SELECT d.doc FROM work.search_docs d, (FROM limits WHERE narrows) l
    WHERE (l.since_at IS NULL OR d.published_at >= l.since_at)
      AND (l.before_at IS NULL OR d.published_at < l.before_at)
      AND (len(l.hosts) = 0 OR len(list_filter(l.hosts, lambda one: {_OF_HOST})) > 0)
      AND len(list_filter(l.no_hosts, lambda one: {_OF_HOST})) = 0
      AND (len(l.sources) = 0 OR list_contains(l.sources, d.source))
      AND NOT list_contains(l.no_sources, d.source)
      AND (len(l.languages) = 0 OR list_contains(l.languages, d.language))
      AND (len(l.kinds) = 0 OR list_contains(l.kinds, d.page_kind))
), ranked AS (
    SELECT doc, any_value(article) AS article, sum(points) AS points, bit_or(bit) AS bits
    FROM (
        SELECT c.doc, d.article, CASE WHEN w.is_phrase THEN 0 ELSE w.bit END AS bit,
               CASE WHEN w.counts THEN greatest(1, 1e6 * w.rarity * c.times * {K1 + 1}
                   / (c.times + {K1} * ({1 - B} + {B} * d.length / w.average)))::BIGINT ELSE 0 END AS points
        FROM counted c JOIN weights w ON w.term_no = c.term_no JOIN work.search_docs d ON d.doc = c.doc
        WHERE duplicates OR NOT d.is_duplicate
        UNION ALL
        SELECT doc, NULL, bit, 0 FROM phrased)
    GROUP BY doc HAVING sum(points) > 0
), best AS MATERIALIZED (
    SELECT lpad(lower(to_hex(article)), 16, '0') AS article_id, doc, points
    FROM (SELECT r.doc, r.article, r.points
          FROM ranked r, needs n
          WHERE (r.bits & n.wanted) = n.wanted AND (r.bits & n.unwanted) = 0
            AND (n.anywhere OR r.doc IN (FROM allowed))
          ORDER BY r.points DESC, r.article LIMIT n)
), found AS MATERIALIZED (
    SELECT b.doc, b.points, a.article_id, a.title, a.url, a.host, a.source, a.published_at,
           a.language, a.is_duplicate, a.cluster_id
    FROM articles a JOIN best b ON a.article_id = b.article_id
)"""

_SIGNS = ".,;:!?\"'()[]{}…“”„‘’«»‹›—–-/ʼ"
_MARKS = literal(_SIGNS)
_CORE = f"trim(pieces[spot], {_MARKS})"
_POSSESSIVE = literal(rf"['’ʼ]s([{re.escape(_SIGNS)}]*(?: |$))")
_BARE = f"translate(regexp_replace(lower(strip_accents(flat)), {_POSSESSIVE}, '\\1', 'g'), {_MARKS}, '')"
# All is done to the text as a whole, blanks stay: to each of its words it would take ten times as long.
_SNIPPETS = f"""
read AS (
    SELECT doc, flat, len(string_split(flat, ' ')) * 20 < length(flat) AS is_dense
    FROM (SELECT doc, replace(array_to_string(list("text" ORDER BY piece), ''), repeat(chr(10), 2), ' ')
                       AS flat
          FROM work.search_pieces SEMI JOIN best USING (doc) GROUP BY doc)
), marked AS (
    SELECT doc, pieces, is_dense,
           list_transform(bare, lambda one: nullif(list_position(sought, one), 0)) AS hits
    FROM (SELECT doc, is_dense, string_split(flat, CASE WHEN is_dense THEN '' ELSE ' ' END) AS pieces,
                 CASE WHEN is_dense THEN list_transform(string_split(flat, ''),
                     lambda one: lower(strip_accents(one))) ELSE string_split({_BARE}, ' ') END AS bare
          FROM read),
         (SELECT coalesce(list(f.word), []) AS sought
          FROM forms f JOIN weights w ON w.term_no = f.term_no WHERE w.counts)
), placed_windows AS (
    SELECT doc, pieces, is_dense, hits, greatest(1, coalesce(-list_max(list_transform(
               list_filter(range(1, len(hits) + 1), lambda spot: hits[spot] IS NOT NULL),
               lambda spot: {{'worth': 100 * list_unique(hits[spot:spot + {_SNIPPET_PIECES - _BEFORE}])
                   + list_count(hits[spot:spot + {_SNIPPET_PIECES - _BEFORE}]), 'from': -spot}}))['from'], 1)
               - {_BEFORE})::BIGINT AS first
    FROM marked
), shown AS (
    SELECT doc, is_dense, first, first + {_SNIPPET_PIECES} <= len(pieces) AS goes_on, list_transform(
               range(first, least(first + {_SNIPPET_PIECES}, len(pieces) + 1)),
               lambda spot: CASE WHEN hits[spot] IS NULL THEN pieces[spot] ELSE
                   replace(pieces[spot], {_CORE}, opening || {_CORE} || closing)
               END) AS pieces
    FROM placed_windows
), snippets AS (
    SELECT doc, CASE WHEN first > 1 THEN '… ' ELSE '' END
           || CASE WHEN is_dense THEN array_to_string(pieces, '') ELSE array_to_string(pieces, ' ') END
           || CASE WHEN goes_on THEN ' …' ELSE '' END AS snippet
    FROM shown
)"""

_ANSWER = """
SELECT f.article_id, f.points / 1e6 AS score, f.title, f.url, f.host, f.source, f.published_at, f.language,
       f.is_duplicate, f.cluster_id, s.snippet
FROM found f LEFT JOIN snippets s ON s.doc = f.doc
ORDER BY f.points DESC, f.article_id"""

SEARCH = Macro(
    name="search",
    comment="The articles that words are found in, best first: "
    "FROM search('\"secretary of defense\" -budget title:carrier f-35 since:2026-01-01', n := 20)",
    parameters="words, n := 10, since := NULL, before := NULL, host := NULL, source := NULL, author := NULL, "
    "language := NULL, kind := NULL, duplicates := false, opening := '«', closing := '»'",
    body=f"WITH {_ASKED}, {_LIMITS}, {_TERMS}, {_FORMS}, {_FOUND}, {_RANKED}, {_SNIPPETS} {_ANSWER}",
)
