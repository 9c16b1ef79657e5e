"""A name service and a certificate of the tests' own: both stand for the outside world."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PUBLIC = "93.184.215.14"
ELSEWHERE = "151.101.1.69"


@dataclass
class Names:
    """What names lead to, answer by answer (the last one stays), and where public addresses are played."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    played_at: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def leads(self, name: str, *addresses: str, at: int = 0) -> None:
        self.answers[name] = list(addresses)
        self.played_at |= dict.fromkeys(addresses, at)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    book = Names()
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: Any, **options: Any) -> Any:
        book.asked.append(host)
        if host in book.answers:
            left = book.answers[host]
            address = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
        if book.played_at.get(host):
            return real("127.0.0.1", book.played_at[host], *more, **options)
        try:
            return real(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
        except socket.gaierror:
            if host == "localhost":
                return real(host, port, *more, **options)
            raise

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return book


@dataclass
class Authority:
    """A certificate for pictures.example and 127.0.0.1, and a server's side of it."""

    file: Path
    context: ssl.SSLContext
    named: list[str | None] = field(default_factory=list)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl to make a certificate with: apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    file, key = folder / "certificate.pem", folder / "key.pem"
    names = "subjectAltName=DNS:pictures.example,IP:127.0.0.1"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=pictures.example", "-addext", names,
            "-keyout", str(key), "-out", str(file),
        ],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    return file, key


@pytest.fixture
def authority(certificate: tuple[Path, Path]) -> Authority:
    file, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    made = Authority(file, context)

    def note(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: object) -> None:
        made.named.append(name)

    context.sni_callback = note
    return made


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes the authority one of those that everybody trusts."""
    return lambda: monkeypatch.setattr("requests.utils.DEFAULT_CA_BUNDLE_PATH", str(authority.file))
