"""`swap SOURCE TARGET -o RESULT`: one swap from the shell, whether or not a server runs."""

from __future__ import annotations

import json
import os
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from swaps import contract, face_choice, face_warnings, faces, images, pictures, tasks
from swaps.models import SHELL, Attempt, Event, Photo, Status, Swap, Team, What

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".avif": "AVIF"}
_POINT = r"\d+(\.\d+)?,\d+(\.\d+)?"
# What may be said of the faces of each, where anything is.
FACES = {
    "source": re.compile(rf"[1-9]\d{{0,3}}|{_POINT}"),
    "target": re.compile(rf"all|[1-9]\d{{0,3}}|{_POINT}(;{_POINT})*"),
}
FACES_HELP = {
    "source": ("--source-face", "a number, or a point as X,Y"),
    "target": ("--face", "a number, all, a point as X,Y, or several as 'X,Y;X,Y'"),
}


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
            metavar="N|all|X,Y[;X,Y…]",
            help="which faces of TARGET are replaced: one by its number from the left, all, or those "
            "at one or several points (default: the largest)",
        )
        parser.add_argument(
            "--source-face",
            metavar="N|X,Y",
            help="which face of SOURCE is taken: its number from the left, or a point in it "
            "(default: the largest)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        self._check(options["source"], options["target"], output)
        said = _said_of_faces(source=options["source_face"], target=options["face"])
        bring_up_to_date()
        team = Team.default()
        photos = {}
        for role in face_choice.ROLES:
            try:
                photos[role] = pictures.keep_upload(options[role], team=team, by=SHELL)
            except images.PictureError as error:
                failure = contract.error_object(
                    code="unreadable_image", message=str(error), picture=role
                )
                self._fail(contract.error_answer(error=failure, trace_id=""))
        chosen = {role: self._chosen(role, photos[role], said[role]) for role in face_choice.ROLES}
        swap = Swap.create_claimed(
            seconds=settings.LEASE_SECONDS,
            team=team,
            title=options["target"].stem[: Swap.TITLE_LENGTH],
            source_face=chosen["source"],
            target_faces=chosen["target"],
            provider=settings.FACESWAP_PROVIDER,
            consent_at=timezone.now(),
            **photos,
        )
        Event.record(What.REQUESTED, by=SHELL, swap=swap)
        tasks.see_through(swap)
        self._report(swap, output)

    def _chosen(self, role: str, photo: Photo, said: str) -> str:
        """The choice as it is kept: a number becomes a point of the face that it is now."""
        if said in ("", face_choice.ALL):
            return said
        size, found = (photo.width, photo.height), faces.known(photo)
        try:
            if not face_choice.NUMBER.fullmatch(said):
                return face_choice.fitting(said, role=role, size=size, faces=found)
            return face_choice.numbered(said, role=role, size=size, faces=found)
        except face_choice.Unfit as error:
            failure = contract.error_object(code="no_face", message=str(error), picture=role)
            self._fail(contract.error_answer(error=failure, trace_id=""))

    def _check(self, source: Path, target: Path, output: Path) -> None:
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
        if attempt.left_out:
            found = swap.target.faces if swap.target else None
            said = face_warnings.of_left_out(
                attempt.left_out, choice=swap.target_faces, faces=found
            )
            self.stderr.write(said)

    def _as_asked(self, result: Photo, output: Path) -> bytes:
        """The result in the format that the file's name asks for; as it is stored, where that is it."""
        data = pictures.read_full(result)
        wanted = FORMATS[output.suffix.lower()]
        if wanted == Photo.Format(result.format).label:
            return data
        rgb, alpha = images.decode(data)
        return images.encode_image(rgb, alpha=alpha, as_format=wanted)

    def _fail(self, answer: contract.Answer) -> NoReturn:
        self.stdout.write(json.dumps(answer))
        raise SystemExit(1)


def _said_of_faces(**said: str | None) -> dict[str, str]:
    """What was said of the faces of each picture, "" where nothing was; what makes no sense ends the command."""
    tidy = {role: face_choice.tidied(text or "") for role, text in said.items()}
    for role, (option, how) in FACES_HELP.items():
        if said[role] is not None and not FACES[role].fullmatch(tidy[role]):
            raise CommandError(
                f"{option} is {said[role]!r}; give {how}, or leave it out for the largest face.",
                returncode=2,
            )
    return tidy
