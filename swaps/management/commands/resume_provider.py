"""`resume_provider`: what made the provider pause is mended, so the swaps that wait go on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from swaps import submission
from swaps.models import SHELL, ProviderState
from swaps.providers import PROVIDERS


class Command(BaseCommand):
    help = "Let a provider that is paused do swaps again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", choices=sorted(PROVIDERS), help="default: all paused"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        paused = ProviderState.objects.exclude(paused_at=None).values_list("name", flat=True)
        names = [options["name"]] if options["name"] else list(paused)
        for name in names:
            won = submission.resume_provider(name, by=SHELL)
            goes_on = "goes on" if won else "was not paused"
            self.stdout.write(f"The provider {name} {goes_on}.")
        if not names:
            self.stdout.write("No provider is paused.")
