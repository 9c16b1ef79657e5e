"""The Face Swap API's answers as plain data: what a program is told of a swap. Imports nothing of ours."""

from typing import Any

Answer = dict[str, Any]


def result_answer(
    *, task_id: str, trace_id: str, image_url: str, width: int, height: int, size: int
) -> Answer:
    """The synchronous answer of a swap that succeeded; width and height in pixels, size in bytes."""
    return {
        "success": True,
        "task_id": task_id,
        "trace_id": trace_id,
        "image_url": image_url,
        "image_width": width,
        "image_height": height,
        "image_size": size,
    }


def error_object(*, code: str, message: str, picture: str = "") -> Answer:
    """An error: a code for programs, a sentence for people and, of a picture's error, which picture."""
    error = {"code": code, "message": message}
    return {**error, "picture": picture} if picture else error


def error_answer(*, error: Answer, trace_id: str, task_id: str = "") -> Answer:
    """The answer of a swap that failed."""
    answer = {"success": False, "error": error, "trace_id": trace_id}
    return {**answer, "task_id": task_id} if task_id else answer
