"""What benchmarks/extraction.py compares: each contender makes a text of a page, some its fields too."""

from __future__ import annotations

import importlib.metadata
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import trafilatura
from lxml import html as lxml_html

from pipelines import extract_article
from pipelines.fields.dates import parse_date
from pipelines.page.charset import decode_html
from storage.article import Article


@dataclass(frozen=True, slots=True)
class Contender:
    """`package` is what must be installed; `fields` says that it gives title, authors and date as well."""

    name: str
    run: Callable[[bytes, str | None], Article]
    package: str = "trafilatura"
    fields: bool = False

    @property
    def version(self) -> str | None:
        """Version of the package, None where it is not installed."""
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return None


def by_presswarc(html: bytes, url: str | None) -> Article:
    return extract_article(html, url=url)


def by_trafilatura(html: bytes, _url: str | None) -> Article:
    return Article(title=None, text=trafilatura.extract(html) or "")


def by_trafilatura_without_comments(html: bytes, _url: str | None) -> Article:
    return Article(title=None, text=trafilatura.extract(html, include_comments=False) or "")


def by_trafilatura_json(html: bytes, url: str | None) -> Article:
    told = trafilatura.extract(
        html, url=url, include_comments=False, with_metadata=True, output_format="json"
    )
    fields = json.loads(told) if told else {}
    return _article(
        fields.get("title"),
        fields.get("text") or "",
        (fields.get("author") or "").split("; "),
        fields.get("date"),
    )


def by_readability(html: bytes, _url: str | None) -> Article:
    from readability import Document

    document = Document(decode_html(html))
    summary = lxml_html.fromstring(document.summary())
    lines = (" ".join(text.split()) for text in summary.itertext())
    return Article(title=document.short_title(), text="\n".join(line for line in lines if line))


def by_resiliparse(html: bytes, _url: str | None) -> Article:
    from resiliparse.extract.html2text import extract_plain_text

    return Article(
        title=None, text=extract_plain_text(decode_html(html), main_content=True, alt_texts=False) or ""
    )


def by_newspaper(html: bytes, url: str | None) -> Article:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import newspaper

        page = newspaper.Article(url or "https://news.example/story", fetch_images=False)
        page.download(input_html=decode_html(html))
        page.parse()
    when = page.publish_date
    return _article(page.title, page.text or "", page.authors, when.isoformat() if when else None)


def _article(title: str | None, text: str, authors: list[str], when: str | None) -> Article:
    moment = parse_date(when) if when else None
    return Article(
        title=title or None,
        text=text,
        authors=tuple(name for name in authors if name),
        published_at=moment.astimezone(UTC) if isinstance(moment, datetime) else None,
        published_raw=when,
    )


CONTENDERS = (
    Contender("presswarc", by_presswarc, "presswarc", fields=True),
    Contender("trafilatura, JSON with metadata", by_trafilatura_json, fields=True),
    Contender("trafilatura, comments off", by_trafilatura_without_comments),
    Contender("trafilatura, default", by_trafilatura),
    Contender("readability-lxml", by_readability, "readability-lxml"),
    Contender("resiliparse", by_resiliparse, "resiliparse"),
    Contender("newspaper4k", by_newspaper, "newspaper4k", fields=True),
)


def timed(name: str, html: bytes, url: str | None) -> tuple[Article, float]:
    """What a contender makes of a page, and its CPU seconds. Run in a process of its own: caches tell."""
    contender = next(one for one in CONTENDERS if one.name == name)
    begun = time.process_time()
    article = contender.run(html, url)
    return article, time.process_time() - begun
