"""The life of a swap: every arrow that there is, every arrow that must not be, and any order of events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from swaps.models import Photo, Status, Swap, Team
from swaps.models.status import SETTLED

Event = Callable[[Swap], bool]


def result_of(swap: Swap) -> Photo:
    return Photo.objects.create(
        team=swap.team, kind="result", key=f"k/{timezone.now().timestamp()}", sha256="0",
        format="jpg", width=1, height=1, bytes=1, colour="#000000",
    )  # fmt: skip


EVENTS: dict[str, Event] = {
    "claim": lambda swap: swap.claim(seconds=10),
    "take_up": lambda swap: swap.take_up(seconds=10),
    "restart": lambda swap: swap.restart(),
    "collect": lambda swap: swap.collect(seconds=10, message="Wait."),
    "collected": lambda swap: swap.collected(source=result_of(swap), target=result_of(swap)),
    "put_off": lambda swap: swap.put_off(until=timezone.now()),
    "accepted": lambda swap: swap.accepted(poll_at=timezone.now()),
    "release": lambda swap: swap.release(),
    "record_outcome": lambda swap: swap.record_outcome(),
    "succeed": lambda swap: swap.succeed(result=result_of(swap)),
    "fail": lambda swap: swap.fail(code="no_face", message="No face."),
    "cancel": lambda swap: swap.cancel(),
    "retry": lambda swap: swap.retry(),
}
Q, R, F, S, X, C = (
    Status.QUEUED, Status.RUNNING, Status.FETCHING, Status.SUCCEEDED, Status.FAILED, Status.CANCELED,
)  # fmt: skip
ARROWS = {
    ("claim", Q): R,
    ("take_up", R): R,
    ("restart", F): R,
    ("collect", Q): Q,
    ("collected", Q): Q,
    ("put_off", F): F,
    ("accepted", R): R,
    ("release", R): Q,
    ("release", F): Q,
    ("record_outcome", Q): F,
    ("record_outcome", R): F,
    ("succeed", F): S,
    ("fail", Q): X,
    ("fail", R): X,
    ("fail", F): X,
    ("cancel", Q): C,
    ("cancel", R): C,
    ("cancel", F): C,
    ("retry", X): Q,
    ("retry", C): Q,
}


def swap_in(status: Status, **fields: Any) -> Swap:
    return Swap.objects.create(team=Team.default(), provider="local", status=status, **fields)


@pytest.mark.django_db
@pytest.mark.parametrize(("event", "before"), ARROWS)
def test_an_arrow_leads_where_it_should(event: str, before: Status) -> None:
    swap = swap_in(before)
    assert EVENTS[event](swap)
    swap.refresh_from_db()
    assert swap.status == ARROWS[event, before]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "before"),
    [(event, status) for event in EVENTS for status in Status if (event, status) not in ARROWS],
)
def test_where_there_is_no_arrow_nothing_moves(event: str, before: Status) -> None:
    swap = swap_in(before)
    assert not EVENTS[event](swap)
    swap.refresh_from_db()
    assert swap.status == before


@pytest.mark.django_db
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("status", Status)
def test_a_deleted_swap_moves_no_more(event: str, status: Status) -> None:
    swap = swap_in(status)
    assert swap.discard()
    after = Swap.objects.get(pk=swap.pk).status
    assert not EVENTS[event](swap)
    assert Swap.objects.get(pk=swap.pk).status == after


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_deleting_ends_what_was_in_flight_and_leaves_what_had_ended(status: Status) -> None:
    swap = swap_in(status)
    assert swap.discard()
    swap.refresh_from_db()
    assert swap.status == (status if status in SETTLED else C)


@pytest.mark.django_db
def test_a_swap_is_deleted_once() -> None:
    swap = swap_in(S)
    assert swap.discard()
    assert not swap.discard()


@pytest.mark.django_db
def test_of_two_workers_one_claims() -> None:
    swap = swap_in(Q)
    one, other = Swap.objects.get(pk=swap.pk), Swap.objects.get(pk=swap.pk)
    assert [one.claim(seconds=10), other.claim(seconds=10)] == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [R, F])
def test_a_lease_that_ran_out_can_be_taken_over(status: Status) -> None:
    past = timezone.now() - timedelta(seconds=1)
    swap = swap_in(status, lease=uuid4(), lease_until=past)
    assert swap.claim(seconds=10)
    assert swap.status == status


@pytest.mark.django_db
@pytest.mark.parametrize("status", [R, F])
def test_what_was_put_off_is_taken_up_when_its_time_has_come(status: Status) -> None:
    swap = swap_in(status, poll_at=timezone.now() + timedelta(seconds=1))
    assert not swap.claim(seconds=10)
    Swap.objects.update(poll_at=timezone.now())
    assert swap.claim(seconds=10)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [R, F])
def test_a_live_lease_cannot_be_taken_over(status: Status) -> None:
    soon = timezone.now() + timedelta(seconds=5)
    swap = swap_in(status, lease=uuid4(), lease_until=soon)
    assert not swap.claim(seconds=10)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "event", ["accepted", "put_off", "restart", "release", "record_outcome", "fail"]
)
def test_who_lost_the_lease_writes_nothing(event: str) -> None:
    slow = swap_in(Q)
    assert slow.claim(seconds=10)
    Swap.objects.filter(pk=slow.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = Swap.objects.get(pk=slow.pk)
    assert quick.claim(seconds=10)
    assert not EVENTS[event](slow)


@pytest.mark.django_db
def test_a_lost_lease_cannot_be_renewed() -> None:
    slow = swap_in(Q)
    slow.claim(seconds=10)
    Swap.objects.filter(pk=slow.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    Swap.objects.get(pk=slow.pk).claim(seconds=10)
    assert not slow.renew(seconds=10)


@pytest.mark.django_db
def test_a_late_success_rescues_what_failed_by_timeout() -> None:
    swap = swap_in(X, error_code="timeout", error_message="Too late.")
    assert swap.record_outcome()
    assert swap.succeed(result=result_of(swap))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code, swap.error_message) == (S, "", "")


@pytest.mark.django_db
def test_a_retry_forgets_the_failure() -> None:
    swap = swap_in(X, error_code="no_face", error_message="No face.", error_picture="target")
    assert swap.retry()
    swap.refresh_from_db()
    assert (swap.error_code, swap.error_message, swap.error_picture) == ("", "", "")


class AnyOrderOfEvents(TestCase):
    """Two people and two workers at once, each with her own idea of how the swap stands."""

    @settings(max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*EVENTS, "discard", "lease runs out"]),
                st.integers(min_value=0, max_value=1),
            ),
            max_size=25,
        )
    )
    def test_ends_in_one_legal_state(self, events: list[tuple[str, int]]) -> None:
        swap = swap_in(Q)
        hands = [Swap.objects.get(pk=swap.pk) for _ in range(2)]
        for name, hand in events:
            before = Swap.objects.get(pk=swap.pk)
            if name == "lease runs out":
                past = timezone.now() - timedelta(seconds=1)
                Swap.objects.filter(pk=swap.pk).update(lease_until=past)
                continue
            event = EVENTS.get(name, Swap.discard)
            won = event(hands[hand])
            after = Swap.objects.get(pk=swap.pk)
            if not won:
                assert after.status == before.status
            elif name != "discard":
                taken_over = name == "claim" and before.status in (R, F)
                assert ARROWS.get((name, Status(before.status))) == after.status or taken_over
        end = Swap.objects.get(pk=swap.pk)
        assert (end.status == S) == (end.result_id is not None) or end.deleted_at
        assert end.status not in SETTLED or end.lease is None
