"""`prepare`: everything that has to be there before the site serves. `./run` calls it at every start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from swaps import setup, tasks
from swaps.models import Team, User


class Command(BaseCommand):
    help = "Bring the database up to date, collect static files, and see to the first account."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        Team.default()
        # A message at once, so that a worker that runs is seen to run from its first second.
        tasks.sweep.enqueue()
        if setup.is_due() and settings.FIRST_USERNAME and settings.FIRST_PASSWORD:
            owner = User.objects.create_superuser(
                settings.FIRST_USERNAME, settings.FIRST_EMAIL, settings.FIRST_PASSWORD
            )
            setup.finish(owner)
        address = settings.SITE_URL or f"http://{settings.HOST}:{settings.PORT}"
        self.stdout.write(f"{settings.SITE_NAME} starts at {address}/ (Ctrl-C ends it)")
        if setup.is_due():
            self.stdout.write(
                f"Nobody has an account yet. Set-up code for {address}/setup/: {setup.code()}"
            )
