"""Ways of a request to end without a page to read; what became of it is noted where it was sent."""

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from storage.errors import WorkersError

NO_ANSWER = (
    *(exceptions.CannotResolveHostError, exceptions.DownloadConnectionRefusedError),
    *(exceptions.DownloadFailedError, exceptions.DownloadTimeoutError, exceptions.ResponseDataLossError),
    *(exceptions.DownloadCancelledError, exceptions.IgnoreRequest, exceptions.UnsupportedURLSchemeError),
    *(HttpError, ConnectError, ConnectionDone, ConnectionLost, OSError, WorkersError),
)
