"""Alarms posted as JSON to the operator's webhook: once each, and again at the next run until taken.

The host's address is looked up once, checked, and the checked one connected to; redirects are not followed.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.config import software
from crawler.guard import is_public, unmapped
from crawler.health.state import held, read_state, write_state

if TYPE_CHECKING:
    from crawler.health.alarms import Alarm
    from storage.layout import Layout

log = logging.getLogger(__name__)
TIMEOUT_S = 10.0
_OK, _REDIRECT = 200, 300
_AT_ONCE = 20  # the rest waits for the next run


def tell_untold(layout: Layout, url: str, *, private: bool = False) -> None:
    """Post what was not told yet, the oldest first, up to the first failure, which is logged.

    Runs that end together wait for one another here, or each would post what is the others' too.
    """
    with held(layout, "webhook"):
        _tell_untold(layout, url, private=private)


def _tell_untold(layout: Layout, url: str, *, private: bool) -> None:
    """Post what was not told yet."""
    waiting = read_state(layout).untold[:_AT_ONCE]
    told = 0
    for alarm in waiting:
        try:
            _post(url, _event(alarm), private=private)
        except (OSError, HTTPException, ValueError) as error:
            log.warning("the webhook took no alarm, the next run tries again: %s", error)
            break
        told += 1
    if told:
        with held(layout):
            state = read_state(layout)
            done = waiting[:told]
            write_state(layout, replace(state, untold=tuple(one for one in state.untold if one not in done)))


def _event(alarm: Alarm) -> dict[str, Any]:
    """What is posted."""
    return {
        "event": "closed" if alarm.closed_at else "raised",
        "source": alarm.source,
        "kind": alarm.kind.value,
        "message": alarm.message,
        "advice": alarm.advice,
        "since": _iso(alarm.since),
        "closed_at": _iso(alarm.closed_at),
        "note": alarm.note,
        "seen": alarm.seen,
        "crawl_id": alarm.crawl_id,
        "text": f"{alarm.source or 'archive'}: {alarm.kind.value.replace('_', ' ')} "
        f"{'over' if alarm.closed_at else 'since ' + (_iso(alarm.since) or '')}: {alarm.message}",
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z" if moment else None


def _post(url: str, event: dict[str, Any], *, private: bool) -> None:
    """Nothing, once the webhook has taken the event. Raises: OSError, HTTPException, ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts.scheme, host, port)
    connection.sock = _socket(host, port, parts.scheme, private=private)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = json.dumps(event, ensure_ascii=False).encode("utf-8", "backslashreplace")
        headers = {"Content-Type": "application/json", "User-Agent": software()}
        connection.request("POST", path, body=body, headers=headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if not _OK <= status < _REDIRECT:
        raise ValueError(f"HTTP {status}")


def _connection(scheme: str, host: str, port: int) -> HTTPConnection:
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    return kind(host, port, timeout=TIMEOUT_S)


def _socket(host: str, port: int, scheme: str, *, private: bool) -> socket.socket:
    """A connection to the host's first address, which is to be public unless `private`. Raises: OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    found = unmapped(ip_address(str(address[0]).partition("%")[0]))
    if not private and not is_public(found):
        raise OSError(f"not a public address: {found}; health_webhook_private = true allows it")
    plain = socket.socket(family, kind, protocol)
    try:
        plain.settimeout(TIMEOUT_S)
        plain.connect(address)
        return (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            if scheme == "https"
            else plain
        )
    except BaseException:
        plain.close()
        raise
