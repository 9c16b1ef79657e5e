"""The site's storage in a bucket of a real S3 server, or in a folder as by default."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from faceswap_site import s3
from tests.seaweed import KEY, KEY_ID, Seaweed


class Bucket:
    """A bucket, and the server that has it."""

    def __init__(self, server: Seaweed) -> None:
        self.server = server
        self.name = server.new_bucket()
        self.client = server.client()

    def empty(self) -> None:
        for name in self.names():
            self.client.delete_object(Bucket=self.name, Key=name)

    def names(self) -> set[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


@pytest.fixture(scope="session")
def shared_bucket(seaweed: Seaweed) -> Bucket:
    """One for all tests: the server sets 200 MB aside for each."""
    return Bucket(seaweed)


@pytest.fixture
def bucket(
    shared_bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bucket]:
    """The site keeps its pictures there."""
    use(shared_bucket, settings, monkeypatch)
    yield shared_bucket
    shared_bucket.empty()


def use(
    bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, is_public: bool = False
) -> None:
    """Set the site up for that bucket, as the environment would."""
    there = {
        "BUCKET": bucket.name,
        "ENDPOINT_URL": bucket.server.url,
        "PUBLIC_ENDPOINT_URL": bucket.server.public_url,
        "KEY_ID": KEY_ID,
        "KEY": KEY,
        "PUBLIC_BUCKET": is_public,
    }
    for name, value in there.items():
        monkeypatch.setattr(s3, name, value)
    settings.S3_BUCKET, settings.S3_PUBLIC_BUCKET = bucket.name, is_public
    settings.S3_PUBLIC_ORIGIN = s3.public_origin()
    settings.STORAGES = {**settings.STORAGES, **s3.storages()}
