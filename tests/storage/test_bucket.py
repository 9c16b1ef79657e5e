"""Pictures in a bucket: kept there, handed out by signed addresses, and gone when nobody needs them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from swaps import backup, health, moving, pictures, storage, submission, tasks, tidying
from swaps.models import By, Photo, Status, Swap, User
from tests.samples import picture_bytes
from tests.seaweed import Seaweed
from tests.storage.conftest import Bucket, use

pytestmark = [pytest.mark.django_db, pytest.mark.s3]
As = Callable[[User | None], Client]
MINUTE = 60


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=10)


@pytest.fixture
def address(bucket: Bucket, alice: User, photo_of: Callable[..., Photo]) -> str:
    """Where an outsider gets a picture."""
    return storage.outside_url(photo_of(alice).key, "full.jpg", seconds=MINUTE)


def test_an_upload_is_kept_in_the_bucket_with_its_previews(
    bucket: Bucket, alice: User, as_: As
) -> None:
    file = SimpleUploadedFile("me.jpg", picture_bytes())
    assert as_(alice).post("/photos/", {"file": file}).status_code == 201
    key = Photo.objects.get().key
    assert bucket.names() == {f"{key}/{name}" for name in ("full.jpg", "320.webp", "1280.webp")}


def test_what_is_kept_says_its_type_and_how_long_it_stays(
    bucket: Bucket, alice: User, as_: As
) -> None:
    as_(alice).post("/photos/", {"file": SimpleUploadedFile("me.jpg", picture_bytes())})
    name = f"{Photo.objects.get().key}/full.jpg"
    found = bucket.client.head_object(Bucket=bucket.name, Key=name)
    assert found["ContentType"] == "image/jpeg"
    assert found["CacheControl"] == "private, max-age=31536000, immutable"


# --- Addresses -------------------------------------------------------------------------------------


def test_a_browser_is_led_to_the_bucket(
    bucket: Bucket, alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    answer = as_(alice).get(f"/photos/{photo_of(alice).pk}/320")
    assert answer.status_code == 302
    there = get(answer["Location"])
    assert (there.status_code, there.headers["Content-Type"]) == (200, "image/webp")
    assert answer["Location"].startswith(bucket.server.public_url)


def test_a_browser_keeps_the_way_for_half_of_its_time(
    bucket: Bucket, alice: User, as_: As, photo_of: Callable[..., Photo], settings: Settings
) -> None:
    settings.S3_URL_EXPIRES = 600
    answer = as_(alice).get(f"/photos/{photo_of(alice).pk}/320")
    assert answer["Cache-Control"] == "private, max-age=300"


def test_a_download_has_its_name(
    bucket: Bucket, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice, title="Ada at sea")
    answer = as_(alice).get(f"/swaps/{swap.pk}/result?download")
    said = get(answer["Location"]).headers["Content-Disposition"]
    assert said == f'attachment; filename="ada-at-sea-{str(swap.pk)[-6:]}.jpg"'


def test_a_stranger_is_led_nowhere(
    bucket: Bucket, alice: User, charlie: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    assert as_(charlie).get(f"/photos/{photo_of(alice).pk}/320").status_code == 404


def test_an_outsider_gets_the_picture_by_its_address(address: str) -> None:
    assert get(address).status_code == 200


def test_a_script_of_another_site_may_show_the_picture_and_not_read_it(address: str) -> None:
    answer = requests.get(address, headers={"Origin": "https://elsewhere.example"}, timeout=30)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_its_signature_nobody_does(address: str) -> None:
    assert get(address.partition("?")[0]).status_code == 403


def test_with_a_wrong_signature_nobody_does(address: str) -> None:
    last = "0" if address[-1] != "0" else "1"
    assert get(address[:-1] + last).status_code == 403


def test_the_signature_for_one_picture_is_none_for_another(
    address: str, alice: User, photo_of: Callable[..., Photo]
) -> None:
    path, _, signature = address.partition("?")
    other = path.rpartition("/pictures/")[0] + f"/{photo_of(alice).key}/full.jpg"
    assert get(f"{other}?{signature}").status_code == 403


def test_at_another_host_the_signature_is_no_good(address: str, bucket: Bucket) -> None:
    elsewhere = address.replace(bucket.server.public_url, bucket.server.url)
    assert get(elsewhere).status_code == 403


def test_after_its_time_the_address_is_no_good(
    bucket: Bucket, alice: User, photo_of: Callable[..., Photo]
) -> None:
    key = photo_of(alice).key
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        address = storage.outside_url(key, "full.jpg", seconds=MINUTE)
    assert get(address).status_code == 403


def test_a_public_bucket_needs_no_signature(
    seaweed: Seaweed, settings: Settings, monkeypatch: pytest.MonkeyPatch, alice: User,
    photo_of: Callable[..., Photo],
) -> None:  # fmt: skip
    bucket = Bucket(seaweed)
    bucket.server.open_to_all(bucket.name)
    use(bucket, settings, monkeypatch, is_public=True)
    address = storage.outside_url(photo_of(alice).key, "full.jpg", seconds=MINUTE)
    assert "?" not in address
    assert get(address).status_code == 200


# --- Away and gone ---------------------------------------------------------------------------------


def test_a_deleted_swap_takes_its_pictures_from_the_bucket(
    bucket: Bucket,
    alice: User,
    done_swap_of: Callable[..., Swap],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = done_swap_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        submission.delete_swap(swap, by=By(alice))
    assert bucket.names() == set()


def test_orphans_go_after_a_day_and_nothing_else_does(
    bucket: Bucket, alice: User, photo_of: Callable[..., Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = photo_of(alice).key
    lost = storage.new_key()
    for name in (f"{lost}/full.jpg", f"{lost}/320.webp", "pictures/readme.txt", "other/thing.jpg"):
        default_storage.save(name, ContentFile(b"left"))
    assert tidying.remove_orphans() == 0
    # The server's clock cannot be turned.
    monkeypatch.setattr(tidying, "ORPHAN_AGE", timedelta(minutes=-1))
    assert tidying.remove_orphans() == 2
    ours = {f"{kept}/{name}" for name in ("full.jpg", "320.webp", "1280.webp")}
    assert bucket.names() == ours | {"pictures/readme.txt", "other/thing.jpg"}


# --- When the server does not answer ---------------------------------------------------------------


@pytest.fixture
def away(bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there any more; the site does not try for long."""
    options = settings.STORAGES["default"]["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {
        **settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}
    }  # fmt: skip


def test_an_upload_says_that_the_storage_does_not_answer(away: None, alice: User, as_: As) -> None:
    file = SimpleUploadedFile("me.jpg", picture_bytes())
    answer = as_(alice).post("/photos/", {"file": file})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "storage_unavailable"


def test_no_row_is_left_of_an_upload_that_was_not_stored(away: None, alice: User, as_: As) -> None:
    as_(alice).post("/photos/", {"file": SimpleUploadedFile("me.jpg", picture_bytes())})
    assert not Photo.objects.exists()


def test_a_swap_waits_until_it_answers(
    bucket: Bucket, alice: User, swap_of: Callable[..., Swap], request: pytest.FixtureRequest
) -> None:
    swap = swap_of(alice)
    request.getfixturevalue("away")
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code) == (Status.QUEUED, "storage_unavailable")
    assert swap.error_message.endswith("It goes on by itself once it does.")


def test_health_says_so(away: None) -> None:
    found = health.report()
    assert found["status"] == "failing"
    assert "Pictures cannot be stored" in str(found["storage"])


def test_a_wrong_key_is_no_crash(bucket: Bucket, settings: Settings) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"secret_key": "wrong"}
    settings.STORAGES = {
        **settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}
    }  # fmt: skip
    assert "SignatureDoesNotMatch" in str(health.report()["storage"])


# --- Moving and backing up -------------------------------------------------------------------------


@pytest.fixture
def in_folder(alice: User, photo_of: Callable[..., Photo], settings: Settings) -> list[Photo]:
    """Pictures of a site that has no bucket yet."""
    settings.LOCAL_PICTURES = settings.STORAGES["default"]
    return [photo_of(alice) for _ in range(3)]


def move(*arguments: str) -> str:
    out = io.StringIO()
    call_command("move_to_s3", *arguments, stdout=out)
    return out.getvalue()


def test_everything_moves_and_can_be_read(in_folder: list[Photo], bucket: Bucket) -> None:
    assert move() == "Copied 9 files; 0 were there already.\n"
    assert all(pictures.read_full(photo) for photo in in_folder)


def test_moving_goes_on_where_it_was_stopped(in_folder: list[Photo], bucket: Bucket) -> None:
    for moved in moving.move():
        if moved.total == 4:
            break
    assert move() == "Copied 5 files; 4 were there already.\n"


def test_what_was_cut_off_is_copied_anew(in_folder: list[Photo], bucket: Bucket) -> None:
    default_storage.save(f"{in_folder[0].key}/full.jpg", ContentFile(b"half"))
    assert move() == "Copied 9 files; 0 were there already.\n"


def test_the_folder_is_cleared_only_of_what_is_in_the_bucket(
    in_folder: list[Photo], bucket: Bucket, settings: Settings
) -> None:
    folder = Path(settings.LOCAL_PICTURES["OPTIONS"]["location"])
    assert move("--clear").endswith("Removed 9 files from DATA_DIR.\n")
    assert not [file for file in folder.rglob("*") if file.is_file()]
    assert move() == "Copied 0 files; 9 were there already.\n"


def test_a_picture_that_is_nowhere_is_said(in_folder: list[Photo], bucket: Bucket) -> None:
    folder = Path(moving._folder().path(in_folder[0].key))
    (folder / "full.jpg").unlink()
    with pytest.raises(CommandError, match="1 files are neither"):
        move()


def test_without_a_bucket_nothing_moves(settings: Settings) -> None:
    with pytest.raises(CommandError, match="Set S3_BUCKET"):
        move()


@pytest.mark.sqlite
def test_a_backup_holds_what_is_in_the_bucket(
    bucket: Bucket, alice: User, photo_of: Callable[..., Photo], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    photo = photo_of(alice)
    referred = [f"{photo.key}/{variant}" for variant in storage.variants("jpg")]
    monkeypatch.setattr(backup, "_take_snapshot", lambda path: path.write_bytes(b"rows"))
    monkeypatch.setattr(backup, "_referred_to", lambda path: referred)
    assert backup.write(tmp_path / "site.tar") == 1
