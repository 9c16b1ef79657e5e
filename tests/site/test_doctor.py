"""The doctor against a running site, a hosted service and an S3 server: what is well, and what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.fakes.hosted import TOKEN, HostedApi
from tests.fakes.wire import LoopbackServer, Reply, Request, json_reply
from tests.running import Site, free_port, running_site, wait_for
from tests.samples import ROOT
from tests.seaweed import KEY, KEY_ID, Seaweed

pytestmark = pytest.mark.once

LINE = re.compile(r"^(ok|FAIL|–) +([A-Z][a-z ]+): (.+)$")
Found = dict[str, tuple[str, str]]


def diagnosis(site: Site, **changed: str) -> Found:
    """What `doctor` says of each part, with *changed* settings; it ends with 1 where any fails."""
    ran = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT, env={**site.environment, **changed}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    lines = [LINE.match(line) for line in ran.stdout.splitlines()]
    assert all(lines), ran.stdout + ran.stderr
    found = {line[2]: (line[1], line[3]) for line in lines if line}
    assert ran.returncode == any(word == "FAIL" for word, _ in found.values())
    assert TOKEN not in ran.stdout
    return found


def failing(found: Found) -> set[str]:
    return {name for name, (word, _) in found.items() if word == "FAIL"}


@pytest.fixture(scope="module")
def api() -> Iterator[HostedApi]:
    with HostedApi() as api:
        yield api


@pytest.fixture(scope="module")
def site(api: HostedApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        tmp_path_factory.mktemp("doctor"),
        is_public=True,
        **api.environment,
    ) as site:
        # The worker is heard of with its first sweep.
        wait_for(lambda: diagnosis(site)["Worker"][0] == "ok", seconds=60, what="the worker")
        yield site


@contextmanager
def at_its_address(answer: Reply) -> Iterator[str]:
    """Something else answers there: a proxy that leads elsewhere."""

    def answered(request: Request) -> Reply:
        return answer

    server = LoopbackServer(answered)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


# --- With the site's own addresses ---------------------------------------------------------------


def test_a_site_that_lacks_nothing_is_well(site: Site, api: HostedApi) -> None:
    found = diagnosis(site)
    assert failing(found) == set()
    assert found["Callback"][1] == "One that was sent to SITE_URL arrived here."
    assert "Nothing was bought" in found["Provider"][1]
    assert api.swap_requests == []


def test_an_address_where_nobody_listens_fails_all_that_needs_it(site: Site) -> None:
    found = diagnosis(site, SITE_URL=f"http://127.0.0.1:{free_port()}")
    assert failing(found) == {"Picture addresses", "Own address", "Callback"}
    assert "Check SITE_URL" in found["Own address"][1]


def test_an_address_that_leads_to_another_site_is_found_out(site: Site) -> None:
    with at_its_address(Reply(204)) as url:
        found = diagnosis(site, SITE_URL=url)
    assert failing(found) == {"Picture addresses", "Own address", "Callback"}


def test_a_callback_that_is_redirected_is_told_apart(site: Site) -> None:
    moved = Reply(308, headers={"Location": f"{site.url}/elsewhere"})
    with at_its_address(moved) as url:
        said = diagnosis(site, SITE_URL=url)["Callback"][1]
    assert "is redirected (status 308)" in said


# --- The provider --------------------------------------------------------------------------------


def test_a_wrong_token_says_which_variable_to_set(site: Site) -> None:
    found = diagnosis(site, ACEDATACLOUD_API_TOKEN="another")
    assert failing(found) == {"Provider"}
    assert "ACEDATACLOUD_API_TOKEN" in found["Provider"][1]


def test_a_service_that_does_not_answer_fails(site: Site) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    found = diagnosis(site, ACEDATACLOUD_API_BASE_URL=url, OUTBOUND_ALLOW=f"127.0.0.1:{port}")
    assert failing(found) == {"Provider"}


def test_a_service_without_tasks_is_well_and_said_to_be_untested(site: Site) -> None:
    no_such_path = json_reply({"error": {"code": "no_api", "message": "no"}}, status=404)
    with at_its_address(no_such_path) as url:
        allowed = url.removeprefix("http://")
        found = diagnosis(site, ACEDATACLOUD_API_BASE_URL=url, OUTBOUND_ALLOW=allowed)
    assert found["Provider"][0] == "ok"
    assert "could not be tested" in found["Provider"][1]


def test_settings_that_cannot_work_are_a_finding_of_their_own(site: Site) -> None:
    found = diagnosis(site, SITE_URL="")
    assert failing(found) == {"Settings", "Picture addresses"}
    assert found["Callback"][0] == "–"


def test_a_peer_that_cannot_be_read_fails_all_that_calls_and_ends_nothing(site: Site) -> None:
    found = diagnosis(site, OUTBOUND_ALLOW="minio")
    assert failing(found) == {
        "Settings",
        "Picture addresses",
        "Own address",
        "Callback",
        "Provider",
    }
    assert "OUTBOUND_ALLOW" in found["Settings"][1]
    assert all("write host:port" in found[name][1] for name in failing(found))


def test_the_embedded_engine_needs_no_address(site: Site) -> None:
    found = diagnosis(site, FACESWAP_PROVIDER="local", SITE_URL="")
    assert failing(found) == set()
    assert found["Provider"][1] == "The embedded engine has its model."


def test_a_missing_model_is_said(site: Site) -> None:
    found = diagnosis(site, FACESWAP_PROVIDER="local", FACE_LANDMARKER_MODEL="/nowhere.task")
    assert failing(found) == {"Provider"}


# --- The bucket ----------------------------------------------------------------------------------


Bucket = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def shared(seaweed: Seaweed) -> str:
    """A bucket's name: the server sets volumes aside for each, and has only so many."""
    return seaweed.new_bucket()


@pytest.fixture
def bucket(seaweed: Seaweed, shared: str) -> Bucket:
    """The settings for that bucket, with some of them *changed*."""
    return partial(settings_for, seaweed, shared)


def settings_for(seaweed: Seaweed, name: str, **changed: str) -> dict[str, str]:
    return {
        "S3_BUCKET": name,
        "S3_ENDPOINT_URL": seaweed.url,
        "S3_PUBLIC_ENDPOINT_URL": seaweed.public_url,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": KEY,
        **changed,
    }


@pytest.mark.s3
def test_a_picture_is_fetched_from_the_bucket_by_its_public_address(
    site: Site, seaweed: Seaweed, bucket: Bucket
) -> None:
    found = diagnosis(site, **bucket())
    assert failing(found) == set()
    host = seaweed.public_url.removeprefix("http://")
    said = f"A picture was fetched from {host}, and not without its signature."
    assert found["Picture addresses"][1] == said


@pytest.mark.s3
def test_a_wrong_key_fails_the_storage(site: Site, bucket: Bucket) -> None:
    found = diagnosis(site, **bucket(AWS_SECRET_ACCESS_KEY="wrong"))
    assert {"Storage", "Picture addresses"} <= failing(found)
    assert "the keys" in found["Storage"][1]


@pytest.mark.s3
def test_a_public_endpoint_that_leads_nowhere_is_found_out(site: Site, bucket: Bucket) -> None:
    nowhere = f"http://localhost:{free_port()}"
    found = diagnosis(site, **bucket(S3_PUBLIC_ENDPOINT_URL=nowhere))
    assert failing(found) == {"Picture addresses"}
    assert "S3_PUBLIC_ENDPOINT_URL" in found["Picture addresses"][1]


@pytest.mark.s3
def test_a_bucket_that_anybody_can_read_is_found_out(site: Site, seaweed: Seaweed) -> None:
    settings = settings_for(seaweed, seaweed.new_bucket())
    seaweed.open_to_all(settings["S3_BUCKET"])
    found = diagnosis(site, **settings)
    assert failing(found) == {"Picture addresses"}
    assert "Make it private" in found["Picture addresses"][1]
