"""A person's role in a team, by her places or in one small query."""

from __future__ import annotations

import pytest

from swaps.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("places", "roles"),
    [
        ({}, {"default": Role.MEMBER, "studio": None}),
        ({"studio": Role.OWNER}, {"default": None, "studio": Role.OWNER}),
        ({"default": Role.VIEWER, "studio": Role.MEMBER}, {"default": Role.VIEWER, "studio": Role.MEMBER}),
    ],
)  # fmt: skip
def test_both_ways_tell_the_same(places: dict[str, Role], roles: dict[str, Role | None]) -> None:
    teams = {"default": Team.default(), "studio": Team.objects.create(slug="studio", name="Studio")}
    person = User.objects.create_user("nora")
    for name, role in places.items():
        Membership.objects.create(user=person, team=teams[name], role=role)
    assert {name: person.role_in(team) for name, team in teams.items()} == roles
    assert {name: Membership.role_of(person.pk, team) for name, team in teams.items()} == roles
