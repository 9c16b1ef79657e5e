"""Where the bucket's addresses lead: what pages may show is what is signed. Signing needs no network."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from faceswap_site import s3

INSIDE, OUTSIDE = "http://minio:9000", "https://pictures.example.org"


def origin_of(alias: str) -> str:
    """Scheme and host of an address that the storage of that name signs."""
    parts = urlsplit(storages[alias].url("pictures/a/full.jpg"))
    assert "X-Amz-Signature=" in parts.query
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(autouse=True)
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BUCKET": "faces", "KEY_ID": "an-id", "KEY": "a-key"}.items():
        monkeypatch.setattr(s3, name, value)


def use(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *,
    region: str = "us-east-1",
    endpoints: tuple[str, str] = ("", ""),
) -> None:
    monkeypatch.setattr(s3, "REGION", region)
    for name, value in zip(("ENDPOINT_URL", "PUBLIC_ENDPOINT_URL"), endpoints, strict=True):
        monkeypatch.setattr(s3, name, value)
    settings.STORAGES = {**settings.STORAGES, **s3.storages()}


@pytest.mark.parametrize(
    ("region", "origin"),
    [
        ("us-east-1", "https://s3.us-east-1.amazonaws.com"),
        ("eu-central-1", "https://s3.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "https://s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_without_an_endpoint_pictures_lie_at_amazons_of_the_region(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, region: str, origin: str
) -> None:
    use(settings, monkeypatch, region=region)
    assert s3.public_origin() == origin
    assert (origin_of("outside"), origin_of("default")) == (origin, origin)


@pytest.mark.parametrize(
    "endpoints", [(INSIDE, OUTSIDE), (INSIDE, INSIDE), (OUTSIDE, "https://[2001:db8::1]:9000")]
)
def test_with_endpoints_each_alias_signs_for_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, endpoints: tuple[str, str]
) -> None:
    use(settings, monkeypatch, endpoints=endpoints)
    assert s3.public_origin() == endpoints[1]
    assert (origin_of("default"), origin_of("outside")) == endpoints
