-- What `presswarc` made of an empty index in version 3, without the comments on tables and columns.
CREATE SCHEMA work;
CREATE TABLE schema_version ("version" INTEGER);
CREATE TABLE work.state ("unpublished" BOOLEAN);
CREATE TABLE work.touched ("url" VARCHAR);
CREATE TABLE work.unclustered ("article_id" VARCHAR);
CREATE TABLE work.sketches ("hash" UBIGINT, "article_id" VARCHAR, "size" INTEGER);
CREATE TABLE work.common ("hash" UBIGINT);
CREATE TABLE crawls ("crawl_id" VARCHAR, "source" VARCHAR, "started_at" TIMESTAMP, "software" VARCHAR,
    "seed_url" VARCHAR, "robots" VARCHAR);
CREATE TABLE captures ("url" VARCHAR, "captured_at" TIMESTAMP, "status" INTEGER, "mime" VARCHAR,
    "payload_digest" VARCHAR, "record_type" VARCHAR, "warc_file" VARCHAR, "warc_offset" BIGINT,
    "warc_length" BIGINT, "crawl_id" VARCHAR, "truncated" VARCHAR, "protocol" VARCHAR, "ip" VARCHAR,
    "source" VARCHAR, "record_id" VARCHAR, "method" VARCHAR, "redirect_to" VARCHAR, "refers_to_url" VARCHAR,
    "refers_to_at" TIMESTAMP, "request_body" VARCHAR, "article_id" VARCHAR, "content_digest" VARCHAR);
CREATE TABLE failures ("record_id" VARCHAR, "url" VARCHAR, "source" VARCHAR, "crawl_id" VARCHAR, "failed_at"
    TIMESTAMP, "outcome" VARCHAR, "reason" VARCHAR);
CREATE TABLE discoveries ("record_id" VARCHAR, "url" VARCHAR, "found_on" VARCHAR, "found_in" VARCHAR, "kind"
    VARCHAR, "depth" INTEGER, "title" VARCHAR, "published_raw" VARCHAR, "modified_raw" VARCHAR);
CREATE TABLE extractions ("record_id" VARCHAR, "url" VARCHAR, "canonical_url" VARCHAR, "article_id" VARCHAR,
    "host" VARCHAR, "source" VARCHAR, "crawl_id" VARCHAR, "captured_at" TIMESTAMP, "outcome" VARCHAR,
    "reason" VARCHAR, "content_digest" VARCHAR, "extras_digest" VARCHAR);
CREATE TABLE work.contents ("article_id" VARCHAR, "content_digest" VARCHAR, "title" VARCHAR, "text" VARCHAR
    USING COMPRESSION zstd, "authors" VARCHAR[], "dateline" VARCHAR, "published_at" TIMESTAMP, "origin_url"
    VARCHAR, "text_digest" VARCHAR, "word_count" INTEGER, "sketch" UBIGINT[]);
CREATE TABLE work.extras ("extras_digest" VARCHAR, "published_raw" VARCHAR, "modified_at" TIMESTAMP,
    "modified_raw" VARCHAR, "language" VARCHAR, "site_name" VARCHAR, "section" VARCHAR, "page_kind" VARCHAR,
    "declared_canonical" VARCHAR, "blocks" STRUCT(position INTEGER, kind VARCHAR, body VARCHAR, rule
    VARCHAR, path VARCHAR)[], "photos" STRUCT(caption VARCHAR, credit VARCHAR, virin VARCHAR, taken_on DATE,
    url VARCHAR, title VARCHAR, photographer VARCHAR, photographer_rank VARCHAR, service VARCHAR, vision_id
    VARCHAR, serial VARCHAR, country VARCHAR)[], "paywalled" BOOLEAN, "layout_drift" VARCHAR, "candidates"
    STRUCT(field VARCHAR, value VARCHAR, source VARCHAR, won BOOLEAN)[], "passages" STRUCT(position INTEGER,
    label VARCHAR, body VARCHAR)[]);
CREATE TABLE articles ("article_id" VARCHAR, "url" VARCHAR, "canonical_url" VARCHAR, "host" VARCHAR,
    "source" VARCHAR, "title" VARCHAR, "authors" VARCHAR[], "dateline" VARCHAR, "published_at" TIMESTAMP,
    "modified_at" TIMESTAMP, "language" VARCHAR, "text" VARCHAR USING COMPRESSION zstd, "word_count"
    INTEGER, "text_digest" VARCHAR, "first_captured_at" TIMESTAMP, "last_captured_at" TIMESTAMP, "versions"
    INTEGER, "cluster_id" VARCHAR, "is_duplicate" BOOLEAN, "origin_url" VARCHAR, "outcome" VARCHAR,
    "published_raw" VARCHAR, "modified_raw" VARCHAR, "site_name" VARCHAR, "section" VARCHAR, "page_kind"
    VARCHAR, "declared_canonical" VARCHAR, "content_digest" VARCHAR, "captures" INTEGER, "paywalled"
    BOOLEAN, "layout_drift" VARCHAR);
CREATE TABLE work.runs ("article_id" VARCHAR, "version" INTEGER, "url" VARCHAR, "first_captured_at"
    TIMESTAMP, "last_captured_at" TIMESTAMP, "captures" INTEGER, "content_digest" VARCHAR, "changed"
    VARCHAR[]);
CREATE TABLE photos ("article_id" VARCHAR, "position" INTEGER, "caption" VARCHAR, "credit" VARCHAR, "virin"
    VARCHAR, "taken_on" DATE, "url" VARCHAR, "title" VARCHAR, "photographer" VARCHAR, "photographer_rank"
    VARCHAR, "service" VARCHAR, "vision_id" VARCHAR, "serial" VARCHAR, "country" VARCHAR);
CREATE TABLE blocks ("article_id" VARCHAR, "position" INTEGER, "kind" VARCHAR, "text" VARCHAR USING
    COMPRESSION zstd, "rule" VARCHAR, "path" VARCHAR);
CREATE TABLE fields ("article_id" VARCHAR, "field" VARCHAR, "value" VARCHAR, "source" VARCHAR, "won"
    BOOLEAN, "position" INTEGER);
CREATE TABLE passages ("article_id" VARCHAR, "position" INTEGER, "label" VARCHAR, "text" VARCHAR USING
    COMPRESSION zstd);
CREATE TABLE pairs ("left_id" VARCHAR, "right_id" VARCHAR, "kind" VARCHAR, "left_in_right" DOUBLE,
    "right_in_left" DOUBLE, "merges" BOOLEAN, "evidence" VARCHAR);
CREATE TABLE clusters ("cluster_id" VARCHAR, "article_id" VARCHAR, "relation" VARCHAR, "score" DOUBLE,
    "is_origin" BOOLEAN, "evidence" VARCHAR);
CREATE TABLE learned_lines ("host" VARCHAR, "line" VARCHAR, "place" VARCHAR, "articles" BIGINT,
    "of_articles" BIGINT, "facet" VARCHAR, "facet_articles" BIGINT, "of_facet_articles" BIGINT,
    "first_captured_at" TIMESTAMP, "last_captured_at" TIMESTAMP, "rule" VARCHAR, "line_digest" UBIGINT);
CREATE TABLE work.lines ("article_id" VARCHAR, "content_digest" VARCHAR, "lines" UBIGINT[], "lengths"
    INTEGER[]);
CREATE TABLE work.cleaned ("article_id" VARCHAR, "content_digest" VARCHAR, "hits" STRUCT(position INTEGER,
    place VARCHAR)[], "rule" VARCHAR, "removed" INTEGER[], "text" VARCHAR USING COMPRESSION zstd,
    "text_digest" VARCHAR, "word_count" INTEGER, "sketch" UBIGINT[]);
CREATE VIEW unique_articles AS FROM (SELECT * FROM articles WHERE NOT is_duplicate) AS named("article_id",
    "url", "canonical_url", "host", "source", "title", "authors", "dateline", "published_at", "modified_at",
    "language", "text", "word_count", "text_digest", "first_captured_at", "last_captured_at", "versions",
    "cluster_id", "is_duplicate", "origin_url", "outcome", "published_raw", "modified_raw", "site_name",
    "section", "page_kind", "declared_canonical", "content_digest", "captures", "paywalled",
    "layout_drift");
CREATE VIEW versions AS FROM ( SELECT r.article_id, r.version, r.url, r.first_captured_at,
    r.last_captured_at, r.captures, r.changed, c.title, coalesce(w.text, c.text), coalesce(w.word_count,
    c.word_count), coalesce(w.text_digest, c.text_digest), r.content_digest, c.authors, c.dateline,
    c.published_at, c.origin_url FROM work.runs r JOIN work.contents c USING (article_id, content_digest)
    LEFT JOIN work.cleaned w USING (article_id, content_digest)) AS named("article_id", "version", "url",
    "first_captured_at", "last_captured_at", "captures", "changed", "title", "text", "word_count",
    "text_digest", "content_digest", "authors", "dateline", "published_at", "origin_url");
CREATE VIEW dropped AS FROM ( SELECT url, outcome, reason, captured_at, crawl_id, source, record_id FROM
    extractions WHERE outcome <> 'article' UNION ALL SELECT url, outcome, reason, failed_at, crawl_id,
    source, record_id FROM failures UNION ALL SELECT url, CASE WHEN status IN (404, 410) THEN 'gone' ELSE
    'http_error' END, 'HTTP ' || status, captured_at, crawl_id, source, record_id FROM captures c WHERE
    status >= 400 AND NOT EXISTS (FROM extractions e WHERE e.record_id = c.record_id)) AS named("url",
    "outcome", "reason", "dropped_at", "crawl_id", "source", "record_id");
CREATE VIEW source_health AS FROM ( WITH seen AS ( SELECT captured_at::DATE AS day, source, outcome,
    content_digest, article_id, true AS page FROM extractions UNION ALL SELECT dropped_at::DATE, source,
    outcome, NULL, NULL, false FROM dropped WHERE record_id NOT IN (SELECT record_id FROM extractions) ),
    errors AS ( SELECT day, source, map_from_entries(list((outcome, n) ORDER BY outcome)) AS errors FROM (
    SELECT day, source, outcome, count(*) AS n FROM seen WHERE outcome NOT IN ('article', 'not_an_article',
    'not_html', 'not_modified', 'redirect') GROUP BY ALL) GROUP BY ALL ) SELECT s.day, s.source, count(*)
    FILTER (page), count(*) FILTER (outcome = 'article'), count(*) FILTER (outcome = 'empty'),
    coalesce(any_value(e.errors), MAP {}), median(c.word_count) FROM seen s LEFT JOIN errors e USING (day,
    source) LEFT JOIN work.contents c USING (article_id, content_digest) GROUP BY s.day, s.source) AS
    named("day", "source", "pages", "articles", "empty_extractions", "errors", "median_words");
INSERT INTO schema_version VALUES (3);
INSERT INTO work.state VALUES (true);
