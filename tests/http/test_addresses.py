"""Only public addresses are called, however they are spelled and whatever a name leads to."""

from __future__ import annotations

import pytest

from swaps.http import Door, Forbidden, NotSent, Private
from tests.http.conftest import ELSEWHERE, PUBLIC, Names
from tests.http.scripted import answers, peer

SPECIAL = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.9.9.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.9", "192.0.2.1", "192.31.196.1",
    "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
    "100:0:0:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1",
    "2620:4f:8000::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
SPELLINGS = [
    "2130706433", "017700000001", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.1.",
    "localhost", "LOCALHOST", "localhost.", "any.localhost", "①②⑦.⓪.⓪.①", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25lo]",
]  # fmt: skip
NEVER = [
    "", "/etc/passwd", "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "httpx://example.org/",
    "data:image/png;base64,AAAA", "javascript:alert(1)", "http:", "http://", "http:///path", "https://?q", "//x",
    "example.org/a.png", "http://example.org:0/", "http://example.org:99999/", "http://example.org:x/",
    "http://[::1", "http://*.example.org/", "http://.example.org/",
    "http://user:pass@example.org/", "http://user@example.org/", "http://:pass@example.org/",
]  # fmt: skip


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_in_a_url_is_refused_at_sight(address: str) -> None:
    with pytest.raises(Forbidden):
        Door().check(f"http://{bracketed(address)}/")


@pytest.mark.parametrize("address", SPECIAL)
def test_a_name_that_leads_to_a_special_address_is_refused(address: str, names: Names) -> None:
    names.leads("inside.example", address)
    with pytest.raises(Forbidden):
        Door().get("http://inside.example/")


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_called(host: str) -> None:
    with peer(answers()) as canary:
        for call in (Door().check, Door().get):
            with pytest.raises(Forbidden):
                call(f"http://{host}:{canary.port}/")
        assert canary.connections == 0


@pytest.mark.parametrize("url", NEVER)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    for call in (Door().check, Door().get):
        with pytest.raises(Forbidden):
            call(url)


@pytest.mark.parametrize(
    "url", ["http://example.org", "HTTPS://Example.org:8443/a?b#c", "http://8.8.8.8/"]
)
def test_a_public_url_passes_without_a_look_up(url: str, names: Names) -> None:
    Door().check(url)
    assert names.asked == []


def test_a_refusal_names_the_host_and_nothing_more_of_the_url() -> None:
    with pytest.raises(Private) as refusal:
        Door().get("http://10.1.2.3/path?token=secret")
    assert str(refusal.value) == "10.1.2.3 is a private address, which is not called from here."


def test_a_name_that_leads_to_a_private_address_is_said_to_be_at_one(names: Names) -> None:
    names.leads("inside.example", "10.1.2.3")
    with pytest.raises(Private) as refusal:
        Door().get("http://inside.example/path")
    said = "inside.example is at a private address, which is not called from here."
    assert str(refusal.value) == said


def test_a_public_name_is_called_at_its_address_under_its_own_name(names: Names) -> None:
    with peer(answers(b"hello")) as there:
        names.leads("pictures.example", PUBLIC, at=there.port)
        assert Door().get("http://pictures.example:8080/a").body == b"hello"
    assert b"\r\nHost: pictures.example:8080\r\n" in there.requests[0]


def test_the_address_that_was_checked_is_the_one_that_is_called(names: Names) -> None:
    with peer(answers()) as canary, peer(answers(b"public")) as there:
        names.leads("rebind.example", PUBLIC, "127.0.0.1")
        names.played_at = {PUBLIC: there.port, "127.0.0.1": canary.port}
        assert Door().get("http://rebind.example/").body == b"public"
        assert names.asked.count("rebind.example") == 1
        assert canary.connections == 0


def test_a_name_that_changes_to_a_private_address_is_refused_the_next_time(names: Names) -> None:
    with peer(answers()) as canary, peer(answers()) as there:
        names.leads("rebind.example", PUBLIC, "127.0.0.1")
        names.played_at = {PUBLIC: there.port}
        Door().get(f"http://rebind.example:{canary.port}/")
        with pytest.raises(Forbidden):
            Door().get(f"http://rebind.example:{canary.port}/")
        assert canary.connections == 0


def test_an_unknown_name_was_surely_not_called(names: Names) -> None:
    with pytest.raises(
        NotSent, match=r"^nowhere\.example could not be reached: its name was not found\.$"
    ):
        Door().post_json("http://nowhere.example/?token=secret", {})


def test_a_name_too_long_to_exist_was_surely_not_called() -> None:
    with pytest.raises(NotSent):
        Door().get(f"http://{'a' * 64}.example/")


class TestAllowedPeers:
    def test_one_may_be_called_by_its_address(self) -> None:
        with peer(answers(b"in")) as inside:
            assert Door(allow=[inside.address]).get(inside.url).body == b"in"

    def test_one_may_be_called_by_its_name(self) -> None:
        with peer(answers(b"in")) as inside:
            door = Door(allow=[f"LocalHost:{inside.port}"])
            assert door.get(f"http://localhost:{inside.port}/").body == b"in"

    def test_one_may_be_called_at_an_address_of_ipv6(self) -> None:
        with peer(answers(b"in"), host="::1") as inside:
            door = Door(allow=[f"[0:0::1]:{inside.port}"])
            assert door.get(f"http://[::1]:{inside.port}/").body == b"in"

    def test_another_port_of_it_may_not(self) -> None:
        with peer(answers()) as inside, peer(answers()) as canary:
            with pytest.raises(Forbidden):
                Door(allow=[inside.address]).get(canary.url)
            assert canary.connections == 0

    def test_another_name_of_it_may_not(self, names: Names) -> None:
        with peer(answers()) as inside:
            names.leads("inside.example", "127.0.0.1")
            for host in ("localhost", "127.1", "inside.example"):
                with pytest.raises(Forbidden):
                    Door(allow=[inside.address]).get(f"http://{host}:{inside.port}/")
            assert inside.connections == 0

    def test_the_usual_port_need_not_stand_in_the_url(self) -> None:
        Door(allow=["10.0.0.1:443"]).check("https://10.0.0.1/")

    @pytest.mark.parametrize(
        "entry", ["10.0.0.1", "http://a:1", "a:b", "a:1/x", ":80", "u@a:1", "", "a:0", "[::1:1"]
    )
    def test_one_that_is_not_host_and_port_stops_the_start(self, entry: str) -> None:
        with pytest.raises(ValueError, match="write host:port"):
            Door(allow=[entry])


def test_the_environments_proxies_are_not_used(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer(answers()) as proxy, peer(answers(b"direct")) as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        names.leads("pictures.example", ELSEWHERE, at=there.port)
        assert Door().get("http://pictures.example/").body == b"direct"
        assert proxy.connections == 0
