"""The one door out: every request to an address that somebody else named goes through here.

It calls public addresses alone (and the private peers that it was told of), judged by the very address
that is connected to, anew after each redirect; in a total time; and takes no more than it can hold.

DoorError
├── Forbidden    an address that is not called: another scheme, a private peer, one redirect too many
├── NotSent      the request never reached anybody: no such name, nobody listens, TLS failed
├── Cut          it was sent, but the answer did not come whole, or not in time
└── TooLarge     the answer is longer than what is taken
"""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, override
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from swaps.addresses import is_public, literal

CONNECT_SECONDS = 10.0
MAX_REDIRECTS = 5
CHUNK = 1 << 16
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
AGENT = "faceswap-site"
# What the libraries raise where a peer does not do its part.
FAULTS = (requests.RequestException, HTTPError, OSError, ValueError)


class DoorError(Exception):
    """Something outside could not be called; str() is a sentence for people and names the host alone."""


class Forbidden(DoorError):
    """This address is not called."""


class NotSent(DoorError):
    """The request surely reached nobody."""


class Cut(DoorError):
    """The request was sent, or may have been; a whole answer did not come back."""


class TooLarge(DoorError):
    """The answer is longer than what is taken."""


@dataclass(frozen=True)
class Answer:
    """An answer of any status; names of *headers* are found in any case. *body* is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass
class Call:
    """One request on its way: whether it was sent, and the sockets by which to stop it."""

    host: str
    seconds: float
    most: int
    was_sent: bool = False
    is_late: bool = False
    sockets: list[socket.socket] = field(default_factory=list)

    @contextmanager
    def limited(self) -> Iterator[None]:
        """End the call when its time is over, whatever it is waiting for: a name, a header, a byte."""
        timer = threading.Timer(self.seconds, self._stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            for each in self.sockets:
                each.close()

    def watch(self, connected: socket.socket) -> None:
        # A second handle on the same connection: TLS takes the first one away.
        self.sockets.append(connected.dup())

    def _stop(self) -> None:
        self.is_late = True
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def failed(self, error: Exception) -> DoorError:
        """What an exception of the libraries means."""
        if isinstance(error, InvalidIPAddress):
            return Forbidden(f"{self.host} is at a private address, which is not called from here.")
        if self.is_late:
            sentence = f"{self.host} took longer than {self.seconds:g} seconds."
            return Cut(sentence) if self.was_sent else NotSent(sentence)
        if self.was_sent:
            return Cut(f"{self.host} broke off before its answer was whole.")
        return NotSent(f"{self.host} cannot be reached.")

    def too_large(self) -> TooLarge:
        size = f"{self.most // 2**20} MB" if self.most >= 2**20 else f"{self.most // 1024} kB"
        return TooLarge(f"What {self.host} sends is larger than {size}.")


class Door:
    """Calls what is outside. *allow* names private peers that may be called, as `host:port`.

    *seconds* is a limit for all of a call, *most* one for the bytes of an answer, unpacked; each call may
    have its own.
    """

    def __init__(
        self, *, allow: Iterable[str] = (), seconds: float = 30, most: int = 1 << 20
    ) -> None:
        self._allow = frozenset(peer.lower() for peer in allow)
        self._seconds = seconds
        self._most = most

    def check(self, url: str) -> None:
        """Raise Forbidden for an address that could never be called. Nothing is looked up."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise Forbidden("This is not an address that can be called.") from None
        if parts.scheme not in PORTS or not host:
            raise Forbidden("Only addresses that begin with http:// or https:// are called.")
        if parts.username is not None or parts.password is not None:
            raise Forbidden(f"The address at {host} holds a user name, so it is not called.")
        address = literal(host)
        peer = f"{host}:{port or PORTS[parts.scheme]}"
        if address is not None and not is_public(address) and peer not in self._allow:
            raise Forbidden(f"{host} is a private address, which is not called from here.")

    def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None,
        seconds: float | None = None, most: int | None = None,
    ) -> Answer:  # fmt: skip
        """POST *body* as JSON. Redirects are not followed: one is an answer like any other."""
        call = self._call(url, seconds, most)
        told = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        data = json.dumps(body).encode()
        with call.limited(), self._sent(call, "POST", url, told, data) as response:
            return _answer(response, _unpacked(call, response))

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None,
        seconds: float | None = None, most: int | None = None,
    ) -> Answer:  # fmt: skip
        """GET something small. Redirects are followed; only the first host is told the *headers*."""

        def take(call: Call, response: requests.Response) -> bytes:
            return _unpacked(call, response)

        return self._following(url, headers or {}, self._call(url, seconds, most), take)

    def fetch(
        self, url: str, into: Path, *, seconds: float | None = None, most: int | None = None
    ) -> Answer:
        """GET a file and write it to *into*, where the status is 200; the answer's body is empty."""

        def take(call: Call, response: requests.Response) -> bytes:
            if response.status_code == 200:
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise Cut(f"{call.host} sends the file packed, which was not asked for.")
                with into.open("wb") as file:
                    for chunk in _chunks(call, response):
                        file.write(chunk)
            return b""

        return self._following(url, {}, self._call(url, seconds, most), take)

    def _call(self, url: str, seconds: float | None, most: int | None) -> Call:
        self.check(url)
        host = urlsplit(url).hostname or ""
        return Call(host, seconds or self._seconds, most or self._most)

    def _following(
        self, url: str, headers: Mapping[str, str], call: Call,
        take: Callable[[Call, requests.Response], bytes],
    ) -> Answer:  # fmt: skip
        with call.limited():
            for _ in range(MAX_REDIRECTS + 1):
                with self._sent(call, "GET", url, headers, None) as response:
                    onward = response.headers.get("Location")
                    if response.status_code not in REDIRECTS or not onward:
                        return _answer(response, take(call, response))
                url, before = urljoin(url, onward), urlsplit(url)
                self.check(url)
                after = urlsplit(url)
                call.host = after.hostname or ""
                if (before.scheme, before.netloc) != (after.scheme, after.netloc):
                    headers = {}
        raise Forbidden(f"{call.host} sends from one address to the next without end.")

    @contextmanager
    def _sent(
        self, call: Call, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> Iterator[requests.Response]:
        """The answer's head; within the block its body can be read. Nothing is kept for the next call."""
        told = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        with requests.Session() as session:
            # Neither proxies nor passwords of the machine's.
            session.trust_env = False
            for scheme in PORTS:
                session.mount(f"{scheme}://", _Vetted(call, self._allow, scheme))
            try:
                response = session.request(
                    method, url, headers={**told, **headers}, data=data, stream=True,
                    allow_redirects=False, timeout=(min(CONNECT_SECONDS, call.seconds), call.seconds),
                )  # fmt: skip
            except FAULTS as error:
                raise call.failed(error) from None
            with response:
                yield response


def _answer(response: requests.Response, body: bytes) -> Answer:
    return Answer(response.status_code, response.headers, body)


def _chunks(call: Call, response: requests.Response) -> Iterator[bytes]:
    """The body as it comes over the wire, up to the limit."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > call.most:
        raise call.too_large()
    taken = 0
    for chunk in _raw(call, response):
        taken += len(chunk)
        if taken > call.most:
            raise call.too_large()
        yield chunk
    if call.is_late:
        raise call.failed(TimeoutError())


def _raw(call: Call, response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.raw.stream(CHUNK, decode_content=False)
    except FAULTS as error:
        raise call.failed(error) from None


def _unpacked(call: Call, response: requests.Response) -> bytes:
    """The body, unpacked no further than to the limit: a few bytes can hold a great many."""
    packed = b"".join(_chunks(call, response))
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return packed
    if encoding not in {"gzip", "deflate"}:
        raise Cut(f"{call.host} packs its answer in a way that was not asked for.")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        body = unpacker.decompress(packed, call.most + 1)
    except zlib.error:
        raise Cut(f"{call.host} sends an answer that cannot be unpacked.") from None
    if len(body) > call.most:
        raise call.too_large()
    return body


# --- Below requests: where the connection is made ---------------------------------------------------


class _Vetted(IPFilterAdapter):  # type: ignore[misc]
    """Connects to the address that was looked up and judged, under the name that was asked for.

    requests-hardened looks the name up, refuses what it knows as private, and keeps Host and SNI; our own
    list decides on the same address once more.
    """

    def __init__(self, call: Call, allow: frozenset[str], scheme: str) -> None:
        self._call = call
        self._allow = allow
        self._scheme = scheme
        super().__init__(is_https_proto=scheme == "https")

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._call)

    @override
    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        asked, options = HTTPAdapter.build_connection_pool_key_attributes(
            self, request, verify, cert
        )
        if f"{asked['host']}:{asked['port'] or PORTS[self._scheme]}".lower() in self._allow:
            return asked, options
        found, options = super().build_connection_pool_key_attributes(request, verify, cert)
        if not is_public(ip_address(found["host"].strip("[]"))):
            raise InvalidIPAddress(found["host"])
        return found, options


def _pools(call: Call) -> dict[str, type[HTTPConnectionPool]]:
    """Connections that tell the call of their socket, and of the first byte that leaves."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _watched(call, super()._new_conn())

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            call.was_sent = True
            super().send(data)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _watched(call, super()._new_conn())

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            call.was_sent = True
            super().send(data)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _watched(call: Call, connected: socket.socket) -> socket.socket:
    call.watch(connected)
    return connected
