"""What has become of a swap, in the contract's words, for the program that asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from swaps import contract
from swaps.contract import Answer
from swaps.models import ApiRequest, Status, Swap
from swaps.models.told import Told, opened

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


def response(one: Told) -> Answer | None:
    """The outcome as the caller is told of it; None while the swap is in flight."""
    return _response(opened([one])[0])


def tasks(several: Sequence[Told]) -> list[Answer]:
    """The task objects of /face/tasks."""
    return [_task(one) for one in opened(several)]


def _response(one: Told) -> Answer | None:
    """The same of one whose result has an address, unless somebody revoked it."""
    if not one.is_settled:
        return None
    if one.is_deleted:
        return _failure(one, code="not_found", message=DELETED)
    if not one.has_result:
        return _failure(one, **_error(one))
    if one.picture_revoked_at or not one.picture_secret:
        return _failure(one, code="forbidden", message=PICTURE_CLOSED)
    return contract.result_answer(
        task_id=str(one.task_id), trace_id=str(one.trace_id), image_url=_address(one, one.result_format),
        width=one.result_width, height=one.result_height, size=one.result_bytes,
    )  # fmt: skip


def _task(one: Told) -> Answer:
    outcome = _response(one)
    return contract.task_object(
        task_id=str(one.task_id), trace_id=str(one.trace_id), request=_request(one), response=outcome,
        created_at=one.created_at.timestamp(), started_at=_seconds(one.started_at),
        finished_at=_seconds(one.finished_at) if outcome is not None else None,
    )  # fmt: skip


def picture_url(asked: ApiRequest, swap: Swap) -> str:
    """The address of its result that a program was told, as long as it opens it; else empty."""
    result = swap.result if swap.status == Status.SUCCEEDED else None
    return _address(asked, result.format) if result and asked.picture_is_open else ""


def _address(asked: ApiRequest | Told, ending: str) -> str:
    return asked.origin + reverse("result_for_programs", args=[asked.picture_secret, ending])


def status_of(outcome: Answer) -> int:
    """The HTTP status that an outcome is answered with."""
    if outcome["success"]:
        return 200
    code: str = outcome["error"]["code"]
    return contract.SERVED_STATUS[code]


def _request(one: Told) -> Answer:
    """What was asked for; without the links where they were let go of with the pictures."""
    return contract.swap_request(
        source_image_url=one.source_url, target_image_url=one.target_url,
        callback_url=one.callback_url, async_=one.is_async, timeout=one.timeout,
    )  # fmt: skip


def _error(one: Told) -> dict[str, str]:
    if one.status == Status.CANCELED:
        return {"code": "forbidden", "message": CANCELED}
    code = MEANT_BY.get(one.error_code, "api_error")
    message = one.failure or one.error_message
    return {"code": code, "message": message, "picture": one.error_picture}


def _failure(one: Told, *, code: str, message: str, picture: str = "") -> Answer:
    return contract.error_answer(
        error=contract.error_object(code=code, message=message, picture=picture),
        trace_id=str(one.trace_id), task_id=str(one.task_id),
    )  # fmt: skip


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
