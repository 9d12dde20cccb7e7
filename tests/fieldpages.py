"""Invented article pages in the forms that news sites have, each with the fields that a reader would name.

A form is a function of a story; every form prints every story, so that each field stands in each place it is
kept in: JSON-LD sound and broken, meta elements, microdata, class names, text in several languages.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a page is about. `at` is in UTC, `ranks` what a military page prints before each author."""

    title: str
    authors: tuple[str, ...]
    at: datetime
    slug: str
    ranks: tuple[str, ...] = ()
    place: str = "PORT MAREN, Maine"

    @property
    def html(self) -> str:
        """The title as text of an element."""
        return text(self.title)

    @property
    def quoted(self) -> str:
        """The title as the value of an attribute."""
        return attribute(self.title)

    @property
    def h1(self) -> str:
        """The title as a heading."""
        return f"<h1>{self.html}</h1>"

    @property
    def iso(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%S+00:00")

    @property
    def us_day(self) -> str:
        return f"{self.at:%B} {self.at.day}, {self.at.year}"

    @property
    def names(self) -> str:
        return " and ".join(
            (", ".join(self.authors[:-1]), self.authors[-1])[0 if len(self.authors) > 1 else 1 :]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPage:
    """A page and its truth; `site` is the site's name."""

    name: str
    url: str
    markup: str
    title: str
    authors: tuple[str, ...]
    day: str
    site: str


STORIES = (
    Story(
        title="Harbor of Port Maren opens again after a winter of storms",
        authors=("Ann Example",), ranks=("Tech. Sgt.",),
        at=datetime(2023, 5, 2, 14, 30, tzinfo=UTC), slug="harbor-opens-again-after-winter",
    ),
    Story(
        title="Ferry crews & pilots agree: \u201cThe tide waits for nobody\u201d",
        authors=("Bo Sample", "Cy Model-Marker"), ranks=("Airman 1st Class", "Staff Sgt."),
        at=datetime(2022, 11, 27, 9, 5, tzinfo=UTC), slug="ferry-crews-and-pilots-agree",
    ),
    Story(
        title="Bridge - 40 years late - joins both banks, says Port Maren\u2019s mayor",
        authors=("Renée O\u2019Placeholder",), ranks=("Petty Officer 2nd Class",),
        at=datetime(2024, 12, 3, 18, 45, tzinfo=UTC), slug="bridge-forty-years-late-joins-banks",
    ),
)  # fmt: skip

PARAGRAPHS = (
    "The first boats left the quay before dawn on the last day of the storm, with their lamps still lit.",
    "Crews had worked through the night to clear the channel, and by noon the pilots said it was safe again.",
    "Nobody in the town could remember a winter in which the ice had stayed so long, one captain said.",
    "The council will meet to decide who pays for the repairs, which may take until the end of the summer.",
)  # fmt: skip


GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"


def month(story: Story, names: str) -> str:
    """The month of a story in a language."""
    return names.split()[story.at.month - 1]


def site(name: str) -> str:
    """The meta element that names the site."""
    return f"<meta property='og:site_name' content='{name}'>"


def og_title(title: str) -> str:
    """The title as OpenGraph has it."""
    return f"<meta property='og:title' content='{attribute(title)}'>"


def text(value: str) -> str:
    return html.escape(value, quote=False)


def body(first: str = "") -> str:
    return "".join(f"<p>{first * (number == 0)}{text(line)}</p>" for number, line in enumerate(PARAGRAPHS))


def page(head: str, inner: str, *, lang: str = "en", attributes: str = "") -> str:
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'>{head}</head>"
        f"<body {attributes}>{inner}</body></html>"
    )


def script(value: object, *, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{value if isinstance(value, str) else json.dumps(value)}</script>'


def attribute(value: str) -> str:
    return html.escape(value)


def persons(story: Story) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": name} for name in story.authors]


def wordpress_yoast(story: Story) -> str:
    graph = [
        {"@type": "WebPage", "@id": "#w", "name": f"{story.title} - Quay Post", "datePublished": story.iso},
        {"@type": "Person", "@id": "#p1", "name": " and ".join(story.authors)},
        {"@type": "Article", "@id": "#a", "headline": html.escape(story.title), "author": {"@id": "#p1"},
         "datePublished": story.iso, "publisher": {"@id": "#o"}, "isPartOf": {"@id": "#w"}},
        {"@type": "Organization", "@id": "#o", "name": "Quay Post"},
    ]  # fmt: skip
    head = f"<title>{story.html} - Quay Post</title>" + script({"@graph": graph})
    head += f"<meta property='og:title' content='{story.quoted} - Quay Post'>"
    return page(head, f"<h1 class='entry-title'>{story.html}</h1><div class='entry-content'>{body()}</div>")


def wordpress_classic(story: Story) -> str:
    names = ", ".join(
        f"<span class='author vcard'><a class='url fn n' href='/author/x/'>{n}</a></span>"
        for n in story.authors
    )
    meta = (
        f"<span class='posted-on'>Posted on <a href='/2023/'>"
        f"<time class='entry-date published' datetime='{story.iso}'>"
        f"{story.us_day}</time><time class='updated' datetime='2025-01-01T00:00:00+00:00'></time></a></span>"
        f"<span class='byline'> by {names}</span>"
    )
    inner = f"<article><header><h1 class='entry-title'>{story.html}</h1>{meta}</header>{body()}</article>"
    return page(f"<title>{story.html} | Quay Post</title>", inner, attributes="class='single single-post'")


def drupal(story: Story) -> str:
    head = f"<title>{story.html} | Port Maren Gazette</title><meta name='Generator' content='Drupal 9'>"
    when = f"{story.at:%a, %m/%d/%Y - %H:%M}"
    meta = f"<div class='submitted'>Submitted by {' and '.join(story.authors)} on {when}</div>"
    inner = (
        f"<h1 class='page-header'><span>{story.html}</span></h1>{meta}"
        f"<div class='field--name-body'>{body()}</div>"
    )
    return page(head, inner, attributes="class='node--type-article'")


def afpims_modern(story: Story) -> str:
    head = f"<title>{story.html} &gt; Port Maren Base &gt; News</title>"
    head += f"<meta property='og:title' content='{story.quoted}'>" + site("Port Maren Base")
    named = " and ".join(f"{rank} {name}" for rank, name in zip(story.ranks, story.authors, strict=True))
    inner = f"""<div class="adetail news"><h1 class="maintitle">{story.html}</h1>
    <div class="info"><time datetime="{story.at:%Y-%m-%dT%H:%M:%S}Z">{story.us_day}</time>
    | By {named}, 86th Harbor Wing Public Affairs</div>
    <div data-content-type="News" class="body">{body(f"{story.place} (AFNS) -- ")}</div></div>"""
    return page(head, inner)


def afpims_print(story: Story) -> str:
    named = " and ".join(f"{rank} {name}" for rank, name in zip(story.ranks, story.authors, strict=True))
    lines = "<br /><br />".join(text(line) for line in PARAGRAPHS)
    inner = f"""<div class="da_print_body"><h1 class="title">{story.html}</h1>
    <p class="da_story_info">By {named}, Port Maren Public Affairs<span> / Published {story.us_day}</span></p>
    <div class="da_black"><strong>{story.place} (AFNS) -- </strong>{lines}</div></div>"""
    return page("<title>Print</title>", inner)


def amp(story: Story) -> str:
    node = {"@type": ["NewsArticle"], "headline": story.title, "author": persons(story),
            "datePublished": story.iso, "publisher": {"@type": "Thing", "name": "Quay"}}  # fmt: skip
    head = f"<title>{story.html}</title><script async src='https://cdn.example/v0.js'></script>" + script(
        node
    )
    return page(
        head,
        f"{story.h1}<amp-img src='/a.jpg' width='4' height='3'></amp-img>{body()}",
        attributes="amp",
    )


def blogger(story: Story) -> str:
    inner = f"""<h1 class="title"><a href="https://blog.example/">Quay Notes</a></h1>
    <h2 class="date-header"><span>{story.at:%A}, {story.us_day}</span></h2>
    <h3 class="post-title entry-title" itemprop="name">{story.html}</h3><div class="post-body">{body()}</div>
    <span class="post-author vcard">Posted by
    <span class="fn"><span itemprop="name">{story.names}</span></span></span>
    <span class="post-timestamp">at
    <a href="/x"><abbr class="published" title="{story.iso}">{story.at:%H:%M}</abbr></a></span>"""
    return page(
        f"<title>Quay Notes: {story.html}</title><meta content='{story.quoted}' property='og:title'>",
        inner,
    )


def ghost(story: Story) -> str:
    head = f"<title>{story.html}</title>" + site("Quay Post")
    head += f"<meta property='article:published_time' content='{story.at:%Y-%m-%dT%H:%M:%S}.000Z'>"
    names = "".join(
        f"<h4 class='author-name'><a href='/author/{n.split()[0].lower()}/'>{n}</a></h4>"
        for n in story.authors
    )
    meta = (
        f"<div class='article-meta'>{names}"
        f"<time class='article-meta-date' datetime='{story.at:%Y-%m-%d}'>{story.us_day}</time></div>"
    )
    return page(head, f"<article><h1 class='article-title'>{story.html}</h1>{meta}{body()}</article>")


def arc(story: Story) -> str:
    node = [{"@type": "BreadcrumbList", "itemListElement": []},
            {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title,
             "dateModified": "2025-02-01T00:00Z", "datePublished": story.iso, "author": list(story.authors),
             "isAccessibleForFree": "False"}]  # fmt: skip
    head = f"<title>{story.html} - The Port Maren Times</title>" + site("The Port Maren Times")
    head += script(
        'Fusion.globalContent={"display_date":"2019-01-01T00:00:00Z"}', kind="application/javascript"
    )
    return page(head + script(node), f"{story.h1}<div class='article-body-wrapper'>{body()}</div>")


def data_script(story: Story) -> str:
    data = {
        "article": {
            "headline": story.title,
            "firstPublished": story.iso,
            "lastUpdated": "2025-01-01T00:00:00Z",
        }
    }
    head = (
        f"<title>{story.html} - Quay News</title>"
        f"<meta property='og:title' content='{story.quoted} - Quay News'>"
    )
    head += "" + site("Quay News") + script(f"window.__DATA__={json.dumps(data)};", kind="text/javascript")
    inner = (
        f"<main><h1 id='main-heading'>{story.html}</h1><div class='byline-block'>"
        f"<span>By {story.names}</span></div>{body()}</main>"
    )
    return page(head, inner)


def table_page(story: Story) -> str:
    inner = f"""<table width="760"><tr><td width="150"><a href="/">Home</a><br>
    <a href="/news.htm">News</a></td><td>
    <font size="5"><b>{story.html}</b></font><br><font size="2">By {story.names}<br>{story.us_day}</font>
    {body()}</td></tr></table>"""
    return page(f"<title>{story.html}</title>", inner)


def trailing_comma(story: Story) -> str:
    names = ",".join(f'{{"@type":"Person","name":{json.dumps(name)},}}' for name in story.authors)
    told = f'"headline":{json.dumps(story.title)},"author":[{names},],"datePublished":"{story.iso}",'
    broken = f'{{"@type":"NewsArticle",{told}}}'
    return page(
        f"<title>{story.html} | Quay Post</title>" + script(broken),
        f"{story.h1}{body()}",
    )


def broken_quotes(story: Story) -> str:
    broken = (
        f'{{"@type":"NewsArticle","headline":"{story.title.replace(chr(8220), "").replace(chr(8221), "")}",'
        f'"author":{{"@type":"Person","name":"{story.authors[0]}"}},"datePublished":"{story.iso}",'
        '"description":"The "oldest" harbor of all"}'
    )
    lead = f"<p class='byline'>By {story.names}</p>"
    return page(f"<title>{story.html}</title>" + script(broken), f"{story.h1}{lead}{body()}")


def microdata(story: Story) -> str:
    names = "".join(
        f"<span itemprop='author' itemscope itemtype='http://schema.org/Person'>"
        f"<span itemprop='name'>{n}</span></span> "
        for n in story.authors
    )
    inner = f"""<div itemscope itemtype="http://schema.org/NewsArticle">
    <h1 itemprop="headline">{story.html}</h1>
    {names}<meta itemprop="datePublished" content="{story.iso}">
    <div itemprop="articleBody">{body()}</div></div>"""
    return page(f"<title>{story.html} :: Quay Post</title>", inner)


def entities(story: Story) -> str:
    node = {
        "@type": "Article",
        "headline": html.escape(html.escape(story.title)),
        "datePublished": story.at.strftime("%B %d, %Y %H:%M GMT"),
        "author": {"@type": "Person", "name": story.names, "url": "https://quay.example/author/x"},
    }
    return page(f"<title>{story.html}</title>" + script(node), f"{story.h1}{body()}")


def cut_headline(story: Story) -> str:
    node = {
        "@type": "NewsArticle",
        "headline": story.title[:38] + "...",
        "author": persons(story),
        "datePublished": story.iso,
    }
    head = f"<title>{story.html} — Quay Post</title>" + site("Quay Post")
    return page(head + script(node), f"{story.h1}{body()}")


def meta_only(story: Story) -> str:
    names = "".join(f"<meta name='author' content='{attribute(name)}'>" for name in story.authors)
    head = (
        f"<title>{story.html} • Quay Post</title>{names}"
        f"<meta name='pubdate' content='{story.at:%a, %d %b %Y %H:%M:%S} GMT'>"
    )
    return page(head, f"{story.h1}{body()}")


def dublin_core(story: Story) -> str:
    names = "".join(f"<meta name='DC.creator' content='{attribute(name)}'>" for name in story.authors)
    head = (
        f"<meta name='DC.title' content='{story.quoted}'>"
        f"<meta name='DC.date.issued' content='{story.at:%Y-%m-%d}'>{names}"
    )
    return page(head + "<title>Ministry of Harbors</title>", f"{story.h1}{body()}")


def admin_author(story: Story) -> str:
    head = f"<title>{story.html} | Quay Post</title><meta name='author' content='admin'>"
    node = {"@type": "NewsArticle", "headline": story.title, "datePublished": story.iso}
    head += "<meta property='article:author' content='https://social.example/quaypost'>"
    head += script({**node, "author": {"name": "quaypost_web2"}})
    return page(head, f"{story.h1}<p>By {story.names}, Quay Post Staff Writer</p>{body()}")


def capitals(story: Story) -> str:
    inner = (
        f"{story.h1}<div class='story-byline'>BY {story.names.upper()}</div>"
        f"<div class='story-date'>PUBLISHED {story.us_day.upper()} AT 9:15 AM ET</div>{body()}"
    )
    return page(
        f"<title>{story.html} &ndash; Quay Post</title>" + site("Quay Post"),
        inner,
    )


def own_lines(story: Story) -> str:
    names = (
        "".join(f"<p>{n}</p>" for n in story.authors[:1])
        if len(story.authors) == 1
        else f"<p>{story.names}</p>"
    )
    inner = (
        f"{story.h1}<div><p>Written by</p>{names}</div><div><p>Published</p><p>{story.us_day}</p>"
        f"</div>{body()}"
    )
    return page(f"<title>{story.html}</title>", inner)


def url_day(story: Story) -> str:
    inner = f"{story.h1}<div class='post-header__author'>{story.names}</div>{body()}"
    return page(f"<title>{story.html}</title>", inner)


def german(story: Story) -> str:
    line = f"Stand: {story.at.day}. {month(story, GERMAN)} {story.at.year}, {story.at:%H.%M} Uhr"
    inner = (
        f"{story.h1}<p class='autor'>Von {' und '.join(story.authors)}</p><p class='datum'>"
        f"<time>{line}</time></p>{body()}"
    )
    return page(f"<title>{story.html} | Hafenblatt</title>", inner, lang="de")


def french(story: Story) -> str:
    line = f"Publié le {story.at.day} {month(story, FRENCH)} {story.at.year} à {story.at:%Hh%M}"
    inner = (
        f"{story.h1}<p class='author'>Par {' et '.join(story.authors)}</p><p><time>{line}</time></p>{body()}"
    )
    return page(
        f"<title>{story.html} - Le Quai</title>" + site("Le Quai"),
        inner,
        lang="fr-FR",
    )


def spanish(story: Story) -> str:
    line = f"{story.at.day} de {month(story, SPANISH)} de {story.at.year} {story.at:%H:%M}"
    inner = (
        f"{story.h1}<p><a rel='author' href='/autor/x/'>{' y '.join(story.authors)}</a></p><p>"
        f"<time>{line}</time></p>{body()}"
    )
    return page(f"<title>{story.html} | El Muelle</title>", inner, lang="es")


def british(story: Story) -> str:
    inner = (
        f"{story.h1}<p class='byline'>{story.names}</p>"
        f"<time class='date'>{story.at:%d/%m/%Y} {story.at:%H:%M}</time>{body()}"
    )
    return page(f"<title>{story.html} | The Quay</title>", inner, lang="en-GB")


def updated_line(story: Story) -> str:
    inner = (
        f"{story.h1}<p>By {story.names} | Quay Post</p><p>Updated: January 9, 2025</p>"
        f"<p>Published: {story.us_day} 5:15 p.m. EST</p>{body()}"
    )
    return page(f"<title>{story.html} | Quay Post</title>", inner)


def marked_dates(story: Story) -> str:
    cards = "".join(
        f"<article class='card'><h3><a href='/n{n}/'>Other news {n}</a></h3>"
        f"<time datetime='2025-01-0{n}'>x</time></article>"
        for n in (1, 2)
    )
    inner = (
        f"<aside class='latest'>{cards}</aside>{story.h1}<p>by <a href='/people/x/'>{story.names}"
        f"</a></p><time datetime='{story.iso}' class='dt-published'>{story.us_day}</time>{body()}"
    )
    return page(f"<title>{story.html}</title>", inner)


def epoch(story: Story) -> str:
    seconds = int(story.at.timestamp()) * 1000
    node = {
        "@type": "BlogPosting",
        "headline": story.title,
        "datePublished": seconds,
        "creator": list(story.authors),
    }
    return page(f"<title>{story.html} ~ Quay</title>" + script(node), f"{story.h1}{body()}")


FORMS = (
    wordpress_yoast,
    wordpress_classic,
    drupal,
    afpims_modern,
    afpims_print,
    amp,
    blogger,
    ghost,
    arc,
    data_script,
    table_page,
    trailing_comma,
    broken_quotes,
    microdata,
    entities,
    cut_headline,
    meta_only,
    dublin_core,
    admin_author,
    capitals,
    own_lines,
    url_day,
    german,
    french,
    spanish,
    british,
    updated_line,
    marked_dates,
    epoch,
)


def field_pages() -> list[FieldPage]:
    """Every form of every story."""
    return [
        FieldPage(
            name=f"{form.__name__}-{number}",
            url=f"https://www.quay.example/{story.at:%Y/%m/%d}/{story.slug}/" if form is url_day
            else f"https://www.quay.example/news/{story.slug}",
            markup=form(story), title=story.title, authors=story.authors, day=f"{story.at:%Y-%m-%d}", site="",
        )
        for form in FORMS
        for number, story in enumerate(STORIES)
    ]  # fmt: skip
