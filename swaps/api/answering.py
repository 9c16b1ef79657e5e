"""What every address of the API shares: one method, JSON in and out, a trace_id, errors of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from swaps import bodies, contract
from swaps.asked import Invalid
from swaps.tokens import OpensNothing

POST_ALONE = "This address is asked by POST alone."


class Refusal(Exception):
    """A request that is not met: a code of the contract, a sentence, and the headers that belong to it."""

    def __init__(
        self, code: str, sentence: str, *, status: int | None = None, **headers: str
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.http_status = status or contract.SERVED_STATUS[code]
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def endpoint(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An address that programs POST JSON to. What is refused is answered as the contract has it."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, **parts: str) -> HttpResponseBase:
        try:
            if request.method != "POST":
                raise Refusal("bad_request", POST_ALONE, status=405, Allow="POST")
            return view(request, **parts)
        except Invalid as invalid:
            return refused(request, Refusal(invalid.code, str(invalid)))
        except OpensNothing as nothing:
            return refused(request, _not_opened(nothing))
        except Refusal as refusal:
            return refused(request, refusal)

    return wrapped


@csrf_exempt
@login_not_required
@never_cache
def no_api(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Every other address below /face/."""
    said = f"There is nothing at {request.path[:200]}. {contract.THERE_ARE}"
    return refused(request, Refusal("no_api", said))


def body_of(request: HttpRequest) -> object:
    """The request's JSON. Raises Refusal."""
    body = read(request, contract.LONGEST_BODY)
    if len(body) > contract.LONGEST_BODY:
        raise Refusal("bad_request", contract.TOO_LONG, status=413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("bad_request", "The body is no JSON that can be read.") from None


def read(request: HttpRequest, most: int) -> bytes:
    """The body, or as much as shows that it has more than *most* bytes."""
    body: bytes = bodies.stream(request).read(most + 1)
    return body


def _not_opened(nothing: OpensNothing) -> Refusal:
    refusal = Refusal(nothing.code, str(nothing))
    if refusal.http_status == 401:
        refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal


def trace_id_of(request: HttpRequest) -> str:
    """The id of this request, which its answer and its lines in the log have."""
    if not hasattr(request, "trace_id"):
        request.trace_id = str(uuid4())  # type: ignore[attr-defined]
    found: str = request.trace_id  # type: ignore[attr-defined]
    return found


def answered(request: HttpRequest, body: contract.Answer, *, status: int = 200) -> JsonResponse:
    """An answer; one that names a task is traced by the task's trace_id, every other by the request's."""
    body.setdefault("trace_id", trace_id_of(request))
    return JsonResponse(body, status=status, headers={contract.TRACE_HEADER: body["trace_id"]})


def refused(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    """An error that names no task."""
    error = contract.error_object(code=refusal.code, message=str(refusal))
    body = contract.error_answer(error=error, trace_id=trace_id_of(request))
    response = answered(request, body, status=refusal.http_status)
    for name, value in refusal.headers.items():
        response.headers[name] = value
    return response
