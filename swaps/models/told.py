"""What answers of the API are made of: of each request, its swap and the swap's result one flat row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from swaps.models.api_request import ApiRequest, is_open
from swaps.models.status import SETTLED, Status


class Told(NamedTuple):
    """A request, its swap and the result as they were when they were asked for."""

    request: int
    task_id: UUID
    trace_id: UUID
    callback_url: str
    is_async: bool
    timeout: float | None
    origin: str
    failure: str
    picture_secret: str | None
    picture_until: datetime | None
    picture_revoked_at: datetime | None
    status: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    trashed_at: datetime | None
    deleted_at: datetime | None
    source_url: str
    target_url: str
    error_code: str
    error_message: str
    error_picture: str
    result: UUID | None
    # These are None where that is: ask has_result first.
    result_format: str
    result_width: int
    result_height: int
    result_bytes: int

    @property
    def is_settled(self) -> bool:
        """Whether its swap is in flight no more."""
        return self.status in SETTLED

    @property
    def is_deleted(self) -> bool:
        return bool(self.trashed_at or self.deleted_at)

    @property
    def has_result(self) -> bool:
        return self.status == Status.SUCCEEDED and self.result is not None

    @property
    def picture_is_open(self) -> bool:
        """Whether its result's address is good now, as far as the swap itself does not close it."""
        return is_open(self.picture_secret, self.picture_until, self.picture_revoked_at)


# Where each of them is, in the same order.
COLUMNS = (
    "pk", "swap_id", "trace_id", "callback_url", "is_async", "timeout", "origin", "failure",
    "picture_secret", "picture_until", "picture_revoked_at",
    "swap__status", "swap__created_at", "swap__started_at", "swap__finished_at",
    "swap__trashed_at", "swap__deleted_at", "swap__source_url", "swap__target_url",
    "swap__error_code", "swap__error_message", "swap__error_picture", "swap__result",
    *(f"swap__result__{name}" for name in ("format", "width", "height", "bytes")),
)  # fmt: skip


@cache
def _rows() -> QuerySet[ApiRequest, tuple[Any, ...]]:
    """Built once: programs ask often, and most of what that costs is Django building the query."""
    return ApiRequest.objects.values_list(*COLUMNS)


def told(*which: Q) -> list[Told]:
    """Those requests that every one of *which* means, in one query."""
    return [Told(*row) for row in _rows().filter(*which)]


def opened(several: Sequence[Told]) -> Sequence[Told]:
    """The same with an address for each result, unless somebody revoked it; in as many queries as for one."""
    closed = [
        one.request
        for one in several
        if one.has_result
        and not one.is_deleted
        and not one.picture_revoked_at
        and not one.picture_is_open
    ]
    if not closed:
        return several
    now = ApiRequest.open_pictures(closed)
    return [one._replace(**now.get(one.request, {})) for one in several]
