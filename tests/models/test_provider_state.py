"""What is known of a provider: until when it is held up, and whether it can be polled."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from swaps.models import ProviderState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seconds", [(900, 30), (30, 900)])
def test_of_two_holds_the_longer_one_counts(seconds: tuple[int, int]) -> None:
    now = timezone.now()
    for each in seconds:
        ProviderState.hold("acedata", until=now + timedelta(seconds=each))
    assert ProviderState.of("acedata").held_until == now + timedelta(seconds=900)


def test_a_provider_that_is_resumed_is_not_held_up_either() -> None:
    ProviderState.hold("acedata", until=timezone.now() + timedelta(seconds=900))
    ProviderState.pause("acedata", code="used_up", message="It is spent.")
    ProviderState.resume("acedata")
    assert ProviderState.of("acedata").may_be_asked(most=0)


def test_a_doubtful_no_does_not_count_where_polling_has_worked() -> None:
    ProviderState.found_tasks("acedata")
    ProviderState.found_no_tasks("acedata", certain=False)
    assert ProviderState.of("acedata").has_tasks


def test_a_certain_no_counts_where_polling_has_worked() -> None:
    ProviderState.found_tasks("acedata")
    ProviderState.found_no_tasks("acedata", certain=True)
    assert not ProviderState.of("acedata").may_have_tasks


@pytest.mark.parametrize("certain", [True, False])
def test_a_no_is_believed_for_a_day(certain: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    ProviderState.found_no_tasks("acedata", certain=certain)
    for hours, may in ((23, False), (25, True)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            assert ProviderState.of("acedata").may_have_tasks is may


def test_that_polling_works_needs_no_second_word() -> None:
    ProviderState.found_tasks("acedata")
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert ProviderState.of("acedata").may_have_tasks
