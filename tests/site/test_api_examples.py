"""The examples of the API's page and of docs/api.md, as they stand: only host, token and links are changed."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
import requests
from PIL import Image, ImageChops

from tests.http.peers import Peer, ok, peer
from tests.portraits import own_portraits
from tests.running import Browser, Site, free_port, running_site, wait_for
from tests.samples import ROOT, picture_bytes

pytestmark = pytest.mark.once

DOCS = ROOT / "docs" / "api.md"
MODES = ("wait", "poll", "callback")
LANGUAGES = ("curl", "requests", "sdk")
# What curl itself says of an answer that is an error.
REFUSED = "curl: (22) The requested URL returned error: 401"
HOST = "https://swaps.example.org"


@dataclass
class Reader:
    """Somebody who copies examples: her site, her token, her two pictures, and where she is called back."""

    site: Site
    token: str
    webhook_secret: str
    pictures: Peer
    hook_port: int
    photo: Path
    page: str

    def adapted(self, example: str) -> str:
        """With what a reader changes, and nothing else."""
        changes = {
            HOST: self.site.url,
            "{token}": self.token,
            "{webhook_secret}": self.webhook_secret,
            "https://example.com/face.jpg": self.pictures.url("/face.png"),
            "https://example.com/photo.jpg": self.pictures.url("/photo.png"),
            "https://example.com/hooks/face-swap": f"http://127.0.0.1:{self.hook_port}/hooks",
            "8080": str(self.hook_port),
        }
        for old, new in changes.items():
            example = example.replace(old, new)
        return example

    def run(self, example: str, folder: Path) -> str:
        """What *example*, lines of a shell or of Python, prints."""
        done = self.tried(example, folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tried(self, example: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """How *example* ends, well or not."""
        return subprocess.run(
            command(self.adapted(example)), cwd=folder, env=BARE, check=False, timeout=60,
            capture_output=True, text=True,
        )  # fmt: skip

    def on_page(self, mode: str, language: str) -> str:
        found = re.search(
            rf'data-language="{language}" data-mode="{mode}".*?<code>(.*?)</code>',
            self.page,
            re.DOTALL,
        )
        assert found, f"The page has no example for {mode} in {language}."
        return html.unescape(found[1])

    def is_result(self, data: bytes) -> bool:
        """Whether it is the Photo with something else in it."""
        with Image.open(BytesIO(data)) as image, Image.open(self.photo) as photo:
            assert image.size == photo.size
            return (
                ImageChops.difference(image.convert("RGB"), photo.convert("RGB")).getbbox()
                is not None
            )

    def receiver(self) -> str:
        """The page's program that is called back."""
        found = re.search(r"<code>(from http.server.*?)</code>", self.page, re.DOTALL)
        assert found
        return html.unescape(found[1])

    @contextmanager
    def listening(self, folder: Path) -> Iterator[Path]:
        """While the page's own receiver of callbacks runs: the file with what it prints."""
        heard = folder / "heard.txt"
        with heard.open("w") as out:
            receiver = subprocess.Popen(
                command(self.adapted(self.receiver())), cwd=folder, env=BARE, stdout=out
            )
        try:
            yield heard
        finally:
            receiver.terminate()
            receiver.wait(10)


BARE = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}


def command(example: str) -> list[str]:
    return ["sh", "-euc", example] if "curl " in example else [sys.executable, "-c", example]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("examples")
    face, photo = own_portraits(folder, "examples", side=320)
    answers = {"/face.png": ok(face.read_bytes()), "/photo.png": ok(photo.read_bytes())}
    answers |= {"/nobody.png": ok(picture_bytes((320, 320))), "/small.png": ok(smaller(photo))}
    hook_port = free_port()
    with peer(lambda line, head: line.sendall(answers[head.split()[1].decode()])) as pictures:
        allowed = f"{pictures.address},127.0.0.1:{hook_port}"
        with running_site(folder, OUTBOUND_ALLOW=allowed) as site:
            page = Browser(site).session.get(f"{site.url}/api/", timeout=30).text
            token, secret = site.make_token("Examples")
            yield Reader(site, token, secret, pictures, hook_port, photo, page)


def smaller(photo: Path) -> bytes:
    out = BytesIO()
    with Image.open(photo) as image:
        image.resize((image.width // 5, image.height // 5)).save(out, "PNG")
    return out.getvalue()


def picture_in(printed: str) -> bytes:
    """The result at the address that an example printed, for whoever has it."""
    found = re.search(r"http://\S+/p/[\w.-]+", printed)
    assert found, printed
    return requests.get(found[0], timeout=30).content


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["wait", "poll"])
def test_an_example_of_the_page_makes_a_swap(
    mode: str, language: str, reader: Reader, tmp_path: Path
) -> None:
    printed = reader.run(reader.on_page(mode, language), tmp_path)
    assert reader.is_result(picture_in(printed))
    for file in tmp_path.glob("result.*"):
        assert reader.is_result(file.read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_of_the_page_is_called_back(
    language: str, reader: Reader, tmp_path: Path
) -> None:
    with reader.listening(tmp_path) as heard:
        printed = reader.run(reader.on_page("callback", language), tmp_path)
        task_id = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", printed)
        assert task_id
        told = f"{task_id[0]} True"
        wait_for(lambda: told in heard.read_text(), what="the callback")


@pytest.mark.parametrize("language", ["curl", "requests"])
@pytest.mark.parametrize("mode", MODES)
def test_an_example_of_the_page_ends_with_what_the_site_says_of_a_wrong_token(
    mode: str, language: str, reader: Reader, tmp_path: Path
) -> None:
    for left_over in ("answer.json", "task.json"):
        (tmp_path / left_over).write_text('{"finished_at": 1, "task_id": "of last time"}')
    stranger = replace(reader, token="fs_of-another-site")
    done = stranger.tried(reader.on_page(mode, language), tmp_path)
    said = done.stdout + done.stderr
    assert "This token opens nothing here." in said
    assert "of last time" not in said
    assert "Traceback" not in said
    assert "curl:" not in said.replace(REFUSED, "")


@pytest.mark.parametrize("number", range(2))
def test_a_shell_example_of_the_documentation_makes_a_swap(
    number: int, reader: Reader, tmp_path: Path
) -> None:
    assert reader.is_result(picture_in(reader.run(blocks("sh")[number], tmp_path)))


def test_the_sdks_example_of_the_documentation_makes_a_swap(reader: Reader, tmp_path: Path) -> None:
    assert reader.is_result(picture_in(reader.run(blocks("python")[0], tmp_path)))


def test_the_documentation_has_the_pages_receiver_and_no_other_examples(reader: Reader) -> None:
    assert len(blocks("sh")) == 2
    assert blocks("python")[1:] == [f"{reader.receiver()}\n"]


@pytest.mark.parametrize(("picture", "code"), [("nobody", "no_face"), ("small", "face_too_small")])
def test_a_picture_without_a_face_to_replace_is_named(
    picture: str, code: str, reader: Reader
) -> None:
    answer = requests.post(
        f"{reader.site.url}/face/swap",
        headers={"authorization": f"Bearer {reader.token}"},
        json={
            "source_image_url": reader.pictures.url("/face.png"),
            "target_image_url": reader.pictures.url(f"/{picture}.png"),
        },
        timeout=60,
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["picture"]) == (400, code, "target")
