"""Where a swap can stand. The spellings are the same everywhere; models/swap.py alone moves them."""

from django.db import models


class Status(models.TextChoices):
    """Where a swap stands. These spellings are used everywhere."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Swapping"
    FETCHING = "fetching", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Cancelled"


IN_FLIGHT = (Status.QUEUED, Status.RUNNING, Status.FETCHING)
SETTLED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)
