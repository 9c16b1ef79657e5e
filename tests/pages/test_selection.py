"""What can be done with several swaps at once, and whose swaps it reaches."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from swaps.models import Event, Photo, Status, Swap, User, What

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
Make = Callable[..., Swap]


def ids(*swaps: Swap) -> dict[str, list[str]]:
    return {"id": [str(swap.pk) for swap in swaps]}


def shown(browser: Client) -> set[str]:
    return {swap.title for swap in browser.get("/").context["swaps"]}


def test_several_swaps_go_to_the_trash_and_come_back(
    alice: User, as_: As, done_swap_of: Make
) -> None:
    one, two, three = (done_swap_of(alice, title=title) for title in ("one", "two", "three"))
    browser = as_(alice)
    browser.post(reverse("trash_many"), ids(one, two))
    assert shown(browser) == {"three"}
    browser.post(reverse("put_back"), ids(one))
    assert shown(browser) == {"one", "three"}
    assert three.events.count() == 0
    assert [event.what for event in one.events.all()] == [What.TRASHED, What.PUT_BACK]


def test_the_next_page_offers_to_undo(alice: User, as_: As, done_swap_of: Make) -> None:
    swap = done_swap_of(alice)
    page = as_(alice).post(reverse("delete", args=[swap.pk]), follow=True).content.decode()
    assert "One swap is in the trash." in page
    assert f'<input type="hidden" name="id" value="{swap.pk}">' in page


def test_only_what_is_hers_is_deleted_and_the_rest_is_said(
    alice: User, bob: User, as_: As, done_swap_of: Make
) -> None:
    hers, his = done_swap_of(alice), done_swap_of(bob)
    page = as_(alice).post(reverse("trash_many"), ids(hers, his), follow=True).content.decode()
    assert Swap.objects.get(pk=his.pk).trashed_at is None
    assert Swap.objects.get(pk=hers.pk).trashed_at is not None
    assert "One of them was left" in page


def test_an_owner_of_the_team_deletes_anybodys(
    owner: User, alice: User, as_: As, done_swap_of: Make
) -> None:
    swap = done_swap_of(alice)
    as_(owner).post(reverse("trash_many"), ids(swap))
    assert Swap.objects.get(pk=swap.pk).trashed_at is not None


@pytest.mark.parametrize("name", ["trash_many", "put_back", "erase"])
def test_a_stranger_reaches_nothing(
    alice: User, charlie: User, as_: As, done_swap_of: Make, name: str
) -> None:
    kept, trashed = done_swap_of(alice), done_swap_of(alice)
    trashed.trash()
    before = list(Swap.objects.order_by("pk").values())
    as_(charlie).post(reverse(name), ids(kept, trashed))
    assert list(Swap.objects.order_by("pk").values()) == before


def test_a_viewer_deletes_nothing(alice: User, viewer: User, as_: As, done_swap_of: Make) -> None:
    swap = done_swap_of(alice)
    as_(viewer).post(reverse("trash_many"), ids(swap))
    assert Swap.objects.get(pk=swap.pk).trashed_at is None


def test_what_is_in_the_trash_is_nowhere_else(
    alice: User, bob: User, as_: As, done_swap_of: Make
) -> None:
    swap = done_swap_of(alice)
    swap.trash()
    swap.refresh_from_db()
    assert as_(alice).get(reverse("swap", args=[swap.pk])).status_code == 404
    picture = reverse("photo", args=[swap.result_id, "320"])
    assert as_(alice).get(picture).status_code == 200
    assert as_(bob).get(picture).status_code == 404


def test_a_swap_in_work_that_is_deleted_is_cancelled(alice: User, as_: As, swap_of: Make) -> None:
    swap = swap_of(alice)
    as_(alice).post(reverse("trash_many"), ids(swap))
    assert Swap.objects.get(pk=swap.pk).status == Status.CANCELED


def test_deleting_for_good_takes_the_pictures_and_leaves_the_row(
    alice: User,
    as_: As,
    done_swap_of: Make,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = done_swap_of(alice)
    swap.trash()
    with django_capture_on_commit_callbacks(execute=True):
        as_(alice).post(reverse("erase"), ids(swap))
    swap.refresh_from_db()
    assert swap.deleted_at is not None
    assert not Photo.objects.exists()


def test_what_is_not_in_the_trash_cannot_be_deleted_for_good(
    alice: User, as_: As, done_swap_of: Make
) -> None:
    swap = done_swap_of(alice)
    as_(alice).post(reverse("erase"), ids(swap))
    assert Swap.objects.get(pk=swap.pk).deleted_at is None


def test_the_trash_shows_what_can_be_put_back(
    alice: User, bob: User, as_: As, done_swap_of: Make
) -> None:
    done_swap_of(alice, title="Hers").trash()
    done_swap_of(bob, title="His").trash()
    page = as_(alice).get(reverse("trash")).content.decode()
    assert "Hers" in page
    assert "His" not in page


def zip_of(browser: Client, *swaps: Swap) -> ZipFile:
    answer = browser.post(reverse("download"), ids(*swaps))
    return ZipFile(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_a_download_has_the_pictures_and_their_records(
    alice: User, as_: As, done_swap_of: Make
) -> None:
    swap = done_swap_of(alice, title="Sea at dawn")
    archive = zip_of(as_(alice), swap)
    assert archive.testzip() is None
    (record,) = json.loads(archive.read("swaps.json"))
    assert (record["task_id"], record["title"], record["maker"]) == (
        str(swap.pk), "Sea at dawn", "alice",
    )  # fmt: skip
    for role in ("source", "target", "result"):
        photo = getattr(swap, role)
        with default_storage.open(f"{photo.key}/full.jpg") as stored:
            assert archive.read(record["files"][role]) == stored.read()
    assert Event.objects.filter(what=What.DOWNLOADED, swap=swap, actor=alice).exists()


def test_two_swaps_of_one_title_have_folders_of_their_own(
    alice: User, as_: As, done_swap_of: Make
) -> None:
    names = zip_of(as_(alice), *(done_swap_of(alice, title="Same") for _ in range(3))).namelist()
    assert len(names) == len(set(names)) == 3 * 3 + 1


def test_a_picture_that_is_gone_does_not_break_the_download(
    alice: User, as_: As, done_swap_of: Make
) -> None:
    swap = done_swap_of(alice)
    assert swap.source is not None
    default_storage.delete(f"{swap.source.key}/full.jpg")
    archive = zip_of(as_(alice), swap)
    (record,) = json.loads(archive.read("swaps.json"))
    assert record["missing"] == ["source"]


def test_a_strangers_swap_is_not_in_the_download(
    alice: User, charlie: User, as_: As, done_swap_of: Make
) -> None:
    theirs, his = done_swap_of(alice), done_swap_of(charlie)
    (record,) = json.loads(zip_of(as_(charlie), theirs, his).read("swaps.json"))
    assert record["task_id"] == str(his.pk)


def test_nothing_chosen_is_said(alice: User, as_: As) -> None:
    page = as_(alice).post(reverse("download"), follow=True).content.decode()
    assert "None of these swaps is there any more." in page


def test_the_way_back_never_leads_elsewhere(alice: User, as_: As) -> None:
    for there in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        answer = as_(alice).post(reverse("put_back"), {"next": there})
        assert answer.headers["Location"] == "/"
    answer = as_(alice).post(reverse("put_back"), {"next": "/?q=sea"})
    assert answer.headers["Location"] == "/?q=sea"


def test_favourites_are_ones_own(alice: User, bob: User, as_: As, done_swap_of: Make) -> None:
    swap, _other = done_swap_of(alice, title="Dear"), done_swap_of(alice, title="Other")
    as_(alice).post(reverse("favourite", args=[swap.pk]), {"wanted": "on"})
    titles = {one.title for one in as_(alice).get("/?favourite=on").context["swaps"]}
    assert titles == {"Dear"}
    assert not as_(bob).get("/?favourite=on").context["swaps"]
