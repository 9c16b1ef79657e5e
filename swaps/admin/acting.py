"""What an admin can do with swaps, on the list and on a swap's page: each says what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from swaps import submission
from swaps.models import Status, Swap
from swaps.models.swap_queries import SwapQuerySet
from swaps.views import access

EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
ACTION_NAMES = ("action", f"{ActionLocation.CHANGE_FORM.value}-action")
AT_ONCE = 200
Page = admin.ModelAdmin[Swap]
Answer = HttpResponse | None
Action = Callable[[Page, HttpRequest, QuerySet[Swap]], Answer]


@dataclass(frozen=True)
class Act:
    """One use case: its words, and why it cannot be done with a swap (empty: it can)."""

    label: str
    done: str
    does: Callable[..., bool]
    why_not: Callable[[Swap], str]
    is_final: bool = False


def _hidden(swap: Swap) -> str:
    if swap.deleted_at:
        return "deleted for good"
    return "in the trash" if swap.trashed_at else ""


def _not_again(swap: Swap) -> str:
    if swap.status not in (Status.FAILED, Status.CANCELED):
        return _hidden(swap) or "neither failed nor cancelled"
    return _hidden(swap) or ("" if swap.has_pictures else "without its pictures")


def _not_canceled(swap: Swap) -> str:
    return _hidden(swap) or ("" if swap.in_flight else "ended already")


def _not_back(swap: Swap) -> str:
    if swap.deleted_at:
        return "deleted for good"
    return "" if swap.trashed_at else "not in the trash"


def _not_erased(swap: Swap) -> str:
    return "deleted for good already" if swap.deleted_at else ""


ACTS = {
    "retry": Act("Try again", "went back into the line", submission.retry_swap, _not_again),
    "cancel": Act("Cancel", "cancelled", submission.cancel_swap, _not_canceled),
    "trash": Act("Put into the trash", "put into the trash", submission.trash_swap, _hidden),
    "put_back": Act("Put back", "put back", submission.put_back_swap, _not_back),
    "erase": Act(
        "Delete with pictures …", "deleted with their pictures", submission.delete_swap,
        _not_erased, is_final=True,
    ),
}  # fmt: skip


def possible(swap: Swap) -> list[tuple[str, Act]]:
    """What can be done with the swap as it stands, by the names of the actions."""
    return [(name, act) for name, act in ACTS.items() if not act.why_not(swap)]


def _action(name: str, act: Act) -> Action:
    """The act as Django's admin knows it: by its function's name."""

    @admin.action(description=act.label, permissions=["manage"], location=EVERYWHERE)
    def action(page: Page, request: HttpRequest, chosen: QuerySet[Swap]) -> Answer:
        return _act(page, request, chosen, act)

    action.__name__ = name
    return action


def _act(page: Page, request: HttpRequest, chosen: QuerySet[Swap], act: Act) -> Answer:
    swaps = list(cast("SwapQuerySet", chosen).whole()[: AT_ONCE + 1])
    if len(swaps) > AT_ONCE:
        page.message_user(
            request, f"Choose {AT_ONCE} swaps at most; nothing was done.", messages.ERROR
        )
        return None
    if act.is_final and "sure" not in request.POST:
        return _are_you_sure(page, request, swaps, act)
    by = access.by(request, via="admin")
    reasons: Counter[str] = Counter()
    for swap in swaps:
        why_not = act.why_not(swap)
        if not why_not and not act.does(swap, by=by):
            why_not = "changed by somebody else meanwhile"
        reasons[why_not] += 1
    done = reasons.pop("", 0)
    if done:
        page.message_user(request, f"{_swaps(done)}: {act.done}.", messages.SUCCESS)
    for reason, count in reasons.items():
        said = f"{_swaps(count)}: nothing was done, as it is {reason}."
        page.message_user(request, said, messages.WARNING)
    return None


def _swaps(count: int) -> str:
    return "1 swap" if count == 1 else f"{count} swaps"


def _are_you_sure(page: Page, request: HttpRequest, swaps: list[Swap], act: Act) -> HttpResponse:
    """The question before what cannot be undone; its form repeats what was asked for."""
    names = [name for name in ACTION_NAMES if name in request.POST]
    repeated = [(name, request.POST[name]) for name in names]
    repeated += [(ACTION_CHECKBOX_NAME, str(swap.pk)) for swap in swaps]
    shown: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "title": f"Delete {_swaps(len(swaps))} with the pictures?",
        "opts": page.opts,
        "swaps": swaps,
        "repeated": repeated,
    }
    return TemplateResponse(request, "admin/swaps/swap/are_you_sure.html", shown)


ACTIONS = [_action(name, act) for name, act in ACTS.items()]
