"""`await_upgrade`: wait until the web side has brought the database up to date. A worker alone starts so."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

SECONDS = 120


def is_up_to_date() -> bool:
    """True where every migration of ours is applied; False too where the database does not answer yet."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        connection.close()
        return False


class Command(BaseCommand):
    help = "Wait until the database is up to date; the site's web side sees to that at its start."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        deadline = time.monotonic() + SECONDS
        while not is_up_to_date():
            if time.monotonic() > deadline:
                raise CommandError(
                    "The database is not up to date. Start the web side (./run serve web), or see "
                    "whether DATABASE_URL names the database that it uses."
                )
            time.sleep(0.5)
        self.stdout.write("The worker starts.")
