"""`resume_provider`: what made the provider pause is mended, so the swaps that wait go on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from swaps import submission
from swaps.models import SHELL
from swaps.providers import PROVIDERS


class Command(BaseCommand):
    help = "Let a provider that is paused do swaps again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = sorted(PROVIDERS)
        parser.add_argument("name", nargs="?", default=settings.FACESWAP_PROVIDER, choices=known)

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        won = submission.resume_provider(name, by=SHELL)
        self.stdout.write(
            f"The provider {name} goes on." if won else f"The provider {name} was not paused."
        )
