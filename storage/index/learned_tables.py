"""The tables of learned boilerplate, column by column: what a host repeats, and texts without it."""

from __future__ import annotations

from storage.index.schema import Table, columns

BREAK = "chr(10) || chr(10)"  # between the paragraphs of a text. SQL

LEARNED_LINES = Table(
    name="learned_lines",
    comment="Lines that a host writes into many of its articles; they are taken out of the texts there",
    columns=columns(
        "host | VARCHAR | Host without www",
        "line | VARCHAR | The line: a whole paragraph of the text",
        "place | VARCHAR | Where it is taken out: head (before the text), tail (after it) or anywhere",
        "articles | BIGINT | Articles of the host's sample (all, up to 500) that have it; those that tell "
        "one text count once",
        "of_articles | BIGINT | Articles of the sample, counted in the same way",
        "facet | VARCHAR | Of these articles those that most often have it: folder, author, day, month",
        "facet_articles | BIGINT | Articles of this facet that have it",
        "of_facet_articles | BIGINT | Articles of this facet",
        "first_captured_at | TIMESTAMP | First capture of an article with it, UTC",
        "last_captured_at | TIMESTAMP | Latest capture of an article with it that has a body, UTC",
        "rule | VARCHAR | Version of the rule that learned it, as learned:v1",
        "line_digest | UBIGINT | Number by which the line is known: the lower half of its MD5",
    ),
)

SAMPLES = Table(
    name="work.samples",
    comment="Pages that a host's lines are counted on: those of the articles with the smallest ids, which "
    "are hashes, so that a big host costs no more than a small one",
    columns=columns(
        "host | VARCHAR | Host without www",
        "article_id | VARCHAR | Identifier of the article at the page's URL",
        "content_digest | VARCHAR | Content",
        "first_at | TIMESTAMP | First capture, UTC",
        "last_at | TIMESTAMP | Latest capture with a body, UTC",
        "facets | VARCHAR[] | Days, folders, month of publication and authors",
        "lines | UBIGINT[] | Lower half of the MD5 of each paragraph",
        "lengths | INTEGER[] | Characters of each paragraph",
    ),
)

RECURRING = Table(
    name="work.recurring",
    comment="Lines that recur in the sample of a host, learned or not",
    columns=columns(
        "host | VARCHAR | Host without www",
        "line_digest | UBIGINT | Lower half of its MD5",
        "line | VARCHAR | The line",
    ),
)

LINE_PAGES = Table(
    name="work.line_pages",
    comment="What the pages say of a line by which it is judged whether it is learned",
    columns=columns(
        "host | VARCHAR | Host without www",
        "line_digest | UBIGINT | The line",
        "content_digest | VARCHAR | Content of the page",
        "known | BIGINT | Number of the lines that recurred on the host",
        "has_line | BOOLEAN | Whether the page has the line",
        "names_author | BOOLEAN | Whether the line names one of the page's authors",
        "words | VARCHAR[] | Words of the line that stand in the rest of the page",
    ),
)

CLEANED = Table(
    name="work.cleaned",
    comment="Contents that have learned lines, and what they are without them",
    columns=columns(
        "content_digest | VARCHAR | Content",
        "hits | STRUCT(position INTEGER, place VARCHAR)[] | Paragraphs that are learned lines",
        "rule | VARCHAR | Version of the rule",
        "removed | INTEGER[] | Those of them that were taken out, by their places from 1",
        "text_digest | VARCHAR | SHA-256 of the normalised text that is left; NULL when none was taken out",
        "word_count | INTEGER | Words of the text; NULL as the digest",
        "sketch | UBIGINT[] | Kept hashes of its word 5-shingles; NULL as the digest",
    ),
    bare=("content_digest",),
)

UNLEARNED = Table(
    name="work.unlearned",
    comment="Articles' pages that came, or gave way, since lines were last learned",
    columns=columns(
        "host | VARCHAR | Host without www",
        "article_id | VARCHAR | Identifier of the article at the page's URL",
        "content_digest | VARCHAR | Content",
    ),
)

LEARNING_TABLES = (LEARNED_LINES, SAMPLES, RECURRING, LINE_PAGES, CLEANED, UNLEARNED)


def kept_text(text: str, removed: str) -> str:
    """The text without its removed paragraphs, from the SQL names of both."""
    # With CASE and not if(): of a view, DuckDB 2 writes the latter so that DuckDB 1 finds no such function.
    return (
        f"CASE WHEN coalesce(len({removed}), 0) = 0 THEN {text} "
        f"ELSE array_to_string(list_filter(string_split({text}, {BREAK}), "
        f"lambda part, place: NOT list_contains({removed}, place)), {BREAK}) END"
    )
