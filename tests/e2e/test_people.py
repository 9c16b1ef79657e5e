"""How people come in, find a new password, meet their limits, and see the site in their own light and time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_whole_way import fill
from tests.portraits import portraits
from tests.running import Site
from tests.samples import PASSWORD

KeepLooks = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("faults")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

MATES = """
from swaps.models import Membership, Team, User
for name, role in (("wilhelmina.featherstonehaugh-cholmondeley@studio.example", "viewer"), ("bob", "member")):
    user, is_new = User.objects.get_or_create(username=name)
    Membership.objects.get_or_create(user=user, team=Team.default(), defaults={"role": role})
Team.objects.get_or_create(slug="studio", defaults={"name": "Studio"})
answer = 0
"""
LIMITS = """
from swaps.models import User
answer = User.objects.filter(username="ada").update(swaps_a_day={a_day}, swaps_at_once={at_once})
"""


MADE_TODAY = """
from swaps import caps
from swaps.models import User
answer = caps.usage(User(pk=User.objects.get(username="ada").pk, swaps_a_day=1)).made_today
"""


@pytest.fixture
def limits(site: Site) -> Iterator[Callable[[object, object], None]]:
    """Ada's limits; none again afterwards."""

    def set_to(a_day: object, at_once: object) -> None:
        site.shell(LIMITS.format(a_day=a_day, at_once=at_once))

    yield set_to
    set_to(None, None)


def expect_accessible(page: Page) -> None:
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def link_on(page: Page) -> str:
    return page.locator(".link-once code").inner_text()


def stranger(browser: Browser, site: Site) -> Page:
    """A browser that nobody is logged in with."""
    return browser.new_context(base_url=site.url, storage_state=None).new_page()


def test_a_link_brings_a_team_mate_in(
    page: Page, site: Site, browser: Browser, keep_looks: KeepLooks
) -> None:
    site.shell(MATES)
    page.goto("/")
    page.get_by_role("button", name="ada: your account").click()
    page.get_by_role("link", name="Team").click()
    expect(page.get_by_role("heading", name="Everyone")).to_be_visible()
    expect_accessible(page)
    keep_looks("team")
    page.get_by_label("Note").fill("For Alice, from the Tuesday shoot")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("shown only this once")).to_be_visible()
    page.get_by_role("button", name="Copy the link").click()
    expect_accessible(page)
    keep_looks("team-link")

    hers = stranger(browser, site)
    hers.goto(link_on(page))
    expect_accessible(hers)
    hers.get_by_label("Username").fill("alice")
    hers.get_by_label("Password", exact=True).fill("short")
    hers.get_by_label("Password again").fill("short")
    hers.get_by_role("button", name="Join the team").click()
    expect(hers.locator(".problem").first).to_be_visible()
    hers.get_by_label("Password", exact=True).fill(PASSWORD)
    hers.get_by_label("Password again").fill(PASSWORD)
    hers.get_by_role("button", name="Join the team").click()
    expect(hers.get_by_text("Welcome, alice")).to_be_visible()
    hers.goto("/team/")
    expect(hers.get_by_text("alice (you)")).to_be_visible()
    expect_accessible(hers)

    late = stranger(browser, site)
    late.goto(link_on(page))
    expect(late.get_by_role("heading", name="not open any more")).to_be_visible()
    for other in (hers, late):
        other.context.close()


def test_an_owner_manages_by_keyboard(page: Page, site: Site, keep_looks: KeepLooks) -> None:
    site.shell(MATES)
    page.goto("/team/")
    page.locator("summary", has_text="bob").focus()
    page.keyboard.press("Enter")
    expect_accessible(page)
    keep_looks("team-manage")
    bob = page.locator(".person", has_text="bob").filter(has=page.get_by_label("Role in Everyone"))
    bob.get_by_label("Role in Everyone").select_option("viewer")
    bob.get_by_role("button", name="Change role").click()
    expect(page.get_by_text("bob is a viewer of Everyone.")).to_be_visible()
    page.locator("summary", has_text="bob").click()
    page.get_by_role("button", name="Take out of the team").locator("visible=true").click()
    expect(page.get_by_role("heading", name="Take bob out of Everyone?")).to_be_visible()
    keep_looks("team-take-out")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Take bob out of Everyone?")).to_be_hidden()
    page.goto("/team/studio/")
    expect(page.get_by_text("Nobody is in this team yet")).to_be_visible()
    keep_looks("team-empty")


def test_a_link_gives_a_new_password(
    page: Page, site: Site, browser: Browser, keep_looks: KeepLooks
) -> None:
    site.shell(MATES)
    page.goto("/team/")
    page.locator("summary", has_text="bob").click()
    page.get_by_role("button", name="Link for a new password").locator("visible=true").click()
    expect_accessible(page)
    keep_looks("password-link")
    his = stranger(browser, site)
    his.goto(link_on(page))
    assert his.url.endswith("/set-password/")
    expect_accessible(his)
    his.get_by_label("New password", exact=True).fill(PASSWORD)
    his.get_by_label("New password again").fill(PASSWORD)
    his.get_by_role("button", name="Change password").click()
    his.get_by_label("Username").fill("bob")
    his.get_by_label("Password").fill(PASSWORD)
    his.get_by_role("button", name="Log in").click()
    his.wait_for_url(re.compile(r"/$"))
    his.context.close()


def test_a_limit_is_seen_before_it_bites_and_the_page_goes_on_by_itself(
    page: Page,
    site: Site,
    limits: Callable[[object, object], None],
    keep_looks: KeepLooks,
    tmp_path: Path,
) -> None:
    made: int = site.shell(MADE_TODAY)
    limits(made + 5, 3)
    page.goto("/new/")
    expect(page.get_by_text(f"{made} of {made + 5} swaps made today, 0 of 3")).to_be_visible()
    keep_looks("new-limits")
    limits(made + 1, 0)
    source, target, *_ = portraits(tmp_path)
    fill(page, source, target)
    page.get_by_label("I may use").check()
    # Somebody made the last one in another tab.
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("**/swaps/*/")
    fill(page, source, target)
    expect(page.locator("#why")).to_contain_text("which is the limit")
    expect_accessible(page)
    keep_looks("new-limit-reached")
    limits(made + 50, 0)
    page.get_by_label("I may use").check()
    expect(page.locator("#why")).to_be_empty(timeout=10_000)


def test_light_and_dark_go_back_to_the_systems_choice(page: Page, keep_looks: KeepLooks) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/new/")
    page.get_by_role("button", name="ada: your account").click()
    keep_looks("menu")
    expect_accessible(page)
    root = page.locator("html")
    page.get_by_role("radio", name="Light").check()
    expect(root).to_have_attribute("data-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="ada: your account").click()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()
    page.get_by_role("radio", name="System").check()
    assert root.get_attribute("data-theme") is None
    page.reload()
    assert root.get_attribute("data-theme") is None


@pytest.mark.parametrize("zone", ["Asia/Kathmandu"])
def test_times_are_those_of_the_persons_own_clock(
    browser: Browser, browser_context_args: dict[str, object], site: Site, zone: str
) -> None:
    site.shell(
        "from swaps.models import Swap, User\n"
        "from datetime import datetime, UTC\n"
        "ada = User.objects.get(username='ada')\n"
        "answer = str(Swap.objects.create(team=ada.team, maker=ada, provider='local', title='In Nepal',"
        " status='canceled', created_at=datetime(2026, 5, 1, 22, 0, 5, tzinfo=UTC)).pk)"
    )
    context = browser.new_context(**browser_context_args, timezone_id=zone)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/?q=In+Nepal")
    time = page.locator(".card-link time").first
    expect(time).to_have_attribute("title", "2 May 2026, 03:45")
    page.locator(".card-link").first.click()
    page.get_by_text("Details").click()
    expect(page.locator(".details time")).to_have_text("2 May 2026, 03:45:05")
    expect(page.locator(".details time")).to_have_attribute("title", "1 May 2026, 22:00:05 UTC")
    context.close()
