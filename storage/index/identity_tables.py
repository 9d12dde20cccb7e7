"""The tables that say which URLs show one article, column by column."""

from __future__ import annotations

from storage.index.schema import Table, columns

ALIASES = Table(
    name="aliases",
    comment="URLs whose article is known by another URL: what each declares or shows says so",
    columns=columns(
        "url_id | VARCHAR | Identifier of the URL by our rules alone (extractions.article_id)",
        "article_id | VARCHAR | Identifier of the article that it shows",
        "canonical_url | VARCHAR | URL that the article is known by",
        "reason | VARCHAR | declared_canonical, same_text (its URL differs in parameters that select "
        "nothing), or joined (others declare it beside the URL that the article is known by)",
        "evidence | VARCHAR | What spoke for it, as JSON",
    ),
)

URL_LINKS = Table(
    name="url_links",
    comment="URLs of articles that name another URL as theirs, or differ from it in doubtful parameters: "
    "what became of it",
    columns=columns(
        "url_id | VARCHAR | Identifier of the URL by our rules alone",
        "kind | VARCHAR | declared (the page's own rel=canonical) or parameters (the URL without doubtful "
        "ones)",
        "site | VARCHAR | Its site: the host without www, m, amp; moved domains as one",
        "url | VARCHAR | The URL by our rules",
        "target_id | VARCHAR | Identifier of the other URL by our rules alone",
        "target_url | VARCHAR | The other URL by our rules; as the page wrote it where it is none",
        "relation | VARCHAR | How they differ: form, moved, parameters, part, section, home_page, "
        "parent_site, other_site, no_url",
        "dropped | STRUCT(parameter VARCHAR, value VARCHAR)[] | Parameters that only the first URL has",
        "is_unknown | BOOLEAN | Whether one of these is none that the rules hold for doubtful",
        "compared | VARCHAR | The texts: same, alike, template (same or alike, but under other titles or of "
        "other days, or the same once only, as paywalls, errors and forms filled in again), different; first "
        "(the others are compared with it), alone (nothing to compare with); NULL where it does not matter",
        "verdict | VARCHAR | used (they are one article), or why not: other_site, home_page, section, part, "
        "no_url, no_article_there, other_text, many_texts, parameter_selects, unproven, alone",
    ),
)

URL_PARAMETERS = Table(
    name="url_parameters",
    comment="Query parameters of each site that may select nothing, and what the texts say of it",
    columns=columns(
        "site | VARCHAR | Site: the host without www, m, amp; moved domains as one",
        "parameter | VARCHAR | Its name; with its value where only that one is doubtful, as page=1",
        "urls | BIGINT | URLs with it that were compared with the URL without it, or could not be yet",
        "same_text | BIGINT | Those that show the text of the URL that differs in it",
        "different_text | BIGINT | Those that differ in it alone, and show another text",
        "selects | BOOLEAN | Whether it selects what the page says, so that it is never dropped on this site",
    ),
)

URL_EVIDENCE = Table(
    name="work.url_evidence",
    comment="What each URL in url_links says of its parameters",
    columns=columns(
        "site | VARCHAR | Site",
        "parameter | VARCHAR | Parameter as in url_parameters",
        "url_id | VARCHAR | Identifier of the URL by our rules alone",
        "target_id | VARCHAR | Identifier of the URL without it",
        "agrees | BOOLEAN | Whether it was compared with one that differs in it, and shows the same text",
        "differs | BOOLEAN | Whether it was compared with one that differs in it alone, and shows another",
    ),
)

FACES = Table(
    name="work.faces",
    comment="What the URLs in url_links show",
    columns=columns(
        "url_id | VARCHAR | Identifier of the URL by our rules alone",
        "is_article | BOOLEAN | Whether a capture of it shows an article; false where all that were read "
        "show none",
        "canonical_url | VARCHAR | The URL by our rules as it was fetched last",
        "titles | VARCHAR[] | Words of the titles it has shown, in lower case",
        "days | DATE[] | Days of publication that it has claimed",
        "texts | VARCHAR[] | Digests of the texts it has shown",
        "contents | VARCHAR[] | Digests of the contents it has shown",
        "sketch | UBIGINT[] | Sketch of the longest text it has shown",
    ),
)

UNIDENTIFIED = Table(
    name="work.unidentified",
    comment="URLs with extractions or contents that came or went since identities were last made",
    columns=columns("url_id | VARCHAR | Identifier of the URL by our rules alone"),
)

IDENTITY_TABLES = (ALIASES, URL_LINKS, URL_PARAMETERS, URL_EVIDENCE, FACES, UNIDENTIFIED)
