"""Asking a site politely: robots.txt obeyed, a pause between requests, each address asked for once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.discovery.links import clean_url
from crawler.probing.fetching import Answer, get
from crawler.robots import Rules, read_rules

if TYPE_CHECKING:
    from crawler.guard import AddressPolicy

MOST_HOPS = 10
LONGEST_DELAY_S = 30.0  # a probe does not wait for longer than this, whatever robots.txt asks of a crawl
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_MOVED = {301, 302, 303, 307, 308}


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks, and remembers the answers.

    `obey`: robots.txt is heeded. `goes_without`: where it can't be read, that is no obstacle.
    """

    policy: AddressPolicy
    user_agent: str
    timeout_s: float = 30.0
    delay_s: float = 1.0
    obey: bool = True
    goes_without: bool = False
    _answers: dict[str, Answer] = field(default_factory=dict)
    _rules: dict[str, Rules | None] = field(default_factory=dict)  # None: it could not be read
    _asked_at: dict[str, float] = field(default_factory=dict)

    def ask(self, url: str) -> Answer:
        """The answer at `url`, redirects followed; its `url` is where they led."""
        if url not in self._answers:
            self._answers[url] = self._follow(url)
        return self._answers[url]

    def robots(self, url: str) -> Answer:
        """The robots.txt of the URL's host."""
        address = urljoin(url, "/robots.txt")
        if address not in self._answers:
            self._answers[address] = self._follow(address, free=True)
        return self._answers[address]

    def crawl_delay(self, url: str) -> float:
        """Seconds that robots.txt asks to leave between requests; 0 where it asks nothing."""
        rules = self._rules_of(url)
        return (rules.crawl_delay_s if rules else None) or 0.0

    def _follow(self, url: str, *, free: bool = False) -> Answer:
        """The answer after redirects, each hop under the same rules; robots.txt itself is `free` of them."""
        here = url
        for _ in range(MOST_HOPS):
            answer = self._one(here, free=free)
            location = answer.headers.get("Location") if answer.status in _MOVED else None
            if location is None:
                return answer
            target = clean_url(location, here)
            if target is None:
                return replace(answer, problem="redirected to no web address")
            here = target
        return Answer(url=here, problem=f"redirected more than {MOST_HOPS} times")

    def _one(self, url: str, *, free: bool) -> Answer:
        """The answer to one request, or why it was not made."""
        if not free and urlsplit(url).path != "/robots.txt" and self.obey:
            rules = self._rules_of(url)
            if rules is None and not self.goes_without:
                robots = self.robots(url)
                why = robots.problem or f"status {robots.status}"
                return Answer(url=url, problem=f"nothing is asked for without its robots.txt: {why}")
            if rules is not None and not rules.allows(url):
                return Answer(url=url, problem=f"robots.txt forbids it: {rules.deciding(url)}")
        self._pause(url)
        return get(url, self.policy, user_agent=self.user_agent, timeout_s=self.timeout_s)

    def _rules_of(self, url: str) -> Rules | None:
        """What robots.txt says; all is allowed where there is none. Source: RFC 9309 section 2.3.1."""
        origin = urljoin(url, "/")
        if origin not in self._rules:
            answer = self.robots(url)
            if answer.status == 0 or answer.status >= _SERVER_ERROR or answer.status == _TOO_MANY:
                self._rules[origin] = None
            else:
                body = answer.body if answer.status == _OK else b""
                self._rules[origin] = read_rules(body, self.user_agent)
        return self._rules[origin]

    def _pause(self, url: str) -> None:
        """Wait until the host may be asked again."""
        host = urlsplit(url).netloc
        known = self._rules.get(urljoin(url, "/"))
        asked = (known.crawl_delay_s if known else None) or 0.0
        pause = max(self.delay_s, min(asked, LONGEST_DELAY_S)) if self.delay_s else 0.0
        wait = self._asked_at.get(host, -pause) + pause - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._asked_at[host] = time.monotonic()
