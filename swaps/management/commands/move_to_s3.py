"""`move_to_s3`: copy all pictures from the local folder to the bucket. It may be stopped and run again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from swaps import moving

SAID_EVERY = 100


class Command(BaseCommand):
    help = "Copy the pictures in DATA_DIR to S3_BUCKET. It may be stopped and run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--clear", action="store_true", help="afterwards, remove from DATA_DIR what was copied"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = moving.Moved()
        try:
            for moved in moving.move():
                if moved.total % SAID_EVERY == 0:
                    self.stdout.write(f"{moved.total} files …")
            self.stdout.write(f"Copied {moved.copied} files; {moved.there} were there already.")
            if moved.missing:
                raise CommandError(
                    f"{moved.missing} files are neither in DATA_DIR nor in the bucket. "
                    "Their pictures cannot be shown; a backup may have them."
                )
            if options["clear"]:
                self.stdout.write(f"Removed {moving.clear()} files from DATA_DIR.")
        except (moving.MovingError, OSError) as error:
            raise CommandError(str(error)) from error
