"""A picture by link: the form that takes it, and the pages of a swap that has no picture yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from swaps import results
from swaps.models import Photo, Status, Swap, User
from tests.http.peers import ok, peer
from tests.samples import picture_bytes

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
FACE, PHOTO = "https://example.org/face.jpg", "https://pictures.example.net/photo.jpg?size=large"
LINKS = {"source_url": FACE, "target_url": PHOTO, "consent": "on"}


@pytest.fixture(autouse=True)
def own_door() -> Iterator[None]:
    results.links_door.cache_clear()
    yield
    results.links_door.cache_clear()


def send(client: Client, **form: object) -> tuple[int, str]:
    answer = client.post("/new/", {**LINKS, **form})
    return answer.status_code, unescape(answer.content.decode())


def field(page: str, role: str) -> str:
    found = re.search(rf'<picture-field[^>]*data-role="{role}".*?</picture-field>', page, re.DOTALL)
    assert found
    return found[0]


def written(page: str, role: str) -> str:
    found = re.search(rf'name="{role}_url"[^>]* value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def linked(user: User, **fields: object) -> Swap:
    """A swap that waits for both of its pictures."""
    links = {"source_url": FACE, "target_url": PHOTO}
    return Swap.objects.create(team=user.team, maker=user, provider="local", **{**links, **fields})


# --- The form -------------------------------------------------------------------------------------------


def test_two_links_make_a_swap_that_is_still_to_be_fetched(alice: User, as_: As) -> None:
    answer = as_(alice).post("/new/", {**LINKS, "title": "By link"})
    swap = Swap.objects.get()
    assert answer.headers["Location"] == f"/swaps/{swap.pk}/"
    assert (swap.source_url, swap.target_url, swap.title) == (FACE, PHOTO, "By link")
    assert (swap.source, swap.target, swap.status) == (None, None, Status.QUEUED)


def test_the_form_calls_nobody(alice: User, as_: As, settings: Settings) -> None:
    with peer(ok(picture_bytes())) as there:
        settings.LINKS_ALLOW = [there.address]
        results.links_door.cache_clear()
        assert send(as_(alice), source_url=there.url("/face.jpg"))[0] == 302
    assert there.connections == 0


def test_a_link_goes_with_a_file_and_with_a_picture_that_is_here(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    upload = SimpleUploadedFile("face.jpg", picture_bytes())
    photo = photo_of(alice)
    send(as_(alice), source=upload, source_url="")
    send(as_(alice), source_photo=photo.pk, source_url="")
    first, second = Swap.objects.order_by("pk")
    assert (first.source is not None, first.target_url) == (True, PHOTO)
    assert (second.source, second.target_url) == (photo, PHOTO)


def test_a_file_goes_before_a_link_and_a_link_before_an_id(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    here = photo_of(alice)
    upload = SimpleUploadedFile("face.jpg", picture_bytes(colour="#112233"))
    send(as_(alice), source=upload, target_photo=here.pk)
    swap = Swap.objects.get()
    assert swap.source not in (None, here)
    assert (swap.source_url, swap.target, swap.target_url) == ("", None, PHOTO)


def test_spaces_around_a_link_are_nothing(alice: User, as_: As) -> None:
    send(as_(alice), source_url=f"  {FACE} ")
    assert Swap.objects.get().source_url == FACE


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("ftp://example.org/face.jpg", "it must begin with http:// or https:// and name a host."),
        ("file:///etc/passwd", "it must begin with http:// or https:// and name a host."),
        ("example.org/face.jpg", "it must begin with http:// or https:// and name a host."),
        ("https:///face.jpg", "it must begin with http:// or https:// and name a host."),
        ("javascript:alert(1)", "it must begin with http:// or https:// and name a host."),
        ("https://ada:secret@example.org/", "holds a user name or password: leave them out."),
        ("http://127.0.0.1/face.jpg", "127.0.0.1 is a private address"),
        ("http://localhost:8000/face.jpg", "localhost is at a private address"),
        ("http://2130706433/", "is a private address"),
        ("http://[::1]/face.jpg", "is a private address"),
        ("http://169.254.169.254/latest/meta-data/", "is a private address"),
        ("http://10.0.0.8:9000/", "not called from here. Choose the picture as a file instead."),
    ],
)
def test_what_could_never_be_fetched_is_refused_at_once(
    alice: User, as_: As, link: str, said: str
) -> None:
    status, page = send(as_(alice), source_url=link)
    assert status == 400
    assert "The Face cannot be fetched from this link. " in field(page, "source")
    assert said in field(page, "source")
    assert not Swap.objects.exists()


def test_a_private_peer_that_the_settings_name_for_links_may_be_called(
    alice: User, as_: As, settings: Settings
) -> None:
    settings.LINKS_ALLOW = ["10.0.0.8:9000"]
    assert send(as_(alice), source_url="http://10.0.0.8:9000/face.jpg")[0] == 302
    assert send(as_(alice), source_url="http://10.0.0.8/face.jpg")[0] == 400


def test_one_that_is_named_for_the_provider_may_not(
    alice: User, as_: As, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOW = ["10.0.0.8:9000"]
    assert send(as_(alice), source_url="http://10.0.0.8:9000/face.jpg")[0] == 400


def test_a_link_may_be_two_thousand_characters_long(alice: User, as_: As) -> None:
    longest = FACE + "?" + "x" * (Swap.LINK_LENGTH - len(FACE) - 1)
    status, page = send(as_(alice), target_url=longest + "x")
    assert status == 400
    assert (
        "The link to the Photo is 2,001 characters long; the limit is 2,000. "
        "Choose the picture as a file instead."
    ) in field(page, "target")
    assert send(as_(alice), target_url=longest)[0] == 302


def test_a_failed_form_keeps_what_was_written(alice: User, as_: As) -> None:
    status, page = send(as_(alice), target_url="http://10.0.0.8/photo.jpg", title="Kept")
    assert status == 400
    assert written(page, "source") == FACE
    assert 'data-state="ready"' in field(page, "source")
    assert "Will be fetched from example.org" in field(page, "source")
    assert written(page, "target") == "http://10.0.0.8/photo.jpg"
    assert 'data-state="problem"' in field(page, "target")
    assert 'aria-invalid="true"' in field(page, "target")
    assert 'value="Kept"' in page


def test_links_need_consent_as_files_do(alice: User, as_: As) -> None:
    status, page = send(as_(alice), consent="")
    assert (status, Swap.objects.count()) == (400, 0)
    assert "Please confirm" in page
    assert (written(page, "source"), written(page, "target")) == (FACE, PHOTO)


def test_a_link_that_was_written_beside_a_file_is_not_sent_again_in_its_place(
    alice: User, as_: As
) -> None:
    upload = SimpleUploadedFile("face.jpg", picture_bytes())
    page = send(as_(alice), source=upload, consent="")[1]
    assert written(page, "source") == ""
    assert f'name="source_photo" value="{Photo.objects.get().pk}"' in page


def test_a_form_with_links_that_is_sent_twice_makes_one_swap(alice: User, as_: As) -> None:
    form = {**LINKS, "form_key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    first, second = (as_(alice).post("/new/", form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Swap.objects.count() == 1
    as_(alice).post("/new/", {**form, "source_url": PHOTO})
    assert Swap.objects.count() == 2


def test_a_swap_by_link_counts_for_the_limits(alice: User, as_: As, settings: Settings) -> None:
    settings.SWAPS_AT_ONCE = 1
    assert send(as_(alice))[0] == 302
    status, page = send(as_(alice))
    assert (status, Swap.objects.count()) == (429, 1)
    assert written(page, "source") == FACE


def test_the_address_fills_in_links(alice: User, as_: As) -> None:
    page = as_(alice).get("/new/", {"source_url": FACE, "target_url": PHOTO}).content.decode()
    assert (written(page, "source"), written(page, "target")) == (FACE, PHOTO)
    assert "Will be fetched from pictures.example.net" in page


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://10.0.0.8/", "x" * 9000, "https://[", "\0"]
)
def test_the_address_fills_in_nothing_that_could_not_be_fetched(
    alice: User, as_: As, link: str
) -> None:
    answer = as_(alice).get("/new/", {"source_url": link})
    assert answer.status_code == 200
    assert written(answer.content.decode(), "source") == ""


def test_a_picture_in_the_address_goes_before_a_link(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    page = as_(alice).get("/new/", {"source": str(photo.pk), "source_url": FACE}).content.decode()
    assert written(page, "source") == ""


def test_a_form_that_went_out_of_date_keeps_its_links(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/new/", LINKS).content.decode()
    assert "source_url=https%3A%2F%2Fexample.org%2Fface.jpg" in page


# --- A swap without its pictures ------------------------------------------------------------------------


def test_before_anybody_fetches_the_page_says_that_it_will_be_done(alice: User, as_: As) -> None:
    page = as_(alice).get(f"/swaps/{linked(alice).pk}/").content.decode()
    assert "The pictures will be fetched from their links." in page
    assert "<img" not in page


def test_while_they_are_fetched_the_page_says_so(alice: User, as_: As) -> None:
    swap = linked(alice)
    assert swap.collect(seconds=10, message=results.COLLECTING)
    page = as_(alice).get(f"/swaps/{swap.pk}/").content.decode()
    assert "The pictures are being fetched from their links." in page
    answer = as_(alice).get(f"/swaps/{swap.pk}.json").json()
    assert (answer["status"], answer["error"], answer["image_url"]) == ("queued", None, None)


def test_the_photo_is_shown_as_soon_as_it_is_here(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    swap = linked(alice)
    assert swap.collect(seconds=10, message=results.COLLECTING)
    assert swap.collected(target=photo_of(alice))
    words = as_(alice).get(f"/swaps/{swap.pk}/stage").content.decode()
    answer = as_(alice).get(f"/swaps/{swap.pk}/stage?without=photo")
    assert "<img" not in words
    assert answer.headers["HX-Retarget"] == "#stage"
    assert f"/photos/{swap.target_id}/1280" in answer.content.decode()


@pytest.fixture
def failed(alice: User, photo_of: Callable[..., Photo]) -> Swap:
    """A swap whose Face was fetched, and whose Photo could not be."""
    swap = linked(alice)
    assert swap.collect(seconds=10, message=results.COLLECTING)
    assert swap.collected(source=photo_of(alice))
    said = "The Photo could not be fetched from its link."
    assert swap.fail(code="fetch_failed", message=said, picture="target")
    return swap


def test_what_failed_says_why_and_offers_the_way_on(alice: User, as_: As, failed: Swap) -> None:
    page = as_(alice).get(f"/swaps/{failed.pk}/").content.decode()
    assert "The Photo could not be fetched from its link." in page
    assert "Photo not fetched" in page
    assert "Try again" in page
    assert f"/new/?source={failed.source_id}" in page
    # To keep the Photo whose link has failed makes no sense.
    assert "Another Face" not in page


def test_what_failed_is_an_error_for_programs(alice: User, as_: As, failed: Swap) -> None:
    error = as_(alice).get(f"/swaps/{failed.pk}.json").json()["error"]
    assert (error["code"], error["picture"]) == ("fetch_failed", "target")


def test_a_picture_that_was_never_fetched_is_used_again_by_its_link(alice: User, as_: As) -> None:
    swap = linked(alice)
    swap.fail(code="fetch_failed", message="The Face could not be fetched.", picture="source")
    page = unescape(as_(alice).get(f"/swaps/{swap.pk}/").content.decode())
    found = re.search(r'href="(/new/\?target_url=[^"]+)"', page)
    assert found
    assert written(as_(alice).get(found[1]).content.decode(), "target") == PHOTO
    assert "Another Photo" not in page


def test_a_link_is_shown_to_those_alone_whose_swap_it_is(alice: User, bob: User, as_: As) -> None:
    swap = linked(alice)
    swap.fail(code="fetch_failed", message="The Face could not be fetched.", picture="source")
    page = as_(bob).get(f"/swaps/{swap.pk}/").content.decode()
    assert "pictures.example.net" not in page


def test_trying_again_puts_it_back_in_front_of_the_fetching(
    alice: User, as_: As, failed: Swap
) -> None:
    as_(alice).post(f"/swaps/{failed.pk}/retry")
    assert failed in Swap.objects.uncollected()


def test_the_gallery_the_trash_and_the_zip_do_without_the_pictures(
    alice: User, as_: As, failed: Swap
) -> None:
    waiting = linked(alice, title="Still to come")
    page = as_(alice).get("/").content.decode()
    assert "Still to come" in page
    assert page.count('class="no-picture"') == 1
    live = as_(alice).get(f"/swaps/live?id={waiting.pk}&id={failed.pk}")
    assert live.status_code == 200
    both = {"id": [waiting.pk, failed.pk]}
    archive = as_(alice).post("/swaps/download", both).getvalue()
    names = ZipFile(BytesIO(archive)).namelist()
    assert [name.rpartition("/")[2] for name in names if name.endswith(".jpg")] == ["source.jpg"]
    for swap in (waiting, failed):
        as_(alice).post(f"/swaps/{swap.pk}/delete")
    page = as_(alice).get("/trash/").content.decode()
    assert "Still to come" in page
    assert as_(alice).post("/swaps/erase", {"id": waiting.pk}).status_code == 302


def test_the_admin_reads_what_is_missing_and_where_it_lies(
    alice: User, as_: As, failed: Swap
) -> None:
    root = User.objects.create_superuser("root", password="x")
    listed = as_(root).get("/admin/swaps/swap/").content.decode()
    assert "not fetched" in listed
    page = unescape(as_(root).get(f"/admin/swaps/swap/{failed.pk}/change/").content.decode())
    assert "not fetched" in page
    assert PHOTO in page
    assert "Try again" in page
