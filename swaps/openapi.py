"""The OpenAPI file of the Face Swap API as this site serves it. Plain data from plain values: no Django, no rows.

Written after https://spec.openapis.org/oas/v3.1.0. A test sends what it promises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from swaps import contract, error_table
from swaps.contract import Answer
from swaps.error_table import Sent
from swaps.openapi_schemas import SCHEMAS, request_schemas

Part = dict[str, Any]

VERSION = "1.0"
"""Of the contract, not of the site."""
TASK_ID = "019ac3f2-5b1e-7c40-9d2a-6f1b0e8c7a35"
TRACE_ID = "8b6c1d52-2f0a-4f57-b6f1-6a4b0e9d7c22"
FACE, PHOTO = "https://example.com/face.jpg", "https://example.com/photo.jpg"
HOOK = "https://example.com/hooks/face-swap"
PICTURE = "/p/Zk3x1uSxWj4Vb0cQ8yTnR5mLhD2eGfA7.jpg"
RETRIED = (429, 503, 507)
"""The statuses that come with a Retry-After."""
WORDS = {
    400: "The request, or one of the pictures, cannot be used.",
    401: "The token is missing, wrong or over.",
    403: "The token may not do this, or its swaps are used up.",
    404: "There is no such task.",
    413: "The body is too long.",
    429: "Too much at once.",
    500: "The swap failed.",
    503: "The site is not all there right now.",
    504: "No result within the time; the swap goes on.",
    507: "The site’s disk is full.",
}
ABOUT = """\
Puts a Face (`source_image_url`) into a Photo (`target_image_url`), of which the result keeps all the rest.
It is the Face Swap API of Ace Data Cloud, served by this site: programs that were written for that one work
with this address and a token of this site.

By sending a request you confirm that the people in both pictures agree to it."""


@dataclass(frozen=True)
class Served:
    """What differs from site to site.

    *url*: its address without a slash at the end. *longest_wait* in seconds, *picture_days* in days, *waiting*
    in callers, *longest_link* and *longest_key* in characters.
    """

    url: str
    longest_wait: int
    waiting: int
    picture_days: int
    longest_link: int
    longest_key: int


def document(site: Served) -> Part:
    """The whole file."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Face Swap API", "version": VERSION, "description": ABOUT},
        "servers": [{"url": site.url}],
        "security": [{"token": []}],
        "paths": {
            contract.SWAP_PATH: {"post": _swap(site)},
            contract.TASKS_PATH: {"post": _tasks()},
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token from /settings/tokens/ of this site.",
                }
            },
            "schemas": {**request_schemas(longest_link=site.longest_link), **SCHEMAS},
        },
    }


# --- Examples, which the page shows too ------------------------------------------------------------


def wish(**fields: object) -> Part:
    """The body of a request for a swap."""
    return {"source_image_url": FACE, "target_image_url": PHOTO, **fields}


def accepted() -> Answer:
    return contract.accepted_answer(task_id=TASK_ID, trace_id=TRACE_ID)


def result(site: Served) -> Answer:
    return contract.result_answer(
        task_id=TASK_ID, trace_id=TRACE_ID, image_url=site.url + PICTURE,
        width=1024, height=768, size=183_920,
    )  # fmt: skip


def failure() -> Answer:
    error = next(one for one in error_table.ERRORS if one.code == "no_face")
    return error_table.answer(error, trace_id=TRACE_ID, task_id=TASK_ID)


def task(response: Answer | None) -> Answer:
    """A task that runs, or one that ended with *response*."""
    return contract.task_object(
        task_id=TASK_ID, trace_id=TRACE_ID, request=wish(**{"async": True}), response=response,
        created_at=1782900000.25, started_at=1782900000.5,
        finished_at=None if response is None else 1782900003.75,
    )  # fmt: skip


# --- The two paths ---------------------------------------------------------------------------------


def _swap(site: Served) -> Part:
    wait = (
        f"Without `async` and `callback_url` the answer comes when the swap is done, at most after `timeout` "
        f"seconds (default {contract.LONGEST_SWAP}, at most {site.longest_wait}). At the same time "
        f"so many callers may wait: {site.waiting}."
    )
    return {
        "operationId": "swap",
        "summary": "Swap a face",
        "description": wait,
        "parameters": [_idempotency_key(site)],
        "requestBody": _body(
            "SwapRequest",
            waited=wish(),
            at_once=wish(**{"async": True}),
            called_back=wish(callback_url=HOOK),
        ),
        "responses": {
            "200": _ok(
                "The result, or for whoever does not wait the task.",
                ["Result", "Accepted"],
                waited=result(site),
                at_once=accepted(),
            ),
            **_errors(contract.SWAP_PATH),
        },
        "callbacks": {"outcome": {"{$request.body#/callback_url}": {"post": _callback(site)}}},
    }


def _tasks() -> Part:
    return {
        "operationId": "tasks",
        "summary": "Ask after swaps",
        "description": "One task by its `id`, or several by `ids`, of which those that are found are told, "
        "in the order in which they were asked for.",
        "requestBody": _body(
            "TaskQuestion",
            one={"action": "retrieve", "id": TASK_ID},
            several={"action": "retrieve_batch", "ids": [TASK_ID]},
        ),
        "responses": {
            "200": _ok(
                "The task, or a list of them.",
                ["Task", "TaskList"],
                running=task(None),
                failed=task(failure()),
                several={"items": [task(None)], "count": 1, "trace_id": TRACE_ID},
            ),
            **_errors(contract.TASKS_PATH),
        },
    }


def _callback(site: Served) -> Part:
    signed = (
        "Signed after https://www.standardwebhooks.com with the secret that was shown with the token. Any 2xx "
        "answers it; after anything else it is sent again up to five times, over less than three hours."
    )
    headers = {
        "webhook-id": "The same at each retry: whoever has seen it already ignores it.",
        "webhook-timestamp": "When this was sent, in Unix seconds.",
        "webhook-signature": "`v1,` and the HMAC-SHA256 of `{id}.{timestamp}.{body}` in base 64.",
    }
    return {
        "summary": "The outcome of the swap",
        "description": signed,
        "security": [],
        "parameters": [
            {
                "name": name, "in": "header", "required": True, "description": said,
                "schema": {"type": "string"},
            }
            for name, said in headers.items()
        ],
        "requestBody": {
            "required": True,
            "content": _json(["Result", "Failure"], succeeded=result(site), failed=failure()),
        },
        "responses": {
            "2XX": {"description": "It was heard."},
            "410": {"description": "Nobody listens there any more: it is not sent again."},
        },
    }  # fmt: skip


# --- Parts -----------------------------------------------------------------------------------------


def _idempotency_key(site: Served) -> Part:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "For 24 hours the same key gets the same task, whatever else is asked. Without one the same request "
            "gets the same task while that is in flight."
        ),
        "schema": {"type": "string", "maxLength": site.longest_key, "pattern": "^[ -~]*$"},
        "example": "order-1742",
    }


def _body(schema: str, **examples: Part) -> Part:
    return {"required": True, "content": _json([schema], **examples)}


def _ok(said: str, schemas: list[str], **examples: Answer) -> Part:
    return {"description": said, "headers": _headers(200), "content": _json(schemas, **examples)}


def _errors(path: str) -> Part:
    return {str(status): _error(status, kinds) for status, kinds in error_table.at(path).items()}


def _error(status: int, kinds: Iterable[Sent]) -> Part:
    codes = {"enum": sorted({kind.code for kind in kinds})}
    narrowed = {"properties": {"error": {"properties": {"code": codes}}}}
    content = _json(
        ["Error"],
        **{
            f"{kind.name}_{kind.picture}" if kind.picture else kind.name: error_table.answer(
                kind, trace_id=TRACE_ID, task_id=TASK_ID
            )
            for kind in kinds
        },
    )
    media = content["application/json"]
    media["schema"] = {"allOf": [media["schema"], narrowed]}
    return {"description": WORDS[status], "headers": _headers(status), "content": content}


def _headers(status: int) -> Part:
    headers: Part = {
        contract.TRACE_HEADER: {
            "description": "The trace_id of the answer: what to name when something is wrong.",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
    }
    if status in RETRIED:
        headers["Retry-After"] = {
            "description": "The seconds after which to ask again.",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        }
    return headers


def _json(schemas: list[str], **examples: Part) -> Part:
    named = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    return {
        "application/json": {
            "schema": named[0] if len(named) == 1 else {"oneOf": named},
            "examples": {name: {"value": value} for name, value in examples.items()},
        }
    }
