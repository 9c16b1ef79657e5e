"""Pictures that were given as links: fetched through the guarded door before anything else, or a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from swaps import asking, caps, pictures, results, storage, submission, tasks
from swaps.images import MAX_BYTES
from swaps.models import SITE, Event, Photo, Status, Swap, User, What
from swaps.models.swap_queries import COLLECTED_A_PERSON
from swaps.outages import StorageAway
from swaps.providers.base import Done, Job
from tests.http.peers import Peer, ok, peer, redirect
from tests.samples import picture_bytes

pytestmark = pytest.mark.django_db
NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
FACE, PHOTO = picture_bytes(colour="#906040"), picture_bytes(colour="#224466")


class Engine:
    """A provider that makes the Photo its result."""

    def submit(self, job: Job) -> Done:
        assert job.source.read()
        return Done(job.target.read(), timings={})


class Elsewhere:
    """Another site: what lies at which path, byte by byte as it is told."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {"/face": ok(FACE), "/photo": ok(PHOTO)}
        self.drips: set[str] = set()
        self.before: dict[str, Callable[[], object]] = {}
        self.peer: Peer

    def answer(self, connection: socket.socket, head: bytes) -> None:
        path = head.split()[1].decode()
        self.before.get(path, lambda: None)()
        answer = self.answers.get(path, NOTHING)
        if path in self.drips:
            self.peer.drip(connection, answer)
        else:
            connection.sendall(answer)

    def asked(self, path: str) -> int:
        return sum(head.startswith(f"GET {path} ".encode()) for head in self.peer.heads)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Elsewhere]:
    """The one private peer that links may lead to."""
    monkeypatch.setattr(asking, "provider", lambda name: Engine())
    there = Elsewhere()
    with peer(there.answer) as there.peer:
        settings.LINKS_ALLOW = [there.peer.address]
        results.links_door.cache_clear()
        yield there
    results.links_door.cache_clear()


Linked = Callable[..., Swap]


@pytest.fixture
def linked(alice: User, elsewhere: Elsewhere) -> Linked:
    """A swap of somebody's whose pictures were given as links."""

    def make(*, face: str | Photo = "", photo: str | Photo = "", maker: User | None = None) -> Swap:
        source = face or elsewhere.peer.url("/face")
        target = photo or elsewhere.peer.url("/photo")
        return submission.request_swap(maker=maker or alice, source=source, target=target, by=SITE)

    return make


def work_off(swap: Swap) -> Swap:
    """Every step that there is to do, one after the other, as if a worker's threads were one."""
    while (step := tasks.claim_next()) is not None:
        tasks.follow(step, tasks.perform(step))
    swap.refresh_from_db()
    return swap


def error_of(swap: Swap) -> tuple[str, str, str]:
    return swap.status, swap.error_code, swap.error_picture


# --- The way that it should go ----------------------------------------------------------------------


def test_two_links_become_two_pictures_and_a_result(linked: Linked) -> None:
    swap = work_off(linked())
    assert swap.status == Status.SUCCEEDED
    assert swap.source is not None
    assert swap.target is not None
    assert swap.source != swap.target


def test_while_they_are_fetched_the_swap_waits_and_says_why(linked: Linked) -> None:
    swap = linked()
    step = tasks.claim_next()
    assert step is not None
    swap.refresh_from_db()
    assert (swap.status, swap.error_message) == (Status.QUEUED, results.COLLECTING)
    assert swap.place_in_line() is None
    tasks.perform(step)
    swap.refresh_from_db()
    assert (swap.status, swap.error_message, swap.lease) == (Status.QUEUED, "", None)
    assert swap.place_in_line() == 1


def test_one_of_the_two_may_be_here_already(
    linked: Linked, alice: User, upload_of: Callable[..., Photo], elsewhere: Elsewhere
) -> None:
    face = upload_of(alice, colour="#335577")
    swap = work_off(linked(face=face))
    assert (swap.status, swap.source) == (Status.SUCCEEDED, face)
    assert elsewhere.asked("/face") == 0


def test_what_is_fetched_is_kept_like_an_upload_without_its_metadata(
    linked: Linked, alice: User, elsewhere: Elsewhere
) -> None:
    tagged = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (60, 40), "#884422").save(tagged, "JPEG", exif=exif)
    elsewhere.answers["/face"] = ok(tagged.getvalue(), Content_Type="text/plain")
    swap = work_off(linked())
    assert swap.source is not None
    with storage.open_picture(swap.source.key, pictures.full_name(swap.source)) as handle:
        kept = handle.read()
    assert b"taken at home" in tagged.getvalue()
    assert b"taken at home" not in kept
    assert swap.source in Photo.objects.recent_of(alice)
    uploaded = Event.objects.filter(what=What.UPLOADED, photo=swap.source.pk)
    assert [event.via for event in uploaded] == ["link"]


def test_the_same_picture_by_link_and_by_file_is_stored_once(
    linked: Linked, alice: User, upload_of: Callable[..., Photo]
) -> None:
    mine = upload_of(alice, colour="#906040")
    assert work_off(linked()).source == mine


def test_a_redirect_is_followed(linked: Linked, elsewhere: Elsewhere) -> None:
    elsewhere.answers["/moved"] = redirect(elsewhere.peer.url("/photo"))
    assert work_off(linked(photo=elsewhere.peer.url("/moved"))).status == Status.SUCCEEDED


# --- Links that bring nothing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (NOTHING, "fetch_failed", "Its address answered with status 404. Check the link"),
        (ok(b"<!doctype html><p>A page"), "unreadable_image", "not a picture"),
        (ok(b""), "unreadable_image", "empty"),
        (b"no HTTP at all\r\n\r\n", "fetch_failed", "Check the link"),
        (ok(b"x" * (MAX_BYTES + 1)), "image_too_large", "more than 25 MB"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", "image_too_large", "25 MB"),
    ],
    ids=["404", "a page", "nothing", "not the web", "too large", "announced too large"],
)
def test_a_link_that_brings_no_picture_settles_the_swap(
    linked: Linked, elsewhere: Elsewhere, answer: bytes, code: str, said: str
) -> None:
    elsewhere.answers["/photo"] = answer
    swap = work_off(linked())
    assert error_of(swap) == (Status.FAILED, code, "target")
    assert swap.error_message.startswith("The Photo could not be fetched from its link. ")
    assert said in swap.error_message
    assert swap.finished_at is not None
    assert not swap.attempts.exists()


def test_a_link_to_a_web_page_is_told_apart(linked: Linked, elsewhere: Elsewhere) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: 22\r\n\r\n"
    )
    elsewhere.answers["/photo"] = head + b"\n<!doctype html><title>"
    swap = work_off(linked())
    assert error_of(swap) == (Status.FAILED, "unreadable_image", "target")
    assert "The link leads to a web page, not to a picture." in swap.error_message


def test_a_picture_that_its_server_calls_a_web_page_is_taken(
    linked: Linked, elsewhere: Elsewhere
) -> None:
    picture = picture_bytes((60, 40))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(picture)}\r\n\r\n"
    elsewhere.answers["/photo"] = head.encode() + picture
    assert work_off(linked()).status == Status.SUCCEEDED


def test_nobody_there_is_said(linked: Linked, settings: Settings) -> None:
    with peer(b"") as gone:
        address, link = gone.address, gone.url("/face")
    settings.LINKS_ALLOW = [address]
    results.links_door.cache_clear()
    swap = work_off(linked(face=link))
    assert error_of(swap) == (Status.FAILED, "fetch_failed", "source")
    assert swap.error_message.startswith("The Face could not be fetched from its link. ")


def test_who_drips_is_cut_off(
    linked: Linked, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FETCH_SECONDS", 0.4)
    elsewhere.drips.add("/face")
    swap = work_off(linked())
    assert error_of(swap) == (Status.FAILED, "fetch_failed", "source")
    assert "took longer than 0.4 seconds" in swap.error_message


@pytest.fixture
def inside(settings: Settings) -> Iterator[Peer]:
    """A private peer that this site may call for its provider's sake."""
    with peer(ok(FACE)) as private:
        settings.OUTBOUND_ALLOW = [private.address]
        results.door.cache_clear()
        yield private
    results.door.cache_clear()


def test_a_private_address_is_never_called_be_it_open_to_the_provider(
    linked: Linked, inside: Peer
) -> None:
    swap = work_off(linked(face=inside.url("/face")))
    assert error_of(swap) == (Status.FAILED, "fetch_failed", "source")
    assert swap.error_message == (
        "The Face could not be fetched from its link. 127.0.0.1 is a private address, which is not "
        "called from here. Check the link, or choose the picture as a file."
    )
    assert inside.connections == 0


def test_a_redirect_into_the_private_network_is_not_followed_and_its_end_not_named(
    linked: Linked, elsewhere: Elsewhere, inside: Peer
) -> None:
    elsewhere.answers["/photo"] = redirect(f"http://localhost:{inside.port}/secret")
    swap = work_off(linked())
    assert error_of(swap) == (Status.FAILED, "fetch_failed", "target")
    assert swap.error_message == (
        "The Photo could not be fetched from its link. 127.0.0.1 redirects to a private address, which "
        "is not called from here. Check the link, or choose the picture as a file."
    )
    assert inside.connections == 0


def test_a_sentence_never_holds_more_of_the_link_than_its_host(
    linked: Linked, elsewhere: Elsewhere
) -> None:
    swap = work_off(linked(photo=elsewhere.peer.url("/missing?token=s3cret")))
    assert "s3cret" not in swap.error_message
    assert "/missing" not in swap.error_message


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (StorageAway("no answer"), "storage_unavailable"),
        (OSError(28, "No space left on device"), "storage_full"),
    ],
)
def test_where_a_picture_cannot_be_stored_that_is_said(
    linked: Linked, monkeypatch: pytest.MonkeyPatch, fault: OSError, code: str
) -> None:
    def away(*_: object) -> None:
        raise fault

    monkeypatch.setattr(storage, "put", away)
    swap = work_off(linked())
    assert error_of(swap) == (Status.FAILED, code, "source")
    assert "could not be stored" in swap.error_message


# --- Second thoughts ------------------------------------------------------------------------------------


def test_what_one_link_brought_stays_where_the_other_failed(
    linked: Linked, elsewhere: Elsewhere
) -> None:
    elsewhere.answers["/photo"] = NOTHING
    swap = work_off(linked())
    assert swap.source is not None
    assert swap.target is None


def test_trying_again_fetches_what_is_missing(linked: Linked, elsewhere: Elsewhere) -> None:
    elsewhere.answers["/photo"] = NOTHING
    swap = work_off(linked())
    elsewhere.answers["/photo"] = ok(PHOTO)
    assert submission.retry_swap(swap, by=SITE)
    assert work_off(swap).status == Status.SUCCEEDED
    assert (elsewhere.asked("/face"), elsewhere.asked("/photo")) == (1, 2)


def test_what_was_cancelled_meanwhile_stays_cancelled(linked: Linked) -> None:
    swap = linked()
    step = tasks.claim_next()
    assert step is not None
    assert submission.cancel_swap(swap, by=SITE)
    assert tasks.perform(step) is None
    swap.refresh_from_db()
    assert (swap.status, swap.source, swap.target) == (Status.CANCELED, None, None)


def test_both_links_are_fetched_at_the_same_time(linked: Linked, elsewhere: Elsewhere) -> None:
    meet = threading.Barrier(2)
    for path in ("/face", "/photo"):
        elsewhere.before[path] = partial(meet.wait, 20)
    assert work_off(linked()).status == Status.SUCCEEDED


def test_what_came_for_nobody_goes_as_any_unused_upload(linked: Linked) -> None:
    swap = linked()
    step = tasks.claim_next()
    submission.cancel_swap(swap, by=SITE)
    assert step is not None
    tasks.perform(step)
    assert Photo.objects.unused().count() == 1
    assert Photo.objects.forgotten(hours=-1).count() == 1


def test_in_the_trash_it_is_not_fetched_and_deleted_for_good_its_links_go_too(
    linked: Linked, elsewhere: Elsewhere
) -> None:
    swap = linked()
    assert submission.trash_swap(swap, by=SITE)
    assert tasks.claim_next() is None
    assert submission.put_back_swap(swap, by=SITE)
    assert submission.delete_swap(swap, by=SITE)
    swap.refresh_from_db()
    assert (swap.source_url, swap.target_url, swap.has_pictures) == ("", "", False)
    assert elsewhere.peer.connections == 0


def test_deleting_it_removes_what_was_fetched(linked: Linked, elsewhere: Elsewhere) -> None:
    elsewhere.answers["/photo"] = NOTHING
    swap = work_off(linked())
    submission.delete_swap(swap, by=SITE)
    assert not Photo.objects.exists()


def test_a_picture_that_goes_while_it_is_stored_is_no_crash(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = pictures.keep_upload

    def kept_and_lost(*given: object, **more: object) -> Photo:
        photo = keep(*given, **more)  # type: ignore[arg-type]
        Photo.objects.filter(pk=photo.pk).delete()
        return photo

    monkeypatch.setattr(pictures, "keep_upload", kept_and_lost)
    assert error_of(work_off(linked())) == (Status.FAILED, "fetch_failed", "source")


def test_what_a_dead_worker_was_fetching_is_fetched_by_another(linked: Linked) -> None:
    swap = linked()
    assert tasks.claim_next() is not None
    assert tasks.claim_next() is None
    past = timezone.now() - timedelta(seconds=1)
    Swap.objects.filter(pk=swap.pk).update(lease_until=past)
    assert work_off(swap).status == Status.SUCCEEDED


# --- How many at once, and whose ------------------------------------------------------------------------


def test_fetching_never_holds_up_a_worker(linked: Linked) -> None:
    linked()
    step = tasks.claim_next()
    assert step is not None
    assert step.is_slow


def test_who_gives_many_links_leaves_room_for_others(linked: Linked, bob: User) -> None:
    for _ in range(COLLECTED_A_PERSON + 2):
        linked()
    his = linked(maker=bob)
    claimed = []
    while (step := tasks.claim_next()) is not None:
        claimed.append(step.swap.maker)
    assert claimed.count(his.maker) == 1
    assert len(claimed) == COLLECTED_A_PERSON + 1


def test_no_more_are_fetched_at_once_than_may_be(
    linked: Linked, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "COLLECTED_AT_ONCE", 1)
    first, second = linked(), linked(maker=bob)
    step = tasks.claim_next()
    assert step is not None
    assert step.swap == first
    assert tasks.claim_next() is None
    woken: list[object] = []
    monkeypatch.setattr(tasks, "wake", lambda pk, at=None: woken.append(pk))
    tasks.follow(step, tasks.perform(step))
    # For the one that was waiting, and for the next step of its own.
    assert woken == [second.pk, first.pk]


def test_a_swap_by_link_counts_as_any_other(
    linked: Linked, alice: User, settings: Settings
) -> None:
    settings.SWAPS_A_DAY = 1
    linked()
    with pytest.raises(caps.CapReached):
        linked()
    assert Swap.objects.filter(maker=alice).count() == 1
