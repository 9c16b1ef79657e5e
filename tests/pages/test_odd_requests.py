"""Requests that no browser of ours sends: too many parts, lies about their length, ends in the middle."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.running import Browser, Site, running_site, wait_for
from tests.samples import picture_bytes

pytestmark = pytest.mark.once

BOUNDARY = "x-boundary"
PATHS = ["/new/", "/photos/"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def visitor(site: Site) -> Browser:
    return Browser(site)


@pytest.fixture(autouse=True)
def nothing_is_left(site: Site) -> Iterator[None]:
    yield
    wait_for(lambda: not list((site.data / "tmp").iterdir()), what="an empty folder for uploads")
    assert site.answers()


def headers_of(visitor: Browser, **more: str) -> dict[str, str]:
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.session.cookies.items())
    token = visitor.session.cookies["csrftoken"] or ""
    content = f"multipart/form-data; boundary={BOUNDARY}"
    return {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": content, **more}


def post(visitor: Browser, path: str, body: bytes, **more: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", visitor.site.port, timeout=30)
    try:
        connection.request("POST", path, body, headers_of(visitor, **more))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def part(name: str, data: bytes, *, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
MANY_FILES = b"".join(part("file", b"x" * 100, filename=f"{n}.jpg") for n in range(101)) + END
MANY_FIELDS = b"".join(part(f"field{n}", b"x") for n in range(10_000)) + END
WHOLE = part("file", picture_bytes((800, 600)), filename="a.jpg") + END
ODD = {
    "101 files": MANY_FILES,
    "10,000 fields": MANY_FIELDS,
    "another boundary": WHOLE.replace(BOUNDARY.encode(), b"y-boundary"),
    "no last boundary": WHOLE[: -len(END) - 400],
    "a part without an end to its head": b"--"
    + BOUNDARY.encode()
    + b"\r\nContent-Disposition: form-",
    "nothing": b"",
    "a field of 10 MB": part("title", b"x" * 10_000_000) + END,
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_it_is_refused_with_what_to_do(visitor: Browser, path: str, body: bytes) -> None:
    status, said = post(visitor, path, body)
    assert status in {400, 413}, said
    assert "Traceback" not in said
    assert ('"message": "' in said) == (path == "/photos/")


@pytest.mark.parametrize("path", PATHS)
def test_a_boundary_that_is_none(visitor: Browser, path: str) -> None:
    status, _ = post(visitor, path, WHOLE, **{"Content-Type": "multipart/form-data"})
    assert status == 400


@pytest.mark.parametrize("path", PATHS)
def test_60_megabytes(visitor: Browser, path: str) -> None:
    status, said = post(
        visitor, path, part("file", b"\0" * 60 * 1024 * 1024, filename="a.jpg") + END
    )
    assert status == 413
    assert "25 MB at most" in said


@pytest.mark.parametrize("path", PATHS)
def test_60_megabytes_that_nobody_announced(visitor: Browser, path: str) -> None:
    """Chunk by chunk, so that no length says how much it will be."""
    connection = HTTPConnection("127.0.0.1", visitor.site.port, timeout=60)
    head = part("file", b"", filename="a.jpg")[:-2]
    chunks = (head, *(b"\0" * (1 << 20) for _ in range(60)), b"\r\n", END)
    connection.request(
        "POST", path, iter(chunks), headers_of(visitor, **{"Transfer-Encoding": "chunked"}),
        encode_chunked=True,
    )  # fmt: skip
    answer = connection.getresponse()
    assert answer.status in {400, 411, 413}
    connection.close()


def raw_request(visitor: Browser, path: str, body: bytes, *, announced: int) -> socket.socket:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {announced}"]
    lines += [f"{name}: {value}" for name, value in headers_of(visitor).items()]
    connection = socket.create_connection(("127.0.0.1", visitor.site.port), timeout=30)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_stops_in_the_middle(visitor: Browser, site: Site, path: str) -> None:
    raw_request(visitor, path, WHOLE[:-500], announced=len(WHOLE)).close()
    assert post(visitor, path, WHOLE)[0] in {201, 400}
    assert "Internal Server Error" not in site.log.read_text()


@pytest.mark.parametrize("path", PATHS)
def test_a_length_that_is_too_short(visitor: Browser, path: str) -> None:
    with raw_request(visitor, path, WHOLE, announced=len(WHOLE) // 2) as connection:
        assert connection.recv(4096).split()[1] in {b"400", b"413"}
