"""What a request carries, read as it comes instead of kept."""

from __future__ import annotations

from typing import IO

from django.http import HttpRequest


def stream(request: HttpRequest) -> IO[bytes] | HttpRequest:
    """Where to read it. Who announces no length is not counted by Django, which then reads nothing at all."""
    if "HTTP_TRANSFER_ENCODING" not in request.META:
        return request
    unannounced: IO[bytes] = request.META["wsgi.input"]
    return unannounced
