"""The private names of Scrapy, Twisted and h2 that capture stands on.

A test that fails here after an upgrade says: look at what became of the name, mend crawler/capture, and let
test_capture_wire.py and test_capture_http2.py compare the bytes before pyproject.toml allows the new version.
"""

from __future__ import annotations

import importlib
import inspect

import pytest

ADVICE = (
    "see CONTRIBUTING.md, 'A new Scrapy or Twisted': mend crawler/capture before allowing the new version"
)
HTTP11 = "scrapy.core.downloader.handlers.http11"
PARAMETERS = {
    f"{HTTP11}:HTTP11DownloadHandler.__init__": ["self", "crawler"],
    f"{HTTP11}:HTTP11DownloadHandler.download_request": ["self", "request"],
    f"{HTTP11}:HTTP11DownloadHandler.close": ["self"],
    f"{HTTP11}:_ScrapyAgent.__init__": [
        *["self", "contextFactory", "connectTimeout", "bindAddress", "pool", "maxsize", "warnsize"],
        *["fail_on_dataloss", "crawler", "tls_verbose_logging"],
    ],
    f"{HTTP11}:_ScrapyAgent._get_agent": ["self", "request", "timeout"],
    f"{HTTP11}:_ScrapyAgent.download_request": ["self", "request"],
    f"{HTTP11}:_LenientHTTP11ClientProtocol.request": ["self", "request"],
    f"{HTTP11}:_LenientHTTP11ClientFactory.buildProtocol": ["self", "addr"],
    f"{HTTP11}:_LenientHTTPClientParser.lineReceived": ["self", "line"],
    "scrapy.utils._download_handlers:wrap_twisted_exceptions": [],
    "scrapy.utils._download_handlers:make_response": [
        *[
            "url",
            "status",
            "headers",
            "body",
            "flags",
            "certificate",
            "ip_address",
            "protocol",
            "stop_download",
        ]
    ],
    "scrapy.core.downloader.contextfactory:_AcceptableProtocolsContextFactory.__init__": [
        *["self", "context_factory", "acceptable_protocols"]
    ],
    "twisted.web._newclient:HTTP11ClientProtocol.request": ["self", "request"],
    "twisted.web._newclient:HTTP11ClientProtocol.dataReceived": ["self", "bytes"],
    "twisted.web._newclient:HTTPParser.headerReceived": ["self", "name", "value"],
    "twisted.web._newclient:HTTPClientParser._transferDecoders": None,
    "twisted.web.http:_ChunkedTransferDecoder._dataReceived_CHUNK_LENGTH": ["self"],
    "twisted.web._newclient:Request.writeTo": ["self", "transport"],
    "twisted.web._newclient:RequestNotSent": None,
    "twisted.web._newclient:RequestTransmissionFailed": None,
    "twisted.web.client:HTTPConnectionPool.getConnection": ["self", "key", "endpoint"],
    "twisted.web.client:_HTTP11ClientFactory.__init__": ["self", "quiescentCallback", "metadata"],
    "twisted.protocols.tls:TLSMemoryBIOProtocol.abortConnection": ["self"],
    "h2.stream:H2Stream._initialize_content_length": ["self", "headers"],
    "OpenSSL.SSL:Connection.get_cipher_name": ["self"],
    "OpenSSL.SSL:Connection.get_finished": ["self"],
    "OpenSSL.SSL:Connection.get_protocol_version_name": ["self"],
}
# Attributes that are set on instances: the line that sets or reads each is looked for.
ATTRIBUTES = {
    f"{HTTP11}:HTTP11DownloadHandler": [
        *["self._pool._factory =", "self._contextFactory", "self._bind_address", "self._crawler ="]
    ],
    "scrapy.core.downloader.handlers._base_http:BaseHttpDownloadHandler": [
        *[
            "self._default_maxsize",
            "self._default_warnsize",
            "self._fail_on_dataloss",
            "self._tls_verbose_logging",
        ]
    ],
    f"{HTTP11}:_ScrapyAgent": ["self._pool", "self._contextFactory"],
    f"{HTTP11}:_LenientHTTP11ClientProtocol": ["self._parser.__class__ ="],
    "twisted.web.http:_ChunkedTransferDecoder": ["self._buffer =", "self._start ="],
    "twisted.web.client:_AgentBase": ["self._pool.getConnection(key, endpoint)", "self._pool.persistent"],
    "twisted.web.client:Agent": ["self._endpointFactory"],
    "twisted.web._newclient:HTTP11ClientProtocol": [
        "request.writeTo(self.transport)",
        "self._quiescentCallback",
    ],
}


def named(path: str) -> object:
    """The object called "module:name.name"."""
    module, _, names = path.partition(":")
    found: object = importlib.import_module(module)
    for name in names.split("."):
        assert hasattr(found, name), f"{path} is gone: {ADVICE}"
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("path", PARAMETERS)
def test_the_name_is_there_and_takes_what_it_took(path):
    found = named(path)
    if PARAMETERS[path] is not None:
        assert list(inspect.signature(found).parameters) == PARAMETERS[path], f"{path} has changed: {ADVICE}"


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_the_attribute_is_used_where_it_was(path):
    source = inspect.getsource(named(path))
    for line in ATTRIBUTES[path]:
        assert line in source, f"`{line}` is gone from {path}: {ADVICE}"
