"""Favourites: swaps that a person wants to find again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from swaps.models.swap import Swap


class Favourite(models.Model):
    """That a swap is a favourite of somebody's. It is hers alone: nobody else sees it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites"
    )
    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="favourites")
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "swap"], name="one_favourite_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.swap} of {self.user}"
