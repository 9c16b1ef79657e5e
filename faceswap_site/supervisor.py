"""Web server and worker in one foreground process: `./run` ends here, and Ctrl-C ends all of it.

`web` or `worker` as an argument serves that one alone, for sites of several machines or containers.

Each child leads a session of its own, so that whatever it starts can be ended with it. A child that
dies is started again; one that keeps dying ends everything, as a site without it would only seem to run.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from faceswap_site import env

ROOT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 8.0
MAX_DEATHS, DEATHS_WITHIN = 5, 60.0
WORKER_NICE = 10
ROLES = ("web", "worker")
TOKEN = "ACEDATACLOUD_API_TOKEN"  # noqa: S105 (the variable's name)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Child:
    """A process that should be running, and the times at which it died."""

    def __init__(self, name: str, command: list[str], *, nice: int = 0) -> None:
        self.name = name
        self.command = command
        self.nice = nice
        self.deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (our own commands)
            self.command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )
        if self.nice:
            self._give_way(self.process.pid)

    def _give_way(self, pid: int) -> None:
        """Let the others have the processor first, on a kernel that shares it by sessions, too."""
        os.setpriority(os.PRIO_PGRP, pid, self.nice)
        # Where sched_autogroup_enabled is set, as by default on most, a process' own niceness counts within
        # its session alone; see sched(7). Elsewhere, or in a container that hides it, there is nothing to set.
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(f"{self.nice}")

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keeps_dying(self) -> bool:
        """Note a death; True where it was one too many in too short a time."""
        self.deaths.append(time.monotonic())
        return len(self.deaths) == MAX_DEATHS and self.deaths[-1] - self.deaths[0] < DEATHS_WITHIN

    def signal_group(self, number: int) -> None:
        """Send a signal to the child and all that it started; nobody left is no error."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Starts the children, starts them again, and ends them together."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.asked_to_stop = False
        self._awake, wake = socket.socketpair()
        self._awake.setblocking(False)  # noqa: FBT003
        wake.setblocking(False)  # noqa: FBT003
        self._wake = wake

    def listen_to_signals(self) -> None:
        """From here on a signal wakes the loop instead of ending this process."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            # Whoever started us with nohup wants us to outlive the terminal. Of the other signals a
            # shell makes its background jobs deaf without being asked: those we hear all the same.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _stop(self, *_: object) -> None:
        self.asked_to_stop = True

    def wait(self, seconds: float) -> None:
        """Sleep until a signal arrives or the time is over."""
        if select.select([self._awake], [], [], seconds)[0]:
            self._awake.recv(4096)

    def run(self) -> int:
        """Start everything and keep it running until a signal comes; the exit status."""
        status = 0
        try:
            for child in self.children:
                child.start()
            while not self.asked_to_stop and status == 0:
                self.wait(1.0)
                status = self._revive()
        finally:
            self.end()
        return status

    def run_first(self, child: Child) -> int:
        """Run what has to be done before the others start; its exit status, or 0 if asked to stop."""
        first, self.children = self.children, [child]
        try:
            child.start()
            while child.is_running and not self.asked_to_stop:
                self.wait(1.0)
            done = child.process
            return 0 if self.asked_to_stop or done is None else done.returncode
        finally:
            self.end()
            self.children = first

    def _revive(self) -> int:
        for child in self.children:
            if self.asked_to_stop or child.is_running or child.process is None:
                continue
            code = child.process.returncode
            child.signal_group(signal.SIGKILL)
            if child.keeps_dying():
                say(
                    f"The {child.name} ended {MAX_DEATHS} times within a minute (status {code}); "
                    "its last words are above. Everything ends."
                )
                return 1
            say(f"The {child.name} ended (status {code}); starting it again.")
            child.start()
        return 0

    def end(self) -> None:
        """Ask all to end, wait a little, and leave nothing behind."""
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            if child.is_running and child.process is not None:
                child.process.terminate()
        while any(child.is_running for child in self.children) and time.monotonic() < deadline:
            self.wait(max(0.0, deadline - time.monotonic()))
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def say(words: str) -> None:
    """A line for whoever looks at the terminal."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def web_command(host: str, port: int, *, reload: bool) -> list[str]:
    """Granian over WSGI: one process; its threads bound how many requests can wait at once."""
    options = ["--interface", "wsgi", "--host", host, "--port", str(port)]
    options += ["--workers", "1", "--blocking-threads", str(env.web_threads())]
    options += ["--workers-kill-timeout", "6"]
    options += ["--no-ws", "--log-level", "error", "--respawn-failed-workers"]
    if reload:
        options += ["--reload", "--reload-paths", "swaps", "--reload-paths", "faceswap_site"]
    return [sys.executable, "-m", "granian", *options, "faceswap_site.wsgi:application"]


def worker_command(at_once: int, *, computes: bool, reload: bool) -> list[str]:
    """The queue's worker.

    The embedded engine needs a process for each of the swaps *at_once*. Where another machine does them,
    the worker mostly waits for it, and for the processes that decode: threads of one process will do.
    """
    work = [sys.executable, "manage.py", "ox_worker", "--interval", "0.1", "--verbosity", "0"]
    work += ["--processes" if computes else "--concurrency", str(at_once)]
    if reload:
        watched = ["--filter", "python", " ".join(work), "swaps", "faceswap_site"]
        work = [sys.executable, "-m", "watchfiles", *watched]
    return work


def refusal(host: str, port: int) -> str:
    """Why that address cannot be listened on, as a sentence; empty where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"Port {port} on {host} is in use. "
                    "Stop what uses it, or choose another: PORT=8001 ./run"
                )
            return f"The site cannot listen on {host}, port {port}: {error.strerror}."
    return ""


def children(roles: list[str], *, reload: bool) -> tuple[Child, list[Child]]:
    """What has to be done first, and what is served then. Raises ImproperlyConfigured."""
    host, port = env.text("HOST", "127.0.0.1"), env.number("PORT", 8000, least=1, most=65535)
    processes = env.number("WORKER_PROCESSES", min(4, os.cpu_count() or 1), least=1)
    # Of several machines one brings the database up to date, and the others wait for it.
    first, served = "await_upgrade", []
    if "web" in roles:
        if said := refusal(host, port):
            raise ImproperlyConfigured(said)
        first = "prepare"
        served.append(Child("web server", web_command(host, port, reload=reload)))
    if "worker" in roles:
        # Leftovers of the engine's are done all the same, one after another.
        computes = env.text("FACESWAP_PROVIDER") == "local" or not env.secret(TOKEN)
        command = worker_command(processes, computes=computes, reload=reload)
        # Pages stay quick while it computes.
        served.append(Child("worker", command, nice=WORKER_NICE))
    return Child("preparation", [sys.executable, "manage.py", first]), served


def main(arguments: list[str]) -> int:
    """Prepare the database and the static files, then serve."""
    roles = [argument for argument in arguments if argument != "--reload"] or list(ROLES)
    if unknown := [role for role in roles if role not in ROLES]:
        say(f"{unknown[0]!r} is nothing to serve; say web, worker, or nothing for both.")
        return 2
    try:
        first, served = children(roles, reload="--reload" in arguments)
    except ImproperlyConfigured as error:
        say(str(error))
        return 1
    supervisor = Supervisor(served)
    supervisor.listen_to_signals()
    if (status := supervisor.run_first(first)) != 0:
        return status
    return 0 if supervisor.asked_to_stop else supervisor.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
