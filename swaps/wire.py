"""One exchange on one connection: vetted where it connects, cut off when its time is over. For http.py alone."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import cache, partial
from io import BufferedReader
from types import TracebackType
from typing import Any, Self, override

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.response import assert_header_parsing
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.ssl_match_hostname import CertificateError

from swaps.addresses import is_public, literal

CHUNK = 1 << 16
# What the libraries raise where a peer does not speak as it should; ValueError for text that makes no sense.
FAULTS = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, ValueError)
REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((socket.gaierror,), "its name was not found"),
    (
        (ssl.SSLCertVerificationError, CertificateError),
        "its certificate is not one that is trusted here",
    ),
    ((ssl.SSLError,), "no secure connection came about"),
    ((ConnectionRefusedError,), "it refuses connections"),
)


class DoorError(Exception):
    """No answer, and why; str() is a sentence for people. It names the host, never more of the URL.

    DoorError
    ├── Forbidden   we do not call this
    │   └── Private its address is a private one
    ├── NotSent     the request surely never reached the peer
    ├── Cut         the request may have reached the peer; the answer did not come whole
    └── TooLarge    the answer is longer than allowed
    """


class Forbidden(DoorError):
    """Not an address to call: scheme, credentials, a private address, too many redirects."""


class Private(Forbidden):
    """A private peer that is not among those that may be called, asked for or at the end of a redirect."""


class NotSent(DoorError):
    """Surely never sent: name not found, connection refused, TLS failed, no connection in time."""


class Cut(DoorError):
    """Perhaps sent, and not answered whole; `timed_out` where the total time was over."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class TooLarge(DoorError):
    """More bytes than allowed, as announced or as they came."""


class Clock:
    """The total time of one call, redirects included: when it is over, the connection that it holds is shut down.

    A read's own time limit starts anew with every byte, so it stops nobody who drips. Shutting down wakes
    whatever waits on the connection, in any thread, in the middle of a handshake, a header or a body.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    @property
    def left(self) -> float:
        """Seconds, never 0: that would mean "do not wait" or "wait for ever"."""
        return max(self._end - time.monotonic(), 0.001)

    def hold(self, connection: socket.socket) -> None:
        """Watch *connection* instead of the one before.

        By a duplicate: it stays ours when TLS takes over the original, and its number cannot come to mean
        another connection while we hold it.
        """
        with self._lock:
            if self._held is not None:
                self._held.close()
            self._held = connection.dup()
        if self.over:
            self._shut_down()

    def within[T](self, work: Callable[[], T]) -> T:
        """What *work* answers, in a thread of its own, as nothing can interrupt the look-up of a name.

        Raises:
            TimeoutError: the time is over; what *work* comes to later is dropped.
        """
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future.result(timeout=self.left)

    def _shut_down(self) -> None:
        with self._lock:
            if self._held is not None:
                # Not connected any more: as good.
                with contextlib.suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)


def private(host: str, *, by_way_of: str) -> Private:
    """No to *host*. Of a redirect only who was asked first, *by_way_of*, is named.

    Its end would tell strangers what there is in the operator's network.
    """
    not_called = "private address, which is not called from here."
    if by_way_of:
        return Private(f"{by_way_of} redirects to a {not_called}")
    return Private(f"{host} is {'at a' if literal(host) is None else 'a'} {not_called}")


class Exchange:
    """One request and its answer. `sent` turns true before the first byte of the request may leave."""

    def __init__(self, clock: Clock, *, host: str, by_way_of: str, trusted: bool) -> None:
        self.clock = clock
        self.host = host
        self.by_way_of = by_way_of
        self.trusted = trusted
        self.sent = False

    def vet(self, host: str) -> None:
        """Raises Forbidden unless *host*, about to be connected to, is a public address or a trusted peer."""
        if self.trusted:
            return
        address = literal(host)
        # A name here would be looked up once more, and might lead elsewhere by now.
        if address is None or not is_public(address):
            raise private(self.host, by_way_of=self.by_way_of)

    def guarded[T](self, step: Callable[[], T]) -> T:
        """What *step* answers; its faults as ours, without the URL that the libraries' own words hold.

        Raises:
            DoorError: of every kind but TooLarge.
        """
        try:
            return step()
        except InvalidIPAddress:
            failure: DoorError = private(self.host, by_way_of=self.by_way_of)
        except FAULTS as error:
            failure = self._failure(error)
        # Outside of the clause, so that the original, which names the whole URL, does not hang on it.
        raise failure

    def cut(self) -> Cut:
        if self.clock.over:
            waited = f"{self.host} took longer than {self.clock.seconds:g} seconds to answer."
            return Cut(waited, timed_out=True)
        return Cut(f"{self.host} broke off before its answer was complete.")

    def _failure(self, error: BaseException) -> DoorError:
        if self.sent:
            return self.cut()
        return NotSent(f"{self.host} could not be reached: {self._reason(error)}.")

    def _reason(self, error: BaseException) -> str:
        if self.clock.over:
            return f"no connection came about within {self.clock.seconds:g} seconds"
        causes = list(_led_to(error))
        for kinds, reason in REASONS:
            if any(isinstance(cause, kinds) for cause in causes):
                return reason
        return "no connection came about"


def _led_to(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # urllib3 hands its cause on as `reason`, requests as its first argument.
        inner = getattr(error, "reason", None) or next(iter(error.args), None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__


class _Head:
    """Reads the lines of an answer's head, and remembers the last."""

    def __init__(self, stream: BufferedReader) -> None:
        self.stream = stream
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self.stream.readline(limit)
        return self.last

    def close(self) -> None:
        self.stream.close()


class _Response(http.client.HTTPResponse):
    """An answer whose head is whole: the library takes the end of the connection for the end of the head."""

    def begin(self) -> None:
        stream = self.fp
        head = _Head(stream)
        self.fp = head  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            # Nonsense has made the library close it already.
            if self.fp is not None:
                self.fp = stream
        # The library knows of no 1xx but 100: it takes the others for the answer itself.
        if head.last not in {b"\r\n", b"\n"} or self.status < http.HTTPStatus.OK:
            raise http.client.BadStatusLine("incomplete")
        # Past a line that is no header the rest is lost. Left to itself, urllib3 only logs that, with the URL.
        assert_header_parsing(self.msg)


class _Connection(HTTPConnection):
    exchange: Exchange
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        self.exchange.vet(self._dns_host)
        self.timeout = self.exchange.clock.left
        connected = self.exchange.clock.within(super()._new_conn)
        self.exchange.clock.hold(connected)
        return connected

    def connect(self) -> None:
        super().connect()
        self.exchange.sent = True


class _SecureConnection(_Connection, HTTPSConnection):
    pass


@cache
def _authorities(bundle: str) -> ssl.SSLContext:
    """Whom we trust. Made once: to read *bundle* takes 25 ms of a core, ten times the rest of a call."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(bundle)
    return context


class Adapter(IPFilterAdapter):  # type: ignore[misc]
    """The library's adapter, which connects to the address that it vetted, with our connections in it."""

    def __init__(self, exchange: Exchange, *, secure: bool) -> None:
        super().__init__(is_https_proto=secure)
        self.exchange = exchange
        kind = _SecureConnection if secure else _Connection
        self._kind = type(kind.__name__, (kind,), {"exchange": exchange})

    @override
    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        build = super().build_connection_pool_key_attributes
        if self.exchange.trusted:
            build = partial(HTTPAdapter.build_connection_pool_key_attributes, self)
        host: dict[str, Any]
        host, pool = self.exchange.clock.within(lambda: build(request, verify, cert))
        if host["scheme"] == "https":
            pool["ssl_context"] = _authorities(requests.utils.DEFAULT_CA_BUNDLE_PATH)
        return host, pool

    @override
    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        """Nothing: the library would read the bundle into the context again. The pool demands a certificate."""

    @override
    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> urllib3.HTTPConnectionPool:
        pool: urllib3.HTTPConnectionPool = super().get_connection_with_tls_context(
            request, verify, proxies, cert
        )
        pool.ConnectionCls = self._kind
        return pool


class Reply:
    """An answer whose head has come. Close it, whatever happens to the body."""

    def __init__(self, exchange: Exchange, request: requests.PreparedRequest) -> None:
        self.exchange = exchange
        secure = (request.url or "").startswith("https:")
        self._adapter = Adapter(exchange, secure=secure)
        try:
            # Not through a Session: that keeps cookies, reads .netrc and the environment's proxies, redirects.
            self._response = exchange.guarded(
                lambda: self._adapter.send(request, stream=True, timeout=exchange.clock.left)
            )
        except BaseException:
            self._adapter.close()
            raise
        self.status: int = self._response.status_code
        self.headers: Mapping[str, str] = self._response.headers

    def chunks(self, most: int) -> Iterator[bytes]:
        """The body, decoded, in pieces of at most CHUNK bytes.

        Raises:
            Cut: it did not come whole, or not in time.
            TooLarge: it is longer than *most* bytes, announced, sent or decoded.
        """
        raw = self._response.raw
        too_large = TooLarge(f"{self.exchange.host} sent more than {most} bytes.")
        if (raw.length_remaining or 0) > most:
            raise too_large
        got = 0
        while chunk := self.exchange.guarded(lambda: raw.read(CHUNK, decode_content=True)):
            got += len(chunk)
            if max(got, raw.tell()) > most:
                raise too_large
            yield chunk
        # Shut down by our clock, a body without a length seems to end.
        if self.exchange.clock.over:
            raise self.exchange.cut()

    def start(self, most: int) -> bytes:
        """The first *most* bytes of the body, decoded, or as many of them as came in time and whole."""
        raw = self._response.raw
        try:
            start: bytes = self.exchange.guarded(lambda: raw.read(most, decode_content=True))
        except DoorError:
            return b""
        return start

    def close(self) -> None:
        self._response.close()
        self._adapter.close()
