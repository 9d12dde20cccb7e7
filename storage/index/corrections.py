"""Notices of corrections, clarifications and updates in articles' texts and in what was removed from them.

What a notice looks like is data (`storage.index.correction_rules`); here the rules become SQL. The statements
go by the temporary table `version_runs` of `storage.index.versions`, and leave `version_notices`. A notice is
looked for in the text as it was extracted: one under every story of a site is a line that the site repeats,
and still a notice.
"""

# ruff: noqa: S608 (the names and expressions in these queries are this package's own)

from __future__ import annotations

import duckdb

from storage.index.correction_rules import (
    NOTICES,
    bare_head_regex,
    head_regex,
    hint_regexes,
    sentence_regex,
)
from storage.index.schema import literal

_LONGEST = 2000  # characters of a notice
_BRACKETS = 12  # characters before a sentence that are no sentence
_OTHERS = "'related', 'navigation', 'promotion', 'share', 'comments', 'widget', 'consent'"
_NEVER = "'caption', 'credit', 'title'"
_END = r"[.!?)\]\x{201d}\x{2019}]\W*$"


def _matches(column: str, regex: str) -> str:
    return f"regexp_matches({column}, {literal(regex)})"


def _hinted(column: str) -> str:
    """Whether a text may have a notice. SQL."""
    return f"({' OR '.join(_matches(column, regex) for regex in hint_regexes())})"


def _first(conditions: list[str]) -> str:
    """Place of the first condition that holds, NULL where none does. SQL."""
    cases = " ".join(f"WHEN {one} THEN {place}" for place, one in enumerate(conditions))
    return f"CASE {cases} END"


def _sentences(regexes: list[str]) -> str:
    """For each regex what its group matches, '' for nothing. SQL, a list."""
    found = (f"regexp_extract(low, {literal(regex)}, 1)" if regex else "''" for regex in regexes)
    return f"[{', '.join(found)}]"


_HEAD = _first([_matches("low", head_regex(notice)) for notice in NOTICES])
_BARE = _first([_matches("low", bare_head_regex(notice)) for notice in NOTICES if not notice.least_words])
_TOLD_IN = _sentences([sentence_regex(notice) for notice in NOTICES])
_KINDS = [notice.kind for notice in NOTICES]
_BARE_KINDS = [notice.kind for notice in NOTICES if not notice.least_words]

_IN_TEXTS = f"""
CREATE OR REPLACE TEMP TABLE version_parts AS
WITH parts AS (
    SELECT owner, place, part, lead(part) OVER (PARTITION BY owner ORDER BY place) AS next
    FROM (
        SELECT owner, unnest(parts) AS part, generate_subscripts(parts, 1) AS place FROM (
            SELECT owner, string_split("text", chr(10) || chr(10)) AS parts FROM (
                SELECT content_digest AS owner, "text"
                FROM timeline_contents SEMI JOIN version_runs USING (content_digest))
            WHERE {_hinted('"text"')}))
)
SELECT *, lower(part) AS low, false AS of_others FROM parts WHERE {_hinted("part")}
"""
_IN_BLOCKS = f"""
INSERT INTO version_parts
SELECT owner, b.position, b.body, NULL, lower(b.body), b.kind IN ({_OTHERS})
FROM (
    SELECT extras_digest AS owner, unnest(list_filter(
        blocks, lambda b: b.kind NOT IN ({_NEVER}) AND {_hinted("b.body")})) AS b
    FROM timeline_extras SEMI JOIN version_runs USING (extras_digest))
"""
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE version_judged AS
SELECT owner, place, part, next, of_others, {_HEAD} AS head,
       CASE WHEN regexp_matches(next, '{_END}') THEN {_BARE} END AS bare,
       {_TOLD_IN} AS told
FROM version_parts
"""
# A list of other stories may well have one that starts with "Update:"; what corrects ends as a sentence does.
_TOLD = f"""
CREATE OR REPLACE TEMP TABLE version_told AS
WITH kinds AS (
    SELECT owner, place, of_others, part,
           list_position({_KINDS}, {_KINDS}[1 + head]) AS head,
           list_position({_KINDS}, {_BARE_KINDS}[1 + bare]) AS bare,
           list_position(list_transform(told, lambda one: one <> ''), true) AS told_kind,
           CASE WHEN head IS NOT NULL THEN part WHEN bare IS NOT NULL THEN next
                WHEN length(part) - length(saying) <= {_BRACKETS} THEN part
                ELSE right(part, length(saying)) END AS notice
    FROM (SELECT *, list_filter(told, lambda one: one <> '')[1] AS saying FROM version_judged)
), firm AS (
    SELECT owner, place, notice, least(head, bare, told_kind) AS kind FROM kinds
    WHERE NOT (of_others AND (least(head, bare, told_kind) > {_KINDS.index("clarification") + 1}
                              OR NOT regexp_matches(part, '{_END}')))
)
SELECT owner, min(kind) AS kind, string_agg(notice, chr(10) || chr(10) ORDER BY place) AS notice
FROM firm WHERE kind IS NOT NULL GROUP BY owner
"""
_NOTICES = f"""
CREATE OR REPLACE TEMP TABLE version_notices AS
SELECT r.article_id, r.version, left(concat_ws(chr(10) || chr(10), t.notice, b.notice), {_LONGEST}) AS notice,
       {_KINDS}[least(t.kind, b.kind)] AS kind
FROM version_runs r
LEFT JOIN version_told t ON t.owner = r.content_digest
LEFT JOIN version_told b ON b.owner = r.extras_digest
WHERE t.owner IS NOT NULL OR b.owner IS NOT NULL
"""


def find_notices(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in `version_notices` the notice of each version that has one, with its kind."""
    for statement in (_IN_TEXTS, _IN_BLOCKS, _JUDGED, _TOLD, _NOTICES):
        connection.execute(statement)
    for name in ("parts", "judged", "told"):
        connection.execute(f"DROP TABLE temp.version_{name}")
