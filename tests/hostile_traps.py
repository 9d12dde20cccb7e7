"""The traps of the hostile site: what lies at which path, and links that lead where nobody may go."""

# ruff: noqa: E501 (a table of payloads is read line by line)

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hostile_answers as answers
import hostile_pages as pages

HTML, sent, sound, page, head = answers.HTML, answers.sent, answers.sound, answers.page, answers.head
TALE = answers.TALE
Play = Callable[[Any], None]
_RSS, _XML = "application/rss+xml", "application/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the site is, and the listeners that nobody may reach."""

    port: int
    private_port: int
    tls_ports: tuple[int, ...] = ()


def private_urls(place: Place) -> Iterator[str]:
    """The private network, in every spelling."""
    hosts = (
        "127.0.0.2", "2130706434", "0x7f000002", "017700000002", "0x7f.2", "0177.0.0.2", "127.2", "[::1]",
        "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::127.0.0.2]", "[64:ff9b::7f00:2]", "[2002:7f00:2::]",
        "127.0.0.2.", "127。0。0。2", "①②⑦.0.0.2", "ip6-localhost", "[fe80::1%25lo]", "%31%32%37.0.0.2",
    )  # fmt: skip
    for host in hosts:
        yield f"http://{host}:{place.port}/secret"
    for host in (
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "0",
        "[::]",
        "127.1",
        "LOCALHOST.",
        "localhost.localdomain",
    ):
        yield f"http://{host}:{place.private_port}/secret"
    for host in ("10.0.0.1", "169.254.169.254/latest/meta-data", "100.64.0.1", "192.168.0.1", "172.16.0.1"):
        yield f"http://{host}/"
    yield "http://metadata.google.internal/computeMetadata/v1/"
    yield f"http://127.0.0.1@127.0.0.2:{place.port}/secret"
    yield f"http://127.0.0.1:{place.port}@127.0.0.2:{place.port}/secret"
    yield f"http://127.0.0.1:{place.port}#@127.0.0.2:{place.port}/secret"
    yield f"http:\\\\127.0.0.2:{place.port}\\secret"
    yield f"//127.0.0.2:{place.port}/secret"
    yield f"ht\ttp://127.0.0.2:{place.port}/se\ncret"
    yield from ("file:///etc/passwd", "file://localhost/etc/hostname", "ftp://127.0.0.2/secret")
    yield from ("data:text/html,<p>data", "gopher://127.0.0.2:70/", "s3://bucket/key", "javascript:alert(1)")
    yield from (
        "view-source:http://127.0.0.2/",
        "blob:http://127.0.0.2/a",
        "ws://127.0.0.2/",
        "jar:http://a!/b",
    )


def links(place: Place) -> list[str]:
    """Links of the home page that are traps by themselves."""
    odd = [
        "http://[", "http://[::1", "http://a:b:c/", "http://127.0.0.1:99999999/", "http:///", "http://", "//", "\x00",
        "/%00", "/a\x00b", "/\ud800".encode("utf-8", "replace").decode(), "/%ff%fe", "?" * 3000, "/" + "a" * 65_536,
        "/" + "b" * 1_000_000, "/x/" * 40, "/../../../../etc/passwd", "/a b\tc", "/;" * 500, "/#" + "c" * 9000,
        "http://" + "d" * 300 + ".test/", "http://" + ".".join(["e"] * 200) + "/", "http://xn--a.test/",
        "http://\u202eevil.test/", "/news/" + "(a+)+" * 20 + "!", "/news/" + "a" * 1900 + "!",
    ]  # fmt: skip
    return [*private_urls(place), *odd, *(f"https://127.0.0.1:{port}/tls" for port in place.tls_ports)]


def robots(place: Place) -> str:
    """A robots.txt with sitemaps in the private network, and patterns that a careless matcher dies of."""
    lines = ["User-agent: *", "Disallow: /forbidden/", "Disallow: /" + "*a" * 60 + "$", "Allow: /"]
    lines += [f"Sitemap: {url}" for url in private_urls(place)]
    lines += ["Sitemap: /map.xml", "Sitemap: /map-bomb.xml", "Sitemap: /map-xxe.xml", "Sitemap: /map.xml.gz"]
    lines += ["Sitemap: /map-nested.xml", "Crawl-delay: nan", "Sitemap: file:///etc/passwd", "\x00: \x00"]
    return "\n".join(lines)


def static(place: Place) -> dict[str, Play]:
    """Path and answer of each trap that has one of its own."""
    every = {
        **_slow(), **_lying(), **pages.bombs(), **pages.codings(), **pages.markup(), **_moving(place), **_refusing(),
        **pages.feeds(place.port, private_urls(place)),
    }  # fmt: skip
    return {placed(path): play for path, play in every.items()}


def placed(path: str) -> str:
    """Where a trap lies: each in a folder of its own, so that it is no section with others."""
    if not path.startswith("/t/") or path.count("/") > 2:
        return path
    return path.translate({48 + digit: 97 + digit for digit in range(10)}) + "/it"


def _slow() -> dict[str, Play]:
    """Answers that take long, or do not come."""
    start = head() + b"<html><body><p>Slowly now. "
    long = head("text/html", length=1_000_000)
    flood, drip, held = answers.flooded, answers.dripped, answers.held
    return {
        "/t/drip": drip(start, b"x"),
        "/t/drip-length": drip(long, b"x"),
        "/t/slow-head": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        "/t/slow-status": drip(b"", b"H"),
        "/t/slow-chunks": drip(head("text/html", "Transfer-Encoding: chunked"), b"1\r\na\r\n"),
        "/t/silence": held(b""),
        "/t/stall": held(long + b"<p>half"),
        "/t/stall-chunk": held(head("text/html", "Transfer-Encoding: chunked") + b"ffff\r\nabc"),
        "/t/early-hints-hold": held(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        "/t/continue-flood": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "/t/endless-head": flood(b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"y" * 900 + b"\r\n"),
        "/t/endless-line": flood(b"HTTP/1.1 200 OK\r\nX-Filler: ", b"y"),
        "/t/endless-status": flood(b"HTTP/1.1 200 ", b"O"),
        "/t/endless-body": flood(head(), b"<p>And on it goes. </p>"),
        "/t/endless-chunks": flood(head("text/html", "Transfer-Encoding: chunked"), b"5\r\n<p>on\r\n"),
        "/t/endless-chunk-line": flood(head("text/html", "Transfer-Encoding: chunked"), b"0"),
        "/t/endless-trailers": flood(
            head("text/html", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n", b"X-T: u\r\n"
        ),
        "/t/chunk-extension": flood(head("text/html", "Transfer-Encoding: chunked") + b"5;a=", b"b"),
    }


def _lying() -> dict[str, Play]:
    """Answers whose head and body do not agree, or that are no HTTP."""
    body = page(TALE).encode()
    chunked = head("text/html", "Transfer-Encoding: chunked")
    cut = answers.cut
    plain = {
        "short-length": head(length=50) + body,
        "long-length": head(length=len(body) + 5000) + body,
        "negative-length": head(HTML, "Content-Length: -5") + body,
        "two-lengths": head(HTML, "Content-Length: 10", "Content-Length: 20") + body,
        "list-of-lengths": head(HTML, "Content-Length: 10, 20") + body,
        "huge-length": head(HTML, "Content-Length: " + "9" * 5000) + body,
        "word-length": head(HTML, "Content-Length: plenty") + body,
        "hex-length": head(HTML, "Content-Length: 0x10") + body,
        "length-and-chunks": head(HTML, "Transfer-Encoding: chunked", length=10) + b"5\r\nhello\r\n0\r\n\r\n",
        "two-codings": head(HTML, "Transfer-Encoding: gzip, chunked") + b"5\r\nhello\r\n0\r\n\r\n",
        "cut-chunk": chunked + b"400\r\n" + body[:100],
        "bad-chunk": chunked + b"zz\r\n" + body,
        "negative-chunk": chunked + b"-5\r\nhello\r\n0\r\n\r\n",
        "huge-chunk": chunked + b"f" * 5000 + b"\r\nhello",
        "chunk-without-end": chunked + b"5\r\nhelloX5\r\nhello\r\n0\r\n\r\n",
        "no-bytes": b"",
        "garbage": random.Random(1).randbytes(9000),
        "http09": body,
        "no-version": b"HTTP 200 OK\r\n\r\n" + body,
        "bad-version": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "bad-status": b"HTTP/1.1 two hundred\r\nContent-Type: text/html\r\n\r\n" + body,
        "status-0": head(status="000 Zero") + body,
        "status-999": head(status="999 No") + body,
        "status-huge": head(status="9" * 4000 + " No") + body,
        "status-101": head(HTML, "Upgrade: websocket", status="101 Switching Protocols") + body,
        "status-204": head(status="204 No Content", length=len(body)) + body,
        "status-304": head(status="304 Not Modified") + body,
        "status-206": head(HTML, "Content-Range: bytes 0-10/9999", status="206 Partial Content", length=11)
        + body[:11],
        "status-416": sound(body, HTML, "Content-Range: bytes */1", status="416 No"),
        "status-407": sound(body, HTML, "Proxy-Authenticate: Basic", status="407 No"),
        "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
        "h2-frame": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
        "bare-lf": head().replace(b"\r\n", b"\n") + body,
        "bare-cr": head().replace(b"\r\n", b"\r") + body,
        "folded": head(HTML, "X-Fold: a\r\n b\r\n\tc", length=len(body)) + body,
        "no-colon": head(HTML, "This is no field", ": empty", "Bad Name: x", "X\x00Y: z", length=len(body))
        + body,
        "crlf-in-head": head(HTML, "X-A: b\r\rX-Injected: yes", "X-B: \x00\x01", length=len(body)) + body,
        "latin-head": b"HTTP/1.1 200 \xff\xfe\r\nX-\xe4: \xff\r\nContent-Type: text/html\r\n\r\n" + body,
        "many-fields": head(HTML, *[f"X-{n}: {n}" for n in range(10_000)], length=len(body)) + body,
        "large-field": head(HTML, "X-A: " + "z" * 200_000, length=len(body)) + body,
        "head-10mb": head(HTML, "X-A: " + "z" * 10_000_000, length=len(body)) + body,
        "cookies": head(HTML, *[f"Set-Cookie: c{n}={'v' * 4000}" for n in range(50)], length=len(body))
        + body,
        "two-answers": (sound(body) * 2).replace(b"Connection: close", b"Connection: keep-alive"),
        "warc-inside": sound(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n\r\n\r\nWARC/1.1\r\n" * 50 + body),
    }
    resets = {
        "/t/reset-now": cut(b""),
        "/t/reset-head": cut(b"HTTP/1.1 200 OK\r\nContent-"),
        "/t/reset-body": cut(head(length=9999) + body[:300]),
    }
    return {f"/t/{name}": sent(data) for name, data in plain.items()} | resets


def _moving(place: Place) -> dict[str, Play]:
    """Redirects and refreshes: in circles, away, nowhere."""

    def moved(target: str, *fields: str, status: str = "302 Found") -> Play:
        return sent(sound("<p>moved", HTML, f"Location: {target}", *fields, status=status))

    plays = {
        "/t/loop": moved(placed("/t/loop")),
        "/t/loop-a": moved(placed("/t/loop-b")),
        "/t/loop-b": moved(placed("/t/loop-a"), status="301 Moved"),
        "/t/move-empty": moved(""),
        "/t/move-crlf": moved("/x%0d%0aX-Injected:%20yes"),
        "/t/move-long": moved("/" + "r" * 100_000),
        "/t/move-bad": moved("http://["),
        "/t/move-many": moved("/t/one", "Location: /t/two"),
        "/t/move-bytes": moved("/\udcff\udcfe"),
        "/t/move-300": moved(placed("/t/loop"), status="300 Choices"),
        "/t/refresh-loop": sent(sound(page(TALE, more_head='<meta http-equiv="refresh" content="0;url=/t/refresh-loop/it">'))),
        "/t/refresh-head": sent(sound(page(TALE), HTML, f"Refresh: 0;url=http://127.0.0.2:{place.port}/secret")),
    }  # fmt: skip
    for number, url in enumerate(private_urls(place)):
        target = url.replace("\n", "").encode("utf-8").decode("latin-1")
        plays[f"/t/away-{number}"] = moved(
            target, status=("301 A", "302 B", "303 C", "307 D", "308 E")[number % 5]
        )
        meta = f'<meta http-equiv="refresh" content="0; url={url}">'
        plays[f"/t/refresh-{number}"] = sent(sound(page(TALE, more_head=meta)))
    return plays


def _refusing() -> dict[str, Play]:
    """Errors, and times to wait that nobody waits for. One that asks for a short pause would be waited for."""
    return {
        "/t/retry-years": sent(
            sound("<p>busy", HTML, "Retry-After: 99999999999", status="429 Too Many Requests")
        ),
        "/t/retry-date": sent(
            sound("<p>busy", HTML, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", status="503 Busy")
        ),
        **{f"/t/closed-{number}": sent(sound("<p>no", status="403 No")) for number in range(9)},
        "/t/error-500": sent(sound("<p>no", status="500 No")),
        "/t/error-403": sent(sound("<p>no", status="403 No")),
        "/t/error-401": sent(sound("<p>no", HTML, 'WWW-Authenticate: Basic realm="x"', status="401 No")),
        "/t/ok-retry-after": sent(sound(page(TALE), HTML, "Retry-After: 999999999999")),
        "/t/retry-404": sent(
            sound("<p>gone", HTML, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", status="404 No")
        ),
    }


def _nameless(path: str) -> Play:
    """A feed whose next page has another name in its query each time, and an entry that is not there."""
    name = f"{random.Random(path).getrandbits(60):x}"
    feed = f"<feed><link rel='next' href='/nameless/?{name}'/><entry><link href='/e{name}'/></entry></feed>"
    return sent(sound(feed, _RSS))


def growing(place: Place) -> dict[str, Callable[[str], Play]]:
    """Beginnings of paths below which there is always more."""

    def calendar(path: str) -> Play:
        month = int(path.rpartition("/")[2] or 0) % 100_000
        return sent(
            sound(
                page(
                    f"<a href='/calendar/{month + 1}'>next</a><a href='/calendar/{month - 1}'>prev</a>" + TALE
                )
            )
        )

    def session(path: str) -> Play:
        key = random.Random(path).getrandbits(64)
        return sent(
            sound(
                page(
                    f"<a href='/session/?sid={key:x}'>on</a><a href='/session/;jsessionid={key:x}'>on</a>"
                    + TALE
                )
            )
        )

    def deeper(path: str) -> Play:
        return sent(sound(page("<a href='deeper/'>deeper</a><a href='../up/deeper/'>up</a>" + TALE)))

    def farm(path: str) -> Play:
        key = random.Random(path)
        return sent(
            sound(page("".join(f"<a href='/farm/{key.getrandbits(40):x}'>on</a>" for _ in range(300))))
        )

    def chain(path: str) -> Play:
        step = int(path.rpartition("/")[2] or 0) + 1
        return sent(sound("<p>on", HTML, f"Location: /chain/{step}", status="302 Found"))

    def refreshing(path: str) -> Play:
        step = int(path.rpartition("/")[2] or 0) + 1
        return sent(
            sound(page("<p>on", more_head=f'<meta http-equiv="refresh" content="0;url=/refreshing/{step}">'))
        )

    def maps(path: str) -> Play:
        step = int(path.rpartition("/")[2].partition(".")[0] or 0) + 1
        return sent(
            sound(
                f"<sitemapindex><sitemap><loc>http://127.0.0.1:{place.port}/mapchain/{step}.xml</loc></sitemap></sitemapindex>",
                _XML,
            )
        )

    def listing(path: str) -> Play:
        step = int("".join(one for one in path if one.isdigit()) or 1) + 1
        return sent(sound(page(f"<a rel='next' href='/category/x/page/{step}/'>Next</a>" + TALE)))

    def feeds(path: str) -> Play:
        step = int("".join(one for one in path if one.isdigit()) or 1) + 1
        return sent(
            sound(
                f"<feed><link rel='next' href='/feed/?paged={step}'/><entry><link href='/e{step}'/></entry></feed>",
                _RSS,
            )
        )

    return {
        "/calendar/": calendar, "/session/": session, "/deeper/": deeper, "/farm/": farm, "/chain/": chain,
        "/refreshing/": refreshing, "/mapchain/": maps, "/category/x/page/": listing, "/feed/": feeds,
        "/nameless/": _nameless,
    }  # fmt: skip
