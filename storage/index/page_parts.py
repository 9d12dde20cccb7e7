"""What stood around each article's content on its latest page, as tables: photos, removed blocks, ...

The statements go by the temporary tables `speaking...` and `timeline...` of `storage.index.derive`, and leave
a `new_` table for each table named here.
"""

from __future__ import annotations

_PHOTOS = """
CREATE OR REPLACE TEMP TABLE new_photos AS
SELECT article_id, place AS position, p.caption, p.credit, p.virin, p.taken_on, p.url, p.title,
       p.photographer, p.photographer_rank, p.service, p.vision_id, p.serial, p.country
FROM (SELECT article_id, unnest(photos) AS p, generate_subscripts(photos, 1) AS place FROM speaking_extras)
"""

_BLOCKS = """
CREATE OR REPLACE TEMP TABLE new_blocks AS
SELECT article_id, b.position, b.kind, b.body AS "text", b.rule, b.path
FROM (SELECT article_id, unnest(blocks) AS b FROM speaking_extras)
UNION ALL
SELECT article_id, free[place] AS position, 'repeated' AS kind, parts[place] AS "text", rule, '' AS path
FROM (SELECT *, unnest(removed) AS place FROM learned_parts)
"""

# A kept block's position is not stored: the n-th paragraph has the n-th place that no removed block has.
_LEARNED_PARTS = """
CREATE OR REPLACE TEMP TABLE learned_parts AS
SELECT article_id, w.removed, w.rule, string_split(c."text", chr(10) || chr(10)) AS parts,
       list_filter(
           generate_series(1, len(parts) + len(x.blocks)),
           lambda place: NOT list_contains(list_transform(x.blocks, lambda b: b.position), place)) AS free
FROM speaking_extras x JOIN speaking s USING (article_id)
JOIN timeline_contents c USING (content_digest) JOIN timeline_cleaned w USING (content_digest)
WHERE len(w.removed) > 0
"""

_FIELDS = """
CREATE OR REPLACE TEMP TABLE new_fields AS
SELECT article_id, c.field, c.value, c.source, c.won, place AS position
FROM (SELECT article_id, unnest(candidates) AS c, generate_subscripts(candidates, 1) AS place
      FROM speaking_extras)
"""

_PASSAGES = """
CREATE OR REPLACE TEMP TABLE new_passages AS
SELECT article_id, p.position, p.label, p.body AS "text"
FROM (SELECT article_id, unnest(passages) AS p FROM speaking_extras)
"""

PAGE_PARTS = (_PHOTOS, _LEARNED_PARTS, _BLOCKS, _FIELDS, _PASSAGES)
PAGE_PART_TABLES = ("photos", "blocks", "fields", "passages")
