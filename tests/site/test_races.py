"""Two people, or two tabs, at the same moment: one wins. Against a running site, with its own threads."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import requests

from tests.running import TOKEN, Browser, Site, free_port, running_site
from tests.samples import PASSWORD, picture_bytes

pytestmark = pytest.mark.once

AT_ONCE = 6
TOKEN_OF_A_PROGRAM = """
from swaps.models import ApiToken, Team, User
person, _ = User.objects.get_or_create(username="program", swaps_a_day=0)
_, answer = ApiToken.make(user=person, team=Team.default(), label="a program")
"""


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def site(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Site]:
    database = {}
    if request.param == "PostgreSQL":
        database["DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    settings = {"SWAPS_A_DAY": "2", "OUTBOUND_ALLOW": f"127.0.0.1:{free_port()}", **database}
    with running_site(tmp_path_factory.mktemp("site"), **settings) as running:
        yield running


def together(sends: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """What each is answered; none is sent before all are ready."""
    ready = Barrier(len(sends))

    def send(one: Callable[[], requests.Response]) -> requests.Response:
        ready.wait(timeout=30)
        return one()

    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(send, sends))


def join(site: Site, token: str, name: str) -> Callable[[], requests.Response]:
    """Somebody who has filled in the page of the link and is about to press the button."""
    session, address = requests.Session(), f"{site.url}/join/{token}/"
    found = TOKEN.search(session.get(address, timeout=30).text)
    assert found
    form = {
        "username": name, "password1": PASSWORD, "password2": PASSWORD,
        "csrfmiddlewaretoken": found[1],
    }  # fmt: skip
    return lambda: session.post(address, data=form, timeout=60, allow_redirects=False)


def test_of_many_who_open_a_link_at_once_one_joins(site: Site) -> None:
    token = site.shell(
        "from swaps.models import Invitation, Team, User\n"
        "ada = User.objects.get(username='ada')\n"
        "made = Invitation.make(team=Team.default(), role='member', invited_by=ada)\n"
        "answer = made[1]"
    )
    answers = together([join(site, token, f"guest-{number}") for number in range(AT_ONCE)])
    assert sorted(one.status_code for one in answers) == [302] + [404] * (AT_ONCE - 1)
    left = site.shell(
        "from swaps.models import Event, User\n"
        "people = User.objects.filter(username__startswith='guest')\n"
        "answer = [people.count(), Event.objects.filter(what='joined').count()]"
    )
    assert left == [1, 1]


def test_of_many_requests_at_once_only_those_under_the_limit_are_taken(
    site: Site, tmp_path: Path
) -> None:
    browser, file = Browser(site), tmp_path / "picture.jpg"
    file.write_bytes(picture_bytes())
    photo = browser.upload(file)
    form = {"source_photo": photo, "target_photo": photo, "consent": "on", **browser.token("/new/")}
    cookies = browser.session.cookies.copy()

    def request() -> requests.Response:
        return requests.post(
            f"{site.url}/new/", data=form, cookies=cookies, timeout=60, allow_redirects=False
        )

    answers = together([request] * AT_ONCE)
    assert sorted(one.status_code for one in answers) == [302] * 2 + [429] * (AT_ONCE - 2)
    assert site.shell("from swaps.models import Swap; answer = Swap.objects.count()") == 2


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["body", "key"])
def test_of_many_programs_that_ask_for_the_same_at_once_all_get_one_swap(
    site: Site, headers: dict[str, str]
) -> None:
    made, there = site.shell(TOKEN_OF_A_PROGRAM), site.environment["OUTBOUND_ALLOW"]
    body = {f"{role}_image_url": f"http://{there}/{role}" for role in ("source", "target")}
    headers = {"Authorization": f"Bearer {made}", **headers}

    def ask() -> requests.Response:
        return requests.post(
            f"{site.url}/face/swap", json={**body, "async": True}, headers=headers, timeout=60
        )

    host, _, port = there.partition(":")
    with socket.create_server((host, int(port))):
        # Whoever calls there is not answered, so that the swap stays in flight.
        answers = together([ask] * AT_ONCE)
    assert [one.status_code for one in answers] == [200] * AT_ONCE
    assert len({(one.json()["task_id"], one.json()["trace_id"]) for one in answers}) == 1


@pytest.mark.parametrize("site", ["SQLite"], indirect=True)
def test_the_running_sites_log_names_no_token_of_a_link(site: Site) -> None:
    for path in ("/join/a-token-that-is-no-more/", "/accounts/reset/MQ/another-such-token/"):
        assert requests.get(site.url + path, timeout=30).status_code == 404
    log = site.log.read_text()
    assert "path=/join/" in log
    assert "such-token" not in log
    assert "a-token" not in log
