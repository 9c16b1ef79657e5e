"""Pages for what went wrong, in the site's own look. The one for 500 needs no database: it may be what failed."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

WORDS = {
    400: ("That request did not make sense", "Go back, reload the page and try once more."),
    403: ("That is not yours to do", "Ask an owner of your team if you think that it should be."),
    404: (
        "There is nothing here",
        "It may have been deleted, or it belongs to somebody else. The gallery has what is yours to see.",
    ),
    413: (
        "That is too much at once",
        "A picture may have 25 MB at most. Save it smaller, or choose another one.",
    ),
    500: (
        "Something went wrong inside the site",
        "Nothing that was stored is lost. Try again in a moment; if it stays so, tell your admin the time.",
    ),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if isinstance(exception, DisallowedHost):
        return page(
            request,
            400,
            "This site does not know itself by the name in the address. "
            "Whoever runs it can add that name to ALLOWED_HOSTS.",
        )
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = str(exception) if isinstance(exception, PermissionDenied) else ""
    return page(request, 403, said)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    return page(request, 413)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, user=None, messages=())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before a log-in or log-out, or one that was made elsewhere."""
    return page(
        request,
        403,
        "This form is out of date, perhaps because you logged in or out since. "
        "Go back, reload the page and send it again.",
    )


def page(request: HttpRequest, status: int, said: str = "", **instead: object) -> HttpResponse:
    title, advice = WORDS[status]
    shown = {"status": status, "title": title, "advice": said or advice, **instead}
    return render(request, "errors/index.html", shown, status=status)
