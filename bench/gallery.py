"""The gallery with 1,000 and with 100,000 swaps: queries and milliseconds of its first and last pages.

    ./run bench gallery [SWAPS]

In a temporary SQLite database with 20 makers in 3 teams; who looks is in one of them. The last page at
the larger number may take 1.5 times what the first takes at 1,000 in the same run, whatever the filter.
"""
# ruff: noqa: E402 (the settings have to be told of the folder before anything reads them)

from __future__ import annotations

import os
import sys
import tempfile
from datetime import datetime, timedelta
from itertools import batched
from time import perf_counter

import django

FOLDER = tempfile.TemporaryDirectory(prefix="bench-gallery-")
os.environ.update(DATA_DIR=FOLDER.name, DJANGO_SETTINGS_MODULE="faceswap_site.settings")
os.environ.pop("DATABASE_URL", None)
django.setup()

from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps import tasks
from swaps.forms import GalleryFilter
from swaps.models import Favourite, Membership, Photo, Status, Swap, Team, User
from swaps.views.gallery import PAGE

FEW = 1_000
YEARS = timedelta(days=730)
ROUNDS = 12
MOST_QUERIES, MOST_TIMES = 6, 1.5


def prepare() -> tuple[list[User], list[Photo]]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    teams = [Team.objects.create(slug=f"team-{n}", name=f"Team {n}") for n in range(3)]
    makers = [User.objects.create(username=f"maker-{n:02}") for n in range(20)]
    for n, maker in enumerate(makers):
        Membership.objects.create(user=maker, team=teams[n % 3])
    photos = [
        Photo.objects.create(
            team=teams[0], key=f"none-{n}", sha256=f"{n:064}", format="jpg", width=1200,
            height=1600, bytes=400_000, colour="#888888",
        )
        for n in range(3)
    ]  # fmt: skip
    # As on a site that runs: a worker has been heard of.
    tasks.sweep.enqueue()
    return makers, photos


def add(numbers: range, *, of: int, makers: list[User], photos: list[Photo]) -> None:
    """Swaps number so and so *of* so many, evenly over the last two years."""
    start = timezone.now() - YEARS
    for some in batched(numbers, 5000):
        made = [
            swap(n, at=start + YEARS * n / of, maker=makers[n % 20], photos=photos) for n in some
        ]
        Swap.objects.bulk_create(made)
        Favourite.objects.bulk_create(
            Favourite(user=makers[0], swap=one) for one in made[::50] if one.team_id == 1
        )


def swap(n: int, *, at: datetime, maker: User, photos: list[Photo]) -> Swap:
    return Swap(
        id=uuid7(int(at.timestamp()), n), maker=maker, team_id=n % 20 % 3 + 1, provider="local",
        title=f"Portrait {n}{' by the sea' if n % 500 == 0 else ''}", created_at=at, queued_at=at,
        started_at=at, finished_at=at, source=photos[0], target=photos[1], result=photos[2],
        status=Status.FAILED if n % 30 == 0 else Status.SUCCEEDED,
    )  # fmt: skip


def filters(maker: User) -> dict[str, str]:
    """What somebody may look for, by its name in the table."""
    long_ago = timezone.now() - YEARS + timedelta(days=3)
    return {
        "everything": "", "a maker": f"maker={maker.pk}", "a state": "status=failed",
        "a common title": "q=portrait", "a rare title": "q=sea", "no such title": "q=xyzzy",
        "since": f"since={long_ago:%Y-%m-%d}", "until": f"until={long_ago:%Y-%m-%d}",
        "favourites": "favourite=on",
        "all of it": f"q=portrait&maker={maker.pk}&status=failed&since={long_ago:%Y-%m-%d}",
    }  # fmt: skip


def last_page(user: User, query: str) -> str:
    """The query of the filter's last page."""
    found = GalleryFilter(QueryDict(query), user=user).found()
    oldest = list(found.order_by("pk").values_list("pk", flat=True)[: PAGE + 1])
    return f"{query}&before={oldest[-1]}" if len(oldest) > PAGE else query


def measure(browser: Client, query: str) -> tuple[float, int]:
    """Milliseconds (of the quickest of several rounds: the machine has other work) and queries of the page."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        answer = browser.get(f"/?{query}")
        times.append(1000 * (perf_counter() - start))
        assert answer.status_code == 200
    with CaptureQueriesContext(connection) as caught:
        browser.get(f"/?{query}")
    return min(times), len(caught)


def main(arguments: list[str]) -> None:
    many = int(arguments[0]) if arguments else 100_000
    makers, photos = prepare()
    browser = Client(headers={"host": "localhost"})
    browser.force_login(makers[0], backend="django.contrib.auth.backends.ModelBackend")
    add(range(0, many, many // FEW), of=many, makers=makers, photos=photos)
    browser.get("/")
    few = {name: measure(browser, query) for name, query in filters(makers[0]).items()}
    rest = range(many)
    add(rest, of=many, makers=makers, photos=photos)
    connection.cursor().execute("ANALYZE")
    print(f"{'filter':16} {'first of ' + str(FEW):>16} {'first of ' + str(many):>16}", end="")
    print(f" {'last of ' + str(many):>16} {'ratio':>6} {'queries':>8}")
    worst, most = 0.0, 0
    reference = few["everything"][0]
    for name, query in filters(makers[0]).items():
        first, first_queries = measure(browser, query)
        last, last_queries = measure(browser, last_page(makers[0], query))
        ratio = last / reference
        worst, most = max(worst, ratio), max(most, first_queries, last_queries)
        print(
            f"{name:16} {few[name][0]:13.1f} ms {first:13.1f} ms {last:13.1f} ms {ratio:6.2f}",
            end="",
        )
        print(f" {max(first_queries, last_queries):8}")
    print(f"Worst last page: {worst:.2f} times the first page of {FEW} (limit {MOST_TIMES})")
    print(f"Most queries: {most} (limit {MOST_QUERIES})")
    sys.exit(worst > MOST_TIMES or most > MOST_QUERIES)


if __name__ == "__main__":
    main(sys.argv[1:])
