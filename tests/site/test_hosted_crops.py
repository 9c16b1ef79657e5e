"""A chosen face on the whole way: found by the engine, cut out, fetched by the service, and put back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.fakes import behaviours as b
from tests.fakes.hosted import HostedApi
from tests.portraits import astronaut, other_person
from tests.running import Browser, Site, running_site, wait_for, worker_of
from tests.samples import picture_bytes
from tests.seaweed import KEY, KEY_ID, Seaweed

ENDED = {"succeeded", "failed", "canceled"}
Pixels = npt.NDArray[np.int16]


class Chooser:
    """Somebody with a Photo of two people, who chooses one, and the service that makes her swaps."""

    def __init__(self, site: Site, api: HostedApi, folder: Path) -> None:
        self.site, self.api, self.browser = site, api, Browser(site)
        face, photo = folder / "face.jpg", folder / "photo.png"
        face.write_bytes(picture_bytes())
        left, right = astronaut(), other_person()
        both = Image.new("RGB", (left.width + right.width, left.height))
        both.paste(left, (0, 0))
        both.paste(right, (left.width, 0))
        both.save(photo)
        self.photo = np.asarray(both).astype(np.int16)
        self.ids = [self.browser.upload(face), self.browser.upload(photo)]

    @property
    def size(self) -> tuple[int, int]:
        return self.photo.shape[1], self.photo.shape[0]

    def faces(self) -> list[dict[str, Any]]:
        def found() -> dict[str, Any]:
            answer: dict[str, Any] = self._get(f"/photos/{self.ids[1]}/faces.json").json()
            return answer if answer["state"] == "found" else {}

        known: list[dict[str, Any]] = wait_for(found, seconds=60, what="faces")["faces"]
        return known

    def ask(self, choice: str) -> Any:
        form = {"source_photo": self.ids[0], "target_photo": self.ids[1], "target_faces": choice}
        form |= {"consent": "on", **self.browser.token("/new/")}
        return self.browser.session.post(f"{self.site.url}/new/", data=form, timeout=30)

    def result(self, swap: str) -> Pixels:
        """The result's pixels, once the swap has ended."""

        def ended() -> dict[str, Any]:
            found: dict[str, Any] = self.browser.session.get(
                f"{swap.rstrip('/')}.json", timeout=30
            ).json()
            return found if found["status"] in ENDED else {}

        end = wait_for(ended, seconds=60, what="the swap to end")
        assert end["status"] == "succeeded", end
        data = self.browser.session.get(end["image_url"], timeout=30).content
        with Image.open(BytesIO(data)) as image:
            return np.asarray(image.convert("RGB")).astype(np.int16)

    def _get(self, path: str) -> Any:
        return self.browser.session.get(self.site.url + path, timeout=30)


@pytest.fixture(scope="module", params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def chooser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chooser]:
    """Her pictures lie in a folder, or in a bucket."""
    kept: dict[str, Any] = {}
    if request.param == "bucket":
        seaweed: Seaweed = request.getfixturevalue("seaweed")
        kept = {
            "S3_BUCKET": seaweed.new_bucket(),
            "S3_ENDPOINT_URL": seaweed.url,
            "S3_PUBLIC_ENDPOINT_URL": seaweed.public_url,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY,
        }
    folder = tmp_path_factory.mktemp(f"crops-{request.param}")
    with (
        HostedApi() as api,
        running_site(
            folder,
            is_public=True,
            POLL_SECONDS="1",
            RETRY_BASE_SECONDS="0",
            LEASE_SECONDS="3",
            **api.environment,
            **kept,
        ) as site,
    ):
        yield Chooser(site, api, folder)


def is_put_back(chooser: Chooser, face: dict[str, Any], made: Pixels) -> bool:
    """Whether the face has changed, and nothing on the other person's side has."""
    x0, y0, x1, y1 = (round(side) for side in face["box"])
    changed = (made != chooser.photo).any(axis=2)
    apart = changed[:, : x0 - 120] if x0 > chooser.size[0] / 2 else changed[:, x1 + 120 :]
    is_whole = made.shape == chooser.photo.shape
    return is_whole and bool(changed[y0:y1, x0:x1].mean() > 0.9) and not apart.any()


@pytest.mark.parametrize("at", [0, 1], ids=["left", "right"])
def test_the_service_gets_the_crop_and_its_answer_is_put_back(chooser: Chooser, at: int) -> None:
    face, before = chooser.faces()[at], len(chooser.api.fetches)
    made = chooser.result(chooser.ask(face["point"]).url)
    fetched = chooser.api.fetches[before:]
    assert [one.status for one in fetched] == [200, 200]
    width, height = fetched[1].size
    assert width < 0.6 * chooser.size[0]
    assert height < chooser.size[1]
    assert is_put_back(chooser, face, made)


def test_a_worker_that_is_killed_meanwhile_costs_neither_the_result_nor_money(
    chooser: Chooser,
) -> None:
    face, billed = chooser.faces()[1], chooser.api.swaps_billed
    chooser.api.next(b.late(1))
    swap = chooser.ask(face["point"]).url
    wait_for(lambda: len(chooser.api.tasks) > billed, what="the service to be asked")
    os.kill(worker_of(chooser.site), signal.SIGKILL)
    assert is_put_back(chooser, face, chooser.result(swap))
    assert chooser.api.swaps_billed == billed + 1


def test_both_at_once_are_refused_and_cost_nothing(chooser: Chooser) -> None:
    chooser.faces()
    billed = chooser.api.swaps_billed
    answer = chooser.ask("all")
    assert answer.status_code == 400
    assert "replaces one face a swap" in answer.text
    assert chooser.api.swaps_billed == billed
