"""What becomes of links between URLs: what their texts say of parameters, and whether two are one article.

The statements go by the temporary table `identity_told` of `storage.index.identity_queries`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from storage.index.identity_queries import SETTLED_LIST

# A text seen once by each of two URLs may have been corrected in between: what is alike speaks neither way,
# nor does a text that stands under other titles, but for a parameter that the rules don't know.
_IS_COMPARED = "compared IN ('same', 'alike', 'template', 'different')"
_AGREES = "CASE WHEN is_unknown THEN same_content ELSE compared = 'same' END"
_DIFFERS = "CASE WHEN is_unknown THEN NOT same_content ELSE compared = 'different' END"
LEARN = (
    """
    CREATE OR REPLACE TEMP TABLE identity_former AS
    SELECT * FROM work.url_evidence
    WHERE url_id IN (FROM work.unidentified) OR target_id IN (FROM identity_targets)
    """,
    """
    DELETE FROM work.url_evidence
    WHERE url_id IN (FROM work.unidentified) OR target_id IN (FROM identity_targets)
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_evidence AS
    SELECT site, parameter, url_id, target_id, agrees AND is_differing AS agrees,
           differs AND is_differing AS differs
    FROM (SELECT site, url_id, target_id, unnest(list_distinct(list_concat(names, differing))) AS parameter,
                 list_contains(differing, parameter) AS is_differing,
                 {_IS_COMPARED} AND {_AGREES} AS agrees,
                 {_IS_COMPARED} AND {_DIFFERS} AND len(differing) = 1 AS differs
          FROM identity_told WHERE relation IN ('parameters', 'part', 'form'))
    """,
    "INSERT INTO work.url_evidence BY NAME FROM identity_evidence",
    """
    CREATE OR REPLACE TEMP TABLE identity_concerned AS
    SELECT site, parameter FROM identity_former UNION SELECT site, parameter FROM identity_evidence
    """,
    """
    CREATE OR REPLACE TEMP TABLE identity_parameters AS
    SELECT *, different_text > 0 AND different_text * 4 >= same_text AS selects
    FROM (SELECT site, parameter, count(DISTINCT url_id) AS urls,
                 count(DISTINCT url_id) FILTER (agrees) AS same_text,
                 count(DISTINCT url_id) FILTER (differs) AS different_text
          FROM work.url_evidence SEMI JOIN identity_concerned USING (site, parameter)
          GROUP BY site, parameter)
    """,
    # What turned is judged anew wherever it stands on the site.
    """
    CREATE OR REPLACE TEMP TABLE identity_turned AS
    SELECT site, parameter FROM identity_concerned
    LEFT JOIN url_parameters b USING (site, parameter) LEFT JOIN identity_parameters n USING (site, parameter)
    WHERE b.selects IS DISTINCT FROM n.selects OR (b.same_text > 0) IS DISTINCT FROM (n.same_text > 0)
    """,
    "DELETE FROM url_parameters WHERE (site, parameter) IN (FROM identity_concerned)",
    "INSERT INTO url_parameters BY NAME FROM identity_parameters",
)
TURNED = """
INSERT INTO identity_targets
SELECT DISTINCT target_id FROM work.url_evidence SEMI JOIN identity_turned USING (site, parameter)
ANTI JOIN identity_targets USING (target_id)
"""

_OF_PARAMETERS = """
CASE WHEN compared = 'same' OR compared = 'first' AND group_same > 0 THEN 'used'
     WHEN compared IN ('first', 'alone') THEN 'alone'
     WHEN compared IN ('alike', 'template') AND all_learned THEN 'used' ELSE 'other_text' END
"""
# A parameter that the rules don't know is dropped only where nothing of the content changes with it, whatever
# the page declares: the pages of one script may look alike. Where the other URL has a path of its own, which
# may select instead, a page that is the only one to lead there is believed.
_OF_UNKNOWN = """
CASE WHEN NOT is_captured AND group_other > 0 THEN if(relation = 'moved', 'many_texts', 'unproven')
     WHEN same_content AND (compared <> 'first' OR group_equal > 0) THEN 'used'
     WHEN relation = 'moved' AND compared IN ('first', 'alone') THEN 'used'
     WHEN relation = 'moved' AND compared NOT IN ('template', 'different') AND group_other <= 1 THEN 'used'
     WHEN is_captured THEN 'other_text' ELSE 'unproven' END
"""
_VERDICT = f"""
CASE WHEN relation IN ({SETTLED_LIST}) THEN relation
     WHEN has_no_article THEN 'no_article_there'
     WHEN selects AND relation IN ('parameters', 'part', 'form') THEN 'parameter_selects'
     WHEN kind = 'parameters' THEN {_OF_PARAMETERS}
     WHEN is_unknown AND relation IN ('parameters', 'form', 'moved') THEN {_OF_UNKNOWN}
     WHEN is_captured AND compared IN ('template', 'different') THEN 'other_text'
     WHEN relation = 'part' AND compared <> 'same' THEN 'part'
     WHEN relation = 'section' AND NOT is_captured THEN 'section'
     WHEN relation = 'parent_site' AND NOT is_captured THEN 'unproven'
     WHEN relation = 'parameters' AND compared IN ('template', 'different') THEN 'other_text'
     WHEN NOT is_captured AND relation <> 'parameters' AND group_different > 0 THEN 'many_texts'
     ELSE 'used' END
"""
JUDGE = (
    """
    CREATE OR REPLACE TEMP TABLE identity_groups AS
    SELECT target_id, count(*) FILTER (compared = 'same') AS group_same,
           count(*) FILTER (compared IN ('template', 'different') AND relation IN ('form', 'moved'))
               AS group_different,
           count(*) FILTER (same_content AND compared <> 'first' AND is_unknown) AS group_equal,
           count(*) FILTER (NOT same_content AND compared <> 'alone' AND is_unknown) AS group_other
    FROM identity_told GROUP BY target_id
    """,
    """
    CREATE OR REPLACE TEMP TABLE identity_learned AS
    SELECT url_id, kind, bool_or(p.selects) AS selects, bool_and(p.same_text > 0) AS all_learned
    FROM (SELECT url_id, kind, site, unnest(names) AS parameter FROM identity_told)
    JOIN url_parameters p USING (site, parameter) GROUP BY url_id, kind
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_judged AS
    SELECT *, {_VERDICT} AS verdict
    FROM (SELECT t.*, g.group_same, g.group_different, g.group_equal, g.group_other,
                 coalesce(n.selects, false) AS selects, coalesce(n.all_learned, false) AS all_learned
          FROM identity_told t JOIN identity_groups g USING (target_id)
          LEFT JOIN identity_learned n ON n.url_id = t.url_id AND n.kind = t.kind)
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE identity_changed AS
    SELECT url_id, kind, target_id, compared, verdict, old_verdict FROM identity_judged
    WHERE verdict IS DISTINCT FROM old_verdict OR compared IS DISTINCT FROM old_compared
    UNION ALL
    SELECT url_id, kind, target_id, NULL, relation, NULL FROM url_links
    WHERE relation IN ({SETTLED_LIST}) AND verdict IS NULL
    """,
    """
    UPDATE url_links SET compared = c.compared, verdict = c.verdict
    FROM identity_changed c WHERE url_links.url_id = c.url_id AND url_links.kind = c.kind
    """,
    """
    INSERT INTO identity_seeds
    SELECT DISTINCT unnest([url_id, target_id]) FROM identity_changed
    WHERE (verdict = 'used') IS DISTINCT FROM (old_verdict = 'used')
    """,
)
