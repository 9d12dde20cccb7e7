"""`presswarc extract`: HTML or text files to clean articles."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TextIO

import click

from crawler.cli.bytes_given import read_given
from crawler.cli.faults import tell
from crawler.cli.options import Common, talk_options
from crawler.cli.output import Output, open_output, row_options, write_rows
from crawler.cli.person import Page, terminal_width, told
from crawler.cli.values import printable
from storage.article import Article, Outcome
from storage.errors import PresswarcError, UsageError
from storage.inflate import inflated

if TYPE_CHECKING:
    from pipelines.workers import Workers

_SNIFFED_BYTES = 1 << 16
_FEWEST_TAGS = 3
_MOST_UNPACKED = 64 << 20
_MOST_BYTES = 256_000_000
_OPENING = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|\?xml)\b", re.IGNORECASE | re.DOTALL
)
_TAGS = re.compile(
    r"</?(?:p|div|a|span|br|h[1-6]|ul|ol|li|table|td|article|section|main|header|nav|meta|title|script|img)\b[^<>]*>",
    re.IGNORECASE,
)
_BLOCK_COLUMNS = ("file", "number", "kind", "kept", "rule", "text", "path", "label")
_FIELD_COLUMNS = ("file", "field", "value", "source", "won")


class Content(StrEnum):
    """What a file holds."""

    HTML = "html"
    TEXT = "text"
    WARC = "warc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """The article of one file; `file` is `-` for stdin."""

    file: str
    url: str | None
    article: Article


@dataclass(slots=True)
class Tally:
    """Files done, and files that could not be used."""

    done: int = 0
    failed: int = 0

    def exit_code(self) -> int:
        """0, 1 where some files failed, 2 where all did."""
        return 0 if not self.failed else 1 if self.done else 2


@click.command(
    epilog="""\b
Examples:
  presswarc extract page.html
  presswarc extract --blocks page.html
  presswarc extract --blocks --paths page.html | less
  presswarc extract --fields page.html
  presswarc extract --ndjson pages/*.html -o articles.ndjson
  curl -s https://example.org/story | presswarc extract --url https://example.org/story -
"""
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--as",
    "content",
    type=click.Choice(["html", "text"]),
    help="What the files hold; without it their content tells.",
)
@click.option("--url", help="The page's URL: links, dates and the publisher's rules are read better with it.")
@click.option(
    "--blocks",
    "shown",
    flag_value="blocks",
    help="Each block of the page in its order: its kind, the rule, and a mark, + for kept and - for removed.",
)
@click.option("--paths", is_flag=True, help="With --blocks: where each block stood, as a DOM path.")
@click.option(
    "--fields",
    "shown",
    flag_value="fields",
    help="Each value that a field could have had, where it stood, and (*) which one was taken.",
)
@row_options()
@talk_options
def extract(
    files: tuple[str, ...],
    content: str | None,
    url: str | None,
    *,
    shown: str | None,
    paths: bool,
    output: Output,
    common: Common,
) -> int:
    """Turn HTML or text files (`-` is stdin) into clean articles.

    One file is printed for a person: title, fields, text, photos, and how many blocks of each kind were
    removed; with --blocks or --fields those instead. Give a form (or several files in a pipe) for rows.
    """
    if url and len(files) > 1:
        raise UsageError("--url is the URL of one page", hint="give one FILE with --url")
    if paths and shown != "blocks":
        raise UsageError("--paths tells where blocks stood", hint="give it with --blocks")
    tally = Tally()
    articles = _extracted(files, Content(content) if content else None, url, tally, common)
    if _for_person(output, files):
        with open_output(output) as file:
            for number, one in enumerate(articles):
                file.write("\n\n" * bool(number))
                _tell(one, file, shown, paths=paths, several=len(files) > 1)
    else:
        _write_rows(articles, output, shown)
    return tally.exit_code()


def _write_rows(articles: Iterator[Extracted], output: Output, shown: str | None) -> None:
    """Rows of blocks, of fields' values, or of whole articles."""
    if shown == "blocks":
        write_rows(_BLOCK_COLUMNS, _block_rows(articles), output)
    elif shown == "fields":
        write_rows(_FIELD_COLUMNS, _field_rows(articles), output)
    else:
        names = [field.name for field in dataclasses.fields(Article)]
        rows = ([one.file, one.url, *(getattr(one.article, name) for name in names)] for one in articles)
        write_rows(["file", "url", *names], rows, output)


def content_of(data: bytes) -> Content:
    r"""What the bytes hold, by the bytes alone.

    >>> content_of(b"<!DOCTYPE html><p>a"), content_of(b"If a < b, say so."), content_of(b"WARC/1.1\r\n")
    (<Content.HTML: 'html'>, <Content.TEXT: 'text'>, <Content.WARC: 'warc'>)
    """
    from pipelines.page.charset import decode_html

    start = _unpacked(data[:_SNIFFED_BYTES])
    if start.startswith(b"WARC/"):
        return Content.WARC
    text = decode_html(start)
    if _OPENING.match(text.removeprefix("\ufeff")) or (b"\x00" in start and "\x00" in text):
        return Content.HTML  # bytes that are no text at all too: extraction says what is wrong with them
    tags = sum(1 for _ in zip(range(_FEWEST_TAGS), _TAGS.finditer(text), strict=False))
    return Content.HTML if tags == _FEWEST_TAGS or text.lstrip().startswith("%PDF") else Content.TEXT


def _extracted(
    files: tuple[str, ...], content: Content | None, url: str | None, tally: Tally, common: Common
) -> Iterator[Extracted]:
    """The article of each file that can be used; the others are told on stderr and counted."""
    from pipelines.workers import Workers

    with Workers(1) as pool:  # a page that takes for ever, or all the memory, costs itself only
        for name in files:
            try:
                article = _article(name, content, url, pool)
            except PresswarcError as error:
                tell(error, debug=common.debug)
                tally.failed += 1
                continue
            tally.done += 1
            if article.outcome is not Outcome.ARTICLE:
                common.note(f"{name}: no article found ({article.outcome.value.replace('_', ' ')})")
            yield Extracted(file=name, url=url, article=article)


def _article(name: str, content: Content | None, url: str | None, pool: Workers) -> Article:
    """The article in the file called `name`, read in a process of the pool. Raises: UsageError."""
    from pipelines import extract_article
    from pipelines.workers import CallFailedError

    data = _read(name)
    found = content_of(data)
    if found is Content.WARC:
        raise UsageError(
            "a WARC file holds captures, not one page",
            hint="`presswarc replay FILE` makes its articles, `presswarc import FILE` takes it in too",
            where=name,
        )
    is_text = (content or found) is Content.TEXT
    call = partial(cleaned if is_text else extract_article, _unpacked(data), url=url)
    try:
        return pool.submit(call).result()
    except CallFailedError as error:
        return Article(title=None, text="", outcome=error.outcome, outcome_reason=error.reason)


def cleaned(data: bytes, *, url: str | None) -> Article:
    """The article of a text."""
    from pipelines import clean_text
    from pipelines.page.charset import decode_html

    return clean_text(decode_html(data), url=url)


def _read(name: str) -> bytes:
    """The file's bytes. Raises: UsageError."""
    try:
        return read_given(name, _MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"cannot read the file: {reason}", hint="check the path and its rights", where=name
        ) from error


def _unpacked(data: bytes) -> bytes:
    """The bytes inside a gzip file, as far as they unpack; other bytes as they are."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacked, _ = inflated(data, most_bytes=_MOST_UNPACKED)
    return unpacked or data


def _block_rows(articles: Iterator[Extracted]) -> Iterator[tuple[object, ...]]:
    for one in articles:
        for number, block in enumerate(one.article.blocks, start=1):
            yield (
                one.file,
                number,
                block.kind,
                block.kept,
                block.rule,
                block.text,
                block.path,
                block.label,
            )


def _field_rows(articles: Iterator[Extracted]) -> Iterator[tuple[object, ...]]:
    for one in articles:
        for value in one.article.candidates:
            yield one.file, value.field, value.value, value.source, value.won


def _for_person(output: Output, files: tuple[str, ...]) -> bool:
    """Whether to print for a person: nothing said of a form, and one file or a terminal."""
    if output.form or (output.path and output.path.suffix.lower() not in {"", ".txt", ".md"}):
        return False
    return len(files) == 1 or output.path is not None or sys.stdout.isatty()


def _tell(one: Extracted, file: TextIO, shown: str | None, *, paths: bool, several: bool) -> None:
    """One file for a person: its blocks, its fields' values, or the article."""
    if shown is None:
        _tell_article(one, file, several=several)
        return
    from crawler.cli.block_view import write_blocks, write_candidates

    if several:
        file.write(printable(one.file) + "\n\n")
    if shown == "blocks":
        write_blocks(one.article.blocks, file, paths=paths)
    else:
        write_candidates(one.article.candidates, file)


def _tell_article(one: Extracted, file: TextIO, *, several: bool) -> None:
    article = one.article
    page = Page(
        title=article.title,
        fields=(
            ("file", one.file if several else None),
            ("outcome", None if article.outcome is Outcome.ARTICLE else article.outcome),
            ("url", one.url),
            ("site", article.site_name),
            ("section", article.section),
            ("authors", article.authors),
            ("dateline", article.dateline),
            ("published", article.published_at or article.published_raw),
            ("modified", article.modified_at or article.modified_raw),
            ("language", article.language),
            ("kind", article.page_kind),
            ("canonical", article.declared_canonical),
            ("origin", article.origin_url),
            ("paywalled", "yes" if article.paywalled else None),
            ("layout", article.layout_drift),
        ),
        text=article.text,
        photos=article.photos,
        removed=[(block.kind, block.text) for block in article.blocks if not block.kept],
    )
    file.write(told(page, terminal_width() if file is sys.stdout else None))
