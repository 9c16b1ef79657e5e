"""`create_api_token NAME --label TEXT`: a token of the API from the shell, printed as JSON this once."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from swaps.models import SHELL, ApiToken, Team, User
from swaps.token_forms import MOST_SWAPS
from swaps.tokens import SCOPES, NotMade, make_token

LONGEST = 3650
USAGE = 2
LIMITS = {
    "swaps_a_day": "how many swaps a day of UTC (default: as many as its person may)",
    "swaps_at_once": "how many swaps may wait or be in work at the same time (default: the same)",
}


class Command(BaseCommand):
    help = 'Make a token of the API for a person. Prints {"token": …, "webhook_secret": …}.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="whom it acts for")
        parser.add_argument("--label", required=True, help="what uses it")
        parser.add_argument("--team", help="the slug of one of her teams (default: the first)")
        parser.add_argument("--scope", default="swap,read", help="swap, read, or both with a comma")
        parser.add_argument("--days", type=int, help="until it ends (default: it does not)")

        for name, said in LIMITS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = [one.strip() for one in options["scope"].split(",") if one.strip()]
        label, days = options["label"].strip(), options["days"]
        limits = {name: options[name] for name in LIMITS}
        if not scopes or not set(scopes) <= set(SCOPES):
            raise CommandError(f"Give --scope {' or '.join(SCOPES)} or both.", returncode=USAGE)
        if not label.isprintable() or not 0 < len(label) <= ApiToken.LABEL_LENGTH:
            most = ApiToken.LABEL_LENGTH
            raise CommandError(f"Give --label 1 to {most} characters.", returncode=USAGE)
        _check_number("days", days, most=LONGEST)
        for name, number in limits.items():
            _check_number(name.replace("_", "-"), number, most=MOST_SWAPS)
        user, team = _whom(options["name"], options["team"])
        until = timezone.now() + timedelta(days=days) if days else None
        try:
            token, text = make_token(
                user=user, team=team, label=label, scopes=scopes, expires_at=until, by=SHELL,
                **limits,
            )  # fmt: skip
        except NotMade as error:
            advice = " Give --scope read." if error.field == "scopes" else ""
            raise CommandError(f"{error}{advice}") from error
        self.stdout.write(json.dumps({"token": text, "webhook_secret": token.webhook_secret}))


def _check_number(name: str, number: int | None, *, most: int) -> None:
    if number is not None and not 1 <= number <= most:
        raise CommandError(f"Give --{name} a number from 1 to {most}.", returncode=USAGE)


def _whom(name: str, slug: str | None) -> tuple[User, Team]:
    """The person of that *name*, and the one of her teams."""
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is nobody of the name {name}.")
    team = next((one for one in user.teams() if one.slug == slug), None) if slug else user.team
    if team is None:
        raise CommandError(f"{name} is in no team {slug}.")
    return user, team
