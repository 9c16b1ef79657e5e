"""What a program asked for: beside each swap that came by the API, who asked and how she is to be told."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from swaps.models.api_token import ApiToken
from swaps.models.status import IN_FLIGHT
from swaps.models.swap import Swap
from swaps.origin import LONGEST as LONGEST_ORIGIN

KEY_KEPT_FOR = timedelta(hours=24)
"""How long an `Idempotency-Key` names the swap that it was sent with first."""


def told_to(token: ApiToken) -> Q:
    """What the bearer of *token* may ask for: her own in its team, unless they were deleted."""
    return Q(
        swap__maker=token.user_id, swap__team=token.team_id,
        swap__deleted_at=None, swap__trashed_at=None,
    )  # fmt: skip


def is_open(secret: str | None, until: datetime | None, revoked_at: datetime | None) -> bool:
    """Whether a result's address is good now, as far as the swap itself does not close it."""
    return bool(secret) and until is not None and until > timezone.now() and revoked_at is None


class ApiRequestQuerySet(models.QuerySet["ApiRequest"]):
    """Which requests: the one that was made already."""

    def made_before(self, token: ApiToken, *, digest: str, key: str) -> Self:
        """The same request, made before: by its *key*, which decides alone where it is sent, or in flight."""
        before = self.filter(told_to(token), token=token)
        if key:
            lately = timezone.now() - KEY_KEPT_FOR
            return before.filter(idempotency_key=key, created_at__gte=lately)
        return before.filter(idempotency_key="", digest=digest, swap__status__in=IN_FLIGHT)


class ApiRequest(models.Model):
    """A request for one swap. It goes with the swap's row; the token's name stays when the token goes."""

    KEY_LENGTH = 255

    swap = models.OneToOneField(Swap, on_delete=models.CASCADE, related_name="api_request")
    token = models.ForeignKey(
        ApiToken, null=True, on_delete=models.SET_NULL, related_name="requests"
    )
    token_label = models.CharField(max_length=ApiToken.LABEL_LENGTH)
    trace_id = models.UUIDField(default=uuid4, unique=True)
    # Of what was asked, so that the same request is found again.
    digest = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=KEY_LENGTH, blank=True)
    callback_url = models.CharField(max_length=Swap.LINK_LENGTH, blank=True)
    # Whether an outcome may come, or has come, that the address of the callback was not told.
    awaits_outcome = models.BooleanField(default=False)
    # Why a picture could not be had from its link, in the contract's words; the swap has it in people's.
    failure = models.TextField(blank=True)
    is_async = models.BooleanField(default=False)
    timeout = models.FloatField(null=True)
    # Where the site was found by whoever asked: what is told to her leads there.
    origin = models.CharField(max_length=LONGEST_ORIGIN)
    created_at = models.DateTimeField(default=timezone.now)

    # The result's address for whoever has it, without a session.
    picture_secret = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 (none is not "")
    picture_until = models.DateTimeField(null=True)
    picture_revoked_at = models.DateTimeField(null=True)

    objects = ApiRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["token", "digest"], name="same_request"),
            models.Index(
                fields=["token", "idempotency_key"], condition=~Q(idempotency_key=""),
                name="same_key",
            ),
            models.Index(
                fields=["swap"], condition=Q(awaits_outcome=True), name="callers_to_be_told"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.token_label}: {self.swap_id}"

    @classmethod
    def by_picture(cls, secret: str) -> ApiRequest | None:
        """The request whose result that address is good for, now."""
        return (
            cls.objects.select_related("swap__result")
            .filter(
                picture_secret=secret, picture_until__gt=timezone.now(), picture_revoked_at=None,
                swap__deleted_at=None, swap__trashed_at=None, swap__result__isnull=False,
            )
            .first()
        )  # fmt: skip

    @staticmethod
    def open_pictures(requests: Collection[int]) -> dict[int, dict[str, Any]]:
        """The addresses of results: the one that is good or a new one; none where somebody revoked it.

        *requests* are ids of those whose swaps have results; what is said of each is the fields of its address.
        """
        until = timezone.now() + timedelta(days=settings.API_PICTURE_DAYS)
        with transaction.atomic():
            # Of two who ask at the same moment, both get the one that was first.
            locked = ApiRequest.objects.select_for_update(no_key=True).filter(pk__in=requests)
            rows = list(locked.order_by("pk"))
            lacking = [
                row for row in rows if not row.picture_revoked_at and not row.picture_is_open
            ]
            for row in lacking:
                row.picture_secret, row.picture_until = secrets.token_urlsafe(24), until
            ApiRequest.objects.bulk_update(lacking, ["picture_secret", "picture_until"])
        names = ("picture_secret", "picture_until", "picture_revoked_at")
        return {row.pk: {name: getattr(row, name) for name in names} for row in rows}

    @staticmethod
    def expect_outcome(swap: Swap) -> None:
        """The swap is in flight once more: whoever asked to be called back is told what comes of it."""
        asked = ApiRequest.objects.filter(swap=swap)
        asked.update(failure="")
        asked.exclude(callback_url="").update(awaits_outcome=True)

    @staticmethod
    def note_failure(swap: Swap, said: str) -> None:
        """The swap failed, and whoever asked for it is told *said* instead of what people read."""
        ApiRequest.objects.filter(swap=swap).update(failure=said)

    def revoke_picture(self) -> bool:
        """Its result's address is good no more, and no other is given: True where it was until now."""
        return bool(
            ApiRequest.objects.filter(pk=self.pk, picture_revoked_at=None).update(
                picture_revoked_at=timezone.now()
            )
        )

    @property
    def picture_is_open(self) -> bool:
        """Whether its result's address is good now, as far as the swap itself does not close it."""
        return is_open(self.picture_secret, self.picture_until, self.picture_revoked_at)

    @staticmethod
    def let_go(swap: Swap) -> None:
        """The swap went for good: so does every address that may be a secret, and nobody is told any more."""
        ApiRequest.objects.filter(swap=swap).update(
            callback_url="", awaits_outcome=False, picture_secret=None
        )

    @staticmethod
    def of(swap: Swap) -> ApiRequest | None:
        """What a program asked for, where it was one."""
        return ApiRequest.objects.filter(swap=swap).select_related("token").first()
