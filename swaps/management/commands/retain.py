"""`retain`: delete for good what is past its time, now and all of it, or only say what that would be."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from swaps import tidying
from swaps.models import SHELL


class Command(BaseCommand):
    help = "Delete swaps that are older than RETENTION_DAYS, and what is in the trash for 30 days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="instead of RETENTION_DAYS; 0: only the trash")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.RETENTION_DAYS if options["days"] is None else options["days"]
        if not 0 <= days <= 36_500:
            raise CommandError("Give --days a number from 0 to 36500.", returncode=2)
        past = tidying.look(days=days)
        size = filesizeformat(past.bytes).replace("\xa0", " ")
        since = f", the oldest of {past.oldest:%Y-%m-%d}" if past.oldest else ""
        found = f"{past.count} swaps{since}, with {size} of pictures"
        if options["dry_run"]:
            self.stdout.write(f"Would be deleted for good: {found}")
            return
        gone = tidying.delete_past(days=days, by=SHELL, most=past.count)
        self.stdout.write(f"Deleted for good: {gone} of {found}")
