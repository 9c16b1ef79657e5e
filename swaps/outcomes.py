"""What has become of a swap, in the contract's words, for the program that asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from swaps import contract
from swaps.contract import Answer
from swaps.models import ApiRequest, Photo, Status, Swap
from swaps.models.status import SETTLED

# The pictures cannot be swapped: never a 5xx, which published clients would repeat.
OF_PICTURES = frozenset({"no_face", "face_too_small", "face_turned", "unreadable_image"})
MEANT_BY = {
    **{code: code for code in OF_PICTURES},
    "image_too_large": "unreadable_image",
    "misshapen": "unreadable_image",
    "token_mismatched": "token_mismatched",
    "api_not_implemented": "api_not_implemented",
    "timeout": "timeout",
    "forbidden": "forbidden",
    "disabled": "forbidden",
}
"""The contract's code for each of our own; every other one is the site's fault, `api_error`."""
CANCELED = "Somebody cancelled this swap on the site."
DELETED = "Somebody deleted this swap on the site."
PICTURE_CLOSED = "The swap was made, but somebody revoked the address of its result on the site."


def response(asked: ApiRequest) -> Answer | None:
    """The outcome as the caller is told of it; None while the swap is in flight.

    *asked* comes with its swap and the swap's result.
    """
    swap = asked.swap
    if swap.status not in SETTLED:
        return None
    if swap.trashed_at or swap.deleted_at:
        return _failure(asked, code="not_found", message=DELETED)
    result = _result(swap)
    if result is None:
        return _failure(asked, **_error(asked))
    secret = asked.open_picture()
    if not secret:
        return _failure(asked, code="forbidden", message=PICTURE_CLOSED)
    return contract.result_answer(
        task_id=str(swap.pk), trace_id=str(asked.trace_id), image_url=_address(asked, result),
        width=result.width, height=result.height, size=result.bytes,
    )  # fmt: skip


def tasks(several: Sequence[ApiRequest]) -> list[Answer]:
    """The task objects of /face/tasks; each of *several* comes with its swap and the swap's result."""
    ApiRequest.open_pictures([asked for asked in several if _result(asked.swap)])
    return [_task(asked) for asked in several]


def _result(swap: Swap) -> Photo | None:
    return swap.result if swap.status == Status.SUCCEEDED else None


def _task(asked: ApiRequest) -> Answer:
    swap = asked.swap
    outcome = response(asked)
    return contract.task_object(
        task_id=str(swap.pk), trace_id=str(asked.trace_id), request=_request(asked), response=outcome,
        created_at=swap.created_at.timestamp(), started_at=_seconds(swap.started_at),
        finished_at=_seconds(swap.finished_at) if outcome is not None else None,
    )  # fmt: skip


def picture_url(asked: ApiRequest | None) -> str:
    """The address of its result that a program was told, as long as it opens it; else empty."""
    result = _result(asked.swap) if asked and asked.picture_is_open else None
    return _address(asked, result) if asked and result else ""


def _address(asked: ApiRequest, result: Photo) -> str:
    path = reverse("result_for_programs", args=[asked.picture_secret, result.format])
    return asked.origin + path


def status_of(outcome: Answer) -> int:
    """The HTTP status that an outcome is answered with."""
    if outcome["success"]:
        return 200
    code: str = outcome["error"]["code"]
    return contract.SERVED_STATUS[code]


def _request(asked: ApiRequest) -> Answer:
    """What was asked for; without the links where they were let go of with the pictures."""
    return contract.swap_request(
        source_image_url=asked.swap.source_url, target_image_url=asked.swap.target_url,
        callback_url=asked.callback_url, async_=asked.is_async, timeout=asked.timeout,
    )  # fmt: skip


def _error(asked: ApiRequest) -> dict[str, str]:
    swap = asked.swap
    if swap.status == Status.CANCELED:
        return {"code": "forbidden", "message": CANCELED}
    code = MEANT_BY.get(swap.error_code, "api_error")
    message = asked.failure or swap.error_message
    return {"code": code, "message": message, "picture": swap.error_picture}


def _failure(asked: ApiRequest, *, code: str, message: str, picture: str = "") -> Answer:
    return contract.error_answer(
        error=contract.error_object(code=code, message=message, picture=picture),
        trace_id=str(asked.trace_id), task_id=str(asked.swap_id),
    )  # fmt: skip


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
