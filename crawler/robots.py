"""robots.txt -> rules, and what they say of a URL, with the line that decided. No network.

Source: RFC 9309. Beside it `Crawl-delay`, which many sites use.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

READ_BYTES = 1 << 20  # RFC 9309 section 2.5 asks for 500 KiB at least
_LINE = re.compile(r"\r\n|\r|\n")
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_USER_AGENT, _CRAWL_DELAY = frozenset({"user-agent", "useragent"}), frozenset({"crawl-delay"})
_ALLOW = frozenset({"allow"})
# What is meant for a prohibition is obeyed as one.
_DISALLOW = frozenset({"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"})
_SHOWN = 100  # characters of a pattern
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One Allow or Disallow line: `line` counts from 1, `agent` names its group, `path` is compared."""

    allow: bool
    pattern: str
    path: str
    line: int
    agent: str

    def __str__(self) -> str:
        """The rule as a person finds it again."""
        shown = "".join(char if char.isprintable() else "\ufffd" for char in self.pattern[:_SHOWN])
        return (
            f"{'Allow' if self.allow else 'Disallow'}: {shown} (line {self.line}, for {self.agent[:_SHOWN]})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a robots.txt says to one crawler: its rules in their order, and the pause that it asks for."""

    rules: tuple[Rule, ...] = ()
    crawl_delay_s: float | None = None

    def deciding(self, url: str) -> Rule | None:
        r"""The rule that decides about `url`, None where none does: the longest, of two as long the Allow.

        >>> rules = read_rules(b"User-agent: *\nDisallow: /a/\nAllow: /a/*.html$", "presswarc")
        >>> str(rules.deciding("https://example.org/a/b.html")), rules.deciding("https://example.org/c")
        ('Allow: /a/*.html$ (line 3, for *)', None)
        """
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return None
        mark = "?" if "?" in url.partition("#")[0] else ""  # asked for also where nothing follows it
        target = normal((parts.path or "/") + mark + parts.query)
        matching = (rule for rule in self.rules if _matches(rule.path, target))
        return max(matching, key=lambda rule: (len(rule.path), rule.allow), default=None)

    def allows(self, url: str) -> bool:
        """Whether the URL may be fetched."""
        rule = self.deciding(url)
        return rule is None or rule.allow


@dataclass(slots=True)
class _Group:
    """The lines under one or more User-agent lines."""

    agents: list[str] = field(default_factory=list)
    rules: list[tuple[bool, str, int]] = field(default_factory=list)
    delay_s: float | None = None


def read_rules(body: bytes, user_agent: str) -> Rules:
    """The rules of a robots.txt for a crawler: of all groups for its product token, else of those for `*`."""
    token = product_token(user_agent).lower()
    groups = list(_groups(body))
    for wanted in (token, "*"):
        named = [(group, agent) for group in groups for agent in group.agents if _token(agent) == wanted]
        if named:
            rules = tuple(
                Rule(allow=allow, pattern=pattern, path=normal(pattern), line=line, agent=agent)
                for group, agent in named
                for allow, pattern, line in group.rules
            )
            delays = [group.delay_s for group, _ in named if group.delay_s is not None]
            return Rules(rules=rules, crawl_delay_s=max(delays, default=None))
    return Rules()


def product_token(user_agent: str) -> str:
    """The name that robots.txt knows a crawler by.

    >>> product_token("presswarc/0.6 (+https://example.org/bot)")
    'presswarc'
    """
    found = _PRODUCT.match(user_agent.strip())
    return found[0] if found else user_agent.strip()


def normal(path: str) -> str:
    """A path or pattern as paths are compared: percent-encoded but for what need not be.

    >>> normal("/café/%7ejoe/%2fa"), normal("/caf%c3%a9")
    ('/caf%C3%A9/~joe/%2Fa', '/caf%C3%A9')
    """
    if path.isascii() and "%" not in path:
        return path
    encoded = "".join(char if char.isascii() else _percent(char) for char in path)
    return _ENCODED.sub(_as_compared, encoded)


def _percent(char: str) -> str:
    errors = "surrogateescape" if "\udc80" <= char <= "\udcff" else "replace"
    return "".join(f"%{octet:02X}" for octet in char.encode("utf-8", errors))


def _as_compared(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


def _token(agent: str) -> str:
    """The product token of a User-agent line, lower case; `*` stays."""
    if agent.startswith("*"):
        return "*"
    found = _PRODUCT.match(agent)
    return found[0].lower() if found else ""


def _groups(body: bytes) -> Iterator[_Group]:
    """The groups of a file, as far as it is read. Sitemap lines and the like end none."""
    group = _Group()
    for number, name, value in _fields(body):
        if name in _USER_AGENT:
            if group.rules or group.delay_s is not None:
                yield group
                group = _Group()
            group.agents.append(value)
        elif not group.agents:
            continue
        elif name in _ALLOW or name in _DISALLOW:
            # An empty Disallow forbids nothing, but ends the group's names as any rule does.
            group.rules.append((name in _ALLOW, value, number))
        elif name in _CRAWL_DELAY:
            # Where it stands alone under a name, the next name begins another group: so its authors mean it.
            delay = _seconds(value)
            group.delay_s = delay if delay is not None else group.delay_s
    yield group


def _fields(body: bytes) -> Iterator[tuple[int, str, str]]:
    """Line number, name in lower case and value of each line that has both, comments left out."""
    text = body[:READ_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    lines = _LINE.split(text)
    if len(body) > READ_BYTES:
        lines.pop()  # the last one is cut
    for number, line in enumerate(lines, 1):
        name, colon, value = line.partition("#")[0].partition(":")
        if not colon:
            name, _, value = line.partition("#")[0].strip().partition(" ")
        yield number, name.strip().lower(), value.strip()


def _seconds(text: str) -> float | None:
    """A pause in seconds, None where the text is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


def _matches(pattern: str, target: str) -> bool:
    """Whether a pattern matches from the target's start: `*` is anything, a `$` at its end is the end.

    >>> _matches("/a/*.html$", "/a/b.html"), _matches("/a/*.html$", "/a/b.html?c"), _matches("/a", "/abc")
    (True, False, True)
    """
    if not pattern:
        return False
    anchored = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not target.startswith(pieces[0]):
        return False
    if len(pieces) == 1:
        return not anchored or target == pieces[0]
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        found = target.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    if anchored:
        return target.endswith(pieces[-1]) and len(target) - len(pieces[-1]) >= place
    return target.find(pieces[-1], place) >= 0
