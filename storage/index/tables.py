"""The tables that are derived from the base tables, column by column, and the list of all."""

from __future__ import annotations

from storage.index.base_tables import CAPTURES, CRAWLS, DISCOVERIES, EXTRACTIONS, FAILURES
from storage.index.identity_tables import IDENTITY_TABLES
from storage.index.learned_tables import LEARNING_TABLES
from storage.index.schema import Table, columns
from storage.index.search_tables import SEARCH_TABLES

_BLOCKS = "STRUCT(position INTEGER, kind VARCHAR, body VARCHAR, rule VARCHAR, path VARCHAR)[]"
_PHOTOS = (
    "STRUCT(caption VARCHAR, credit VARCHAR, virin VARCHAR, taken_on DATE, url VARCHAR, title VARCHAR, "
    "photographer VARCHAR, photographer_rank VARCHAR, service VARCHAR, vision_id VARCHAR, serial VARCHAR, "
    "country VARCHAR)[]"
)
_CANDIDATES = "STRUCT(field VARCHAR, value VARCHAR, source VARCHAR, won BOOLEAN)[]"
_PASSAGES = "STRUCT(position INTEGER, label VARCHAR, body VARCHAR)[]"

CONTENTS = Table(
    name="work.contents",
    comment="Each content that an article has had, once, whichever articles have it",
    columns=columns(
        "content_digest | VARCHAR | SHA-256 of title, text, authors, dateline, published_at, origin_url",
        "title | VARCHAR | Title",
        "text | VARCHAR | Paragraphs joined by a blank line",
        "authors | VARCHAR[] | Authors in order",
        "dateline | VARCHAR | Dateline",
        "published_at | TIMESTAMP | Publication time, UTC",
        "origin_url | VARCHAR | Where a repost says it comes from",
        "text_digest | VARCHAR | SHA-256 of the normalised text",
        "word_count | INTEGER | Words of the text",
        "sketch | UBIGINT[] | Kept hashes of its word 5-shingles, each with what follows it",
    ),
    key=("content_digest",),
    rank=("text_digest", "word_count", "sketch"),  # the digest is of the rest
    bare=("content_digest",),
)

EXTRAS = Table(
    name="work.extras",
    comment="What stood around an article's content on a page, once",
    columns=columns(
        "extras_digest | VARCHAR | SHA-256 of the other columns",
        "published_raw | VARCHAR | Publication time as the page wrote it",
        "modified_at | TIMESTAMP | Time of the last change the page claims, UTC",
        "modified_raw | VARCHAR | The same as the page wrote it",
        "language | VARCHAR | Language code",
        "site_name | VARCHAR | Name of the site",
        "section | VARCHAR | Section of the site",
        "page_kind | VARCHAR | article, release, transcript, ...",
        "declared_canonical | VARCHAR | The page's own rel=canonical",
        f"blocks | {_BLOCKS} | Removed blocks with their position among all",
        f"photos | {_PHOTOS} | Photos in page order",
        "paywalled | BOOLEAN | Whether the page says the reader must pay; NULL when it says nothing of it",
        "layout_drift | VARCHAR | How a known publisher's page departs from its template, or empty",
        f"candidates | {_CANDIDATES} | Values that fields could have had",
        f"passages | {_PASSAGES} | Labelled blocks of the text with their position among all",
    ),
    key=("extras_digest",),
    rank=("extras_digest",),
    bare=("extras_digest",),
)

ARTICLES = Table(
    name="articles",
    comment="One row an article, whatever URL forms it was fetched by, as its latest version has it",
    columns=columns(
        "article_id | VARCHAR | First 16 hex digits of the SHA-256 of the article's key",
        "url | VARCHAR | URL of the latest capture that has this content",
        "canonical_url | VARCHAR | The same by our rules: no tracking parameters, fragment, print view",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "title | VARCHAR | Title without the site's name",
        "authors | VARCHAR[] | Authors in order",
        "dateline | VARCHAR | Dateline, as WASHINGTON",
        "published_at | TIMESTAMP | Publication time the page claims, UTC",
        "modified_at | TIMESTAMP | Time of the last change the page claims, UTC",
        "language | VARCHAR | Language code",
        "text | VARCHAR | Clean text: paragraphs joined by a blank line",
        "word_count | INTEGER | Words of the text",
        "text_digest | VARCHAR | SHA-256 of the text in lower case without punctuation",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, unchanged ones (revisits, 304) included, UTC",
        "versions | INTEGER | Number of versions",
        "cluster_id | VARCHAR | Its cluster: the smallest article_id in it",
        "is_duplicate | BOOLEAN | In a cluster and not its origin",
        "origin_url | VARCHAR | Where a repost says it comes from",
        "outcome | VARCHAR | Always article here; pages without one are in dropped",
        "published_raw | VARCHAR | Publication time as the page wrote it",
        "modified_raw | VARCHAR | Time of the last change as the page wrote it",
        "site_name | VARCHAR | Name of the site",
        "section | VARCHAR | Section of the site",
        "page_kind | VARCHAR | article, release, transcript, contract, speech",
        "declared_canonical | VARCHAR | The page's own rel=canonical",
        "content_digest | VARCHAR | SHA-256 of title, text, authors, dateline, published_at, origin_url",
        "captures | INTEGER | Number of captures",
        "paywalled | BOOLEAN | Whether the page says the reader must pay; NULL when it says nothing of it",
        "layout_drift | VARCHAR | How a known publisher's page departs from its template, or empty",
    ),
    bare=("article_id", "cluster_id"),
)

RUNS = Table(
    name="work.runs",
    comment="Versions without their content: runs of captures of one article that say the same",
    columns=columns(
        "article_id | VARCHAR | Article",
        "version | INTEGER | 1 for the first",
        "url | VARCHAR | URL of the version's first capture",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, UTC",
        "captures | INTEGER | Number of captures",
        "content_digest | VARCHAR | Its content: that of its latest capture with a body",
        "changed | VARCHAR[] | Fields that differ from the version before; empty for the first",
        "words_added | INTEGER | Words it has more of than the version before, wherever; NULL for the first",
        "words_removed | INTEGER | Words it has fewer of than the version before; NULL for the first",
        "correction | VARCHAR | Notice that says what was corrected, clarified or updated; NULL without one",
        "correction_kind | VARCHAR | correction, clarification, update or editors_note; NULL without one",
    ),
    bare=("article_id",),
)

PHOTOS = Table(
    name="photos",
    comment="Photos of each article's latest version",
    columns=columns(
        "article_id | VARCHAR | Article",
        "position | INTEGER | Place on the page, from 1",
        "caption | VARCHAR | Caption",
        "credit | VARCHAR | Who took it",
        "virin | VARCHAR | Visual information record number of the U.S. military",
        "taken_on | DATE | Day it was taken, from the VIRIN",
        "url | VARCHAR | Where the picture is",
        "title | VARCHAR | Title of the photo",
        "photographer | VARCHAR | Name in the credit",
        "photographer_rank | VARCHAR | Military rank in the credit",
        "service | VARCHAR | Service that the VIRIN names: Air Force, Navy, ...",
        "vision_id | VARCHAR | The photographer's number in the VIRIN",
        "serial | VARCHAR | Number of the picture in the VIRIN",
        "country | VARCHAR | Country of a foreign photographer in the VIRIN",
    ),
    bare=("article_id",),
)

BLOCKS = Table(
    name="blocks",
    comment="Blocks of each article's latest page that were removed from its text",
    columns=columns(
        "article_id | VARCHAR | Article",
        "position | INTEGER | Place among all blocks of the page, from 1",
        "kind | VARCHAR | caption, gov_banner, related, ...",
        "text | VARCHAR | Text of the block",
        "rule | VARCHAR | Rule that removed it",
        "path | VARCHAR | Place in the page's markup",
    ),
)

FIELDS = Table(
    name="fields",
    comment="Every value that each article's latest page offered for a field, and which was taken",
    columns=columns(
        "article_id | VARCHAR | Article",
        "field | VARCHAR | title, authors, published_at, ...",
        "value | VARCHAR | The value as the page has it",
        "source | VARCHAR | Where it stood: json-ld, og, meta:..., h1, text, ...",
        "won | BOOLEAN | Whether the article has it",
        "position | INTEGER | Place among the values of all fields, from 1",
    ),
)

PASSAGES = Table(
    name="passages",
    comment="Labelled paragraphs of each article's latest page: who speaks, whose contract it is",
    columns=columns(
        "article_id | VARCHAR | Article",
        "position | INTEGER | Place among all blocks of the page, from 1",
        "label | VARCHAR | Speaker of a transcript; heading that a contract stands under",
        "text | VARCHAR | The paragraph",
    ),
)

PAIRS = Table(
    name="pairs",
    comment="Pairs of articles that share text, left the smaller article_id",
    columns=columns(
        "left_id | VARCHAR | One article",
        "right_id | VARCHAR | The other",
        "kind | VARCHAR | exact, near, excerpt (one holds the other), related (below the threshold)",
        "left_in_right | DOUBLE | Share of the left text's word 5-shingles in the right, but boilerplate",
        "right_in_left | DOUBLE | Share of the right text's found in the left, likewise",
        "merges | BOOLEAN | Whether enough is shared for one cluster; an excerpt joins one other at most",
        "evidence | VARCHAR | Why, as JSON",
    ),
)

CLUSTERS = Table(
    name="clusters",
    comment="Which articles tell the same text, and which is the origin; a lone article is a cluster of one",
    columns=columns(
        "cluster_id | VARCHAR | Smallest article_id in the cluster",
        "article_id | VARCHAR | Member",
        "relation | VARCHAR | To the origin: exact, near or excerpt; the origin itself is exact",
        "score | DOUBLE | Containment behind the relation, 0 to 1",
        "is_origin | BOOLEAN | Whether it is the one the others come from",
        "evidence | VARCHAR | Signals for and against, as JSON",
    ),
    bare=("cluster_id", "article_id"),
)

STATE_TABLES = (
    Table(
        name="schema_version",
        comment="Version of this file's tables",
        columns=columns("version | INTEGER | Number that a change of the tables raises"),
    ),
    Table(
        name="work.state",
        comment="State of the writer",
        columns=columns("unpublished | BOOLEAN | Whether the published copy is behind"),
    ),
    Table(
        name="work.touched",
        comment="URLs of rows added since the last refresh",
        columns=columns("url | VARCHAR | URL"),
    ),
    Table(
        name="work.unsketched",
        comment="Contents whose words an older program counted, digested and sketched by another rule",
        columns=columns("content_digest | VARCHAR | Content"),
    ),
    Table(
        name="work.unextracted",
        comment="Captures that may hold an article and that extraction did not look at yet",
        columns=columns("record_id | VARCHAR | WARC-Record-ID"),
    ),
    Table(
        name="work.unrefreshed",
        comment="Articles to be derived anew: captures show them, or showed them, otherwise than before",
        columns=columns("article_id | VARCHAR | Article"),
    ),
    Table(
        name="work.made",
        comment="What articles of one content were made of; seen again and made of the same, they stay",
        columns=columns(
            "article | UBIGINT | article_id as a number",
            "made_of | UBIGINT | Lower half of the MD5 of the names of what it was made of",
        ),
    ),
    Table(
        name="work.unclustered",
        comment="Articles that changed since clusters were last made",
        columns=columns("article_id | VARCHAR | Article"),
    ),
    Table(
        name="work.sketches",
        comment="Sketches of the latest version of each article",
        columns=columns(
            "hash | UINTEGER | Upper half of a kept hash of a word 5-shingle",
            "beside | UINTEGER | The same of the words that follow it, but for some bits",
            "article | UBIGINT | article_id as a number",
        ),
    ),
    Table(
        name="work.sketched",
        comment="Each article that has a sketch, with what its pairs are looked for by",
        columns=columns(
            "article | UBIGINT | article_id as a number",
            "host | VARCHAR | Host without www",
            "text_number | UBIGINT | First 16 hex digits of text_digest as a number; NULL for no text",
            "size | INTEGER | Hashes of its sketch",
            "every | INTEGER | Which part of its hashes it keeps: one in so many",
            "signatures | UINTEGER[] | Some of its hashes, which a copy most likely has for its own too",
            "titled | UINTEGER | Its title as a number",
            "common | UINTEGER[] | Those of its hashes that are common on its host, in order",
        ),
    ),
    Table(
        name="work.common",
        comment="Hashes in many articles of a host that otherwise differ: what it writes under everything",
        columns=columns(
            "hash | UINTEGER | Upper half of a kept hash of a word 5-shingle",
            "host | VARCHAR | Host without www",
        ),
    ),
    Table(
        name="work.hot",
        comment="Hashes in more articles than are paired each with each",
        columns=columns(
            "hash | UINTEGER | Upper half of a kept hash of a word 5-shingle",
            "centres | UBIGINT[] | The articles that the others are paired with: the first by number",
        ),
    ),
)

TABLES = (
    *STATE_TABLES, CRAWLS, CAPTURES, FAILURES, DISCOVERIES, EXTRACTIONS, CONTENTS, EXTRAS,
    ARTICLES, RUNS, PHOTOS, BLOCKS, FIELDS, PASSAGES, PAIRS, CLUSTERS, *LEARNING_TABLES,
    *IDENTITY_TABLES, *SEARCH_TABLES,
)  # fmt: skip
