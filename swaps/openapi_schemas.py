"""The schemas of the OpenAPI file: what a request has to be so that it is taken, and what every answer is."""

from __future__ import annotations

from typing import Any

from swaps import contract, error_table
from swaps.asked import MOST_IDS

Schema = dict[str, Any]

UUID: Schema = {"type": "string", "format": "uuid"}
SECONDS: Schema = {"type": "number", "description": "Unix seconds."}
NOTHING: Schema = {"enum": ["", None], "description": "The same as leaving it out."}
FAILED: Schema = {"const": False}


def request_schemas(*, longest_link: int) -> Schema:
    """Those of the two requests; *longest_link* in characters."""
    link = {
        "type": "string",
        "format": "uri",
        "pattern": r"^https?://\S+$",
        "maxLength": longest_link,
    }
    picture = {
        **link,
        "description": (
            "A direct http or https link to an image file of at most 25 MB, at a public address and without a "
            "password in it."
        ),
    }  # fmt: skip
    return {
        "SwapRequest": {
            "type": "object",
            "description": "Fields that are not named here are ignored.",
            "required": ["source_image_url", "target_image_url"],
            "properties": {
                "source_image_url": {**picture, "title": "Face"},
                "target_image_url": {**picture, "title": "Photo"},
                "callback_url": {
                    "anyOf": [link, NOTHING],
                    "description": "Answers at once, and POSTs the outcome there later.",
                },
                "async": ASYNC,
                "timeout": TIMEOUT,
            },
        },
        "TaskQuestion": TASK_QUESTION,
    }


ASYNC: Schema = {
    "description": "Answers at once; the outcome is asked for at /face/tasks.",
    "default": False,
    "anyOf": [
        {"type": "boolean"},
        {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
        NOTHING,
    ],
}
TIMEOUT: Schema = {
    "description": "The longest time to wait for the result, in seconds.",
    "default": contract.LONGEST_SWAP,
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^[1-9][0-9]{0,8}(\.[0-9]{1,6})?$"},
        NOTHING,
    ],
}


def _named(name: str, value: Schema) -> Schema:
    return {"required": [name], "properties": {name: value}}


def _asks(action: str, names: tuple[str, ...], value: Schema, *, by_name: bool = False) -> Schema:
    """One of *names* says what is asked for; *by_name*: where the action stands there, and is not only meant."""
    said: Schema = {"properties": {"action": {"enum": [action] if by_name else [action, "", None]}}}
    if by_name:
        said["required"] = ["action"]
    return {**said, "anyOf": [_named(name, value) for name in names]}


NAMED: Schema = {"type": "string", "minLength": 1}
_ID: Schema = {"type": ["string", "null"]}
_IDS: Schema = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}, "maxItems": MOST_IDS},
        {"type": "null"},
    ]
}
ONE = ("id", "task_id", "trace_id")
SEVERAL = ("ids", "task_ids", "trace_ids")
TASK_QUESTION: Schema = {
    "type": "object",
    "description": (
        "`id` is the task_id that /face/swap answered with; `trace_id` finds the same task. All lists together "
        f"may name {MOST_IDS} tasks."
    ),
    "properties": {
        "action": {
            "enum": ["retrieve", "retrieve_batch", "", None],
            "description": "Left out it is `retrieve_batch` where there is a list, else `retrieve`.",
        },
        **dict.fromkeys(ONE, _ID),
        **dict.fromkeys(SEVERAL, _IDS),
    },
    "anyOf": [
        _asks("retrieve", ONE, NAMED),
        _asks("retrieve_batch", SEVERAL, {"type": "array"}),
        _asks("retrieve_batch", ONE, NAMED, by_name=True),
    ],
}

ERROR_OBJECT: Schema = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"enum": sorted({one.code for one in error_table.ERRORS})},
        "message": {"type": "string", "description": "A sentence for people."},
        "picture": {
            "enum": ["source", "target"],
            "description": "Which of the two pictures it is about, where it is about one.",
        },
    },
}

SCHEMAS: Schema = {
    "Accepted": {
        "type": "object",
        "description": "The swap is taken. No name here ends in `_url`: clients take such for the picture.",
        "required": ["success", "task_id", "trace_id"],
        "properties": {"success": {"const": True}, "task_id": UUID, "trace_id": UUID},
        "propertyNames": {"not": {"pattern": "_url$"}},
    },
    "Result": {
        "type": "object",
        "required": [
            "success", "task_id", "trace_id", "image_url", "image_width", "image_height", "image_size",
        ],
        "properties": {
            "success": {"const": True},
            "task_id": UUID,
            "trace_id": UUID,
            "image_url": {
                "type": "string",
                "format": "uri",
                "description": "The picture, for whoever has this address, without a token. It expires.",
            },
            "image_width": {"type": "integer", "minimum": 1, "description": "In pixels."},
            "image_height": {"type": "integer", "minimum": 1, "description": "In pixels."},
            "image_size": {"type": "integer", "minimum": 1, "description": "In bytes."},
        },
    },
    "Error": {
        "type": "object",
        "description": "Of one that is about a task the task_id is told.",
        "required": ["success", "error", "trace_id"],
        "properties": {
            "success": FAILED,
            "error": {"$ref": "#/components/schemas/ErrorObject"},
            "trace_id": UUID,
            "task_id": UUID,
        },
    },
    "ErrorObject": ERROR_OBJECT,
    "Failure": {
        "type": "object",
        "description": "How a task failed.",
        "required": ["success", "error", "trace_id", "task_id"],
        "properties": {
            "success": FAILED,
            "error": {
                "allOf": [
                    {"$ref": "#/components/schemas/ErrorObject"},
                    {"properties": {"code": {"enum": list(error_table.of_tasks())}}},
                ]
            },
            "trace_id": UUID,
            "task_id": UUID,
        },
    },
    "Task": {
        "type": "object",
        "required": ["id", "created_at", "started_at", "trace_id", "request", "response"],
        "properties": {
            "id": UUID,
            "created_at": SECONDS,
            "started_at": {**SECONDS, "type": ["number", "null"]},
            "finished_at": {**SECONDS, "description": "Unix seconds; only once it is finished."},
            "elapsed": {"type": "number", "minimum": 0, "description": "In seconds; only once it is finished."},
            "trace_id": UUID,
            "request": {"type": "object", "description": "What was asked for."},
            "response": {
                "description": "null while it runs, then its outcome.",
                "oneOf": [
                    {"type": "null"},
                    {"$ref": "#/components/schemas/Result"},
                    {"$ref": "#/components/schemas/Failure"},
                ],
            },
        },
    },
    "TaskList": {
        "type": "object",
        "required": ["items", "count", "trace_id"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}},
            "count": {"type": "integer", "minimum": 0},
            "trace_id": UUID,
        },
    },
}  # fmt: skip
