"""Giving a picture to the site, by the page's script and by the plain form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from swaps import pictures
from swaps.forms import NewSwapForm
from swaps.images import MAX_BYTES
from swaps.models import SITE, Photo, Swap, User
from tests.samples import picture_bytes

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def file(data: bytes | None = None, *, colour: str = "#906040") -> SimpleUploadedFile:
    return SimpleUploadedFile("holiday.jpg", picture_bytes(colour=colour) if data is None else data)


def test_an_upload_is_answered_with_what_the_page_needs(alice: User, as_: As) -> None:
    answer = as_(alice).post("/photos/", {"file": file()})
    photo = Photo.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(photo.pk),
        "width": 96,
        "height": 64,
        "preview_url": f"/photos/{photo.pk}/1280",
    }


def test_an_upload_belongs_to_who_made_it(alice: User, as_: As) -> None:
    as_(alice).post("/photos/", {"file": file()})
    photo = Photo.objects.get()
    assert (photo.owner, photo.team) == (alice, alice.team)


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"words", 400, "not a picture"),
        (b"", 400, "empty"),
        (b"x" * (MAX_BYTES + 1), 413, "the limit is 25 MB"),
    ],
    ids=["no picture", "empty", "too large"],
)
def test_a_bad_upload_gets_a_sentence(
    alice: User, as_: As, data: bytes, status: int, said: str
) -> None:
    answer = as_(alice).post("/photos/", {"file": file(data)})
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]
    assert not Photo.objects.exists()


def test_an_upload_without_a_file_gets_a_sentence(alice: User, as_: As) -> None:
    assert as_(alice).post("/photos/").json()["error"]["code"] == "no_file"


def test_an_upload_after_the_session_ended_says_so(alice: User, as_: As) -> None:
    answer = as_(None).post("/photos/", {"file": file()})
    assert answer.status_code == 404
    assert "Log in again" in answer.json()["error"]["message"]


def test_the_plain_form_makes_a_swap(alice: User, as_: As) -> None:
    form = {"source": file(), "target": file(colour="#224466"), "consent": "on", "title": "Plain"}
    answer = as_(alice).post("/new/", form)
    swap = Swap.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/swaps/{swap.pk}/"
    assert (swap.maker, swap.title, swap.status) == (alice, "Plain", "queued")


def test_uploaded_pictures_make_a_swap_by_their_ids(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    source, target = photo_of(alice), photo_of(alice)
    form = {"source_photo": source.pk, "target_photo": target.pk, "consent": "on"}
    assert as_(alice).post("/new/", form).status_code == 302
    swap = Swap.objects.get()
    assert (swap.source, swap.target) == (source, target)


def test_a_picture_that_was_removed_in_between_is_a_sentence(
    alice: User, as_: As, photo_of: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = photo_of(alice)
    form = {"source_photo": photo.pk, "target_photo": photo.pk, "consent": "on"}
    clean = NewSwapForm.clean

    def remove_after(self: NewSwapForm) -> dict[str, object]:
        cleaned = clean(self)
        pictures.discard([photo], by=SITE)
        return cleaned

    monkeypatch.setattr(NewSwapForm, "clean", remove_after)
    answer = as_(alice).post("/new/", form)
    assert answer.status_code == 400
    assert "A picture is not stored any more. Choose it again." in answer.content.decode()


def test_without_consent_there_is_no_swap_and_nothing_is_lost(alice: User, as_: As) -> None:
    form = {"source": file(), "target": file(colour="#224466"), "title": "Kept words"}
    answer = as_(alice).post("/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert not Swap.objects.exists()
    assert "Please confirm" in page
    assert "Kept words" in page
    assert all(f'value="{photo.pk}"' in page for photo in Photo.objects.all())


def test_one_bad_picture_leaves_the_other(alice: User, as_: As) -> None:
    form = {"source": file(b"words"), "target": file(), "consent": "on"}
    page = as_(alice).post("/new/", form).content.decode()
    assert "not a picture" in page
    assert f'value="{Photo.objects.get().pk}"' in page


def test_a_picture_over_the_limit_says_how_large_it_was_and_leaves_the_other(
    alice: User, as_: As
) -> None:
    form = {"source": file(b"x" * (MAX_BYTES + 3 * 1024 * 1024)), "target": file(), "consent": "on"}
    answer = as_(alice).post("/new/", form)
    assert answer.status_code == 413
    assert "This file is 28 MB; the limit is 25 MB." in answer.content.decode()
    assert Photo.objects.count() == 1


def test_a_missing_picture_is_named_as_people_know_it(alice: User, as_: As) -> None:
    page = as_(alice).post("/new/", {"source": file(), "consent": "on"}).content.decode()
    assert "Choose a picture for the Photo." in page
    assert "Choose a picture for the Face." not in page


def test_the_form_fills_itself_with_the_pictures_that_are_asked_for(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    page = as_(alice).get("/new/", {"target": str(photo.pk)}).content.decode()
    assert f'name="target_photo" value="{photo.pk}"' in page


def test_recent_pictures_are_offered_again(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    page = as_(alice).get("/new/").content.decode()
    radios = re.findall(r'<input type="radio"[^>]* name="source_photo" value="([^"]+)"', page)
    assert radios == [str(photo.pk)]


def test_the_form_says_who_will_see_the_result(alice: User, as_: As) -> None:
    page = as_(alice).get("/new/").content.decode()
    assert "Your team (Everyone) and the admin can see the result" in page


def wish(source: Photo, target: Photo, **more: str) -> dict[str, object]:
    key = "0f8fad5b-d9cb-469f-a165-70867728950e"
    form = {"source_photo": source.pk, "target_photo": target.pk, "consent": "on", "form_key": key}
    return form | more


def test_a_form_that_is_sent_twice_makes_one_swap(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    form = wish(photo_of(alice), photo_of(alice))
    first, second = (as_(alice).post("/new/", form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Swap.objects.count() == 1


def test_the_same_form_with_another_wish_makes_another_swap(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    source, target = photo_of(alice), photo_of(alice)
    for form in (wish(source, target), wish(target, source), wish(source, target, title="Other")):
        as_(alice).post("/new/", form)
    assert Swap.objects.count() == 3


def test_a_swap_that_was_cancelled_does_not_stand_in_for_a_new_one(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    form = wish(photo_of(alice), photo_of(alice))
    as_(alice).post("/new/", form)
    assert Swap.objects.get().cancel()
    as_(alice).post("/new/", form)
    assert Swap.objects.count() == 2


def test_somebody_elses_key_means_nothing(
    alice: User, bob: User, as_: As, upload_of: Callable[..., Photo]
) -> None:
    photos = {user: upload_of(user) for user in (alice, bob)}
    for user, photo in photos.items():
        as_(user).post("/new/", wish(photo, photo))
    assert Swap.objects.count() == 2


def test_the_address_fills_in_the_title(alice: User, as_: As) -> None:
    assert (
        'value="Evening &lt;light"' in as_(alice).get("/new/?title=Evening+<light").content.decode()
    )
