"""The frontier's tables, in the SQL that SQLite and PostgreSQL share, and what files made earlier lack.

`urls` has a row a source and URL. `rank` and `dated` say which of the new ones goes first, `tier` what it is
good for, `leased_by` who has it in hand. `asked_at` is when it was last handed out. A URL is due again at
`next_visit_at`; one that is gone or given up has none, and from `open_at` on a link to it makes it new again.
`told_in_vain`: how often a new date made it due since it last changed. `put_off`: how often in a row the
host wanted to be asked later. `judged`: whether the last visit has told if it had changed. `read_digest` is
the payload whose links were read last; `warc_file` and `warc_offset` say where one lies that was not yet.
"""

from __future__ import annotations

COLUMNS = {
    "source": "TEXT NOT NULL",
    "url": "TEXT NOT NULL",
    "kind": "TEXT NOT NULL",
    "found_on": "TEXT NOT NULL",
    "found_in": "TEXT NOT NULL",
    "discovered_at": "TEXT NOT NULL",
    "state": "TEXT NOT NULL",
    "outcome": "TEXT",
    "visited_at": "TEXT",
    "next_visit_at": "TEXT",
    "etag": "TEXT",
    "last_modified": "TEXT",
    "depth": "INTEGER NOT NULL DEFAULT 1",
    "hops": "TEXT NOT NULL DEFAULT 'L'",
    "title": "TEXT",
    "published_raw": "TEXT",
    "modified_raw": "TEXT",
    "host": "TEXT NOT NULL DEFAULT ''",
    "article": "TEXT",
    "tier": "INTEGER NOT NULL DEFAULT 1",
    "rank": "INTEGER NOT NULL DEFAULT 0",
    "dated": "TEXT NOT NULL DEFAULT ''",
    "leased_by": "TEXT",
    "leased_until": "TEXT",
    "asked_at": "TEXT NOT NULL DEFAULT ''",
    "open_at": "TEXT",
    "tries": "INTEGER NOT NULL DEFAULT 0",
    "put_off": "INTEGER NOT NULL DEFAULT 0",
    "told_in_vain": "INTEGER NOT NULL DEFAULT 0",
    "interval_s": "REAL NOT NULL DEFAULT 0",
    "unchanged": "INTEGER NOT NULL DEFAULT 0",
    "judged": "INTEGER NOT NULL DEFAULT 1",
    "payload_digest": "TEXT",
    "read_digest": "TEXT",
    "text_digest": "TEXT",
    "warc_file": "TEXT NOT NULL DEFAULT ''",
    "warc_offset": "INTEGER NOT NULL DEFAULT 0",
}
_URLS = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
TABLES = (
    f"CREATE TABLE IF NOT EXISTS urls ({_URLS}, PRIMARY KEY (source, url))",
    """CREATE TABLE IF NOT EXISTS source_hosts (source TEXT NOT NULL, host TEXT NOT NULL,
        PRIMARY KEY (source, host))""",
    """CREATE TABLE IF NOT EXISTS hosts (host TEXT NOT NULL PRIMARY KEY, postponed_until TEXT, reason TEXT,
        owner TEXT, owned_until TEXT)""",
    """CREATE TABLE IF NOT EXISTS rounds (source TEXT NOT NULL PRIMARY KEY, began_at TEXT NOT NULL,
        ended_at TEXT)""",
)
INDEXES = (
    """CREATE INDEX IF NOT EXISTS urls_new ON urls (source, host, rank DESC, dated DESC, discovered_at)
        WHERE state = 'discovered'""",
    """CREATE INDEX IF NOT EXISTS urls_again ON urls (source, host, tier, next_visit_at)
        WHERE next_visit_at IS NOT NULL""",
    "CREATE INDEX IF NOT EXISTS urls_leased ON urls (source, leased_by) WHERE leased_by IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS urls_unread ON urls (source) WHERE state = 'captured'",
    "CREATE INDEX IF NOT EXISTS urls_left ON urls (source, state) WHERE state = 'left'",
    "CREATE INDEX IF NOT EXISTS urls_article ON urls (source, article) WHERE article IS NOT NULL",
)
