"""The address guard: by the policy alone, and end to end through Scrapy, resolver and sockets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Factory

from crawler.guard import AddressPolicy, AddressRefusedError, GuardedEndpoint, split_address
from storage.errors import UsageError
from storage.layout import Layout
from storage.model import Record
from storage.warc import read_records
from storage.warc.build import read_warc_fields

REFUSED = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.8",
    "192.88.99.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::127.0.0.1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "100::1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "192.0.3.1", "2606:4700::1111", "2001:4860:4860::8888"]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused_with_the_reason(address):
    refusal = AddressPolicy().refusal(address, 80)
    assert refusal is not None
    assert refusal.startswith("not a public address: ")


@pytest.mark.parametrize("address", [*PUBLIC, "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"])
def test_a_public_address_may_be_dialled(address):
    assert AddressPolicy().refusal(address, 80) is None


@given(st.ip_addresses(v=4, network="127.0.0.0/8"), st.sampled_from(["", "::ffff:", "64:ff9b::"]))
def test_no_spelling_of_loopback_passes(address, prefix):
    assert AddressPolicy().refusal(f"{prefix}{address}", 80) is not None


def test_an_allowed_address_is_allowed_on_its_port_only():
    policy = AddressPolicy(frozenset({("127.0.0.1", 8080), ("::1", 8080)}))
    assert policy.refusal("127.0.0.1", 8080) is None
    assert policy.refusal("::1", 8080) is None
    assert policy.refusal("127.0.0.1", 8081) is not None
    assert policy.refusal("127.0.0.2", 8080) is not None


def test_a_host_is_connected_elsewhere_by_name_and_port():
    policy = AddressPolicy(connect_to={"news.example.org:80": "127.0.0.1:8080"})
    assert policy.redirected("News.Example.ORG", 80) == ("127.0.0.1", 8080)
    assert policy.redirected("news.example.org", 443) is None
    assert policy.redirected("other.example.org", 80) is None


@pytest.mark.parametrize(
    "text", ["", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "host:80", ":80"]
)
def test_what_is_no_address_and_port_is_a_usage_error(text):
    with pytest.raises(UsageError, match="not an address and port"):
        split_address(text)


@dataclass(frozen=True, slots=True)
class Crawled:
    answers: list[dict[str, object]]
    failures: dict[str, str]
    secret_connections: int


SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0.0.0.0",
    "127.0.0.2",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "127.0.0.1.",
    "user:secret@127.0.0.1",
    "[::ffff:0:0]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1%lo]",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "127.0.0.1\\@1.1.1.1",
    "127.0\t.0.1",
]
# Of such names the resolver says nothing: without a word of ours they would be waited for until time is up.
NO_NAMES = ["a" * 64 + ".test", ".", "a..b"]


@pytest.fixture(scope="module")
def crawled(serve_for_module, wire, capture_crawl, tmp_path_factory) -> Crawled:
    """A crawl of every spelling of an address that is not allowed, and of one that is."""
    page = wire.Answer(sent=b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
    secret, allowed = serve_for_module({"/": page}), serve_for_module({"/": page})
    archive = tmp_path_factory.mktemp("guard")
    requests = [f"http://{host}:{secret.port}/" for host in [*SPELLINGS, *NO_NAMES]]
    requests.append(f"http://127.0.0.1:{allowed.port}/")
    result = capture_crawl(
        {
            "archive": str(archive),
            "allowed": [["127.0.0.1", allowed.port]],
            "requests": [{"url": url} for url in requests],
        }
    )
    failures = {}
    for path in Layout(archive).warc_files():
        for record in read_records(path):
            assert isinstance(record, Record)
            if record.record_type == "metadata":
                failures[record.record_id] = read_warc_fields(record.block)["fetchOutcome"]
    return Crawled(answers=result["answers"], failures=failures, secret_connections=secret.connections)


def test_no_spelling_of_a_private_address_is_dialled(crawled):
    assert crawled.secret_connections == 0


@pytest.mark.parametrize("number", range(len(SPELLINGS)), ids=SPELLINGS)
def test_a_refused_address_gives_the_spider_no_answer(crawled, number):
    assert crawled.answers[number]["error"] in {"IgnoreRequest", "CannotResolveHostError"}


def test_each_refusal_is_told_in_the_archive(crawled):
    outcomes = list(crawled.failures.values())
    assert len(outcomes) == len(SPELLINGS) + len(NO_NAMES)
    assert outcomes.count("address_refused") >= len(SPELLINGS) - 4  # a resolver may not know the oddest ones
    assert set(outcomes) <= {"address_refused", "connection_failed"}  # no name is waited for


def test_an_allowed_address_is_fetched(crawled):
    assert crawled.answers[-1]["body"] == "secret"


def test_a_redirect_to_a_private_address_is_refused_at_the_second_hop(serve, wire, capture_crawl, tmp_path):
    secret = serve({"/": wire.Answer(sent=b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")})
    moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.1:{secret.port}/\r\nContent-Length: 0\r\n\r\n"
    front = serve({"/": wire.Answer(sent=moved.encode())})
    result = capture_crawl(
        {
            "archive": str(tmp_path),
            "allowed": [["127.0.0.1", front.port]],
            "requests": [{"url": f"http://127.0.0.1:{front.port}/"}],
            "settings": {"REDIRECT_ENABLED": True},
        }
    )
    assert result["answers"] == [{"error": "IgnoreRequest"}]
    assert (len(front.seen), secret.connections) == (1, 0)
    (path,) = Layout(tmp_path).warc_files()
    kinds = [record.record_type for record in read_records(path) if isinstance(record, Record)]
    assert kinds == ["warcinfo", "response", "request", "metadata"]


class Changing:
    """A reactor whose resolver gives another address each time; what is dialled is noted, not connected."""

    def __init__(self, *addresses: str) -> None:
        self.left, self.dialled = list(addresses), list[str]()
        self.nameResolver = self

    def resolveHostName(self, receiver: Any, name: str, portNumber: int = 0) -> None:  # noqa: N802, N803 (Twisted's)
        del name
        receiver.addressResolved(IPv4Address("TCP", self.left.pop(0), portNumber))
        receiver.resolutionComplete()

    def connectTCP(self, host: str, *_: object, **__: object) -> None:  # noqa: N802 (the same)
        self.dialled.append(host)


def test_a_name_that_changes_its_address_is_dialled_where_it_was_checked_and_checked_anew_each_time():
    reactor = Changing("1.1.1.1", "127.0.0.1")
    endpoint, refused = GuardedEndpoint(reactor, "rebinds.example", 80, AddressPolicy()), []
    for _ in range(2):
        endpoint.connect(Factory()).addErrback(refused.append)
    assert reactor.dialled == ["1.1.1.1"]
    assert [one.type for one in refused] == [AddressRefusedError]
