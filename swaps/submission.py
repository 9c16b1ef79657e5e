"""The use cases: what a person or a program may want of a swap. Pages, API and shell all call these.

Each calls one event of models/swap.py and, only where that event won, does what follows from it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from swaps import callbacks, caps, contract, crops, face_choice, hosted_faces, pictures, tasks
from swaps.models import (
    ApiRequest,
    Attempt,
    By,
    Callback,
    Event,
    Favourite,
    Photo,
    ProviderState,
    Swap,
    Team,
    User,
    What,
)
from swaps.providers import HOSTED

logger = logging.getLogger(__name__)


class PictureGone(Exception):
    """A picture that was to be used has been removed; str() is a sentence for people."""


def request_swap(
    *, maker: User, source: Photo | str, target: Photo | str, by: By, title: str = "",
    source_face: str = "", target_faces: str = "", form_key: UUID | None = None, team: Team | None = None,
) -> Swap:  # fmt: skip
    """A new swap in the line of *maker*'s team, or of another one of hers. Whoever calls has asked for consent.

    A picture may be given by its link: fetching it is the first step of the work. A form that comes a
    second time, which its *form_key* tells, gets the swap that it made the first time. Which faces are meant
    is said as in face_choice.py.

    Raises PictureGone where one of the pictures was removed in the meantime, face_choice.Unfit where the faces
    make no sense, and caps.CapReached.
    """
    wish = _wish(source=source, target=target) | {
        "title": title,
        "source_face": fitting_choice(source_face, "source", source),
        "target_faces": fitting_choice(target_faces, "target", target),
    }
    with transaction.atomic():
        # The second of two clicks waits here for the first.
        User.objects.select_for_update(no_key=True).get(pk=maker.pk)
        _lock(source, target)
        made = Swap.objects.filter(maker=maker, form_key=form_key).first() if form_key else None
        if made is not None:
            if made.is_same_wish(**wish):
                return made
            # Back from there, with something changed: another wish from the same form.
            form_key = None
        caps.check(maker)
        swap = Swap.objects.create(
            team=team or maker.team, maker=maker, **wish, form_key=form_key,
            provider=settings.FACESWAP_PROVIDER, consent_at=timezone.now(),
        )  # fmt: skip
        Event.record(What.REQUESTED, by=by, swap=swap)
        logger.info("step=request task_id=%s provider=%s", swap.pk, swap.provider)
        _wake_workers(swap)
    return swap


def fitting_choice(text: str, role: str, given: Photo | str) -> str:
    """The choice of a picture's faces as it is kept. Raises face_choice.Unfit."""
    if isinstance(given, str):
        return face_choice.fitting(text, role=role, size=None, faces=None)
    size = (given.width, given.height)
    fitting = face_choice.fitting(text, role=role, size=size, faces=given.faces)
    if settings.FACESWAP_PROVIDER in HOSTED:
        hosted_faces.check(fitting, given.faces, role=role)
    return fitting


def _wish(**pictures: Photo | str) -> dict[str, Any]:
    """The fields of a swap for pictures that are here, and for links to pictures."""
    fields: dict[str, Any] = {}
    for role, given in pictures.items():
        # What was given as a link may be here meanwhile: it is the link that says what was wanted.
        is_link = isinstance(given, str)
        fields |= {f"{role}_url": given} if is_link else {role: given, f"{role}_url": ""}
    return fields


def _lock(*given: Photo | str) -> None:
    """Until a swap refers to them, so that nothing that tidies up can take them away."""
    wanted = {photo.pk for photo in given if isinstance(photo, Photo)}
    if len(Photo.objects.select_for_update().filter(pk__in=wanted)) != len(wanted):
        raise PictureGone("A picture is not stored any more. Choose it again.")


def retry_swap(swap: Swap, *, by: By) -> bool:
    """Once more, with the same pictures: True where it went back into the line.

    Raises caps.CapReached where as many of its maker's swaps are in work as may be.
    """
    if not swap.has_pictures:
        return False
    with transaction.atomic():
        if swap.maker is not None:
            caps.check(swap.maker, again=True)
        won = swap.retry()
        if won:
            Event.record(What.RETRIED, by=by, swap=swap)
            ApiRequest.expect_outcome(swap)
            _wake_workers(swap)
    return won


def look_for_faces(photo: Photo) -> bool:
    """Have a worker look for a picture's faces, unless they are known: True where it was woken for that."""
    asked = photo.faces is None and photo.ask_for_faces()
    if asked:
        # A message that cannot be left is no loss: the sweep finds the row.
        transaction.on_commit(lambda: tasks.find_faces.enqueue(str(photo.pk)), robust=True)
    return asked


def note_outcome(attempt: Attempt, answer: dict[str, Any]) -> None:
    """A callback came for *attempt*. It is kept, and a worker acts on it; one that makes no sense is noise."""
    said = contract.parse_answer(answer)
    if not isinstance(said, contract.Success | contract.Failure):
        return note_noise(attempt)
    if attempt.task_id and said.task_id and said.task_id != attempt.task_id:
        logger.warning("step=callback task_id=%s error=other-task", attempt.swap_id)
        return note_noise(attempt)
    with transaction.atomic():
        if attempt.hear(contract.as_answer(said), is_success=isinstance(said, contract.Success)):
            logger.info("step=callback task_id=%s trace_id=%s", attempt.swap_id, attempt.trace_id)
            _wake_workers(attempt.swap)
    return None


def note_noise(attempt: Attempt) -> None:
    """Somebody called back, but said nothing that can be understood: the provider is asked now."""
    if attempt.swap.hurry():
        _wake_workers(attempt.swap)


def cancel_swap(swap: Swap, *, by: By) -> bool:
    """Stop a swap that has not ended. What a worker still makes of it is dropped."""
    return _recorded(swap.cancel, What.CANCELED, swap, by)


def rename_swap(swap: Swap, title: str, *, by: By) -> None:
    """Give it another title; what does not fit is cut off."""
    swap.title = title.replace("\0", "").strip()[: Swap.TITLE_LENGTH]
    with transaction.atomic():
        swap.save(update_fields=["title"])
        Event.record(What.RENAMED, by=by, swap=swap, title=swap.title)


def mark_favourite(swap: Swap, user: User, *, wanted: bool, by: By) -> None:
    """Make it one of *user*'s favourites, or take it out of them."""
    with transaction.atomic():
        if wanted:
            _, changed = Favourite.objects.get_or_create(user=user, swap=swap)
        else:
            changed = bool(Favourite.objects.filter(user=user, swap=swap).delete()[0])
        if changed:
            Event.record(What.MARKED if wanted else What.UNMARKED, by=by, swap=swap)


def trash_swap(swap: Swap, *, by: By) -> bool:
    """Take the swap out of every page. It can be put back until it is deleted for good."""
    return _recorded(swap.trash, What.TRASHED, swap, by)


def put_back_swap(swap: Swap, *, by: By) -> bool:
    """Take the swap out of the trash again."""
    return _recorded(swap.put_back, What.PUT_BACK, swap, by)


def delete_swap(swap: Swap, *, by: By) -> bool:
    """Delete it for good, with those of its pictures that no other swap needs. The row stays, hidden."""
    photos = [photo for photo in (swap.source, swap.target, swap.result) if photo is not None]
    with transaction.atomic():
        won = _recorded(swap.discard, What.DELETED, swap, by)
        if won:
            Favourite.objects.filter(swap=swap).delete()
            pictures.let_go(photos, user=swap.maker, by=by)
            crops.remove(swap)
            _let_go_of_program(swap)
    return won


def _let_go_of_program(swap: Swap) -> None:
    """Whoever asked for a swap that was in flight is told that it is no more, and its addresses are forgotten."""
    if ApiRequest.of(swap) is None:
        return
    if callbacks.note(swap.pk):
        transaction.on_commit(callbacks.start, robust=True)
    ApiRequest.let_go(swap)
    Callback.let_go(swap)


def close_picture(swap: Swap, *, by: By) -> bool:
    """The address of its result that programs were told opens nothing any more: True where it could until now."""
    asked = ApiRequest.of(swap)
    if asked is None:
        return False
    with transaction.atomic():
        won = asked.revoke_picture()
        if won:
            Event.record(What.PICTURE_CLOSED, by=by, swap=swap)
    return won


def call_back_again(swap: Swap, *, by: By) -> bool:
    """Send the swap's last callback once more: False where there is none, or it is being sent just now."""
    with transaction.atomic():
        won = callbacks.again(swap)
        if won:
            Event.record(What.CALLBACK_AGAIN, by=by, swap=swap)
            transaction.on_commit(callbacks.start, robust=True)
    return won


def resume_provider(name: str, *, by: By) -> bool:
    """What made the provider pause is mended: the swaps that wait for it go on. True where it was paused."""
    with transaction.atomic():
        won = ProviderState.resume(name)
        if won:
            Event.record(What.PROVIDER_RESUMED, by=by, provider=name)
            transaction.on_commit(tasks.sweep.enqueue, robust=True)
    return won


def choose_roles(name: str, roles: str, *, by: By) -> bool:
    """Send the pictures in these roles from now on: `normal` or `inverted`. True where that is new."""
    with transaction.atomic():
        won = ProviderState.choose_roles(name, roles)
        if won:
            Event.record(What.ROLES_CHOSEN, by=by, provider=name, roles=roles)
    return won


def _recorded(event: Callable[[], bool], what: What, swap: Swap, by: By) -> bool:
    """Let the event happen and, where it was the one, record it in the same transaction."""
    with transaction.atomic():
        won = event()
        if won:
            Event.record(what, by=by, swap=swap)
            # It may have been in flight until now.
            transaction.on_commit(lambda: callbacks.tell(swap.pk), robust=True)
    return won


def _wake_workers(swap: Swap) -> None:
    # A message that cannot be left is no loss: the sweep finds the row.
    transaction.on_commit(lambda: tasks.wake(swap.pk), robust=True)
