"""A real PostgreSQL of the tests' own, in a folder that goes with it; where none is installed, a visible skip.

`python -m tests.postgres COMMAND …` runs a command with DATABASE_URL set to such a server.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from tests.running import free_port, new_database, wait_for

# PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"


def programs() -> Path | None:
    """The folder with the server's programs, the newest version's; Debian keeps them out of PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class Postgres:
    """One server on a private port of this machine. It can be stopped and started again."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder
        self.binaries = binaries
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._as = {"user": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(folder, UNPRIVILEGED)
        self.run("initdb", "--no-sync", "--auth=trust", "-U", "site", "-E", "UTF8", "-D", self.data)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as the server's user."""
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, **self._as)  # type: ignore[call-overload]

    def start(self) -> None:
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        # It never has to survive the machine: nothing waits for a disk.
        options += ["-F", "-c", "full_page_writes=off", "-c", "max_connections=200"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                [str(self.binaries / "postgres"), "-D", self.data, *options],
                cwd=self.folder, stdout=log, stderr=log, **self._as,
            )  # fmt: skip
        wait_for(self._answers, what="PostgreSQL to answer")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, by default without waiting for those who are connected (its "fast" shutdown)."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def url(self, database: str) -> str:
        return f"postgres://site@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        return new_database(self.url("postgres"))

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(binaries: Path) -> Iterator[Postgres]:
    """A server from here to the end of the block."""
    # Not below pytest's own folder, which nobody but its owner may enter.
    folder = Path(mkdtemp(prefix="postgres-"))
    server = Postgres(folder, binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests of this process. Whoever stops it starts it again."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with running_postgres(binaries) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """DATABASE_URL of an empty database."""
    return postgres.new_database()


def main(command: Sequence[str]) -> int:
    """Run *command* beside a server; its exit status."""
    binaries = programs()
    if binaries is None or not command:
        sys.stderr.write(f"{__doc__}\nIt needs PostgreSQL: apt-get install postgresql\n")
        return 2
    with running_postgres(binaries) as server:
        environment = {**os.environ, "DATABASE_URL": server.new_database()}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
