"""`swap SOURCE TARGET -o RESULT`: one swap from the shell, whether or not a server runs."""

from __future__ import annotations

import json
import os
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from swaps import contract, images, pictures, tasks
from swaps.models import SHELL, Attempt, Event, Photo, Status, Swap, Team, What

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".avif": "AVIF"}
FACE = re.compile(r"all|[1-9]\d*|\d+(\.\d+)?,\d+(\.\d+)?")


def bring_up_to_date() -> None:
    """Make the tables where no site has run yet: one swap needs no server before it."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


class Command(BaseCommand):
    help = "Swap the face of SOURCE into TARGET and print the outcome as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="whose face is taken")
        parser.add_argument("target", type=Path, help="whose face is replaced")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="RESULT")
        parser.add_argument(
            "--face",
            default="",
            metavar="N|all|X,Y",
            help="which face of TARGET: its number from the left, all, or a point in it "
            "(default: the largest)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        self._check(options["source"], options["target"], output, options["face"])
        bring_up_to_date()
        team = Team.default()
        photos = {}
        for role in ("source", "target"):
            try:
                photos[role] = pictures.keep_upload(options[role], team=team, by=SHELL)
            except images.PictureError as error:
                failure = contract.error_object(
                    code="unreadable_image", message=str(error), picture=role
                )
                self._fail(contract.error_answer(error=failure, trace_id=""))
        swap = Swap.create_claimed(
            seconds=settings.LEASE_SECONDS,
            team=team,
            title=options["target"].stem[: Swap.TITLE_LENGTH],
            target_faces=options["face"],
            provider=settings.FACESWAP_PROVIDER,
            consent_at=timezone.now(),
            **photos,
        )
        Event.record(What.REQUESTED, by=SHELL, swap=swap)
        tasks.see_through(swap)
        self._report(swap, output)

    def _check(self, source: Path, target: Path, output: Path, face: str) -> None:
        for path in (source, target):
            if not path.is_file() or not os.access(path, os.R_OK):
                raise CommandError(f"There is no file {path} that can be read.", returncode=2)
        if output.suffix.lower() not in FORMATS:
            raise CommandError(
                f"{output} should end in one of: {', '.join(FORMATS)}.", returncode=2
            )
        if output.exists() and any(output.samefile(path) for path in (source, target)):
            raise CommandError(
                f"{output} is one of the two pictures; name another file.", returncode=2
            )
        if not os.access(output if output.exists() else output.resolve().parent, os.W_OK):
            raise CommandError(f"{output} cannot be written.", returncode=2)
        if face and not FACE.fullmatch(face):
            raise CommandError(
                f"--face is {face!r}; give a number, all, or a point as X,Y.", returncode=2
            )

    def _report(self, swap: Swap, output: Path) -> None:
        # There is none where nobody could be asked.
        attempt = Attempt.objects.filter(swap=swap).last() or Attempt(trace_id="")
        swap.refresh_from_db()
        if swap.status != Status.SUCCEEDED or swap.result is None:
            error = contract.error_object(
                code=swap.error_code, message=swap.error_message, picture=swap.error_picture
            )
            self._fail(
                contract.error_answer(error=error, trace_id=attempt.trace_id, task_id=str(swap.pk))
            )
            return
        output.write_bytes(self._as_asked(swap.result, output))
        answer = contract.result_answer(
            task_id=str(swap.pk),
            trace_id=attempt.trace_id,
            image_url=settings.SITE_URL + reverse("result", args=[swap.pk]),
            width=swap.result.width,
            height=swap.result.height,
            size=swap.result.bytes,
        )
        self.stdout.write(json.dumps({**answer, "timings": attempt.timings}))

    def _as_asked(self, result: Photo, output: Path) -> bytes:
        """The result in the format that the file's name asks for; as it is stored, where that is it."""
        data = pictures.read_full(result)
        wanted = FORMATS[output.suffix.lower()]
        if wanted == Photo.Format(result.format).label:
            return data
        rgb, alpha = images.decode(data)
        return images.encode_image(rgb, alpha=alpha, as_format=wanted)

    def _fail(self, answer: contract.Answer) -> None:
        self.stdout.write(json.dumps(answer))
        raise SystemExit(1)
