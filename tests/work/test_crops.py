"""A chosen face among several goes to the hosted service as a crop, and what comes back goes into its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from swaps import faces, hosted_faces, pictures, settling, storage, submission, tidying
from swaps.face_choice import FoundFace, Unfit
from swaps.models import SITE, Attempt, By, Photo, Status, Swap, User
from swaps.outages import StorageAway
from swaps.providers.base import Job
from tests.faces.people import PICTURE, THREE
from tests.work.service import (
    Door,
    Service,
    attempt_of,
    failure,
    hours_pass,
    state,
    success,
    told,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("service")]
SUCCEEDED = (Status.SUCCEEDED, "")
MIDDLE, RIGHT = "450,180", "750,220"
RED = (230, 20, 20)


def png(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def group(seed: int) -> Image.Image:
    """A picture of three people, as far as its size goes, in which no two places look alike."""
    down, across = np.mgrid[0 : PICTURE[1], 0 : PICTURE[0]]
    noise = np.random.default_rng(seed).integers(0, 6, (PICTURE[1], PICTURE[0]))
    colours = np.stack([across / 5, 60 + down / 4, 160 - across / 9], axis=2) + noise[..., None]
    return Image.fromarray(colours.astype(np.uint8))


@pytest.fixture
def group_of(picture_file: Callable[..., Path]) -> Callable[..., Photo]:
    """A picture of three people that somebody uploaded, and in which they were found."""
    seeds = iter(range(100))

    def make(user: User, *, found: list[FoundFace] | None = THREE) -> Photo:
        file = picture_file(png(group(next(seeds))), name=f"group-{next(seeds)}.png")
        photo = pictures.keep_upload(file, team=user.team, by=By(user))
        Photo.objects.filter(pk=photo.pk).update(faces=found)
        photo.refresh_from_db()
        return photo

    return make


@pytest.fixture
def swap(alice: User, group_of: Callable[..., Photo], photo_of: Callable[..., Photo]) -> Swap:
    """The face in the middle of her Photo is to be replaced."""
    return Swap.objects.create(
        team=alice.team, maker=alice, source=photo_of(alice), target=group_of(alice),
        provider="acedata", target_faces=MIDDLE,
    )  # fmt: skip


@pytest.fixture
def door(door: Door) -> Door:
    """Behind it lies what the service makes of the crop around the face in the middle."""
    door.behind = made_of(THREE[1])
    return door


def box_of(face: FoundFace) -> tuple[int, int, int, int]:
    found = hosted_faces.framed(f"{face['points'][2][0]:g},{face['points'][2][1]:g}", THREE,
                                role="target", size=PICTURE)  # fmt: skip
    assert found is not None
    return found[1].crop


def made_of(face: FoundFace, *, scale: float = 1, image: Image.Image | None = None) -> bytes:
    """What a service makes of the crop around a face: that face is red now."""
    box = box_of(face)
    piece = (image or group(0)).crop(box)
    inside = [round(side - box[axis % 2]) for axis, side in enumerate(face["box"])]
    piece.paste(RED, (inside[0], inside[1], inside[2], inside[3]))
    return png(piece.resize((round(piece.width * scale), round(piece.height * scale))))


def pixels(photo: Photo | None) -> npt.NDArray[np.int16]:
    assert photo is not None
    with Image.open(BytesIO(pictures.read_full(photo))) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


def outside(face: FoundFace) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = box_of(face)
    mask = np.ones((PICTURE[1], PICTURE[0]), bool)
    mask[y0:y1, x0:x1] = False
    return mask


def sent(job: Job, role: str) -> Image.Image:
    """The picture that the service would fetch."""
    token, file = getattr(job, role).url().rsplit("/", 2)[1:]
    with default_storage.open(f"pictures/{token[:2]}/{token}/{file}") as handle:
        return Image.open(BytesIO(handle.read()))


def kept_crops() -> list[str]:
    known = set(Photo.objects.values_list("key", flat=True))
    return [name for name, _ in storage.stored() if name.rpartition("/")[0] not in known]


def is_in_place(swap: Swap, face: FoundFace) -> bool:
    """Whether that face is red in the result, and nothing outside its crop changed."""
    swap.refresh_from_db()
    before, after = pixels(swap.target), pixels(swap.result)
    x, y = map(round, face["points"][2])
    is_red = bool((np.abs(after[y - 10 : y + 10, x - 10 : x + 10] - RED).max()) < 40)
    apart = outside(face)
    return is_red and after.shape == before.shape and bool((before[apart] == after[apart]).all())


# --- What is sent -----------------------------------------------------------------------------------


def test_a_chosen_face_among_several_is_sent_as_a_crop(swap: Swap, service: Service) -> None:
    work()
    x0, y0, x1, y1 = box_of(THREE[1])
    assert sent(service.jobs[0], "target").size == (x1 - x0, y1 - y0)
    assert sent(service.jobs[0], "source").size == (96, 64)


def test_what_the_crop_says_the_service_is_not_told_again(swap: Swap, service: Service) -> None:
    work()
    assert (service.jobs[0].source_face, service.jobs[0].target_faces) == ("", "")


def test_the_face_to_take_is_chosen_the_same_way(
    swap: Swap, service: Service, alice: User, group_of: Callable[..., Photo]
) -> None:
    Swap.objects.update(source=group_of(alice), source_face=RIGHT, target_faces="")
    work()
    x0, y0, x1, y1 = box_of(THREE[2])
    assert sent(service.jobs[0], "source").size == (x1 - x0, y1 - y0)
    assert sent(service.jobs[0], "target").size == PICTURE


@pytest.mark.parametrize("choice", ["", MIDDLE, "all"])
def test_a_picture_of_one_person_is_sent_as_it_is(
    swap: Swap, service: Service, choice: str
) -> None:
    Photo.objects.filter(as_target=swap).update(faces=THREE[1:2])
    Swap.objects.update(target_faces=choice)
    work()
    assert sent(service.jobs[0], "target").size == PICTURE
    assert not kept_crops()


def test_faces_that_nobody_looked_for_are_found_first(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    Photo.objects.filter(as_target=swap).update(faces=None)
    monkeypatch.setattr(faces, "look_at", lambda data: THREE)
    work()
    assert sent(service.jobs[0], "target").size != PICTURE
    assert Photo.objects.get(as_target=swap).faces == THREE


def test_every_attempt_has_a_crop_and_an_address_of_its_own(swap: Swap, service: Service) -> None:
    work()
    told(attempt_of(swap).secret, failure("api_error"))
    work()
    Swap.objects.update(poll_at=None)
    work()
    first, second = (job.target.url() for job in service.jobs)
    assert first.rsplit("/", 2)[1] != second.rsplit("/", 2)[1]


# --- What is refused, before it costs anything ------------------------------------------------------


def test_several_faces_are_refused_when_the_swap_is_asked_for(swap: Swap, alice: User) -> None:
    assert swap.source is not None
    assert swap.target is not None
    for choice in (f"{MIDDLE};{RIGHT}", "all"):
        with pytest.raises(Unfit, match="one face a swap"):
            submission.request_swap(
                maker=alice, source=swap.source, target=swap.target, by=By(alice),
                target_faces=choice,
            )  # fmt: skip


@pytest.mark.parametrize("choice", ["all", f"{MIDDLE};{RIGHT}"])
def test_several_are_refused_before_anything_is_paid(
    swap: Swap, service: Service, choice: str
) -> None:
    Swap.objects.update(target_faces=choice)
    work()
    assert state(swap) == (Status.FAILED, "api_not_implemented")
    assert (swap.error_message, swap.error_picture) == (hosted_faces.SEVERAL, "target")
    assert service.jobs == []


def test_a_point_without_a_face_is_refused(swap: Swap, service: Service) -> None:
    Swap.objects.update(target_faces="10,10")
    work()
    assert state(swap) == (Status.FAILED, "no_face")
    assert service.jobs == []


def test_where_no_faces_can_be_looked_for_no_choice_is_dropped(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(data: bytes) -> list[FoundFace]:
        raise RuntimeError("no model")

    Photo.objects.filter(as_target=swap).update(faces=None)
    monkeypatch.setattr(faces, "look_at", fails)
    work()
    assert state(swap) == (Status.FAILED, "api_error")
    assert "tell the admin" in swap.error_message
    assert service.jobs == []


def test_what_is_cancelled_while_its_crop_is_made_is_not_bought(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    def cancelled_meanwhile(data: bytes) -> list[FoundFace]:
        assert submission.cancel_swap(swap, by=By(alice))
        return THREE

    Photo.objects.filter(as_target=swap).update(faces=None)
    monkeypatch.setattr(faces, "look_at", cancelled_meanwhile)
    work()
    assert (state(swap)[0], service.jobs) == (Status.CANCELED, [])
    assert not Attempt.objects.open().exists()


def test_storage_that_is_away_while_a_crop_is_made_is_waited_for(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str, file: Path) -> None:
        raise StorageAway("no route")

    with monkeypatch.context() as now:
        now.setattr(storage, "put", away)
        work()
    assert state(swap) == (Status.QUEUED, "storage_unavailable")
    Swap.objects.update(poll_at=None)
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)


# --- What comes back --------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 0.6, 1.5], ids=["same size", "smaller", "larger"])
def test_the_answer_is_put_back_into_its_place(swap: Swap, door: Door, scale: float) -> None:
    door.behind = made_of(THREE[1], scale=scale)
    work()
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == SUCCEEDED
    assert is_in_place(swap, THREE[1])


def test_a_result_of_a_cropped_face_is_the_whole_result(
    swap: Swap, door: Door, alice: User, group_of: Callable[..., Photo]
) -> None:
    Swap.objects.update(source=group_of(alice), source_face=RIGHT, target_faces="")
    door.behind = png(group(0))
    work()
    told(attempt_of(swap).secret, success())
    work()
    swap.refresh_from_db()
    assert (pixels(swap.result) == pixels(swap.target)).all()


def test_callbacks_that_come_twice_put_it_back_once(swap: Swap, door: Door) -> None:
    work()
    for _ in range(2):
        told(attempt_of(swap).secret, success())
        work()
    assert (is_in_place(swap, THREE[1]), len(door.fetched)) == (True, 1)
    assert Photo.objects.filter(kind="result").count() == 1


def test_a_worker_that_dies_while_it_puts_back_loses_nothing_and_buys_nothing(
    swap: Swap, door: Door, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*args: Any, **options: Any) -> None:
        raise Killed

    work()
    told(attempt_of(swap).secret, success())
    with monkeypatch.context() as now:
        now.setattr("swaps.images.prepare", killed)
        with pytest.raises(Killed):
            work()
    past = timezone.now() - timedelta(seconds=1)
    Swap.objects.update(lease_until=past)
    work()
    assert state(swap) == SUCCEEDED
    assert is_in_place(swap, THREE[1])
    assert (len(service.jobs), Attempt.objects.count()) == (1, 1)


def test_a_late_answer_still_finds_its_place(swap: Swap, door: Door, settings: Settings) -> None:
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE)
    work()
    assert state(swap) == (Status.FAILED, "timeout")
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == SUCCEEDED
    assert is_in_place(swap, THREE[1])


def test_an_answer_goes_where_its_own_attempts_crop_came_from(swap: Swap, door: Door) -> None:
    """Between two attempts the choice was another one, as after an upgrade that finds faces better."""
    work()
    first = attempt_of(swap)
    told(first.secret, failure("api_error"))
    work()
    Swap.objects.update(poll_at=None, target_faces=RIGHT)
    work()
    told(first.secret, success())
    work()
    assert state(swap) == SUCCEEDED
    assert is_in_place(swap, THREE[1])


def test_an_answer_of_another_shape_ends_in_a_sentence(swap: Swap, door: Door) -> None:
    door.behind = png(Image.new("RGB", (300, 100)))
    work()
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == (Status.FAILED, "result_unavailable")
    assert "cannot be put back into the Photo" in swap.error_message
    assert len(door.fetched) == 1
    assert attempt_of(swap).cost is not None


def test_an_answer_for_a_photo_that_was_deleted_is_let_go(swap: Swap, door: Door) -> None:
    work()
    attempt = attempt_of(swap)
    submission.delete_swap(swap, by=SITE)
    told(attempt.secret, success())
    work()
    assert Photo.objects.filter(kind="result").count() == 0
    assert attempt_of(swap).outcome == "lost"


def test_a_result_that_was_put_back_says_nothing_of_the_roles(swap: Swap, door: Door) -> None:
    work()
    told(attempt_of(swap).secret, success())
    work()
    assert (attempt_of(swap).outcome, attempt_of(swap).shape) == ("succeeded", "")


# --- What stays -------------------------------------------------------------------------------------


def test_a_crop_goes_when_the_result_is_there(
    swap: Swap, door: Door, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    work()
    assert len(kept_crops()) == 1
    told(attempt_of(swap).secret, success())
    with django_capture_on_commit_callbacks(execute=True):
        work()
    assert kept_crops() == []


def test_a_crop_goes_with_its_swap(
    swap: Swap, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    work()
    with django_capture_on_commit_callbacks(execute=True):
        submission.delete_swap(swap, by=SITE)
    assert kept_crops() == []


def test_a_crop_that_came_to_nothing_is_swept_up_after_a_day(swap: Swap) -> None:
    work()
    told(attempt_of(swap).secret, failure("forbidden"))
    work()
    assert tidying.remove_orphans() == 0
    long_ago = (timezone.now() - timedelta(hours=25)).timestamp()
    for name in kept_crops():
        os.utime(default_storage.path(name), (long_ago, long_ago))
    assert tidying.remove_orphans() == 1
    assert kept_crops() == []


def test_crops_are_cut_no_more_often_than_may_be_tried(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What kills every worker that cuts is given up."""
    monkeypatch.setattr(settling, "MAX_ATTEMPTS", 1)
    for _ in range(2):
        Attempt.begin(swap, provider="acedata").close(Attempt.Outcome.LOST)
    work()
    assert state(swap)[0] == Status.FAILED
    assert service.jobs == []
