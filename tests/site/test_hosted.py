"""The whole site against a hosted service that misbehaves: each swap ends well, and is paid for once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import behaviours as b
from tests.fakes.behaviours import Behaviour
from tests.fakes.canary import Canary
from tests.fakes.hosted import TOKEN, HostedApi
from tests.running import Browser, Site, running_site, wait_for
from tests.samples import picture_bytes

ENDED = {"succeeded", "failed", "canceled"}
# Long enough for every retry below, and its half, which a lost answer is waited for, is still short.
DEADLINE = 12

RESUME = """
from swaps.models import ProviderState
answer = ProviderState.resume("acedata")
"""


class Maker:
    """Somebody at the site, with two pictures, and the service that makes her swaps."""

    def __init__(self, site: Site, api: HostedApi, folder: Path) -> None:
        self.site, self.api = site, api
        self.browser = Browser(site)
        face, photo = folder / "face.jpg", folder / "photo.jpg"
        face.write_bytes(picture_bytes(colour="#a06040"))
        photo.write_bytes(picture_bytes(colour="#4060a0", size=(120, 80)))
        self.pictures = [self.browser.upload(face), self.browser.upload(photo)]

    def ask(self) -> str:
        """Ask for a swap; its address."""
        form = {"source_photo": self.pictures[0], "target_photo": self.pictures[1]}
        form |= {"consent": "on", **self.browser.token("/new/")}
        answer = self.browser.session.post(f"{self.site.url}/new/", data=form, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.url

    def look(self, swap: str) -> dict[str, Any]:
        found: dict[str, Any] = self.browser.session.get(
            f"{swap.rstrip('/')}.json", timeout=30
        ).json()
        return found

    def wait(self, swap: str) -> dict[str, Any]:
        wait_for(lambda: self.look(swap)["status"] in ENDED, seconds=40, what="the swap to end")
        return self.look(swap)

    def swap(self, behaviour: Behaviour | None = None, *, times: int = 1) -> dict[str, Any]:
        """A swap for which the service's next answers are of that kind: how it ended."""
        if behaviour is not None:
            self.api.next(behaviour, times=times)
        return self.wait(self.ask())


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    folder = tmp_path_factory.mktemp("hosted")
    with (
        HostedApi() as api,
        running_site(
            folder,
            is_public=True,
            SWAP_DEADLINE=str(DEADLINE),
            POLL_SECONDS="1",
            RETRY_BASE_SECONDS="0",
            LEASE_SECONDS="3",
            **api.environment,
        ) as site,
    ):
        yield Maker(site, api, folder)


@pytest.fixture(autouse=True)
def well_behaved(maker: Maker) -> Iterator[None]:
    """A test that fails leaves nothing behind for the service to do to the next one."""
    yield
    maker.api.behave()


@pytest.fixture
def wrong_token(maker: Maker) -> Iterator[None]:
    """The service takes another token than the site has; afterwards it is asked again, whatever happened."""
    maker.api.token = "another"
    yield
    maker.api.behave()
    maker.site.shell(RESUME)


@pytest.fixture
def billed(maker: Maker) -> Iterator[list[int]]:
    """How many swaps the service did for the test, once it has ended."""
    before, found = maker.api.swaps_billed, [0]
    yield found
    assert maker.api.swaps_billed - before == found[0]


WELL = {
    "by callback": None,
    "late": b.late(1.5),
    "without a callback": b.silent(),
    "called back twice": b.double(),
    "called back before the answer": b.early(),
    "called back by somebody else first": b.forged(),
    "called back for another task first": b.misnamed(),
    "called back with a failure first": b.reordered(),
    "sizes as strings": b.strings(),
    "neither success nor trace_id": b.bare(),
    "told to wait for seconds": b.rate_limited("1"),
    "told to wait until a date": b.rate_limited_until(1),
    "told to wait": b.rate_limited(),
    "broken JSON in a 200": b.broken_json(),
    "a page in a 200": b.page(200, works=True),
    "a gateway's page": b.page(502),
    "an error in a 200": b.success_false(),
    "an error that is a bare string": b.bare_string(),
    "an error without success": b.error_without_success(),
    "a time-out while it goes on": b.timeout(),
    "cut off after it was taken": b.cut_after(),
    "an answer cut in the middle": b.truncated(),
    "an answer without end": b.huge(),
    "an answer that unpacks to too much": b.gzip_bomb(),
}


@pytest.mark.parametrize("behaviour", WELL.values(), ids=WELL.keys())
def test_it_ends_well_and_is_paid_for_once(
    maker: Maker, behaviour: Behaviour | None, billed: list[int]
) -> None:
    billed[0] = 1
    assert maker.swap(behaviour)["status"] == "succeeded"


def test_the_service_can_fetch_both_pictures_without_logging_in(maker: Maker) -> None:
    before = len(maker.api.fetches)
    assert maker.swap()["status"] == "succeeded"
    assert [fetch.status for fetch in maker.api.fetches[before:]] == [200, 200]


def test_the_result_is_the_sites_own(maker: Maker) -> None:
    found = maker.swap()
    assert found["image_url"].startswith(maker.site.url)
    answer = maker.browser.session.get(found["image_url"], timeout=30)
    assert len(answer.content) == found["image_size"]


def test_what_was_cut_off_before_it_was_taken_is_sent_again_after_a_while(
    maker: Maker, billed: list[int]
) -> None:
    billed[0] = 1
    assert maker.swap(b.cut_before())["status"] == "succeeded"


@pytest.mark.parametrize("times", [2, 4])
def test_a_fault_of_the_service_passes(maker: Maker, times: int, billed: list[int]) -> None:
    billed[0] = 1
    assert maker.swap(b.api_error(), times=times)["status"] == "succeeded"


def test_a_fault_that_stays_fails_the_swap_with_a_sentence(maker: Maker) -> None:
    found = maker.swap(b.api_error(), times=5)
    assert (found["status"], found["error"]["code"]) == ("failed", "api_error")
    assert found["error"]["message"].endswith(".")


def test_what_is_not_allowed_fails_at_once(maker: Maker) -> None:
    before = len(maker.api.swap_requests)
    found = maker.swap(b.disabled())
    assert (found["status"], found["error"]["code"]) == ("failed", "disabled")
    assert len(maker.api.swap_requests) - before == 1


@pytest.mark.parametrize(
    "fault", ["missing", "forbidden", "html", "svg", "bomb", "animated", "truncated", "endless"]
)
def test_a_result_that_is_none_fails_the_swap_and_is_not_bought_again(
    maker: Maker, fault: str, billed: list[int]
) -> None:
    billed[0] = 1
    found = maker.swap(b.result(fault))
    assert (found["status"], found["error"]["code"]) == ("failed", "result_unavailable")


def test_a_result_that_comes_after_all_is_kept(maker: Maker, billed: list[int]) -> None:
    billed[0] = 1
    assert maker.swap(b.result("flaky", failures=2))["status"] == "succeeded"


def test_a_result_of_another_size_is_measured_by_its_pixels(maker: Maker) -> None:
    found = maker.swap(b.result("wrong_size"))
    assert found["status"] == "succeeded"
    assert (found["image_width"], found["image_height"]) == (120, 80)


def test_a_result_that_leads_to_a_private_address_is_not_followed(maker: Maker) -> None:
    with Canary() as canary:
        found = maker.swap(b.result("redirect", location=canary.url))
        assert (found["status"], found["error"]["code"]) == ("failed", "result_unavailable")
        assert canary.connections == 0


@pytest.mark.usefixtures("wrong_token")
def test_a_wrong_token_pauses_everything_until_an_admin_goes_on(maker: Maker) -> None:
    swap = maker.ask()
    health = wait_for(
        lambda: maker.browser.session.get(f"{maker.site.url}/healthz", timeout=30).json(),
        what="the site to answer",
    )
    wait_for(lambda: "paused" in maker.browser.session.get(swap, timeout=30).text, what="a pause")
    assert maker.look(swap)["status"] == "queued"
    assert health["status"] in {"ok", "degraded"}
    maker.api.token = TOKEN
    maker.site.manage("resume_provider")
    assert maker.wait(swap)["status"] == "succeeded"


def test_neither_the_token_nor_a_callbacks_secret_is_in_the_log(maker: Maker) -> None:
    maker.swap()
    log = maker.site.log.read_text()
    secrets = [task.request["callback_url"].rpartition("/")[2] for task in maker.api.tasks.values()]
    assert not [one for one in [TOKEN, *secrets] if one in log]
