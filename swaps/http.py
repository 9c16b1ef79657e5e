"""The one door out: every request to an outside URL is made here. Plain values in and out; knows no settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from swaps.addresses import is_own_name, is_public, literal
from swaps.wire import (
    Clock,
    Cut,
    DoorError,
    Exchange,
    Forbidden,
    NotSent,
    Private,
    Reply,
    TooLarge,
    private,
)

__all__ = ["Answer", "Cut", "Door", "DoorError", "Forbidden", "NotSent", "Private", "TooLarge"]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
# identity: what is fetched is compressed already, and a body that unpacks is a way to hide its size.
ALWAYS = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "faceswap-site"}
NOT_OF_THE_WEB = (
    "This is no address of the web: it must begin with http:// or https:// and name a host."
)
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Answer:
    """What a peer answered; header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Place:
    """A URL as the libraries will call it, and whose it is; at the end of a redirect, who was asked first."""

    url: str = field(repr=False)
    scheme: str
    host: str
    port: int
    by_way_of: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)


@dataclass(frozen=True)
class _Wish:
    """One request, before it is checked."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


class Door:
    """Calls public http and https URLs, and those private peers that it was told of.

    No proxies, cookies, `.netrc` or credentials of the environment; TLS is verified; one connection a request, to
    the very address that was checked.

    Args:
        allow: private peers that may be called, each "host:port" as it stands in the URL (IPv6 in brackets).
        seconds: time limit of a call, connecting, redirects and the whole body included.
        most: bytes that a body may have, decoded.

    Raises:
        ValueError: an entry of *allow* is not "host:port".
    """

    def __init__(
        self, *, allow: Iterable[str] = (), seconds: float = 30, most: int = 1 << 20
    ) -> None:
        self._allow = frozenset(_peer(entry) for entry in allow)
        self._seconds = seconds
        self._most = most

    def check(self, url: str) -> None:
        """Say no to a URL that could never be called; looks nothing up, so a yes is none for good.

        Raises:
            Forbidden: not http or https, no host, credentials, or private by its mere spelling.
        """
        self._trusts(_place(url))

    def post_json(
        self,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        seconds: float | None = None,
        most: int | None = None,
    ) -> Answer:
        """POST *body* as JSON. Never follows a redirect: a 3xx is an answer like others.

        Raises:
            Forbidden, NotSent, Cut, TooLarge: see there. After TooLarge, too, the peer has read the request.
        """
        wish = _Wish(
            "POST",
            url,
            {"Accept": "application/json", **headers, "Content-Type": "application/json"},
            json.dumps(body, allow_nan=False).encode(),
        )
        with self._replied(wish, seconds=seconds, redirects=0) as reply:
            return self._whole(reply, most)

    def tell(
        self, url: str, body: bytes, *, headers: Mapping[str, str], seconds: float, most: int
    ) -> Answer:
        """POST *body*, which is JSON, to somebody of whom the status is wanted, and the first *most* bytes.

        Never follows a redirect. A body that is longer, or does not come whole, takes nothing from the status.

        Raises:
            Forbidden, NotSent, Cut: see there.
        """
        wish = _Wish("POST", url, {**headers, "Content-Type": "application/json"}, body)
        with self._replied(wish, seconds=seconds, redirects=0) as reply:
            return Answer(reply.status, reply.headers, reply.start(most))

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        seconds: float | None = None,
        most: int | None = None,
    ) -> Answer:
        """GET *url*, following at most five redirects; *headers* go to the first host alone.

        Raises:
            Forbidden, NotSent, Cut, TooLarge: see there.
        """
        with self._replied(
            _Wish("GET", url, headers), seconds=seconds, redirects=MOST_REDIRECTS
        ) as reply:
            return self._whole(reply, most)

    def fetch(
        self, url: str, into: Path, *, seconds: float | None = None, most: int | None = None
    ) -> Answer:
        """GET *url* like `get`, its body into the file *into*; the answer's own body is empty.

        Only status 200 writes; where its body does not come whole, *into* is gone.

        Raises:
            Forbidden, NotSent, Cut, TooLarge: see there.
            OSError: *into* cannot be written.
        """
        with self._replied(
            _Wish("GET", url, NO_HEADERS), seconds=seconds, redirects=MOST_REDIRECTS
        ) as reply:
            if reply.status == requests.codes.ok:
                _write(reply.chunks(self._most if most is None else most), into)
            return Answer(reply.status, reply.headers, b"")

    def _whole(self, reply: Reply, most: int | None) -> Answer:
        body = b"".join(reply.chunks(self._most if most is None else most))
        return Answer(reply.status, reply.headers, body)

    @contextmanager
    def _replied(self, wish: _Wish, *, seconds: float | None, redirects: int) -> Iterator[Reply]:
        """The answer to *wish*, at the end of at most *redirects* redirects if it is to follow any."""
        with Clock(self._seconds if seconds is None else seconds) as clock:
            place = _place(wish.url)
            for _ in range(redirects + 1):
                exchange = Exchange(
                    clock,
                    host=place.host,
                    by_way_of=place.by_way_of,
                    trusted=self._trusts(place),
                )
                reply = Reply(exchange, _prepared(wish, place))
                try:
                    location = reply.headers.get("Location") if redirects else None
                    if reply.status not in REDIRECTS or location is None:
                        yield reply
                        return
                finally:
                    reply.close()
                there = _redirected(place, location)
                if there.origin != place.origin:
                    wish = replace(wish, headers=NO_HEADERS)
                place = there
        raise Forbidden(f"{place.host} redirects too often: {redirects} redirects are followed.")

    def _trusts(self, place: _Place) -> bool:
        """Whether *place* is a private peer that may be called.

        Raises:
            Forbidden: it is not, and its spelling is enough to say that it is private.
        """
        if (place.host, place.port) in self._allow:
            return True
        address = literal(place.host)
        if is_own_name(place.host) if address is None else not is_public(address):
            raise private(place.host, by_way_of=place.by_way_of)
        return False


def _write(chunks: Iterator[bytes], into: Path) -> None:
    try:
        with into.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def _prepared(wish: _Wish, place: _Place) -> requests.PreparedRequest:
    headers = {**wish.headers, **ALWAYS}
    try:
        for value in headers.values():
            value.encode("latin-1")
        return requests.Request(wish.method, place.url, headers=headers, data=wish.body).prepare()
    except (UnicodeEncodeError, requests.exceptions.InvalidHeader):
        # The libraries' own words hold the value, which may be a token.
        refusal = Forbidden(
            f"A header meant for {place.host} holds a line break or a character that cannot be sent. "
            "Check the token in the settings."
        )
    raise refusal


def _place(url: str, *, base: str = "") -> _Place:
    """*url* as the libraries will read it when they connect, so that nothing can be read in two ways.

    Raises:
        Forbidden: it is not http or https, has no host or no such port, or carries credentials.
    """
    try:
        url = urljoin(base, url.strip())
        given = parse_url(url)
        prepared = requests.PreparedRequest()
        prepared.prepare_url(url, None)
        parts = urlsplit(prepared.url or "")
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except (ValueError, LocationParseError, requests.RequestException):
        raise Forbidden(NOT_OF_THE_WEB) from None
    if scheme not in PORTS or not host or given.port == 0:
        raise Forbidden(NOT_OF_THE_WEB)
    if given.auth is not None or "@" in parts.netloc:
        raise Forbidden(f"The address at {host} holds a user name or password: leave them out.")
    return _Place(parts.geturl(), scheme, _canonical(host), port or PORTS[scheme])


def _redirected(place: _Place, location: str) -> _Place:
    """Where *place* redirects to by its header.

    Raises:
        Forbidden: no address to call; nothing of it is named, see wire.private.
    """
    first = place.by_way_of or place.host
    try:
        there = _place(location.encode("latin-1").decode(errors="replace"), base=place.url)
    except Forbidden:
        raise Forbidden(
            f"{first} redirects to what is no address of the web, or holds a user name or password."
        ) from None
    return replace(there, by_way_of=first)


def _peer(entry: str) -> tuple[str, int]:
    entry = entry.strip()
    try:
        parts = urlsplit(f"//{entry}")
        host, port, whole = parts.hostname, parts.port, parts.netloc
    except ValueError:
        host = port = whole = None
    if not host or not port or whole != entry or "@" in entry:
        raise ValueError(
            f"“{entry}” is not a peer that may be called: write host:port, such as 127.0.0.1:9000."
        )
    return _canonical(host), port


def _canonical(host: str) -> str:
    """The one spelling of an IPv6 address; everything else as it is."""
    address = literal(host)
    return str(address) if address is not None and ":" in host else host
