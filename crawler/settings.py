"""Scrapy's settings, derived from ours in one place: `scrapy crawl` and `presswarc crawl` run the same.

Scrapy's defaults are for reach; these are for an archive: robots.txt obeyed, no telnet or remote console, no
other schemes than http and https, certificates verified, no cookies, sizes and times bounded.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from scrapy.settings.default_settings import EXTENSIONS_BASE

from crawler.config import load_config
from storage.errors import SeedError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.seeds import Seed

ARCHIVE_SLOT = "presswarc_archive"  # of requests that the archive answers
# Without any delay Scrapy 2.19 sends off all that waits for a host at once, however few may run together.
_LEAST_DELAY_S = 0.001
_BROWSER = "crawler.browser.handler.BrowserHandler"
_HANDLERS = {
    "http": "crawler.capture.handler.CaptureHandler",
    "https": "crawler.capture.handler.CaptureHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
_CONSOLES = frozenset(
    {"scrapy.extensions.telnet.TelnetConsole", "scrapy.extensions.remote_control.RemoteControl"}
)


def of_config(config: Config) -> dict[str, Any]:
    """Scrapy settings that hold for every crawl."""
    return {
        "BOT_NAME": "presswarc",
        "SPIDER_MODULES": ["crawler.spiders"],
        "NEWSPIDER_MODULE": "crawler.spiders",
        "USER_AGENT": config.user_agent,
        "DOWNLOAD_HANDLERS": dict(_HANDLERS),
        "EXTENSIONS": {"crawler.ending.Ending": 0},
        # Consoles are off below, and not even loaded: one brings a whole web server with it.
        "EXTENSIONS_BASE": {name: at for name, at in EXTENSIONS_BASE.items() if name not in _CONSOLES},
        "ITEM_PIPELINES": {"crawler.itempipelines.ExtractPipeline": 300},
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawler.middlewares.compression.CompressionMiddleware": 590,  # where Scrapy has its own
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "crawler.middlewares.redirects.TolerantRedirectMiddleware": 600,  # the same
            "crawler.middlewares.scope.RedirectScopeMiddleware": 50,
            "crawler.middlewares.robots.RobotsMiddleware": 100,
            # Between retries (550) and decompression (590).
            "crawler.middlewares.politeness.PolitenessMiddleware": 560,
        },
        # Every WARC reader undoes these two; brotli stops some of them, zstd most.
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": "gzip, deflate",
        },
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
        # A pause that a site asks for is kept whole; nobody is to be deceived by irregular ones.
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_TIMEOUT": config.timeout_s,
        "DOWNLOAD_MAXSIZE": config.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": 10,
        "METAREFRESH_ENABLED": False,
        "RETRY_TIMES": config.retries,
        "LOG_LEVEL": config.log_level.upper(),
        "LOG_FORMAT": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        "STATS_DUMP": False,
        "FEED_EXPORT_ENCODING": "utf-8",
    }


def of_seed(seed: Seed) -> dict[str, Any]:
    """Scrapy settings of one source: politeness, robots policy, limits.

    Raises: SeedError for a seed that asks for HTTP/2 where the package for it is not installed.
    """
    if seed.http2 and find_spec("h2") is None:
        raise SeedError(
            f"the seed {seed.name} asks for HTTP/2, which is not installed",
            hint="pip install 'presswarc[http2]', or set http2 = false in the seed",
            where=str(seed.path or ""),
        )
    handlers = {**_HANDLERS, "http": _BROWSER, "https": _BROWSER} if seed.browser else dict(_HANDLERS)
    return {
        "DOWNLOAD_HANDLERS": handlers,
        "PRESSWARC_HTTP2": seed.http2,
        "ROBOTSTXT_OBEY": seed.robots.obey,
        "DOWNLOAD_DELAY": seed.politeness.delay_s or _LEAST_DELAY_S,
        "DOWNLOAD_SLOTS": {ARCHIVE_SLOT: {"concurrency": 4, "delay": 0}},
        "CONCURRENT_REQUESTS_PER_DOMAIN": seed.politeness.concurrency,
    }


globals().update(of_config(load_config()))
