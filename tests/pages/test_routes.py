"""Every address of the site, and what each kind of person is answered there.

A new address without a row here fails the last test.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from swaps.models import ApiToken, Invitation, Membership, Role, Swap, User

pytestmark = [pytest.mark.django_db, pytest.mark.once]
As = Callable[[User | None], Client]

PEOPLE = ("owner", "maker", "member", "viewer", "stranger", "nobody")
# What GET and POST are answered, for each of PEOPLE. POST 403 of nobody or a viewer changes nothing.
GET = {
    "gallery": (200, 200, 200, 200, 200, 302),
    "new": (200, 200, 200, 403, 200, 302),
    "upload": (405, 405, 405, 405, 405, 405),
    "photo": (200, 200, 200, 200, 404, 404),
    "faces": (200, 200, 200, 200, 404, 404),
    "outside": (404, 404, 404, 404, 404, 404),
    "swap": (200, 200, 200, 200, 404, 302),
    "swap_json": (200, 200, 200, 200, 404, 404),
    "stage": (200, 200, 200, 200, 404, 404),
    "live": (200, 200, 200, 200, 200, 404),
    "result": (200, 200, 200, 200, 404, 404),
    "retry": (302, 302, 302, 302, 302, 302),
    "cancel": (302, 302, 302, 302, 302, 302),
    "delete": (302, 302, 302, 302, 302, 302),
    "call_back": (302, 302, 302, 302, 302, 302),
    "favourite": (302, 302, 302, 302, 302, 302),
    "close_picture": (302, 302, 302, 302, 302, 302),
    "rename": (302, 302, 302, 302, 302, 302),
    "trash_many": (302, 302, 302, 302, 302, 302),
    "put_back": (302, 302, 302, 302, 302, 302),
    "erase": (302, 302, 302, 302, 302, 302),
    "download": (302, 302, 302, 302, 302, 302),
    "trash": (200, 200, 200, 200, 200, 302),
    "healthz": (200, 200, 200, 200, 200, 200),
    "metrics": (200, 200, 200, 200, 200, 200),
    "setup": (404, 404, 404, 404, 404, 404),
    "login": (302, 302, 302, 302, 302, 200),
    "logout": (302, 302, 302, 302, 302, 302),
    "password_change": (200, 200, 200, 200, 200, 302),
    "password_reset_confirm": (404, 404, 404, 404, 404, 404),
    "left": (200, 200, 200, 403, 200, 404),
    "own_team": (302, 302, 302, 302, 302, 302),
    "new_team": (302, 302, 302, 302, 302, 302),
    "team": (200, 200, 200, 200, 404, 302),
    "invite": (302, 302, 302, 302, 302, 302),
    "withdraw": (302, 302, 302, 302, 302, 302),
    "change_role": (302, 302, 302, 302, 302, 302),
    "take_out": (302, 302, 302, 302, 302, 302),
    "set_caps": (302, 302, 302, 302, 302, 302),
    "password_link": (302, 302, 302, 302, 302, 302),
    "tokens": (200, 200, 200, 200, 200, 302),
    "revoke_token": (302, 302, 302, 302, 302, 302),
    "webhook_secret": (302, 302, 302, 302, 302, 302),
    "join": (404, 404, 404, 404, 404, 404),
    "callback": (405, 405, 405, 405, 405, 405),
    "result_for_programs": (404, 404, 404, 404, 404, 404),
    "api": (200, 200, 200, 200, 200, 302),
    "openapi": (200, 200, 200, 200, 200, 200),
    "api_swap": (405, 405, 405, 405, 405, 405),
    "api_tasks": (405, 405, 405, 405, 405, 405),
    "no_api": (404, 404, 404, 404, 404, 404),
    "no_api_at_all": (404, 404, 404, 404, 404, 404),
    "admin": (302, 302, 302, 302, 302, 302),
}
POST = {
    "gallery": (405, 405, 405, 405, 405, 302),
    "new": (400, 400, 400, 403, 400, 302),
    "upload": (400, 400, 400, 403, 400, 404),
    "photo": (405, 405, 405, 405, 405, 405),
    "faces": (405, 405, 405, 405, 405, 405),
    "outside": (405, 405, 405, 405, 405, 405),
    "swap": (405, 405, 405, 405, 405, 302),
    "swap_json": (405, 405, 405, 405, 405, 405),
    "stage": (405, 405, 405, 405, 405, 405),
    "live": (405, 405, 405, 405, 405, 405),
    "result": (405, 405, 405, 405, 405, 405),
    "retry": (302, 302, 403, 403, 404, 302),
    "cancel": (302, 302, 403, 403, 404, 302),
    "delete": (302, 302, 403, 403, 404, 302),
    "call_back": (302, 302, 403, 403, 404, 302),
    "favourite": (302, 302, 302, 302, 404, 302),
    "close_picture": (302, 302, 403, 403, 404, 302),
    "rename": (302, 302, 403, 403, 404, 302),
    "trash_many": (302, 302, 302, 302, 302, 302),
    "put_back": (302, 302, 302, 302, 302, 302),
    "erase": (302, 302, 302, 302, 302, 302),
    "download": (302, 302, 302, 302, 302, 302),
    "trash": (405, 405, 405, 405, 405, 302),
    "healthz": (405, 405, 405, 405, 405, 405),
    "metrics": (404, 404, 404, 404, 404, 404),
    "setup": (404, 404, 404, 404, 404, 404),
    "login": (302, 302, 302, 302, 302, 200),
    "logout": (302, 302, 302, 302, 302, 302),
    "password_change": (200, 200, 200, 200, 200, 302),
    "password_reset_confirm": (404, 404, 404, 404, 404, 404),
    "left": (405, 405, 405, 405, 405, 405),
    "own_team": (405, 405, 405, 405, 405, 302),
    "new_team": (404, 404, 404, 404, 404, 302),
    "team": (405, 405, 405, 405, 405, 302),
    "invite": (400, 403, 403, 403, 404, 302),
    "withdraw": (302, 403, 403, 403, 404, 302),
    "change_role": (302, 403, 403, 403, 404, 302),
    "take_out": (302, 403, 403, 403, 404, 302),
    "set_caps": (404, 404, 404, 404, 404, 302),
    "password_link": (404, 404, 404, 404, 404, 302),
    "tokens": (400, 400, 400, 400, 400, 302),
    "revoke_token": (404, 302, 404, 404, 404, 302),
    "webhook_secret": (404, 200, 404, 404, 404, 302),
    "join": (404, 404, 404, 404, 404, 404),
    "callback": (404, 404, 404, 404, 404, 404),
    "result_for_programs": (405, 405, 405, 405, 405, 405),
    "api": (405, 405, 405, 405, 405, 302),
    "openapi": (405, 405, 405, 405, 405, 405),
    "api_swap": (401, 401, 401, 401, 401, 401),
    "api_tasks": (401, 401, 401, 401, 401, 401),
    "no_api": (404, 404, 404, 404, 404, 404),
    "no_api_at_all": (404, 404, 404, 404, 404, 404),
    "admin": (302, 302, 302, 302, 302, 302),
}


def team_mate(swap: Swap) -> int:
    """Somebody of the swap's team whom nobody asks anything."""
    user = User.objects.create_user(f"mate-{User.objects.count()}")
    Membership.objects.create(user=user, team=swap.team)
    return user.pk


def token_of_its_maker(swap: Swap) -> int:
    assert swap.maker
    return ApiToken.make(user=swap.maker, team=swap.team, label="a program")[0].pk


def invitation(swap: Swap) -> int:
    assert swap.maker
    return Invitation.make(team=swap.team, role=Role.MEMBER, invited_by=swap.maker)[0].pk


# What stands in the addresses: all about one swap, its pictures, and its team.
GIVEN: dict[str, Callable[[Swap], object]] = {
    "swap_id": lambda swap: swap.pk,
    "photo_id": lambda swap: swap.target_id,
    "size": lambda swap: "full",
    "slug": lambda swap: swap.team.slug,
    "user_id": team_mate,
    "invitation_id": invitation,
    "token_id": token_of_its_maker,
    "token": lambda swap: "made-up",
    "secret": lambda swap: "made-up",
    "ending": lambda swap: "jpg",
    "mark": lambda swap: "1-made-up",
    "file": lambda swap: "full.jpg",
    "rest": lambda swap: "made-up",
    "uidb64": lambda swap: "MQ",
}


def path_of(name: str, swap: Swap) -> str:
    if name == "admin":
        return "/admin/"
    pattern = next(one for one in patterns() if one.name == name)
    return reverse(name, kwargs={part: GIVEN[part](swap) for part in pattern.pattern.converters})


def patterns() -> list[URLPattern]:
    return [one for one in get_resolver().url_patterns if isinstance(one, URLPattern)]


@pytest.fixture
def people(
    owner: User, alice: User, bob: User, viewer: User, charlie: User
) -> dict[str, User | None]:
    return dict(zip(PEOPLE, (owner, alice, bob, viewer, charlie, None), strict=True))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", GET)
def test_an_address_answers_each_as_the_table_says(
    name: str,
    method: str,
    people: dict[str, User | None],
    as_: As,
    done_swap_of: Callable[..., Swap],
) -> None:
    answers = []
    for user in people.values():
        swap = done_swap_of(people["maker"])
        answers.append(getattr(as_(user), method)(path_of(name, swap)).status_code)
    table = GET if method == "get" else POST
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(zip(PEOPLE, table[name], strict=True))


def test_every_address_has_its_row() -> None:
    names = {one.name for one in patterns()}
    resolvers = {
        str(one.pattern).strip("/")
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver)
    }
    assert names | resolvers == set(GET) == set(POST)
