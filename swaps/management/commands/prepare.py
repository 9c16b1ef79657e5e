"""`prepare`: everything that has to be there before the site serves. `./run` calls it at every start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from swaps import pictures, setup, tasks
from swaps.checks import listens_without_tls
from swaps.models import SHELL, Team, User


class Command(BaseCommand):
    help = "Bring the database up to date, collect static files, and see to the first account."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        Team.default()
        # A message at once, so that a worker that runs is seen to run from its first second.
        tasks.sweep.enqueue()
        pictures.clear_scratch(older_than=timedelta(hours=1))
        if setup.is_due() and settings.FIRST_USERNAME and settings.FIRST_PASSWORD:
            self._make_first_account()
        address = settings.SITE_URL or f"http://{_own_name()}:{settings.PORT}"
        self.stdout.write(f"{settings.SITE_NAME} starts at {address}/ (Ctrl-C ends it)")
        if settings.LISTENS_EVERYWHERE and not settings.SITE_URL:
            self.stdout.write(
                "It listens to the whole network; name the hosts it may be reached by in ALLOWED_HOSTS."
            )
        for warning in listens_without_tls():
            self.stdout.write(f"Warning: {warning.msg} {warning.hint}")
        if setup.is_due():
            self.stdout.write(
                f"Nobody has an account yet. Set-up code for {address}/setup/: {setup.code()}"
            )

    def _make_first_account(self) -> None:
        owner = User(
            username=settings.FIRST_USERNAME,
            email=settings.FIRST_EMAIL,
            is_staff=True,
            is_superuser=True,
        )
        owner.set_password(settings.FIRST_PASSWORD)
        try:
            validate_password(settings.FIRST_PASSWORD, owner)
            owner.full_clean()
        except ValidationError as error:
            raise CommandError(
                f"The first account (DJANGO_SUPERUSER_…) cannot be made: {' '.join(error.messages)}"
            ) from error
        owner.save()
        setup.finish(owner, by=SHELL)


def _own_name() -> str:
    """How a browser on this machine calls the site."""
    if settings.LISTENS_EVERYWHERE:
        return "localhost"
    return f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
