"""The admin with 100,000 swaps: for every page its queries, its milliseconds, and whether it counts for ever.

    ./run bench admin [SWAPS]

Everything is in a temporary SQLite database: 20 makers, 3 teams, three events a swap and an attempt for
every other one. An export is timed to its first piece and once to its end.
"""
# ruff: noqa: E402 (the settings have to be told of the folder before anything reads them)

from __future__ import annotations

import os
import sys
import tempfile
from datetime import datetime, timedelta
from itertools import batched, islice
from time import perf_counter

import django

FOLDER = tempfile.TemporaryDirectory(prefix="bench-admin-")
os.environ.update(DATA_DIR=FOLDER.name, DJANGO_SETTINGS_MODULE="faceswap_site.settings")
os.environ.pop("DATABASE_URL", None)
django.setup()

from django.core.management import call_command
from django.db import connection
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.models import Attempt, Event, Membership, Photo, Status, Swap, Team, User, What
from swaps.models.attempt import unguessable

YEARS = timedelta(days=730)
# Of fifty swaps in the order in which they were made: what became of them. The rest is done.
ENDS = {7: "no_face", 19: "api_error", 33: "face_too_small"}
CANCELED, TRASHED, DELETED = 11, 23, 41
MOST_QUERIES = 20


def fill(number: int) -> Swap:
    """*number* swaps, evenly over the last two years; hands back the last one."""
    teams = [Team.objects.create(slug=f"team-{n}", name=f"Team {n}") for n in range(3)]
    makers = [User.objects.create(username=f"maker-{n:02}") for n in range(20)]
    for n, maker in enumerate(makers):
        Membership.objects.create(user=maker, team=teams[n % 3])
    photo = Photo.objects.create(
        team=teams[0], owner=makers[0], key="none", sha256="0" * 64, format="jpg",
        width=1200, height=1600, bytes=400_000, colour="#888888",
    )  # fmt: skip
    start = timezone.now() - YEARS
    made: list[Swap] = []
    for some in batched(range(number), 5000):
        made = [
            swap(n, at=start + YEARS * n / number, maker=makers[n % 20], team=teams[n % 3])
            for n in some
        ]
        for one in made:
            one.source = one.target = None if one.deleted_at else photo
            one.result = photo if one.status == Status.SUCCEEDED and not one.deleted_at else None
        Swap.objects.bulk_create(made)
        Attempt.objects.bulk_create(attempt(one) for one in made[::2])
        Event.objects.bulk_create(event(one, what) for one in made for what in EVENTS)
    return made[-1]


EVENTS = (What.UPLOADED, What.REQUESTED, What.SUCCEEDED)


def swap(n: int, *, at: datetime, maker: User, team: Team) -> Swap:
    """The *n*th swap, without its pictures."""
    kind = n % 50
    ended = Status.FAILED if kind in ENDS else Status.SUCCEEDED
    return Swap(
        id=uuid7(int(at.timestamp())), maker=maker, team=team, title=f"Portrait {n} of {maker}",
        provider="local", error_code=ENDS.get(kind, ""), created_at=at, queued_at=at,
        started_at=at, finished_at=at + timedelta(seconds=3),
        trashed_at=at if kind == TRASHED else None, deleted_at=at if kind == DELETED else None,
        status=Status.CANCELED if kind == CANCELED else ended,
    )  # fmt: skip


def attempt(one: Swap) -> Attempt:
    return Attempt(
        swap=one, provider="local", secret=unguessable(), started_at=one.created_at,
        finished_at=one.finished_at, outcome="succeeded",
    )  # fmt: skip


def event(one: Swap, what: What) -> Event:
    return Event(
        at=one.created_at, what=what, actor=one.maker, actor_name=str(one.maker), via="page",
        address="192.0.2.7", swap=one,
    )  # fmt: skip


def pages(last: Swap) -> dict[str, str]:
    """What is asked for, by what it is called in the table."""
    swaps, events = "/admin/swaps/swap/", "/admin/swaps/event/"
    found = Attempt.objects.order_by("-pk")[0]
    maker, team = last.maker, last.team
    assert maker is not None
    year, month = last.created_at.year, last.created_at.month
    filters = {
        "failed": "status__exact=failed", "waiting (none)": "status__exact=queued",
        "in the trash": "place=trash", "deleted": "place=deleted", "local": "provider=local",
        "a team": f"team={team.pk}", "a maker": f"maker={maker.pk}",
        "last 7 days": f"from={timezone.localdate() - timedelta(days=6)}",
        "a week long ago": "from=2020-01-01&to=2020-01-07",
        "failed, a maker, a team": f"status__exact=failed&maker={maker.pk}&team={team.pk}",
        "a year": f"created_at__year={year}",
        "a month": f"created_at__year={year}&created_at__month={month}",
        "a day": f"created_at__year={year}&created_at__month={month}&created_at__day=1",
        "oldest first": "o=8", "page 2": "p=2", "page 100, the last": "p=100",
        "search person": "q=maker-07", "search title": "q=Portrait+99", "search two words":
        "q=maker-07+Portrait", "search nothing": "q=xyzzy", "search task_id": f"q={last.pk}",
        "search task_id, hex": f"q={last.pk.hex}", "search task_id, 10 digits":
        f"q={last.pk.hex[:10]}", "search trace_id": f"q={found.trace_id}",
    }  # fmt: skip
    of_events = {
        "all": "", "uploaded": "what__exact=uploaded", "left (none)": "what__exact=left",
        "via shell (none)": "via=shell", "last 7 days": filters["last 7 days"],
        "page 50, the last": "p=50", "a name": "q=maker-07", "a swap": f"q={last.pk}",
        "an address": "q=192.0.2.7", "an address (none)": "q=192.0.2.8",
        "a month": f"at__year={year}&at__month={month}",
    }  # fmt: skip
    return {
        "index": "/admin/",
        "swaps": swaps,
        **{f"swaps: {name}": f"{swaps}?{query}" for name, query in filters.items()},
        "a swap": f"{swaps}{last.pk}/change/",
        "erase a swap": f"{swaps}{last.pk}/delete/",
        "export CSV": f"{swaps}export.csv",
        "export JSON, failed": f"{swaps}export.json?status__exact=failed",
        **{f"events: {name}": f"{events}?{query}" for name, query in of_events.items()},
        "an event": f"{events}{Event.objects.order_by('-pk')[0].pk}/change/",
        "people": "/admin/swaps/user/",
        "people of a team": f"/admin/swaps/user/?membership__team={team.pk}",
        "a person": f"/admin/swaps/user/{maker.pk}/change/",
        "delete a person": f"/admin/swaps/user/{maker.pk}/delete/",
        "teams": "/admin/swaps/team/",
        "a team": f"/admin/swaps/team/{team.pk}/change/",
        "delete a team": f"/admin/swaps/team/{team.pk}/delete/",
        "invitations": "/admin/swaps/invitation/",
        "tasks": "/admin/django_ox/oxtask/",
        "log-ins": "/admin/axes/accesslog/",
    }


def counts_for_ever(sql: str) -> bool:
    """Whether the query counts rows without a bound."""
    return "COUNT(" in sql.upper() and "LIMIT" not in sql.upper()


def first_piece(answer: HttpResponseBase) -> None:
    if isinstance(answer, StreamingHttpResponse):
        # The header needs no rows; the second piece does.
        list(islice(iter(answer), 2))


def main(arguments: list[str]) -> int:
    number = int(arguments[0]) if arguments else 100_000
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    start = perf_counter()
    last = fill(number)
    print(f"{number:,} swaps made in {perf_counter() - start:.0f} s\n")
    browser = Client(headers={"host": "localhost"})
    browser.force_login(
        User.objects.create_superuser("ada"), backend="django.contrib.auth.backends.ModelBackend"
    )
    browser.get("/admin/swaps/swap/")
    wrong = []
    print(f"{'page':38} status queries     ms  counts")
    for name, address in pages(last).items():
        with CaptureQueriesContext(connection) as asked:
            start = perf_counter()
            answer = browser.get(address)
            first_piece(answer)
            taken = 1000 * (perf_counter() - start)
        endless = any(counts_for_ever(one["sql"]) for one in asked.captured_queries)
        print(
            f"{name:38} {answer.status_code:6} {len(asked):7} {taken:6.0f}  {'YES' if endless else 'no'}"
        )
        if endless or len(asked) > MOST_QUERIES or answer.status_code != 200:
            wrong.append(name)
    start = perf_counter()
    size = sum(map(len, browser.get("/admin/swaps/swap/export.csv")))
    print(f"\nthe whole export: {size / 1e6:.1f} MB in {perf_counter() - start:.1f} s")
    print(f"not as it should be: {', '.join(wrong) or 'nothing'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
