"""`orphans`: find stored files that no picture refers to, and remove them if asked to."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from swaps import tidying


class Command(BaseCommand):
    help = "List stored files, older than a day, that no picture refers to. The site removes them daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove them now")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"Removed {tidying.remove_orphans()} files.")
            return
        count = 0
        for name in tidying.orphans():
            self.stdout.write(name)
            count += 1
        self.stdout.write(f"{count} files that no picture refers to.")
