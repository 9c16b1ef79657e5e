"""A real browser in front of the whole running site. Screenshots stay in screenshots/."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.portraits import own_portraits
from tests.running import Site, running_site
from tests.samples import PASSWORD, ROOT

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SCREENSHOTS = ROOT / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = "no Chromium is installed; get one with: apt-get install chromium"
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": CHROMIUM,
        # Chromium's own sandbox does not work for root, and /dev/shm is small in containers.
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def session_of_ada(site: Site, browser: Browser) -> dict[str, Any]:
    """Log in once; what the browser then remembers serves every test."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    state = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def browser_context_args(site: Site, session_of_ada: dict[str, Any]) -> dict[str, Any]:
    return {
        "base_url": site.url,
        "storage_state": session_of_ada,
        "viewport": {"width": 1440, "height": 900},
    }


HANGING = """
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
from swaps import pictures
from swaps.models import By, Swap, User
ada = User.objects.get(username="ada")
source, target = (pictures.keep_upload(Path(p), team=ada.team, by=By(ada)) for p in {files!r})
result = pictures.keep_result(Path({files!r}[0]), team=ada.team, owner=ada, hang=bool)
now = timezone.now()
Swap.objects.bulk_create(
    Swap(team=ada.team, maker=ada, provider="local", status="succeeded", title=f"{name} {{number:03}}",
         source=source, target=target, result=result, finished_at=now,
         created_at=now - timedelta(minutes={count} - number))
    for number in range({count})
)
answer = {count}
"""


@pytest.fixture
def hang(site: Site, tmp_path: Path) -> Callable[[str, int], None]:
    """Hang so many finished swaps in the gallery, called `NAME 000`, `NAME 001`, …"""

    def hang(name: str, count: int) -> None:
        # Pictures of their own, so that they are no versions of another test's swaps.
        files = [str(file) for file in own_portraits(tmp_path, name, side=480)]
        site.shell(HANGING.format(name=name, count=count, files=files))

    return hang


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the browser complained of: no test of a page ends with a complaint."""
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture
def keep_looks(page: Page) -> Callable[[str], None]:
    """Keep a screenshot of the page: wide and narrow, light and dark."""

    def keep(name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width, height in ((1440, 900), (820, 1180), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                path: Path = SCREENSHOTS / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=path, animations="disabled")
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)

    return keep
