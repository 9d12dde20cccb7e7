"""Which addresses may be dialled, decided on the resolved address, at the moment of connecting.

The address that was checked is the one connected to, so a name that resolves differently a second later wins
nothing; whatever way a URL spells an address (decimal, hex, short), the resolver has spelt it out by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from twisted.internet.address import IPv4Address as TxIPv4
from twisted.internet.address import IPv6Address as TxIPv6
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import IResolutionReceiver, IStreamClientEndpoint
from zope.interface import implementer

from storage.errors import UsageError

if TYPE_CHECKING:
    from twisted.internet.interfaces import IHostResolution, IProtocol, IProtocolFactory
    from twisted.web.client import URI
    from twisted.web.iweb import IPolicyForHTTPS

CONNECT_TIMEOUT_S = 20.0
_NAT64 = ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ip_network("2000::/3")
# Not for the internet at large, though not all Pythons know of it: protocol assignments, relays for 6to4
# (RFC 7526), examples (RFC 9637).
_RESERVED = tuple(ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"))


class AddressRefusedError(ConnectError):
    """A host resolved to addresses of which none may be dialled."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Addresses allowed beside the public ones, and hosts connected to somewhere else.

    `allowed` holds (address, port). `connect_to` maps "host:port" to "address:port", as curl's option of that
    name does: the URL and the Host header stay, the connection goes to the given address, unchecked.
    """

    allowed: frozenset[tuple[str, int]] = frozenset()
    connect_to: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, address: str, port: int) -> str | None:
        """Why `address` may not be dialled, None if it may.

        >>> AddressPolicy().refusal("127.0.0.1", 80)
        'not a public address: 127.0.0.1'
        >>> AddressPolicy(frozenset({("127.0.0.1", 80)})).refusal("127.0.0.1", 80) is None
        True
        """
        parsed = unmapped(ip_address(address.partition("%")[0]))
        if (str(parsed), port) in self.allowed or is_public(parsed):
            return None
        return f"not a public address: {parsed}"

    def redirected(self, host: str, port: int) -> tuple[str, int] | None:
        """Address and port to which connections for `host` go instead, if any."""
        target = self.connect_to.get(f"{host.lower()}:{port}")
        return None if target is None else split_address(target)


def address_policy(allowed: Iterable[str], connect_to: Iterable[str]) -> AddressPolicy:
    """The policy of "ADDRESS:PORT" texts and "HOST:PORT:ADDRESS:PORT" texts. Raises: UsageError.

    >>> address_policy(["127.0.0.1:80"], ["a.test:80:127.0.0.1:8080"]).redirected("a.test", 80)
    ('127.0.0.1', 8080)
    """
    redirections: dict[str, str] = {}
    for text in connect_to:
        host, _, rest = text.partition(":")
        port, _, target = rest.partition(":")
        if not host or not port.isdecimal():
            raise UsageError(
                f"not HOST:PORT:ADDRESS:PORT: {text!r}", hint="as news.example:80:127.0.0.1:8080"
            )
        redirections[f"{host.lower()}:{port}"] = "{}:{}".format(*split_address(target))
    return AddressPolicy(frozenset(split_address(text) for text in allowed), redirections)


def unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv4-mapped, NAT64 or 6to4 IPv6 address, any other as it is.

    >>> unmapped(ip_address("::ffff:10.0.0.1")), unmapped(ip_address("64:ff9b::7f00:1"))
    (IPv4Address('10.0.0.1'), IPv4Address('127.0.0.1'))
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address.sixtofour or address
    return address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address (already unmapped) belongs to the public internet.

    Python's `is_global` alone lets ::127.0.0.1, ::ffff:0:127.0.0.1 and fec0::1 pass: of IPv6, only the global
    unicast block counts.

    >>> [is_public(ip_address(one)) for one in ("192.0.2.1", "::127.0.0.1", "1.1.1.1")]
    [False, False, True]
    """
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in one for one in _RESERVED)


def split_address(text: str) -> tuple[str, int]:
    """Address and port of "ADDRESS:PORT"; `localhost` stands for 127.0.0.1. Raises: UsageError.

    >>> split_address("[::1]:80"), split_address("localhost:8080")
    (('::1', 80), ('127.0.0.1', 8080))
    """
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        return str(ip_address(host)), _port(port)
    except ValueError as error:
        raise UsageError(f"not an address and port: {text!r}", hint="write it like 127.0.0.1:8080") from error


def _port(text: str) -> int:
    """A TCP port number."""
    port = int(text)
    if not 0 < port < 1 << 16:
        raise ValueError(text)
    return port


@implementer(IResolutionReceiver)
class _Addresses:
    """Collects the addresses of one look-up."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.done: Deferred[list[str]] = Deferred()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 (Twisted's names)
        """Wait."""

    def addressResolved(self, address: object) -> None:  # noqa: N802 (Twisted's name)
        """Note one address."""
        if isinstance(address, (TxIPv4, TxIPv6)):
            self.found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 (Twisted's name)
        """Hand the addresses on."""
        self.done.callback(self.found)


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """A TCP endpoint that connects to a host by an address that passed the policy."""

    def __init__(self, reactor: object, host: str, port: int, policy: AddressPolicy) -> None:
        """Nothing is resolved before `connect`."""
        self._reactor, self._host, self._port, self._policy = reactor, host, port, policy

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803 (Twisted's name)
        """Connect to the first allowed address that answers.

        Fails with: AddressRefusedError, DNSLookupError, ConnectError.
        """
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        redirected = self._policy.redirected(self._host, self._port)
        if redirected is not None:
            return await self._dial(*redirected, factory)
        addresses = await self._resolve()
        refusals = {address: self._policy.refusal(address, self._port) for address in addresses}
        allowed = [address for address, refusal in refusals.items() if refusal is None]
        if not allowed:
            raise AddressRefusedError(  # type: ignore[no-untyped-call]  # Twisted's
                f"{self._host}: {'; '.join(filter(None, refusals.values()))}"
            )
        for address in allowed[:-1]:
            try:
                return await self._dial(address, self._port, factory)
            except ConnectError:
                continue
        return await self._dial(allowed[-1], self._port, factory)

    async def _resolve(self) -> list[str]:
        """Every address of the host, in the resolver's order."""
        try:
            self._host.encode("idna")
        except UnicodeError as error:  # Twisted's resolver would never answer
            raise DNSLookupError(f"{self._host[:100]} is no name of a host: {error}") from error
        receiver = _Addresses()
        self._reactor.nameResolver.resolveHostName(receiver, self._host, portNumber=self._port)  # type: ignore[attr-defined]
        addresses = list(dict.fromkeys(await receiver.done))
        if not addresses:
            raise DNSLookupError(f"no address for {self._host}")
        return addresses

    async def _dial(self, address: str, port: int, factory: IProtocolFactory) -> IProtocol:
        """Connect to one address."""
        kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        connected: IProtocol = await kind(self._reactor, address, port, timeout=CONNECT_TIMEOUT_S).connect(
            factory
        )
        return connected


class GuardedEndpoints:
    """What a Twisted agent asks for an endpoint: TCP, or TLS over it, both behind the policy."""

    def __init__(self, reactor: object, tls: IPolicyForHTTPS, policy: AddressPolicy) -> None:
        """Use `tls` for https."""
        self._reactor, self._tls, self._policy = reactor, tls, policy
        self._bindAddress = None  # read by Scrapy's agent
        self._connectTimeout = CONNECT_TIMEOUT_S  # the same

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802 (Twisted's name)
        """Endpoint for a URI."""
        host = uri.host.decode("ascii").removeprefix("[").removesuffix("]")
        endpoint = GuardedEndpoint(self._reactor, host, uri.port, self._policy)
        if uri.scheme == b"https":
            return wrapClientTLS(self._tls.creatorForNetloc(uri.host, uri.port), endpoint)  # type: ignore[call-arg,arg-type,misc]  # zope interfaces
        return endpoint  # type: ignore[return-value]  # it is one: zope says so
