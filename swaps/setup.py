"""The first account: while there is none, a one-time code from the terminal lets its reader make it."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings

from swaps.models import By, Event, Membership, Role, Team, User, What
from swaps.secret_files import kept_secret

# No letter that looks like another one or like a figure.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def is_due() -> bool:
    """True while nobody has an account."""
    return not User.objects.exists()


def code() -> str:
    """The one-time code; made where there is none yet. 16 letters of 31: about 79 bits."""
    return kept_secret(_file(), make=_new_code)


def _new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def finish(owner: User, *, by: By) -> None:
    """The first account exists: it owns the default team, and the code is no more."""
    Event.record(What.ACCOUNT_MADE, by=by, person=owner, team=Team.DEFAULT_SLUG, role=Role.OWNER)
    Membership.objects.get_or_create(user=owner, team=Team.default(), defaults={"role": Role.OWNER})
    _file().unlink(missing_ok=True)


def _file() -> Path:
    return Path(settings.DATA_DIR) / "setup_code"
