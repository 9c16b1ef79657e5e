"""The reference of the Face Swap API with this site's address in it: a page, and a file for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from swaps import contract, error_table, openapi
from swaps.models import ApiRequest, ApiToken, Swap
from swaps.origin import origin
from swaps.views import access

LANGUAGES = {"curl": "curl", "requests": "Python", "sdk": "SDK"}


@dataclass(frozen=True)
class Mode:
    """A way to ask for a swap, by the name that its examples have."""

    name: str
    title: str
    said: str


MODES = (
    Mode("wait", "Make a swap and wait for it", "The answer comes when the swap is done."),
    Mode(
        "poll",
        "Ask, and look later",
        "The task_id comes at once. Ask after it until the response is there.",
    ),
    Mode(
        "callback",
        "Ask, and be called",
        "The task_id comes at once, and the outcome to an address of yours. "
        "Where a call could get lost, ask /face/tasks as well.",
    ),
)


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """The page, for whoever is logged in."""
    site = served(request)
    tokens = ApiToken.objects.of(access.person(request))
    shown = {
        "site": site,
        "longest_swap": contract.LONGEST_SWAP,
        "tokens": [one for one in tokens if one.is_good],
        "ended": [one.start for one in tokens if not one.is_good],
        "languages": LANGUAGES.items(),
        "modes": [(mode, examples(mode, site)) for mode in MODES],
        "receiver": example("receive", "requests", site),
        "errors": error_table.ERRORS,
        "answers": {
            "result": as_text(openapi.result(site)),
            "accepted": as_text(openapi.accepted()),
            "task": as_text(openapi.task(None)),
            "failure": as_text(openapi.failure()),
        },
    }
    return render(request, "api/index.html", shown)


@login_not_required
@require_safe
def openapi_file(request: HttpRequest) -> JsonResponse:
    """The same for programs, without log-in: it says nothing that its readers do not need."""
    file = openapi.document(served(request))
    return JsonResponse(file, json_dumps_params={"indent": 2, "ensure_ascii": False})


def served(request: HttpRequest) -> openapi.Served:
    """What differs from site to site."""
    return openapi.Served(
        url=origin(request),
        longest_wait=settings.API_LONGEST_WAIT,
        waiting=settings.API_WAITING,
        picture_days=settings.API_PICTURE_DAYS,
        longest_link=Swap.LINK_LENGTH,
        longest_key=ApiRequest.KEY_LENGTH,
    )


def examples(mode: Mode, site: openapi.Served) -> list[tuple[str, str, str]]:
    """One in each language: its name, as people call it, and the lines."""
    return [(name, title, example(mode.name, name, site)) for name, title in LANGUAGES.items()]


def example(mode: str, language: str, site: openapi.Served) -> str:
    given = {
        "site": site.url,
        "face": openapi.FACE,
        "photo": openapi.PHOTO,
        "hook": openapi.HOOK,
    }
    return render_to_string(f"api/examples/{mode}.{language}.txt", given).strip()


def as_text(answer: contract.Answer) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False)
