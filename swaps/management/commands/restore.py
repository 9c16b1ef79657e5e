"""`restore FILE`: a backup back into an empty DATA_DIR."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from swaps import backup


class Command(BaseCommand):
    help = "Bring a backup back. The site must not run, and must have nothing yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = backup.restore(options["file"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The database and {count} pictures are back. Start the site with ./run")
