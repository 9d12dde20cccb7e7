"""The tables of learned boilerplate, column by column: what a host repeats, and texts without it."""

from __future__ import annotations

from storage.index.schema import Table, columns

LEARNED_LINES = Table(
    name="learned_lines",
    comment="Lines that a host writes into many of its articles; they are taken out of the texts there",
    columns=columns(
        "host | VARCHAR | Host without www",
        "line | VARCHAR | The line: a whole paragraph of the text",
        "place | VARCHAR | Where it is taken out: head (before the text), tail (after it) or anywhere",
        "articles | BIGINT | Articles of the host that have it, those that tell one text counted once",
        "of_articles | BIGINT | Articles of the host, counted in the same way",
        "facet | VARCHAR | Of the host's articles those that most often have it: folder, author, day, month",
        "facet_articles | BIGINT | Articles of this facet that have it",
        "of_facet_articles | BIGINT | Articles of this facet",
        "first_captured_at | TIMESTAMP | First capture of an article with it, UTC",
        "last_captured_at | TIMESTAMP | Latest capture of an article with it that has a body, UTC",
        "rule | VARCHAR | Version of the rule that learned it, as learned:v1",
        "line_digest | UBIGINT | Number by which the line is known: the lower half of its MD5",
    ),
)

LINES = Table(
    name="work.lines",
    comment="The paragraphs of each content as numbers",
    columns=columns(
        "content_digest | VARCHAR | Content",
        "lines | UBIGINT[] | Lower half of the MD5 of each paragraph",
        "lengths | INTEGER[] | Characters of each paragraph",
    ),
)

CLEANED = Table(
    name="work.cleaned",
    comment="Contents that have learned lines, without them",
    columns=columns(
        "content_digest | VARCHAR | Content",
        "hits | STRUCT(position INTEGER, place VARCHAR)[] | Paragraphs that are learned lines",
        "rule | VARCHAR | Version of the rule",
        "removed | INTEGER[] | Those of them that were taken out, by their places from 1",
        "text | VARCHAR | Paragraphs that are left; NULL when none was taken out",
        "text_digest | VARCHAR | SHA-256 of the normalised text; NULL as the text",
        "word_count | INTEGER | Words of the text; NULL as the text",
        "sketch | UBIGINT[] | Kept hashes of its word 5-shingles; NULL as the text",
    ),
)

LEARNING_TABLES = (LEARNED_LINES, LINES, CLEANED)
