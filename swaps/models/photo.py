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
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.face_choice import ROLES as GIVEN
from swaps.face_choice import FoundFace
from swaps.models.team import Team

if TYPE_CHECKING:
    from swaps.models.user import User


# What a picture can be of a swap.
ROLES = (*GIVEN, "result")
# A picture over which so many workers stumbled is left alone, until somebody asks for it much later.
MOST_LOOKS = 3
FORGIVEN_AFTER = timedelta(hours=1)
# Whoever waits for a picture's faces asks several times a second; a worker is woken once in a while.
ASKED_AGAIN_AFTER = timedelta(seconds=5)
SEARCHED_FOR = timedelta(minutes=10)


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

    def unlooked(self) -> Self:
        """Those whose faces nobody knows and nobody looks for, and which may be looked at."""
        nobody = Q(look_until=None) | Q(look_until__lt=timezone.now())
        return self.filter(nobody, faces__isnull=True, looks__lt=MOST_LOOKS)

    def to_be_looked_at(self) -> Self:
        """Those of them that somebody asked for lately, the one that has waited longest first."""
        lately = timezone.now() - SEARCHED_FOR
        return self.unlooked().filter(faces_asked_at__gte=lately).order_by("faces_asked_at")

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
    # From left to right, each a face_choice.FoundFace; null until somebody has looked.
    faces = models.JSONField(null=True)
    # When they were last asked for; how often, and until when, a worker looks for them.
    faces_asked_at = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)
    look_until = models.DateTimeField(null=True)
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
        indexes = [
            models.Index(
                fields=["faces_asked_at"],
                condition=Q(faces__isnull=True, faces_asked_at__isnull=False),
                name="faces_asked_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    # --- Its faces: each event is one filtered UPDATE and says whether it was the one ------------------

    @property
    def is_looked_at(self) -> bool:
        """Whether its faces are known, or cannot be: there is nothing to wait for."""
        is_at_it = self.look_until is not None and self.look_until >= timezone.now()
        return self.faces is not None or (self.looks >= MOST_LOOKS and not is_at_it)

    def ask_for_faces(self) -> bool:
        """Somebody wants to know its faces: True where a worker is to be woken for that."""
        now = timezone.now()
        if self.faces_asked_at and self.faces_asked_at > now - ASKED_AGAIN_AFTER:
            # The page asks often: no need to go for the database's one writer.
            return False
        mine = Photo.objects.filter(pk=self.pk)
        asked = Q(faces_asked_at=None) | Q(faces_asked_at__lt=now - ASKED_AGAIN_AFTER)
        if mine.unlooked().filter(asked).update(faces_asked_at=now):
            return True
        # What made every worker stumble may be mended by now.
        long_ago = mine.filter(faces__isnull=True, faces_asked_at__lt=now - FORGIVEN_AFTER)
        return bool(long_ago.update(faces_asked_at=now, looks=0, look_until=None))

    def begin_look(self, *, seconds: int) -> bool:
        """A worker looks for its faces, for so long at most."""
        until = timezone.now() + timedelta(seconds=seconds)
        mine = Photo.objects.unlooked().filter(pk=self.pk)
        return bool(mine.update(looks=F("looks") + 1, look_until=until))

    def keep_faces(self, faces: list[FoundFace]) -> bool:
        """These are all its faces."""
        mine = Photo.objects.filter(pk=self.pk, faces__isnull=True)
        return bool(mine.update(faces=faces, look_until=None))

    def give_up_looking(self) -> bool:
        """It cannot be looked at; nobody is to wait for it, and nobody asks again before long."""
        mine = Photo.objects.filter(pk=self.pk, faces__isnull=True)
        return bool(mine.update(looks=MOST_LOOKS, look_until=None, faces_asked_at=timezone.now()))

    def look_later(self) -> bool:
        """Something is away that is needed to look at it: that was no look."""
        mine = Photo.objects.filter(pk=self.pk, faces__isnull=True, looks__gt=0)
        return bool(mine.update(looks=F("looks") - 1, look_until=None))


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
