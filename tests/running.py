"""The whole site as its users start it: supervisor, web server and worker, in a folder of its own."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
from psycopg import sql

from tests.samples import PASSWORD, ROOT

SUPERVISOR = (sys.executable, "-m", "faceswap_site.supervisor")
TOKEN = re.compile(r'csrfmiddlewaretoken" value="([^"]+)')


@dataclass
class Site:
    """A running site: its address, its data and the process that was started."""

    port: int
    data: Path
    process: subprocess.Popen[str]
    log: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, path: str = "/accounts/login/") -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=60,
        ).stdout  # fmt: skip

    def make_token(self, label: str) -> tuple[str, str]:
        """A token of ada's for the API, and the secret that callbacks for it are signed with."""
        made = json.loads(self.manage("create_api_token", "ada", "--label", label))
        return made["token"], made["webhook_secret"]

    def shell(self, code: str) -> Any:
        """What *code* leaves in `answer`, from a Django shell on the same data."""
        out = self.manage(
            "shell", "--no-imports", "-c", f"{code}\nimport json; print(json.dumps(answer))"
        )
        return json.loads(out.strip().splitlines()[-1])

    def descendants(self) -> set[int]:
        """Every process that was started by the supervisor, however indirectly."""
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    stat = (folder / "stat").read_text()
                except OSError:
                    continue
                parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
        found: set[int] = set()
        wave = {self.process.pid}
        while wave:
            wave = {pid for pid, parent in parents.items() if parent in wave}
            found |= wave
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=15)


def wait_for[T](condition: Callable[[], T], *, seconds: float = 30, what: str = "") -> T:
    """The first true answer of *condition*."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {seconds} s for {what or condition}"
        time.sleep(0.01)


def worker_of(site: Site) -> int:
    """The process of the queue's worker."""

    def look() -> int:
        for pid in site.descendants():
            command = Path(f"/proc/{pid}/cmdline")
            if command.exists() and b"ox_worker" in command.read_bytes():
                return pid
        return 0

    return wait_for(look, what="the worker")


@cache
def ports() -> Iterator[int]:
    """Ports below those that the system hands out, each process from another one on.

    A site takes seconds to start, in which another one would be given a port that is merely free.
    """
    first = os.getpid() * 61 % 12_000
    return (20_000 + (first + number) % 12_000 for number in itertools.count())


def free_port() -> int:
    for port in ports():
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there are always ports")


def new_database(beside: str, *, like: str = "template1") -> str:
    """The address of a new database on the same PostgreSQL: empty, or as the one of the name *like*."""
    name = f"site_{uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(beside, autocommit=True) as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(like)))
    return f"{beside.rpartition('/')[0]}/{name}"


class Prepared:
    """What the first start of every site makes, database and static files: made once for all of a test run.

    It is kept where `./run test` keeps its data; without that every site makes its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._database = folder / "prepared", folder / "prepared.database"
        # The processes that run tests share it, and the first one to come makes it.
        with (folder / "prepared.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._folder.exists():
                self._make(folder / "draft")

    def _make(self, draft: Path) -> None:
        environment = {**os.environ, "DATA_DIR": str(draft)}
        if "DATABASE_URL" in environment:
            environment["DATABASE_URL"] = new_database(environment["DATABASE_URL"])
            self._database.write_text(environment["DATABASE_URL"].rpartition("/")[2])
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            subprocess.run(
                [sys.executable, "manage.py", *command, "-v0"],
                cwd=ROOT,
                env=environment,
                check=True,
            )
        # That one is each site's own.
        (draft / "secret_key").unlink()
        draft.rename(self._folder)

    def lay_out(self, data: Path) -> None:
        """Give it to a site that was never started, and is no restored one either."""
        if not (data / "static").exists() and not (data / "db.sqlite3").exists():
            shutil.copytree(self._folder, data, dirs_exist_ok=True)

    def new_database(self, beside: str) -> str:
        """The address of a database of a site that was never started."""
        return new_database(beside, like=self._database.read_text())


@cache
def prepared() -> Prepared | None:
    # Empty is unset, as everywhere: nothing is ever made in the folder that one happens to be in.
    folder = os.environ.get("DATA_DIR")
    return Prepared(Path(folder)) if folder else None


@contextmanager
def running_site(
    folder: Path,
    *,
    deaf_to: signal.Signals | None = None,
    is_public: bool = False,
    from_nothing: bool = False,
    command: Sequence[str] = SUPERVISOR,
    **environment: str,
) -> Iterator[Site]:
    """A site with one account, ada, who is its admin. *deaf_to* is ignored by who starts it.

    *is_public*: it knows the address by which others reach it, so it can be called back. *from_nothing*: it
    makes its own database and static files, as whoever installs it has it do.
    """
    port = int(environment.get("PORT", 0)) or free_port()
    if is_public:
        environment["SITE_URL"] = f"http://127.0.0.1:{port}"
    full = {
        **os.environ,
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "WORKER_PROCESSES": "1",
        "DJANGO_SUPERUSER_USERNAME": "ada",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        **environment,
    }
    full.pop("DJANGO_SETTINGS_MODULE", None)
    ready = None if from_nothing or command is not SUPERVISOR else prepared()
    if ready is not None and "DATABASE_URL" not in environment:
        ready.lay_out(Path(full["DATA_DIR"]))
    if "DATABASE_URL" in os.environ and "DATABASE_URL" not in environment:
        # The tests run on PostgreSQL, and so does this site: in a database of its own.
        create = new_database if ready is None else ready.new_database
        full["DATABASE_URL"] = create(os.environ["DATABASE_URL"])
    log = folder / "site.log"
    if deaf_to is not None:
        ignore = f"import os, signal, sys; signal.signal({int(deaf_to)}, signal.SIG_IGN)"
        command = [sys.executable, "-c", f"{ignore}; os.execv(sys.argv[1], sys.argv[1:])", *command]
    with log.open("w") as handle:
        process = subprocess.Popen(
            command,
            cwd=ROOT, env=full, stdout=handle, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    site = Site(port, folder / "data", process, log, full)
    try:
        wait_for(
            lambda: site.answers() or process.poll() is not None,
            seconds=90,
            what="the site to answer",
        )
        assert process.poll() is None, log.read_text()
        yield site
    finally:
        site.stop()


class Browser:
    """Just enough of one: a session, its token and the three requests of a swap."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = requests.Session()
        form = {"username": "ada", "password": PASSWORD, **self.token("/accounts/login/")}
        self.session.post(f"{site.url}/accounts/login/", data=form, timeout=30)

    def token(self, path: str) -> dict[str, str]:
        page = self.session.get(self.site.url + path, timeout=30).text
        found = TOKEN.search(page)
        assert found, f"{path} has no form"
        return {"csrfmiddlewaretoken": found[1]}

    def upload(self, file: Path) -> str:
        with file.open("rb") as handle:
            answer = self.session.post(
                f"{self.site.url}/photos/",
                files={"file": handle},
                data=self.token("/new/"),
                timeout=60,
            )
        photo: str = answer.json()["id"]
        return photo

    def swap(self, source: str, target: str) -> tuple[float, str]:
        """Seconds from pressing the button until the result can be fetched, and the swap's state."""
        form = {"source_photo": source, "target_photo": target, "consent": "on"}
        form |= self.token("/new/")
        start = time.perf_counter()
        page = self.session.post(f"{self.site.url}/new/", data=form, timeout=30)
        address = page.url.rstrip("/") + ".json"
        while True:
            swap = self.session.get(address, timeout=30).json()
            if swap["image_url"]:
                self.session.get(swap["image_url"], timeout=30)
            if swap["status"] not in {"queued", "running", "fetching"}:
                return time.perf_counter() - start, swap["status"]
            time.sleep(0.02)
