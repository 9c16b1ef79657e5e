"""What the site refuses to start with: a hosted service that could never work, peers that nobody can read."""

from __future__ import annotations

import pytest
from django.core.checks import Error, run_checks
from pytest_django import Settings

from swaps.addresses import is_private_by_name

# Django's own checks ask the database what it can.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound(settings: Settings) -> None:
    """The hosted service on the internet, and a site that it reaches."""
    settings.FACESWAP_PROVIDER = "acedata"
    settings.ACEDATACLOUD_API_TOKEN = "a-token"
    settings.ACEDATACLOUD_API_BASE_URL = "https://api.acedata.cloud"
    settings.SITE_URL = "https://swaps.example.org"
    settings.HOSTED_MODE = "auto"
    settings.S3_BUCKET, settings.S3_PUBLIC_ORIGIN = "", ""


def found() -> dict[str | None, str]:
    """The errors by their ids, each as the shell shows it."""
    return {one.id: f"{one.msg} {one.hint or ''}" for one in run_checks() if isinstance(one, Error)}


def errors() -> set[str | None]:
    return set(found())


def test_a_site_that_the_service_reaches_may_start() -> None:
    assert errors() == set()


def test_without_a_token_it_does_not_start(settings: Settings) -> None:
    settings.ACEDATACLOUD_API_TOKEN = ""
    assert errors() == {"swaps.E001"}


def test_without_any_way_to_the_pictures_it_does_not_start(settings: Settings) -> None:
    settings.SITE_URL = ""
    assert errors() == {"swaps.E002"}


def test_a_bucket_is_a_way_to_the_pictures(settings: Settings) -> None:
    settings.SITE_URL = ""
    settings.S3_BUCKET = "pictures"
    settings.S3_PUBLIC_ORIGIN = "https://s3.example.org"
    assert errors() == set()


def test_callbacks_alone_need_an_address_of_the_site(settings: Settings) -> None:
    settings.HOSTED_MODE, settings.SITE_URL = "callback", ""
    settings.S3_BUCKET, settings.S3_PUBLIC_ORIGIN = "pictures", "https://s3.example.org"
    assert errors() == {"swaps.E003"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000", "http://192.168.1.5", "http://[::1]:8000", "http://0x7f.1",
        "http://swaps", "http://swaps.local", "https://swaps.internal", "http://localhost:8000",
        "http://169.254.169.254",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_where_the_service_is_on_the_internet(
    settings: Settings, url: str
) -> None:
    settings.SITE_URL = url
    assert errors() == {"swaps.E004"}


def test_so_is_a_bucket_at_a_private_address(settings: Settings) -> None:
    settings.S3_BUCKET, settings.S3_PUBLIC_ORIGIN = "pictures", "http://10.0.0.3:9000"
    assert errors() == {"swaps.E005"}


def test_a_service_on_the_same_private_network_reaches_private_addresses(
    settings: Settings,
) -> None:
    settings.ACEDATACLOUD_API_BASE_URL = "http://10.0.0.4:8000"
    settings.OUTBOUND_ALLOW = ["10.0.0.4:8000"]
    settings.SITE_URL = "http://10.0.0.3:8000"
    assert errors() == set()


def test_a_service_on_a_private_network_has_to_be_allowed(settings: Settings) -> None:
    settings.ACEDATACLOUD_API_BASE_URL = "http://10.0.0.4:8000"
    assert errors() == {"swaps.E008"}


def test_the_embedded_engine_asks_for_none_of_it(settings: Settings) -> None:
    settings.FACESWAP_PROVIDER, settings.SITE_URL = "local", "http://192.168.1.5"
    assert errors() == set()


@pytest.mark.parametrize("provider", ["acedata", "local"])
@pytest.mark.parametrize("variable", ["OUTBOUND_ALLOW", "LINKS_ALLOW"])
@pytest.mark.parametrize("entry", ["minio", "http://minio:9000", "[::1:9000", "minio:port"])
def test_a_peer_that_is_not_host_and_port_is_refused_whoever_makes_the_swaps(
    settings: Settings, provider: str, variable: str, entry: str
) -> None:
    settings.FACESWAP_PROVIDER = provider
    setattr(settings, variable, ["10.0.0.8:9000", entry])
    assert errors() == {"swaps.E006"}
    said = found()["swaps.E006"]
    assert said.startswith(f"In {variable}, “{entry}” is not a peer that may be called")
    assert "write host:port" in said


def test_peers_that_can_be_read_may_be_named(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["minio:9000", "10.0.0.8:80", "[fd00::1]:8000"]
    assert errors() == set()


@pytest.mark.parametrize("token", ["a token", "a-\ntoken", "a-tokén", "a-token\x00"])
def test_a_token_that_no_request_can_carry_is_refused_and_not_shown(
    settings: Settings, token: str
) -> None:
    settings.ACEDATACLOUD_API_TOKEN = token
    assert errors() == {"swaps.E007"}
    assert "ACEDATACLOUD_API_TOKEN" in found()["swaps.E007"]
    assert token not in found()["swaps.E007"]


def test_swaps_that_the_service_has_still_need_its_token_when_new_ones_are_made_here(
    settings: Settings,
) -> None:
    settings.FACESWAP_PROVIDER, settings.ACEDATACLOUD_API_TOKEN = "local", "a token"
    assert errors() == {"swaps.E007"}


@pytest.mark.parametrize(
    "host", ["swaps.example.org", "1.1.1.1", "2606:4700::1111", "example.com."]
)
def test_a_name_or_address_of_the_internet_is_not_private(host: str) -> None:
    assert not is_private_by_name(host)
