"""What programs ask of us: bodies of /face/swap and /face/tasks, understood or refused by a field's name."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from swaps.contract import Answer, printable, web_url
from swaps.contract import swap_request as swap_body

MOST_IDS = 200
"""How many tasks may be asked for at once; a page of the service's own console has fewer."""
LONGEST_SHOWN = 60

MISSING = "{name} is missing. Give a direct link to an image file."
NOT_A_URL = (
    "{name} is not a link: give a whole http:// or https:// address of at most {most} characters."
)


class Invalid(Exception):
    """A request that cannot be met; str() is a sentence that names the field, *code* one of the contract."""

    def __init__(self, sentence: str, *, code: str = "token_mismatched") -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class SwapRequest:
    """A swap that is asked for; *timeout* in seconds, None where it was not said."""

    source_image_url: str
    target_image_url: str
    callback_url: str = ""
    is_async: bool = False
    timeout: float | None = None

    @property
    def waits(self) -> bool:
        """Whether whoever asks waits for the result on the line."""
        return not self.is_async and not self.callback_url

    @property
    def digest(self) -> str:
        """A hash of the whole request: whoever repeats it asks for the same task."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()

    @property
    def body(self) -> Answer:
        """The request as JSON, without what was left out."""
        return swap_body(
            source_image_url=self.source_image_url, target_image_url=self.target_image_url,
            callback_url=self.callback_url, async_=self.is_async, timeout=self.timeout,
        )  # fmt: skip


@dataclass(frozen=True)
class TaskQuestion:
    """Which tasks are asked for, by task_id and by trace_id; what is no UUID names none."""

    task_ids: tuple[UUID, ...]
    trace_ids: tuple[UUID, ...] = ()
    is_batch: bool = False


def swap_request(body: object, *, longest_url: int) -> SwapRequest:
    """The body of /face/swap, as parsed JSON. Unknown fields are ignored. Raises Invalid."""
    fields = _fields(body)
    return SwapRequest(
        source_image_url=_url(fields, "source_image_url", most=longest_url, required=True),
        target_image_url=_url(fields, "target_image_url", most=longest_url, required=True),
        callback_url=_url(fields, "callback_url", most=longest_url),
        is_async=_flag(fields, "async"),
        timeout=_seconds(fields, "timeout"),
    )


def task_question(body: object) -> TaskQuestion:
    """The body of /face/tasks, as parsed JSON. Raises Invalid."""
    fields = _fields(body)
    one = {name: _text(fields, name) for name in ("id", "task_id", "trace_id")}
    several = {name: _list(fields, name) for name in ("ids", "task_ids", "trace_ids")}
    _check_number(several)
    is_list = any(several.values()) or (not any(one.values()) and _is_any_given(fields, several))
    action = _text(fields, "action") or ("retrieve_batch" if is_list else "retrieve")
    if action == "retrieve_batch":
        return _batch(one, several, is_given=_is_any_given(fields, several))
    if action != "retrieve":
        shown = printable(action)[:LONGEST_SHOWN]
        raise Invalid(
            f"action is {shown!r}. Give retrieve or retrieve_batch.", code="api_not_implemented"
        )
    if task_id := one["id"] or one["task_id"]:
        return TaskQuestion(_uuids([task_id]))
    if one["trace_id"]:
        return TaskQuestion((), _uuids([one["trace_id"]]))
    raise Invalid("id is missing. Give the task_id that /face/swap answered with.")


def _batch(
    one: Mapping[str, str], several: Mapping[str, list[str]], *, is_given: bool
) -> TaskQuestion:
    """All that the lists name; where they name nothing, what stands beside them. *is_given*: there is a list."""
    task_ids, trace_ids = several["ids"] + several["task_ids"], several["trace_ids"]
    if not task_ids and not trace_ids:
        task_ids = [text for text in (one["id"], one["task_id"]) if text]
        trace_ids = [text for text in (one["trace_id"],) if text]
        if not (task_ids or trace_ids or is_given):
            raise Invalid("ids is missing. Give a list of task_ids.")
    return TaskQuestion(_uuids(task_ids), _uuids(trace_ids), is_batch=True)


def _is_any_given(fields: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(fields.get(name) is not None for name in names)


def _check_number(several: Mapping[str, list[str]]) -> None:
    total = sum(len(texts) for texts in several.values())
    if total > MOST_IDS:
        named = " and ".join(name for name, texts in several.items() if texts)
        raise Invalid(f"{named} name {total:,} tasks; {MOST_IDS} may be asked for at once.")


def _fields(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise Invalid("The body is no JSON object.", code="bad_request")
    return body


def _url(fields: Mapping[str, Any], name: str, *, most: int, required: bool = False) -> str:
    value = fields.get(name)
    if value is None or value == "":
        if required:
            raise Invalid(MISSING.format(name=name))
        return ""
    url = web_url(value.strip() if isinstance(value, str) else value)
    if not url or len(url) > most:
        raise Invalid(NOT_A_URL.format(name=name, most=f"{most:,}"))
    return url


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if value is None or value == "":
        return False
    # Tools that fill in forms send words.
    words = {"true": True, "false": False}
    meant = words.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(meant, bool):
        raise Invalid(f"{name} is neither true nor false.")
    return meant


def _seconds(fields: Mapping[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    wrong = Invalid(f"{name} is no number of seconds above 0.")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not math.isfinite(seconds) or seconds <= 0:
        raise wrong
    return seconds


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{name} is no text.")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[str]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Invalid(f"{name} is no list of texts.")
    return value


def _uuids(texts: list[str]) -> tuple[UUID, ...]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))
