"""The admin in a real browser: what it complains of, what axe finds, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.running import Site

FILL = """
import random
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
from swaps import pictures
from swaps.models import SHELL, Attempt, By, Event, Membership, Swap, Team, User, What
from tests.samples import picture_bytes
ada = User.objects.get(username="ada")
team = Team.default()
mia, _ = User.objects.get_or_create(username="mia")
Membership.objects.get_or_create(user=mia, team=team)
if not Swap.objects.filter(maker=mia).exists():
    photos = []
    for colour in ("#906040", "#405060", "#c0a080"):
        file = Path(r"{folder}") / "picture.jpg"
        file.write_bytes(picture_bytes(colour=colour))
        photos.append(pictures.keep_upload(file, team=team, by=By(mia)))
    for n in range(24):
        made = timezone.now() - timedelta(days=3 * n, minutes=7)
        swap = Swap.create_claimed(
            seconds=60, team=team, maker=mia, source=photos[0], target=photos[1], provider="local",
            title=f"Portrait {{n}} by the long window of the old house" if n % 3 else "",
            created_at=made, queued_at=made,
        )
        Event.record(What.REQUESTED, by=By(mia, "192.0.2.7", "page"), swap=swap)
        attempt = Attempt.begin(swap, provider="local")
        if n % 4 == 1:
            attempt.close("failed", error_code="no_face", error_message="We found no face.")
            swap.fail(code="no_face", picture="source",
                message="We found no face in the Face. Choose one where it looks towards the camera.")
        else:
            attempt.close("succeeded", timings={{"swap": 0.4}})
            swap.record_outcome()
            swap.succeed(result=photos[2])
        Event.record(What.SUCCEEDED, by=By(), swap=swap)
        if n == 2: swap.trash()
        if n == 6: swap.discard()
answer = [str(Swap.objects.order_by("-pk")[1].pk), mia.pk, team.pk]
"""


@pytest.fixture(scope="session")
def filled(site: Site) -> list[object]:
    """A swap's id, a person's and a team's, on a site with a history."""
    found: list[object] = site.shell(FILL.format(folder=site.data))
    return found


def addresses(filled: list[object]) -> dict[str, str]:
    swap, person, team = filled
    return {
        "index": "/admin/",
        "swaps": "/admin/swaps/swap/",
        "swaps-filtered": "/admin/swaps/swap/?status__exact=failed&q=mia&created_at__year=2026",
        "swap": f"/admin/swaps/swap/{swap}/change/",
        "events": "/admin/swaps/event/",
        "people": "/admin/swaps/user/",
        "person": f"/admin/swaps/user/{person}/change/",
        "team": f"/admin/swaps/team/{team}/change/",
    }


# Django's own table of rows to edit begins with a column that it hides and does not name.
NOT_OURS = {"empty-table-header": {"enabled": False}}
PAGES = ["index", "swaps", "swaps-filtered", "swap", "events", "people", "person", "team"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_admin_fits_breaks_no_policy_and_can_be_used_by_all(
    name: str,
    page: Page,
    faults: list[str],
    filled: list[object],
    keep_looks: Callable[[str], None],
) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.goto(addresses(filled)[name])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found = Axe().run(page, options={"rules": NOT_OURS})
        assert found.violations_count == 0, found.generate_report()
    keep_looks(f"admin-{name}")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_admin_deletes_a_swap_for_good_after_a_question(
    page: Page, faults: list[str], filled: list[object], site: Site
) -> None:
    page.goto("/admin/swaps/swap/?place=trash")
    page.locator("#result_list .field-name a").first.click()
    page.get_by_role("button", name="Delete with pictures").click()
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()
    page.get_by_role("button", name="Delete with pictures").click()
    expect(page.get_by_text("1 swap: deleted with their pictures.")).to_be_visible()
    expect(page.get_by_text("gone").first).to_be_visible()


def test_the_choice_of_light_or_dark_holds_in_the_admin_too(page: Page, faults: list[str]) -> None:
    page.goto("/")
    page.get_by_role("button", name="ada: your account").click()
    page.get_by_role("radio", name="Dark").check()
    page.goto("/admin/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
