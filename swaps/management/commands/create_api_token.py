"""`create_api_token NAME --label TEXT`: a token of the API from the shell, printed as JSON this once."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from swaps.models import SHELL, ApiToken, User
from swaps.tokens import SCOPES, NotMade, make_token

LONGEST = 3650
USAGE = 2


class Command(BaseCommand):
    help = 'Make a token of the API for a person. Prints {"token": …, "webhook_secret": …}.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="whom it acts for")
        parser.add_argument("--label", required=True, help="what uses it")
        parser.add_argument("--team", help="the slug of one of her teams (default: the first)")
        parser.add_argument("--scope", default="swap,read", help="swap, read, or both with a comma")
        parser.add_argument("--days", type=int, help="until it ends (default: it does not)")

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = [one.strip() for one in options["scope"].split(",") if one.strip()]
        label, days = options["label"].strip(), options["days"]
        if not scopes or not set(scopes) <= set(SCOPES):
            raise CommandError(f"Give --scope {' or '.join(SCOPES)} or both.", returncode=USAGE)
        if not label.isprintable() or not 0 < len(label) <= ApiToken.LABEL_LENGTH:
            most = ApiToken.LABEL_LENGTH
            raise CommandError(f"Give --label 1 to {most} characters.", returncode=USAGE)
        if days is not None and not 1 <= days <= LONGEST:
            raise CommandError(f"Give --days a number from 1 to {LONGEST}.", returncode=USAGE)
        self.stdout.write(json.dumps(_made(options["name"], options["team"], label, scopes, days)))


def _made(
    name: str, slug: str | None, label: str, scopes: list[str], days: int | None
) -> dict[str, str]:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is nobody of the name {name}.")
    team = next((one for one in user.teams() if one.slug == slug), None) if slug else user.team
    if team is None:
        raise CommandError(f"{name} is in no team {slug}.")
    until = timezone.now() + timedelta(days=days) if days else None
    try:
        token, text = make_token(
            user=user, team=team, label=label, scopes=scopes, expires_at=until, by=SHELL
        )
    except NotMade as error:
        raise CommandError(str(error)) from error
    return {"token": text, "webhook_secret": token.webhook_secret}
