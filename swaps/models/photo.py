"""Pictures: what people uploaded and what swaps made of it. The bytes are in storage, under `key`."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.models.team import Team

if TYPE_CHECKING:
    from swaps.models.user import User


# What a picture can be of a swap.
ROLES = ("source", "target", "result")


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Which pictures: the visible ones, one's recent ones, the unused ones."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What *user* uploaded herself, and what belongs to a swap that she may see or put back."""
        if not user.is_authenticated:
            return self.none()
        # Swaps refer to pictures, so the two modules cannot import each other.
        swaps = apps.get_model("swaps", "Swap").objects.reachable_by(user)
        # One question a picture: lists of all that somebody may see would be long.
        mine = Upload.objects.filter(photo=OuterRef("pk"), user=user)
        shown = [Exists(swaps.filter(**{role: OuterRef("pk")})) for role in ROLES]
        return self.filter(reduce(or_, shown, Exists(mine)))

    def recent_of(self, user: User) -> Self:
        """Her own uploads, the last one first."""
        return self.filter(upload__user=user).order_by("-upload__uploaded_at")

    def unused(self) -> Self:
        """Pictures that no swap refers to."""
        return self.filter(as_source=None, as_target=None, as_result=None)

    def forgotten(self, *, hours: int) -> Self:
        """Pictures that no swap refers to and that nobody touched in the last *hours*."""
        since = timezone.now() - timedelta(hours=hours)
        return self.unused().filter(created_at__lt=since).exclude(upload__uploaded_at__gte=since)


class Photo(models.Model):
    """A picture of ours: decoded, upright, sRGB, without metadata.

    `sha256` is of the bytes as they were uploaded, so that the same upload is stored once a team;
    `bytes`, `width` and `height` are of the picture as it is kept.
    """

    class Kind(models.TextChoices):
        UPLOAD = "upload", "Upload"
        RESULT = "result", "Result"

    class Format(models.TextChoices):
        JPEG = "jpg", "JPEG"
        PNG = "png", "PNG"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.UPLOAD)
    key = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    colour = models.CharField(max_length=7)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "sha256"],
                condition=Q(kind="upload"),
                name="same_upload_once_a_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"


class Upload(models.Model):
    """That a person uploaded a picture, be it the first or another of the same bytes."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "user"], name="one_upload_a_person")
        ]
        indexes = [models.Index(fields=["user", "-uploaded_at"], name="recent_uploads")]

    def __str__(self) -> str:
        return f"{self.photo} by {self.user}"
