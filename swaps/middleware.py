"""What happens to every request before anything reads it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from swaps.images import MAX_BYTES
from swaps.views.errors import too_large

# Two pictures at their limit, and room for the form around them.
MAX_REQUEST_BYTES = 2 * MAX_BYTES + 1024 * 1024


class RequestSizeMiddleware:
    """Answers 413 to a request that announces more than two pictures can have, without reading it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > MAX_REQUEST_BYTES:
            return too_large(request)
        return self.get_response(request)
