"""`create_user NAME --team SLUG --role ROLE`: an account from the shell; the password in USER_PASSWORD."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from swaps.models import SHELL, Event, Membership, Role, Team, User, What


class Command(BaseCommand):
    help = "Make an account. Its password is taken from USER_PASSWORD (or USER_PASSWORD_FILE)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--team",
            default=Team.DEFAULT_SLUG,
            help="its slug or name; made where it is missing (the team of all: default)",
        )
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER)

    def handle(self, *args: Any, **options: Any) -> None:
        password = settings.USER_PASSWORD
        if not password:
            raise CommandError("Set USER_PASSWORD to the new account's password.")
        user = User(username=options["name"])
        user.set_password(password)
        try:
            validate_password(password, user)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user.save()
            team, is_new = _team(options["team"])
            Membership.objects.create(user=user, team=team, role=options["role"])
            Event.record(
                What.ACCOUNT_MADE, by=SHELL, person=user, team=team.slug, role=options["role"]
            )
        new = "the new team " if is_new else ""
        self.stdout.write(f"{user.username} is {options['role']} of {new}{team.name} ({team.slug})")


def _team(called: str) -> tuple[Team, bool]:
    """The team of that slug or name, as it is shown, and whether it had to be made."""
    if called == Team.DEFAULT_SLUG:
        return Team.default(), False
    known = Team.objects.filter(Q(slug=called) | Q(name__iexact=called)).first()
    if known is not None:
        return known, False
    slug = slugify(called)
    if not slug:
        raise CommandError(f"{called!r} cannot be a team's name; use letters or digits.")
    name = called if called != slug else called.replace("-", " ").title()
    return Team.objects.get_or_create(slug=slug, defaults={"name": name})
