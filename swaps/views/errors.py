"""What went wrong: a page in the site's own look, or JSON where a program asked.

Those for 500 and above need no database: it may be what failed.
"""

from __future__ import annotations

import re
import sys
from urllib.parse import urlencode

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse

from swaps.contract import THERE_ARE, TOO_LONG, error_answer, error_object
from swaps.outages import Outage, outage_of

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
    503: (
        "The site’s database does not answer right now",
        "Nothing that was stored is lost. This usually passes within a minute.",
    ),
    507: (
        "The site’s disk is full",
        "Your pictures are kept, but nothing new can be stored. Try again when your admin has made room.",
    ),
}
STORAGE_AWAY = (
    "The site’s picture storage does not answer right now",
    "Nothing that was stored is lost. Try again in a moment; if it stays so, tell your admin.",
)
STATUS = {Outage.DATABASE: 503, Outage.STORAGE: 507, Outage.AWAY: 503}
CODES = {
    400: "bad_request",
    413: "too_large",
    500: "api_error",
    503: "unavailable",
    507: "storage_full",
}
RETRY_SECONDS = 5
# What programs read of the API. Pages have buttons to go back by, and a form with pictures in it.
SAID_TO_PROGRAMS = {
    400: "The request cannot be read to its end, or makes no sense. Send it again, as JSON.",
    404: f"There is nothing at this address. {THERE_ARE}",
    413: TOO_LONG,
    500: (
        "Something went wrong inside the site. Try again in a moment; if it stays so, tell your admin "
        "the trace_id."
    ),
}
NO_PICTURE = "This request cannot be read. Send it again, with one picture in it."
OTHER_NAME = (
    "This site does not know itself by the name in the address. "
    "Whoever runs it can add that name to ALLOWED_HOSTS."
)
# What programs and our own scripts ask; everything else is a page for people.
FOR_PROGRAMS = re.compile(r"^/photos/$|^/face/|^/healthz$|\.json$")
# What is never written into a page, not even to be sent again.
SECRET_FIELDS = re.compile(r"password|code|token")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    # A session that could not be written says that it is gone; what led to that says why.
    if (outage := outage_of(exception)) is not None:
        return not_now(request, outage)
    other_name = OTHER_NAME if isinstance(exception, DisallowedHost) else ""
    if FOR_PROGRAMS.search(request.path):
        return _for_programs(request, 400, other_name or _said(request, 400, NO_PICTURE))
    return page(request, 400, other_name)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = str(exception) if isinstance(exception, PermissionDenied) else ""
    return page(request, 403, said)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # A path below /face/ that no pattern can hold, such as one with a line break in it.
    if getattr(request, "trace_id", ""):
        return _for_programs(request, 404, SAID_TO_PROGRAMS[404])
    return page(request, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    if FOR_PROGRAMS.search(request.path):
        return _for_programs(request, 413, _said(request, 413, WORDS[413][1]))
    return page(request, 413, user=None, messages=())


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view caught. Some of it is no fault of the site's: an outage, a client that went away."""
    error = sys.exception()
    if (outage := outage_of(error)) is not None:
        return not_now(request, outage)
    if FOR_PROGRAMS.search(request.path):
        status = 400 if isinstance(error, UnreadablePostError) else 500
        return _for_programs(request, status, _said(request, status, ". ".join(WORDS[status])))
    if isinstance(error, UnreadablePostError):
        return page(request, 400, user=None, messages=())
    return page(request, 500, user=None, messages=())


def not_now(request: HttpRequest, outage: Outage) -> HttpResponse:
    """The database does not answer, or there is no room: when to ask again, and with what."""
    status = STATUS[outage]
    title, advice = STORAGE_AWAY if outage is Outage.AWAY else WORDS[status]
    if FOR_PROGRAMS.search(request.path):
        response: HttpResponse = _for_programs(request, status, f"{title}. {advice}")
    else:
        reads = request.method in {"GET", "HEAD"}
        # A page that was only looked at asks again by itself; what was sent is sent again by a person.
        again = RETRY_SECONDS if reads and outage is Outage.DATABASE else None
        sent = [] if reads else _sent(request)
        response = page(
            request, status, advice, title=title, user=None, messages=(), again=again, sent=sent
        )
    response.headers["Retry-After"] = str(300 if outage is Outage.STORAGE else RETRY_SECONDS)
    return response


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that was sent, so that it can be sent again; none where one is secret."""
    # What was not read by now may be what failed, and is not asked for once more.
    fields = request.POST if hasattr(request, "_post") else {}
    if any(SECRET_FIELDS.search(name) for name in fields if name != "csrfmiddlewaretoken"):
        return []
    lists = fields.lists() if hasattr(fields, "lists") else []
    return [
        (name, value) for name, values in lists for value in values if name != "csrfmiddlewaretoken"
    ]


def _said(request: HttpRequest, status: int, to_pages: str) -> str:
    """The API's own sentence, or the one for our pages, which ask for JSON as well."""
    return SAID_TO_PROGRAMS[status] if hasattr(request, "trace_id") else to_pages


def _for_programs(request: HttpRequest, status: int, said: str) -> JsonResponse:
    trace_id = getattr(request, "trace_id", "")
    if not trace_id:
        error = error_object(code=CODES[status], message=said)
        return JsonResponse({"error": error}, status=status)
    # The API's own codes, and its own shape.
    code = "no_api" if status == 404 else "bad_request" if status < 500 else "api_error"
    error = error_object(code=code, message=said)
    return JsonResponse(error_answer(error=error, trace_id=trace_id), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before a log-in or log-out, or one that was made elsewhere."""
    return page(
        request,
        403,
        "This form is out of date, perhaps because you logged in or out since. "
        "Go back, reload the page and send it again.",
        back=_form_with_what_was_sent(request),
    )


def _form_with_what_was_sent(request: HttpRequest) -> str:
    """The address of the form for a new swap, filled again; empty where it was another form."""
    if request.path != reverse("new"):
        return ""
    kept = {"source": "source_photo", "target": "target_photo"}
    kept |= {name: name for name in ("source_url", "target_url", "title")}
    query = {name: request.POST.get(field, "") for name, field in kept.items()}
    return f"{request.path}?{urlencode({name: value for name, value in query.items() if value})}"


def page(request: HttpRequest, status: int, said: str = "", **instead: object) -> HttpResponse:
    title, advice = WORDS[status]
    shown = {"status": status, "title": title, "advice": said or advice, **instead}
    return render(request, "errors/index.html", shown, status=status)
