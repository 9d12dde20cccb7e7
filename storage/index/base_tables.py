"""The base tables of the index, column by column: what WARC records say, and what extraction made of them."""

from __future__ import annotations

from storage.index.schema import Table, columns

CRAWLS = Table(
    name="crawls",
    comment="One row a crawl of one source, from its warcinfo record",
    columns=columns(
        "crawl_id | VARCHAR | Identifier of the crawl, as in crawls/<crawl id>/",
        "source | VARCHAR | Name of the seed",
        "started_at | TIMESTAMP | When it started, UTC",
        "software | VARCHAR | Program and version that fetched",
        "seed_url | VARCHAR | Where it started",
        "robots | VARCHAR | How robots.txt was treated",
    ),
    key=("crawl_id",),
    rank=("started_at", "source", "software", "seed_url", "robots"),
)

CAPTURES = Table(
    name="captures",
    comment="One row a WARC response, revisit, resource or conversion record: one fetch that was answered",
    columns=columns(
        "url | VARCHAR | URL that was asked for",
        "captured_at | TIMESTAMP | When, UTC",
        "status | INTEGER | HTTP status; 0 where the record has no HTTP head",
        "mime | VARCHAR | Media type the server named",
        "payload_digest | VARCHAR | Digest of the body as the WARC record has it",
        "record_type | VARCHAR | response, revisit or (in files that others made) resource, conversion",
        "warc_file | VARCHAR | WARC file below warc/",
        "warc_offset | BIGINT | Where the record starts in it, bytes",
        "warc_length | BIGINT | How long it is there, bytes",
        "crawl_id | VARCHAR | Crawl that made it",
        "truncated | VARCHAR | Why the body is not whole (WARC-Truncated); NULL when it is",
        "protocol | VARCHAR | Protocol spoken",
        "ip | VARCHAR | Address that answered",
        "source | VARCHAR | Name of the seed",
        "record_id | VARCHAR | WARC-Record-ID",
        "method | VARCHAR | HTTP method",
        "redirect_to | VARCHAR | Where it redirects to",
        "refers_to_url | VARCHAR | For a revisit, URL of the capture that has the body; for a conversion, of "
        "what it was made of",
        "refers_to_at | TIMESTAMP | For a revisit, time of the capture that has the body, UTC",
        "request_body | VARCHAR | For a POST or PUT, what it asked with, as in the CDXJ",
        "article_id | VARCHAR | Article that this capture shows; NULL when it shows none",
        "content_digest | VARCHAR | Which version's content it shows",
    ),
    key=("record_id",),
    rank=("warc_file", "warc_offset"),
    bare=("record_id", "article_id"),
)

FAILURES = Table(
    name="failures",
    comment="One row a fetch that left no response: refused, cut, never answered",
    columns=columns(
        "record_id | VARCHAR | WARC-Record-ID of the metadata record that tells it",
        "url | VARCHAR | URL that was asked for",
        "source | VARCHAR | Name of the seed",
        "crawl_id | VARCHAR | Crawl that tried",
        "failed_at | TIMESTAMP | When, UTC",
        "outcome | VARCHAR | What became of it: robots_denied, timed_out, ...",
        "reason | VARCHAR | The same in words",
    ),
    key=("record_id",),
    rank=("failed_at", "outcome", "reason"),
)

DISCOVERIES = Table(
    name="discoveries",
    comment="How the URL of a capture or failure was found; one row a fetch that something led to",
    columns=columns(
        "record_id | VARCHAR | WARC-Record-ID of the capture or of the failure's metadata record",
        "url | VARCHAR | URL that was asked for",
        "found_on | VARCHAR | URL of the feed, sitemap or page that has the link, or that redirected here; "
        "empty for the seed's own; of a fallback the refused page",
        "found_in | VARCHAR | seed, feed, sitemap, wordpress, listing, page, robots or redirect; of a "
        "fallback its name: feed, print, wayback, dvids",
        "kind | VARCHAR | What it was taken for: article, listing, feed, sitemap, wordpress, robots, page; "
        "requisite of a page that a browser rendered; fallback, of a page that is refused (see fallbacks)",
        "depth | INTEGER | How many links from the seed; feeds, sitemaps and further pages count none",
        "title | VARCHAR | Title that the feed, sitemap or link gave it",
        "published_raw | VARCHAR | Publication time as the feed or sitemap wrote it",
        "modified_raw | VARCHAR | Time of the last change as the feed or sitemap wrote it",
    ),
    key=("record_id",),
    rank=(
        "found_in",
        "found_on",
        "kind",
        "depth",
        "url",
        "coalesce(title, '')",
        "coalesce(published_raw, '')",
        "coalesce(modified_raw, '')",
    ),
)

EXTRACTIONS = Table(
    name="extractions",
    comment="One row a capture that was looked at for an article, with or without one",
    columns=columns(
        "record_id | VARCHAR | WARC-Record-ID of the capture",
        "url | VARCHAR | Its URL",
        "canonical_url | VARCHAR | Its canonical URL by our rules",
        "article_id | VARCHAR | Identifier of the article at that URL",
        "host | VARCHAR | Host without www",
        "source | VARCHAR | Name of the seed",
        "crawl_id | VARCHAR | Crawl that made the capture",
        "captured_at | TIMESTAMP | When, UTC",
        "outcome | VARCHAR | article, not_an_article, empty, ...",
        "reason | VARCHAR | The same in words",
        "content_digest | VARCHAR | Digest of the version's content; empty without an article",
        "extras_digest | VARCHAR | Digest of what stood around it; empty without an article",
    ),
    key=("record_id",),
    # A page that crashed a worker once and gave its article another time gave its article.
    rank=(
        "outcome <> 'article'",
        "outcome",
        "content_digest",
        "extras_digest",
        "article_id",
        "url",
        "reason",
    ),
    bare=("record_id", "article_id"),
)
