"""What hangs around a swap: neighbours within the gallery's filter, versions, and one laid beside."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from swaps.forms import GalleryFilter
from swaps.models import Event, Favourite, Photo, Swap, User, What
from swaps.views import around

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
DoneSwapOf = Callable[..., Swap]

LINK = re.compile(r'rel="(prev|next)" href="([^"]+)"')


def page(browser: Client, swap: Swap, query: str = "") -> str:
    return browser.get(reverse("swap", args=[swap.pk]) + query).content.decode()


def neighbours(shown: str) -> dict[str, str]:
    return {rel: href.replace("&amp;", "&") for rel, href in LINK.findall(shown)}


def address(swap: Swap, query: str = "") -> str:
    return reverse("swap", args=[swap.pk]) + query


def version_of(swap: Swap, result: Photo, **fields: object) -> Swap:
    """Another result of the same pictures, unless *fields* say otherwise."""
    given = {
        "team": swap.team, "maker": swap.maker, "source": swap.source, "target": swap.target,
        "result": result, "status": "succeeded", "provider": "local",
    }  # fmt: skip
    return Swap.objects.create(**{**given, **fields})


def test_the_newer_swap_is_the_previous_one_and_the_older_the_next(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    oldest, middle, newest = (swap_of(alice) for _ in range(3))
    browser = as_(alice)
    assert neighbours(page(browser, middle)) == {"prev": address(newest), "next": address(oldest)}
    assert neighbours(page(browser, newest)) == {"next": address(middle)}
    assert neighbours(page(browser, oldest)) == {"prev": address(middle)}


def test_a_swap_alone_has_no_neighbours(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    shown = page(as_(alice), swap_of(alice))
    assert neighbours(shown) == {}
    assert 'class="neighbours"' not in shown


def test_neighbours_are_those_within_the_filter_and_keep_it(
    alice: User, bob: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    old = swap_of(alice, title="Sea at dusk")
    swap_of(alice, title="Hills")
    here = swap_of(bob, title="Sea")
    swap_of(bob, title="Town")
    new = swap_of(alice, title="Deep sea")
    query = "?q=sea"
    shown = page(as_(alice), here, query)
    assert neighbours(shown) == {"prev": address(new, query), "next": address(old, query)}
    assert f'href="{reverse("gallery")}{query}"' in shown
    by_alice = f"?q=sea&maker={alice.pk}"
    assert neighbours(page(as_(alice), here, by_alice)) == {
        "prev": address(new, by_alice),
        "next": address(old, by_alice),
    }


def test_what_makes_no_sense_in_the_filter_is_left_out(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    old, here = swap_of(alice), swap_of(alice)
    query = "?status=flying&since=yesterday&other=x&before=y"
    assert neighbours(page(as_(alice), here, query)) == {"next": address(old)}


def test_strangers_and_deleted_swaps_are_nobodys_neighbours(
    alice: User, charlie: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap_of(charlie)
    swap_of(alice).trash()
    here = swap_of(alice)
    swap_of(charlie)
    assert neighbours(page(as_(alice), here)) == {}


def test_neighbours_take_two_queries_however_many_swaps_there_are(
    alice: User, swap_of: Callable[..., Swap],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    swaps = [swap_of(alice) for _ in range(5)]
    wanted = GalleryFilter(QueryDict(), user=alice)
    alice.teams()
    with django_assert_num_queries(2):
        around.neighbours(swaps[2], wanted)


def test_what_is_done_to_a_swap_keeps_the_filter(
    alice: User, as_: As, done_swap_of: DoneSwapOf
) -> None:
    swap = done_swap_of(alice)
    for name in ("rename", "favourite", "retry", "cancel"):
        answer = as_(alice).post(reverse(name, args=[swap.pk]) + "?q=sea", {"title": "Sea"})
        assert answer.headers["Location"] == address(swap, "?q=sea"), name
    answer = as_(alice).post(reverse("delete", args=[swap.pk]) + "?q=sea")
    assert answer.headers["Location"] == reverse("gallery") + "?q=sea"


def test_results_of_the_same_pair_hang_beside_each_other_newest_first(
    alice: User, as_: As, done_swap_of: DoneSwapOf, photo_of: Callable[..., Photo]
) -> None:
    first = done_swap_of(alice)
    second = version_of(first, photo_of(alice, kind="result"))
    done_swap_of(alice)
    shown = page(as_(alice), first)
    assert "Versions of this pair" in shown
    assert "with other Faces" not in shown
    cards = re.findall(r'class="card" href="([^"]+)" (aria-current="page")?', shown)
    assert cards == [(address(second), ""), (address(first), 'aria-current="page"')]


def test_a_swap_without_versions_has_no_strip(
    alice: User, as_: As, done_swap_of: DoneSwapOf
) -> None:
    assert 'class="strip"' not in page(as_(alice), done_swap_of(alice))


def test_the_same_photo_with_another_face_hangs_in_a_row_of_its_own(
    alice: User, as_: As, done_swap_of: DoneSwapOf, photo_of: Callable[..., Photo]
) -> None:
    first = done_swap_of(alice)
    other = version_of(first, photo_of(alice, kind="result"), source=photo_of(alice))
    shown = page(as_(alice), first)
    assert "Versions of this pair" not in shown
    assert "The same Photo with other Faces" in shown
    assert f'class="card" href="{address(other)}"' in shown


def test_a_strip_ends_somewhere_and_always_holds_the_swap_itself(
    alice: User, done_swap_of: DoneSwapOf, photo_of: Callable[..., Photo]
) -> None:
    first = done_swap_of(alice)
    result = photo_of(alice, kind="result")
    for _ in range(around.VERSIONS + 3):
        version_of(first, result)
    found = around.versions(first, alice, beside="")
    assert len(found.same_face) == around.VERSIONS
    assert found.same_face[-1] == first


def test_a_strangers_version_is_not_shown(
    alice: User, charlie: User, done_swap_of: DoneSwapOf, photo_of: Callable[..., Photo]
) -> None:
    first = done_swap_of(alice)
    foreign = version_of(first, photo_of(charlie, kind="result"), team=charlie.team)
    found = around.versions(first, alice, beside=str(foreign.pk))
    assert found == around.Versions()


def test_another_result_is_laid_beside_this_one(
    alice: User, as_: As, done_swap_of: DoneSwapOf, photo_of: Callable[..., Photo]
) -> None:
    first = done_swap_of(alice)
    second = version_of(first, photo_of(alice, kind="result"), title="Softer")
    shown = page(as_(alice), first, f"?q=sea&beside={second.pk}")
    assert f'data-full="{reverse("photo", args=[second.result_id, "full"])}"' in shown
    assert "Softer · just now" in shown
    assert "Take it away from beside this result" in shown
    assert re.search(r'id="view-side" checked', shown)
    unknown = page(as_(alice), first, "?beside=nothing")
    assert f'data-full="{reverse("photo", args=[first.target_id, "full"])}"' in unknown


def test_a_download_is_recorded_and_a_look_is_not(
    alice: User, bob: User, as_: As, done_swap_of: DoneSwapOf
) -> None:
    swap = done_swap_of(alice)
    path = reverse("result", args=[swap.pk])
    as_(bob).get(path)
    as_(bob).head(path, {"download": ""})
    assert not Event.objects.filter(what=What.DOWNLOADED).exists()
    as_(bob).get(path, {"download": ""})
    recorded = Event.objects.get(what=What.DOWNLOADED)
    assert (recorded.swap_id, recorded.actor_id) == (swap.pk, bob.pk)


def test_favourites_are_a_filter_like_any_other(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    old, _, here = (swap_of(alice) for _ in range(3))
    for swap in (old, here):
        Favourite.objects.create(user=alice, swap=swap)
    query = "?favourite=on"
    assert neighbours(page(as_(alice), here, query)) == {"next": address(old, query)}
