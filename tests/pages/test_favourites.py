"""The star on a swap: one's own mark, set by page and by htmx."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from swaps.models import Event, Favourite, Swap, User, What

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def test_a_plain_form_marks_and_leads_back_to_the_swap(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    answer = as_(alice).post(reverse("favourite", args=[swap.pk]), {"wanted": "on"})
    assert answer.headers["Location"] == reverse("swap", args=[swap.pk])
    assert Favourite.objects.filter(user=alice, swap=swap).exists()
    as_(alice).post(reverse("favourite", args=[swap.pk]), {"wanted": "off"})
    assert not Favourite.objects.exists()


def test_htmx_is_given_the_button_as_it_stands_now(
    viewer: User, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    path = reverse("favourite", args=[done_swap_of(alice).pk])
    browser = as_(viewer)
    for wanted, pressed, other in (("on", "true", "off"), ("off", "false", "on")):
        answer = browser.post(path, {"wanted": wanted}, headers={"HX-Request": "true"})
        shown = answer.content.decode()
        assert answer.status_code == 200
        assert f'aria-pressed="{pressed}"' in shown
        assert f'value="{other}"' in shown
        assert "<html" not in shown


def test_a_mark_is_seen_by_nobody_else(
    alice: User, bob: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    as_(alice).post(reverse("favourite", args=[swap.pk]), {"wanted": "on"})
    page = reverse("swap", args=[swap.pk])
    assert 'aria-pressed="true"' in as_(alice).get(page).content.decode()
    assert 'aria-pressed="true"' not in as_(bob).get(page).content.decode()


def test_marking_twice_is_recorded_once(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    for _ in range(2):
        as_(alice).post(reverse("favourite", args=[swap.pk]), {"wanted": "on"})
    assert Event.objects.filter(swap=swap, what=What.MARKED).count() == 1
