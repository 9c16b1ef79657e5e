"""Django's storage on S3 as this site uses it: any server that speaks S3, its faults as Python's own.

Imported only where a bucket is set.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from swaps.outages import StorageAway

CONNECT_SECONDS, READ_SECONDS = 5, 30
# Pictures never change under their name; they are nobody's but the asking browser's to keep.
CACHE_CONTROL = "private, max-age=31536000, immutable"
# One request a picture: what is cut into parts would have to be cleared away after a crash.
ONE_PART = TransferConfig(multipart_threshold=1 << 30, use_threads=False)
IN_MEMORY_BYTES = 8 << 20
FULL = {
    "QuotaExceeded",
    "XMinioStorageFull",
    "XMinioAdminBucketQuotaExceeded",
    "InsufficientCapacity",
}
DELETED_AT_ONCE = 1000


class PictureStorage(S3Storage):  # type: ignore[misc]
    """A bucket of pictures, whose addresses are signed unless the bucket is public.

    Its methods raise FileNotFoundError for what is not there, StorageAway where the server does not
    answer or refuses, and OSError with ENOSPC where there is no room.
    """

    def __init__(self, **options: Any) -> None:
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            # boto3's newer checksums are refused by R2, B2 and older MinIO.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=64,
        )
        super().__init__(
            client_config=config,
            transfer_config=ONE_PART,
            file_overwrite=True,
            max_memory_size=IN_MEMORY_BYTES,
            object_parameters={"CacheControl": CACHE_CONTROL},
            **options,
        )

    @cached_property
    def connection(self) -> Any:
        """One for all threads: only its client is used, which may be shared and takes 10 MB."""
        return super().connection

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with _faults_named():
            opened: File[bytes] = super()._open(name, mode)
            # Read now, so that every fault comes from here.
            return opened.open()

    def _save(self, name: str, content: File[bytes]) -> str:
        with _faults_named():
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        with _faults_named():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _faults_named():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _faults_named():
            found: int = super().size(name)
            return found

    def walk(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Every name below *folder*, in order, with when it was stored."""
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        with _faults_named():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=f"{folder}/"):
                for entry in page.get("Contents", ()):
                    yield entry["Key"], entry["LastModified"]

    def delete_all(self, names: Iterable[str]) -> None:
        """Delete up to a thousand objects in one request; those that are gone are no error."""
        keys = [{"Key": name} for name in names]
        with _faults_named():
            answer = self.bucket.delete_objects(Delete={"Objects": keys, "Quiet": True})
        if answer.get("Errors"):
            said = answer["Errors"][0]
            raise StorageAway(f"{said.get('Code')}: {said.get('Message')}")


@contextmanager
def _faults_named() -> Iterator[None]:
    """The libraries' errors by the names that the rest of the site knows."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = str(said.get("Code", status))
        if code in {"404", "NoSuchKey"}:
            raise FileNotFoundError(errno.ENOENT, "The picture is not stored") from error
        if code in FULL or status == 507:
            raise OSError(errno.ENOSPC, "The picture storage is full") from error
        raise StorageAway(f"{code}: {said.get('Message', 'no reason given')}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageAway(str(error)) from error
