"""The Scrapy item pipeline: a thin adapter over pipelines.run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from crawler.items import ArticleItem, PageItem
from pipelines.run import extract, extraction_row
from pipelines.workers import CallFailedError
from storage.errors import WorkersError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawling import Crawling
    from storage.model import Extraction


class ExtractPipeline:
    """Page in, article out: extracted in a worker process, given to the index."""

    def __init__(self, crawling: Crawling) -> None:
        """Work for one crawl."""
        self._crawling = crawling

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ExtractPipeline:
        """Make the pipeline for the crawl that the spider opened."""
        return cls(crawler.spider.crawling)  # type: ignore[union-attr]

    async def process_item(self, item: PageItem) -> ArticleItem:
        """Extract a page. Raises: DropItem where there is no article; the index keeps the reason."""
        try:
            extraction = await self._crawling.session.parse(extract, item.record, item.capture)
        except CallFailedError as error:
            extraction = extraction_row(item.capture, error.outcome, reason=error.reason)
        except WorkersError as error:  # which ends the crawl; the next one extracts the page
            raise DropItem(error.message, log_level="DEBUG") from error
        self._crawling.extracted(extraction)
        if extraction.article is None:
            raise DropItem(f"{extraction.outcome.value}: {extraction.url}", log_level="DEBUG")
        return _item(extraction)


def _item(extraction: Extraction) -> ArticleItem:
    """The article of an extraction, as an item."""
    article = extraction.article
    if article is None:
        raise DropItem(extraction.outcome.value)
    return ArticleItem(
        article_id=extraction.article_id,
        url=extraction.url,
        canonical_url=extraction.canonical_url,
        source=extraction.source,
        title=article.title,
        authors=list(article.authors),
        dateline=article.dateline,
        published_at=article.published_at,
        modified_at=article.modified_at,
        language=article.language,
        text=article.text,
        word_count=extraction.word_count,
        text_digest=extraction.text_digest,
        origin_url=article.origin_url,
        page_kind=article.page_kind.value,
        photos=[asdict(photo) for photo in article.photos],
        captured_at=extraction.captured_at,
        crawl_id=extraction.crawl_id,
    )
