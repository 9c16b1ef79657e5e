"""A site that has its swaps made by another one: our client and our server, in every mode, over real HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.http.peers import Peer, ok, peer
from tests.portraits import own_portraits
from tests.running import Browser, Site, free_port, running_site, wait_for
from tests.samples import picture_bytes

pytestmark = pytest.mark.once

MODES = ("callback", "async", "sync")
ENDED = {"succeeded", "failed", "canceled"}
REVOKE = "from swaps.models import ApiToken; answer = ApiToken.objects.get().revoke()"
GIVE_BACK = "from swaps.models import ApiToken; answer = ApiToken.objects.update(revoked_at=None)"


@dataclass
class Engine:
    """The site that makes the swaps, a token of it, and where it finds those that have their swaps made."""

    site: Site
    token: str
    ports: dict[str, int]
    pictures: Peer

    def post(self, path: str, body: dict[str, Any], **more: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more}
        return requests.post(self.site.url + path, json=body, headers=headers, timeout=60)

    def task(self, **name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.post("/face/tasks", name).json()
        return found

    @property
    def many(self) -> int:
        """How many swaps it was asked for."""
        return self.site.log.read_text().count("step=request ")


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A Face, a Photo, and a picture of nobody."""
    folder = tmp_path_factory.mktemp("faces")
    nobody = folder / "nobody.png"
    nobody.write_bytes(picture_bytes((200, 150), file_format="PNG"))
    return [*own_portraits(folder, "round-trip", side=360), nobody]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, faces: list[Path]) -> Iterator[Engine]:
    """Started once, for all modes of the other one."""
    ports = {mode: free_port() for mode in MODES}
    there = {f"/{file.name}": ok(file.read_bytes()) for file in faces}

    def answer(connection: socket.socket, head: bytes) -> None:
        connection.sendall(there[head.split()[1].decode()])

    with peer(answer) as pictures:
        called = [f"127.0.0.1:{port}" for port in ports.values()]
        settings: dict[str, Any] = {
            "FACESWAP_PROVIDER": "local",
            "OUTBOUND_ALLOW": ",".join([pictures.address, *called]),
        }
        folder = tmp_path_factory.mktemp("engine")
        with running_site(folder, is_public=True, **settings) as site:
            yield Engine(site, site.make_token("another site")[0], ports, pictures)


class Front:
    """The site that people use, and ada at it with the pictures."""

    def __init__(self, site: Site, mode: str, faces: list[Path]) -> None:
        self.site, self.mode, self.browser = site, mode, Browser(site)
        self.face, self.photo = (self.browser.upload(file) for file in faces[:2])

    def ask(self, source: str, target: str) -> str:
        form = {"source_photo": source, "target_photo": target, "consent": "on"}
        form |= self.browser.token("/new/")
        return self.browser.session.post(f"{self.site.url}/new/", data=form, timeout=30).url

    def look(self, swap: str) -> dict[str, Any]:
        address = f"{swap.rstrip('/')}.json"
        found: dict[str, Any] = self.browser.session.get(address, timeout=30).json()
        return found

    def swap(self, source: str, target: str) -> dict[str, Any]:
        """How a swap of the two ended."""
        swap = self.ask(source, target)
        wait_for(lambda: self.look(swap)["status"] in ENDED, seconds=60, what="the swap to end")
        return self.look(swap)


@pytest.fixture(scope="module", params=MODES)
def front(
    request: pytest.FixtureRequest,
    engine: Engine,
    faces: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    mode: str = request.param
    settings: dict[str, Any] = {
        "ACEDATACLOUD_API_TOKEN": engine.token,
        "ACEDATACLOUD_API_BASE_URL": engine.site.url,
        "OUTBOUND_ALLOW": engine.site.url.removeprefix("http://"),
        "HOSTED_MODE": mode,
        "PORT": str(engine.ports[mode]),
        # In callback mode the result is there long before anybody would ask for it.
        "POLL_SECONDS": "600" if mode == "callback" else "1",
        "RETRY_BASE_SECONDS": "0",
    }
    folder = tmp_path_factory.mktemp(mode)
    with running_site(folder, is_public=True, **settings) as site:
        yield Front(site, mode, faces)


def test_a_swap_comes_back_and_is_one_of_the_other_sites(front: Front, engine: Engine) -> None:
    found = front.swap(front.face, front.photo)
    assert (found["status"], found["error"]) == ("succeeded", None)
    picture = front.browser.session.get(found["image_url"], timeout=30)
    assert len(picture.content) == found["image_size"]
    task = engine.task(trace_id=found["trace_id"])
    assert task["response"]["success"] is True
    for side in ("width", "height"):
        assert task["response"][f"image_{side}"] == found[f"image_{side}"]
    asked = {"callback_url", "async"} & set(task["request"])
    assert asked == {"callback": {"callback_url"}, "async": {"async"}, "sync": set()}[front.mode]


@pytest.mark.parametrize("front", ["async"], indirect=True)
def test_what_the_other_site_refuses_fails_with_its_sentence_and_is_not_repeated(
    front: Front, engine: Engine, faces: list[Path]
) -> None:
    before = engine.many
    found = front.swap(front.browser.upload(faces[2]), front.photo)
    told = engine.task(trace_id=found["trace_id"])["response"]["error"]
    assert found["status"] == "failed"
    assert (told["code"], told["picture"]) == ("no_face", "source")
    assert (found["error"]["code"], found["error"]["picture"]) == ("no_face", "source")
    assert told["message"].rstrip(".")[:100] in found["error"]["message"]
    assert engine.many == before + 1


@pytest.fixture
def revoked(engine: Engine, front: Front) -> Iterator[None]:
    """The other site's token opens nothing, until the end of the test."""
    assert engine.site.shell(REVOKE) is True
    yield
    engine.site.shell(GIVE_BACK)
    front.site.manage("resume_provider")


@pytest.mark.parametrize("front", ["async"], indirect=True)
@pytest.mark.usefixtures("revoked")
def test_a_token_that_was_revoked_pauses_the_provider(front: Front, engine: Engine) -> None:
    swap = front.ask(front.face, front.photo)
    page = front.browser.session
    wait_for(lambda: "paused" in page.get(swap, timeout=30).text, what="a pause")
    assert front.look(swap)["status"] == "queued"


@pytest.mark.parametrize("front", ["async"], indirect=True)
def test_the_doctor_finds_the_other_site_well(front: Front) -> None:
    # It ends with 1, which is an error here, where anything fails.
    found = front.site.manage("doctor")
    assert "FAIL" not in found
    assert "Nothing was bought" in found


def test_a_caller_that_hangs_up_leaves_a_swap_that_ends_well(
    engine: Engine, faces: list[Path]
) -> None:
    before = engine.many
    face, photo = (engine.pictures.url(f"/{file.name}") for file in faces[:2])
    body, key = (
        {"source_image_url": face, "target_image_url": photo},
        {"Idempotency-Key": "hung-up"},
    )
    headers = {"Authorization": f"Bearer {engine.token}", "Content-Type": "application/json", **key}
    connection = HTTPConnection("127.0.0.1", engine.site.port, timeout=30)
    connection.request("POST", "/face/swap", json.dumps(body), headers)
    wait_for(lambda: engine.pictures.heads, what="the pictures to be fetched")
    connection.close()
    # By its key the same request is the same task, in flight or not.
    found = engine.post("/face/swap", body, **key).json()
    assert found["success"] is True
    assert engine.task(id=found["task_id"])["response"] == found
    assert engine.many == before + 1
