"""What happens to every request before anything reads it, and after it was refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from swaps import bodies
from swaps.contract import TRACE_HEADER
from swaps.images import MAX_BYTES
from swaps.views.errors import too_large

# Two pictures at their limit, and room for the form around them.
MAX_REQUEST_BYTES = 2 * MAX_BYTES + 1024 * 1024
CHUNK = 64 * 1024
# Far more than anybody sends by mistake; whoever sends more does not get to read why it was refused.
MOST_TO_THROW_AWAY = 512 * 1024 * 1024


def asked_by_program(request: HttpRequest) -> bool:
    """Whether the address is one of the API's, or would be."""
    return f"{request.path}/".startswith("/face/")


class TraceMiddleware:
    """Gives what programs ask an id, by which its answer and its lines in the log can be found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not asked_by_program(request):
            return self.get_response(request)
        trace_id = str(uuid4())
        request.trace_id = trace_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        # Of an answer that names its task, the task's is there already.
        response.headers.setdefault(TRACE_HEADER, trace_id)
        return response


class RequestSizeMiddleware:
    """Answers 413 to a request that announces more than two pictures can have, without keeping it.

    Of a request that was refused the rest is read and thrown away: a browser that is still sending
    when the connection closes shows an error of its own instead of our sentence.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > MAX_REQUEST_BYTES:
            response = too_large(request)
        else:
            response = self.get_response(request)
        # Programs need no such help, and one that sends without end would only keep us busy.
        from_a_page = not asked_by_program(request)
        if from_a_page and request.method == "POST" and response.status_code >= 400:
            _throw_rest_away(request)
        return response


def _throw_rest_away(request: HttpRequest) -> None:
    rest = bodies.stream(request)
    # Whoever went away meanwhile reads nothing either.
    with suppress(OSError):
        for _ in range(MOST_TO_THROW_AWAY // CHUNK):
            if not rest.read(CHUNK):
                break
