"""What search has to look at again: noted where articles change, with the words that they had until then.

Of an article whose words stay nothing is noted but its name. Its text is not read in any case: that costs as
much as the two thousand that lie around it, and search has it in pieces.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

_WORDS = ("title", "authors", "content_digest", "text_digest", "language")
_OTHERS = ("published_at", "host", "source", "page_kind", "is_duplicate")


def _differ(names: tuple[str, ...]) -> str:
    return " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in names)


_CHANGED = f"""
CREATE OR REPLACE TEMP TABLE search_changed AS
SELECT r.article_id, o.article_id IS NULL OR n.article_id IS NULL OR {_differ(_WORDS)} AS in_words
FROM redo r
LEFT JOIN old_articles o USING (article_id)
LEFT JOIN new_articles n USING (article_id)
WHERE NOT (o.article_id IS NULL AND n.article_id IS NULL)
  AND (o.article_id IS NULL OR n.article_id IS NULL OR {_differ(_WORDS + _OTHERS)})
"""
_KNOWN_BETTER = """
DELETE FROM search_changed
WHERE article_id IN (SELECT article_id FROM work.unsearched WHERE has_words)
   OR NOT in_words AND article_id IN (SELECT article_id FROM work.unsearched)
"""
_REPLACED = "DELETE FROM work.unsearched WHERE article_id IN (SELECT article_id FROM search_changed)"
_NOTED = """
INSERT INTO work.unsearched
SELECT c.article_id, c.in_words, o.title, o.authors, o.language
FROM search_changed c LEFT JOIN old_articles o ON o.article_id = c.article_id AND c.in_words
"""

# To stand where `redo` has the articles derived anew, `old_articles` what they were, and `articles` still is.
QUEUE_CHANGED = (_CHANGED, _KNOWN_BETTER, _REPLACED, _NOTED)

# To stand where `marked` has the articles that have another cluster, or another place in it.
QUEUE_MARKED = """
INSERT INTO work.unsearched (article_id, has_words)
SELECT article_id, false FROM marked
WHERE is_turned AND article_id NOT IN (SELECT article_id FROM work.unsearched)
"""
