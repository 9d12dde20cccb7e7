"""The tables of full-text search, column by column.

A document is an article's latest version under a number of its own. The numbers tell in which order articles
came, so they stand in no table but these of schema `work`; what is asked through `search` does not show them.
"""

from __future__ import annotations

from storage.index.schema import Table, columns

SEARCH_TERMS = Table(
    name="search_terms",
    comment="Every word that search knows, and how many articles of a language have it",
    columns=columns(
        "word | VARCHAR | Word in lower case, without accents",
        "language | VARCHAR | Language of the articles; of those that name none, en",
        "stem | VARCHAR | What it has in common with its other forms",
        "articles | UINTEGER | Articles that have it",
        "key | UBIGINT | The word as a number: half of its MD5",
        "stem_key | UBIGINT | The stem as a number: words of one stem are found together",
    ),
)

SEARCH_DOCS = Table(
    name="work.search_docs",
    comment="Articles that search knows, and what it narrows by",
    columns=columns(
        "doc | UINTEGER | Number of the document; another one when its words changed",
        "article | UBIGINT | Its article_id as a number",
        "length | UINTEGER | Words that are kept of it",
        "published_at | TIMESTAMP | Publication time, UTC",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "language | VARCHAR | Language code",
        "page_kind | VARCHAR | article, release, transcript, ...",
        "is_duplicate | BOOLEAN | In a cluster and not its origin",
    ),
)

_POSTINGS = columns(
    "key | UBIGINT | Word, as in search_terms",
    "docs | UINTEGER[] | Documents that have it, ascending, each as often as it counts there",
    "places | UINTEGER[] | Where each of them stands: title from 0, authors from 64, text from 128",
)
SEARCH_POSTINGS = Table(
    name="work.search_postings",
    comment="Where words stand: a row a word and a few thousand articles, those runs one after the other",
    columns=_POSTINGS,
)
SEARCH_TAIL = Table(
    name="work.search_tail",
    comment="The same of the latest articles, until they fill a run",
    columns=_POSTINGS,
)

SEARCH_PIECES = Table(
    name="work.search_pieces",
    comment="Texts again, cut up: to read a few of these is quicker than to read as few texts",
    columns=columns(
        "doc | UINTEGER | Document",
        "piece | UINTEGER | Its pieces from 1; one after the other they are the text",
        "text | VARCHAR | Some two hundred characters",
    ),
)

SEARCH_STATE = Table(
    name="work.search_state",
    comment="Where numbers of documents go on",
    columns=columns(
        "next_doc | UINTEGER | Number of the next document",
        "tail_from | UINTEGER | First number in the tail",
    ),
)

UNSEARCHED = Table(
    name="work.unsearched",
    comment="Articles that changed since search last looked at them, as they were then; it has their texts",
    columns=columns(
        "article_id | VARCHAR | Article",
        "has_words | BOOLEAN | Whether its words changed; then the other columns tell what they were, if any",
        "title | VARCHAR | Title",
        "authors | VARCHAR[] | Authors in order",
        "language | VARCHAR | Language code",
    ),
)

SEARCH_TABLES = (
    SEARCH_TERMS, SEARCH_DOCS, SEARCH_POSTINGS, SEARCH_TAIL, SEARCH_PIECES, SEARCH_STATE, UNSEARCHED,
)  # fmt: skip
