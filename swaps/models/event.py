"""The record of what was done: who, what, when and from where. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from swaps.models.photo import Photo
from swaps.models.swap import Swap

if TYPE_CHECKING:
    from swaps.models.user import User


class AppendOnly(Exception):
    """Somebody tried to change or remove what was recorded."""


@dataclass(frozen=True)
class By:
    """Who does something, and from where: an address of the network, and the door that was taken."""

    user: User | None = None
    address: str | None = None
    via: str = "site"

    @classmethod
    def at(cls, address: str, *, user: User | None, via: str) -> By:
        """Somebody at an *address* as the server has it; a socket's path is none."""
        try:
            return cls(user, str(ip_address(address)), via)
        except ValueError:
            return cls(user, None, via)


# What no person does, but the site by itself: the worker, and what is tidied up by the clock.
SITE = By()
SHELL = By(via="shell")


class What(models.TextChoices):
    """Everything that is recorded."""

    REQUESTED = "requested", "Asked for"
    RETRIED = "retried", "Tried again"
    CANCELED = "canceled", "Cancelled"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    RENAMED = "renamed", "Given a title"
    MARKED = "marked", "Made a favourite"
    UNMARKED = "unmarked", "No favourite any more"
    DOWNLOADED = "downloaded", "Downloaded"
    TRASHED = "trashed", "Put into the trash"
    PUT_BACK = "put_back", "Taken out of the trash"
    DELETED = "deleted", "Deleted with its pictures"
    UPLOADED = "uploaded", "Picture uploaded"
    REMOVED = "removed", "Picture removed"
    LOGGED_IN = "logged_in", "Logged in"
    LOGGED_OUT = "logged_out", "Logged out"
    LOG_IN_FAILED = "log_in_failed", "Failed to log in"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    PASSWORD_LINK = "password_link", "Password link made"
    ACCOUNT_MADE = "account_made", "Account made"
    ACCOUNT_CHANGED = "account_changed", "Account changed"
    INVITED = "invited", "Invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Invitation withdrawn"
    JOINED = "joined", "Joined a team"
    ROLE_CHANGED = "role_changed", "Role changed"
    LEFT = "left", "Taken out of a team"
    ACCOUNT_DELETED = "account_deleted", "Account deleted"
    TEAM_MADE = "team_made", "Team made"
    TEAM_CHANGED = "team_changed", "Team changed"
    TEAM_DELETED = "team_deleted", "Team deleted"
    ERASED = "erased", "Erased from the history"
    EXPORTED = "exported", "History exported"
    PROVIDER_PAUSED = "provider_paused", "Provider paused"
    PROVIDER_RESUMED = "provider_resumed", "Provider resumed"
    ROLES_CHOSEN = "roles_chosen", "Roles of the pictures chosen"
    TOKEN_MADE = "token_made", "API token made"
    TOKEN_REVOKED = "token_revoked", "API token revoked"
    PICTURE_CLOSED = "picture_closed", "Result’s address revoked"
    CALLBACK_AGAIN = "callback_again", "Callback sent again"


class EventQuerySet(models.QuerySet["Event"]):
    """Reading alone."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Event(models.Model):
    """One line of the record.

    It refers to rows by their ids alone and keeps people's names, so it stays true when they go.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    what = models.CharField(max_length=24, choices=What)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False,
        related_name="+",
    )  # fmt: skip
    actor_name = models.CharField(max_length=150, blank=True)
    via = models.CharField(max_length=10)
    address = models.GenericIPAddressField(null=True)
    swap = models.ForeignKey(
        Swap, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="events"
    )
    photo = models.UUIDField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False,
        related_name="+",
    )  # fmt: skip
    person_name = models.CharField(max_length=150, blank=True)
    details = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["what", "-id"], name="record_by_kind")]

    def __str__(self) -> str:
        return f"{self.actor_name or self.via}: {self.get_what_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    @property
    def who(self) -> str:
        """The name of who did it; the site, where nobody did."""
        return self.actor_name or "the site"

    @classmethod
    def record_all(cls, what: What, swaps: Iterable[Swap], *, by: By) -> None:
        """The same line for each of many swaps."""
        Event.objects.bulk_create(Event._of(what, by=by, swap=swap) for swap in swaps)

    @classmethod
    def record(
        cls, what: What, *, by: By, swap: Swap | None = None, photo: Photo | None = None,
        person: User | None = None, **details: Any,
    ) -> Event:  # fmt: skip
        """Add a line: *what* was done to a swap, a picture or a *person*'s account."""
        line = cls._of(what, by=by, swap=swap, photo=photo, person=person, details=details)
        line.save()
        return line

    @classmethod
    def _of(
        cls, what: What, *, by: By, swap: Swap | None = None, photo: Photo | None = None,
        person: User | None = None, details: dict[str, Any] | None = None,
    ) -> Self:  # fmt: skip
        return cls(
            what=what,
            actor_id=by.user.pk if by.user else None,
            actor_name=by.user.get_username() if by.user else "",
            via=by.via,
            address=by.address,
            swap=swap,
            photo=photo.pk if photo else None,
            person_id=person.pk if person else None,
            person_name=person.get_username() if person else "",
            details=details or {},
        )
