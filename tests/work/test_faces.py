"""Finding the faces of what was uploaded: before all swaps, once a file, and never waited for in vain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_ox.models import OxTask
from django_ox.testing import run_tasks
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from swaps import asking, faces, pictures, results, storage, submission, tasks
from swaps.face_choice import FoundFace, face_at
from swaps.models import SITE, By, Photo, Status, Swap, User
from swaps.outages import StorageAway
from swaps.pictures import read_full
from swaps.providers.base import Done, Mode
from tests.faces.people import THREE
from tests.portraits import astronaut, other_person

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PhotoOf = Callable[..., Photo]


class Eyes:
    """Instead of the engine: sees what it is told to, and counts."""

    def __init__(self) -> None:
        self.looks = 0
        self.see: Callable[[], list[FoundFace]] = lambda: THREE

    def look_at(self, data: bytes) -> list[FoundFace]:
        assert data
        self.looks += 1
        return self.see()


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Eyes:
    eyes = Eyes()
    monkeypatch.setattr(faces, "look_at", eyes.look_at)
    return eyes


def two_people() -> Image.Image:
    """Two faces side by side, at about (164, 120) and (516, 120)."""
    pair = np.hstack([np.asarray(astronaut()), np.asarray(other_person())])
    return Image.fromarray(pair)


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[User, Image.Image], Photo]:
    """A picture, kept in the way of the site."""

    def keep(user: User, image: Image.Image) -> Photo:
        file = tmp_path / "given.png"
        image.save(file)
        return pictures.keep_upload(file, team=user.team, by=By(user))

    return keep


def upload(browser: Client, image: Image.Image) -> Photo:
    data = BytesIO()
    image.save(data, "PNG")
    file = ContentFile(data.getvalue(), name="picture.png")
    return Photo.objects.get(pk=browser.post("/photos/", {"file": file}).json()["id"])


def again(photo: Photo) -> Photo:
    return Photo.objects.get(pk=photo.pk)


# --- When ------------------------------------------------------------------------------------------


def test_the_faces_of_an_upload_are_found_from_left_to_right(
    alice: User, as_: As, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        photo = upload(as_(alice), two_people())
    run_tasks()
    found = again(photo).faces
    assert found is not None
    assert [face_at(point, found) for point in ((164, 120), (516, 120))] == [0, 1]
    assert all(80 < face["size"] < 180 and abs(face["yaw"]) < 20 for face in found)


def test_a_face_is_looked_for_before_the_swaps_that_wait_already(
    alice: User, photo_of: PhotoOf, swap_of: Callable[..., Swap], eyes: Eyes
) -> None:
    tasks.wake(swap_of(alice).pk)
    tasks.find_faces.enqueue(str(photo_of(alice).pk))
    (first,) = run_tasks(max_tasks=1)
    assert first.task.name == "find_faces"


def test_the_same_file_uploaded_again_is_not_looked_at_again(
    alice: User,
    as_: As,
    eyes: Eyes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            upload(as_(alice), astronaut())
        run_tasks()
    assert eyes.looks == 1


def test_a_picture_that_came_by_a_link_is_looked_at(
    alice: User, photo_of: PhotoOf, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = photo_of(alice)
    swap = submission.request_swap(
        maker=alice, source="https://elsewhere.example/a.jpg", target=photo, by=SITE
    )

    def collect(swap: Swap) -> None:
        swap.collected(source=photo_of(alice))

    monkeypatch.setattr(results, "collect", collect)
    step = tasks.claim_next()
    assert step is not None
    tasks.perform(step)
    run_tasks()
    swap.refresh_from_db()
    assert swap.source is not None
    assert swap.source.faces == THREE


def test_what_came_by_a_link_waits_for_the_swaps_as_nobody_sees_it_yet(
    alice: User, photo_of: PhotoOf, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    submission.request_swap(
        maker=alice, source="https://elsewhere.example/a.jpg", target=photo_of(alice), by=SITE
    )
    monkeypatch.setattr(
        results, "collect", lambda swap: swap.collected(source=photo_of(alice)) and None
    )
    step = tasks.claim_next()
    assert step is not None
    tasks.perform(step)
    tasks.sweep.func()
    tasks.wake(swap_of(alice).pk)
    (first,) = run_tasks(max_tasks=1)
    assert first.task.name == "work"


def test_a_lost_message_is_made_up_for_by_the_sweep(
    alice: User, photo_of: PhotoOf, eyes: Eyes
) -> None:
    photo = photo_of(alice)
    submission.look_for_faces(photo)
    assert not OxTask.objects.exists()
    tasks.sweep.func()
    run_tasks()
    assert again(photo).faces == THREE


def test_old_pictures_are_not_searched_by_themselves(
    alice: User, photo_of: PhotoOf, eyes: Eyes
) -> None:
    photo_of(alice).ask_for_faces()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        tasks.sweep.func()
        run_tasks()
    assert eyes.looks == 0


def test_an_old_picture_is_looked_at_when_the_page_asks(
    alice: User,
    as_: As,
    photo_of: PhotoOf,
    eyes: Eyes,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo = photo_of(alice)
    address = reverse("faces", args=[photo.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert as_(alice).get(address).json() == {"state": "looking"}
    run_tasks()
    assert as_(alice).get(address).json()["state"] == "found"


# --- Who -------------------------------------------------------------------------------------------


def test_of_two_messages_one_looks(alice: User, photo_of: PhotoOf, eyes: Eyes) -> None:
    photo = photo_of(alice)

    def see() -> list[FoundFace]:
        tasks.find_faces.func(str(photo.pk))
        return THREE

    eyes.see = see
    tasks.find_faces.func(str(photo.pk))
    tasks.find_faces.func(str(photo.pk))
    assert eyes.looks == 1


def test_a_picture_that_is_deleted_meanwhile_is_no_fault(
    alice: User, photo_of: PhotoOf, eyes: Eyes, caplog: pytest.LogCaptureFixture
) -> None:
    photo = photo_of(alice)

    def see() -> list[FoundFace]:
        Photo.objects.filter(pk=photo.pk).delete()
        return THREE

    eyes.see = see
    tasks.find_faces.func(str(photo.pk))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


# --- What goes wrong -------------------------------------------------------------------------------


def test_a_crash_is_logged_and_ends_the_waiting(
    alice: User, photo_of: PhotoOf, eyes: Eyes, caplog: pytest.LogCaptureFixture
) -> None:
    photo = photo_of(alice)

    def see() -> list[FoundFace]:
        raise RuntimeError("fell over")

    eyes.see = see
    tasks.find_faces.func(str(photo.pk))
    assert again(photo).is_looked_at
    assert "fell over" in caplog.text


def test_a_stored_picture_that_cannot_be_opened_ends_the_waiting(
    alice: User, photo_of: PhotoOf
) -> None:
    photo = photo_of(alice)
    name = storage.name_of(photo.key, pictures.full_name(photo))
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"no picture"))
    tasks.find_faces.func(str(photo.pk))
    assert (again(photo).faces, again(photo).is_looked_at) == (None, True)


def test_without_the_engines_model_nobody_waits(
    alice: User, photo_of: PhotoOf, settings: Settings, tmp_path: Path
) -> None:
    settings.FACE_LANDMARKER_MODEL = str(tmp_path / "missing.task")
    photo = photo_of(alice)
    tasks.find_faces.func(str(photo.pk))
    assert again(photo).is_looked_at


def test_a_storage_that_is_away_is_waited_for(
    alice: User, photo_of: PhotoOf, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = photo_of(alice)
    submission.look_for_faces(photo)

    def away(photo: Photo) -> bytes:
        raise StorageAway("no answer")

    with monkeypatch.context() as while_away:
        while_away.setattr(pictures, "read_full", away)
        for _ in range(5):
            tasks.find_faces.func(str(photo.pk))
    assert not again(photo).is_looked_at
    tasks.sweep.func()
    run_tasks()
    assert again(photo).faces == THREE


# --- What is chosen --------------------------------------------------------------------------------


def test_a_swap_replaces_the_face_that_was_chosen_and_no_other(
    alice: User, kept: Callable[[User, Image.Image], Photo]
) -> None:
    source, target = kept(alice, astronaut()), kept(alice, two_people())
    faces.find(target)
    swap = submission.request_swap(
        maker=alice, source=source, target=again(target), target_faces="516,120", by=SITE
    )
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert swap.status == Status.SUCCEEDED, swap.error_message
    assert swap.result is not None
    before, after = (pixels(photo) for photo in (target, swap.result))
    # The result is a JPEG, so a little of everything differs.
    changed = np.abs(before.astype(int) - after).max(axis=2) > 24
    assert changed[:, 340:].any()
    assert not changed[:, :340].any()


def test_a_swap_tells_how_many_of_the_chosen_faces_stayed_as_they_were(
    alice: User, kept: Callable[[User, Image.Image], Photo]
) -> None:
    photo = Image.new("RGB", (500, 512), "#848c96")
    photo.paste(astronaut(), (0, 0))
    photo.paste(other_person().resize((120, 180)), (360, 20))
    swap = submission.request_swap(
        maker=alice,
        source=kept(alice, astronaut()),
        target=kept(alice, photo),
        target_faces="all",
        by=SITE,
    )
    tasks.work.func(str(swap.pk))
    assert swap.attempts.get().left_out == 1


def test_the_face_that_is_taken_is_the_one_that_was_chosen(
    alice: User, kept: Callable[[User, Image.Image], Photo]
) -> None:
    pair, target = kept(alice, two_people()), kept(alice, astronaut())
    made = []
    for chosen in ("164,120", "516,120"):
        swap = submission.request_swap(
            maker=alice, source=pair, target=target, source_face=chosen, by=SITE
        )
        job = asking.job_of(swap, asking.begin(swap), Mode.SYNC)
        outcome = asking.provider("local").submit(job)
        assert isinstance(outcome, Done)
        made.append(outcome.result)
    assert made[0] != made[1]


def pixels(photo: Photo) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(BytesIO(read_full(photo))) as image:
        return np.asarray(image.convert("RGB"))
