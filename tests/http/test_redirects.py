"""A redirect is a new URL from somebody else: it is checked like the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from swaps.http import Door, Forbidden
from tests.http.conftest import ELSEWHERE, PUBLIC, Names
from tests.http.scripted import answers, peer, redirects

# Where no redirect may lead; inside.example is a name of this machine.
NOWHERE = [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "//127.0.0.1:{port}/", "http://2130706433:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://inside.example:{port}/", "http://me:you@8.8.8.8:{port}/",
    "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "http://[::1", "http://169.254.169.254/latest/",
]  # fmt: skip


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_get_follows_a_redirect(status: str) -> None:
    with peer(answers(b"here")) as there, peer(redirects(there.url, status)) as door_step:
        door = Door(allow=[there.address, door_step.address])
        assert door.get(door_step.url).body == b"here"


def test_fetch_follows_a_redirect(tmp_path: Path) -> None:
    with peer(answers(b"here")) as there, peer(redirects(there.url)) as door_step:
        Door(allow=[there.address, door_step.address]).fetch(door_step.url, tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes() == b"here"


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_a_post_never_follows(status: str) -> None:
    with peer(answers()) as canary, peer(redirects(canary.url, status)) as there:
        answer = Door(allow=[there.address, canary.address]).post_json(there.url, {})
        assert answer.status == int(status[:3])
        assert answer.headers["Location"] == canary.url
        assert canary.connections == 0


@pytest.mark.parametrize("to", NOWHERE)
def test_a_redirect_to_where_nobody_may_go_connects_nowhere(to: str, names: Names) -> None:
    names.leads("inside.example", "127.0.0.1")
    with peer(answers()) as canary, peer(redirects(to.format(port=canary.port))) as there:
        with pytest.raises(Forbidden):
            Door(allow=[there.address]).get(there.url)
        assert (there.connections, canary.connections) == (1, 0)


def test_a_redirect_from_a_public_host_to_a_private_one_connects_nowhere(names: Names) -> None:
    with peer(answers()) as canary, peer(redirects(canary.url)) as there:
        names.leads("pictures.example", PUBLIC, at=there.port)
        with pytest.raises(Forbidden):
            Door().get("http://pictures.example/")
        assert (there.connections, canary.connections) == (1, 0)


@pytest.mark.parametrize(
    "to",
    ["http://10.1.2.3/", "http://deep.inside.example/", "http://localhost/", "http://me:you@10.1.2.3/",
     "gopher://deep.inside.example/"],
)  # fmt: skip
def test_a_refused_redirect_names_the_host_that_was_asked_and_not_where_it_leads(
    to: str, names: Names
) -> None:
    names.leads("deep.inside.example", "10.1.2.3")
    with peer(redirects(to)) as there, peer(redirects(there.url)) as first:
        names.leads("pictures.example", PUBLIC, at=first.port)
        with pytest.raises(Forbidden, match=r"^pictures\.example redirects to ") as refusal:
            Door(allow=[there.address]).get("http://pictures.example/")
    for inner in ("10.1.2.3", "inside", "localhost", "127.0.0.1"):
        assert inner not in str(refusal.value)


def test_a_loop_ends_after_five_redirects() -> None:
    with peer(redirects("/again")) as there:
        with pytest.raises(Forbidden, match="redirects too often"):
            Door(allow=[there.address]).get(there.url)
        assert there.connections == 6


def test_a_redirect_within_the_host_keeps_the_callers_headers() -> None:
    with peer(redirects("/again")) as there, pytest.raises(Forbidden):
        Door(allow=[there.address]).get(there.url, headers={"Authorization": "Bearer t"})
    assert all(b"Bearer t" in request for request in there.requests)


def test_a_redirect_to_another_host_leaves_the_callers_headers_behind(names: Names) -> None:
    with peer(answers()) as other, peer(redirects("http://other.example/")) as there:
        names.leads("pictures.example", PUBLIC, at=there.port)
        names.leads("other.example", ELSEWHERE, at=other.port)
        Door().get("http://pictures.example/", headers={"Authorization": "Bearer t", "X-Mine": "1"})
    assert b"Bearer t" in there.requests[0]
    assert b"Bearer t" not in other.requests[0]
    assert b"X-Mine" not in other.requests[0]


def test_cookies_and_netrc_are_not_used(
    names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with peer(answers(head=b"Set-Cookie: a=1; Path=/\r\n")) as there:
        door = Door(allow=[there.address])
        door.get(there.url)
        door.get(there.url)
    assert not any(
        b"Cookie" in request or b"Authorization" in request for request in there.requests
    )


@pytest.mark.parametrize("status", ["300 Choices", "304 Not Modified", "302 Found"])
def test_a_3xx_that_leads_nowhere_is_an_answer(status: str) -> None:
    with peer(answers(b"", status=status)) as there:
        assert Door(allow=[there.address]).get(there.url).status == int(status[:3])
