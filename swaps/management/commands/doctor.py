"""`doctor`: look at everything that a swap needs, and say what to do where something is wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from swaps import doctor

WORDS = {doctor.State.WELL: "ok", doctor.State.ILL: "FAIL", doctor.State.NOT_NEEDED: "–"}


class Command(BaseCommand):
    help = "Check worker, storage, addresses, callbacks and provider. Buys nothing. Ends with 1 where any fails."
    # What is wrong with the settings is one of its findings.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        ill = 0
        for finding in doctor.examine():
            ill += finding.state is doctor.State.ILL
            self.stdout.write(f"{WORDS[finding.state]:4}  {finding.name}: {finding.said}")
        if ill:
            raise SystemExit(1)
