"""Every address of the site, and what each kind of person is answered there.

A new address without a row here fails the last test.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from swaps.models import Swap, User

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]

PEOPLE = ("owner", "maker", "member", "viewer", "stranger", "nobody")
# What GET and POST are answered, for each of PEOPLE. POST 403 of nobody or a viewer changes nothing.
GET = {
    "gallery": (200, 200, 200, 200, 200, 302),
    "new": (200, 200, 200, 403, 200, 302),
    "upload": (405, 405, 405, 405, 405, 405),
    "photo": (200, 200, 200, 200, 404, 404),
    "swap": (200, 200, 200, 200, 404, 302),
    "swap_json": (200, 200, 200, 200, 404, 404),
    "stage": (200, 200, 200, 200, 404, 404),
    "live": (200, 200, 200, 200, 200, 404),
    "result": (200, 200, 200, 200, 404, 404),
    "retry": (302, 302, 302, 302, 302, 302),
    "cancel": (302, 302, 302, 302, 302, 302),
    "delete": (302, 302, 302, 302, 302, 302),
    "favourite": (302, 302, 302, 302, 302, 302),
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
    "left": (200, 200, 200, 403, 200, 404),
    "admin": (302, 302, 302, 302, 302, 302),
}
POST = {
    "gallery": (405, 405, 405, 405, 405, 302),
    "new": (400, 400, 400, 403, 400, 302),
    "upload": (400, 400, 400, 403, 400, 404),
    "photo": (405, 405, 405, 405, 405, 405),
    "swap": (405, 405, 405, 405, 405, 302),
    "swap_json": (405, 405, 405, 405, 405, 405),
    "stage": (405, 405, 405, 405, 405, 405),
    "live": (405, 405, 405, 405, 405, 405),
    "result": (405, 405, 405, 405, 405, 405),
    "retry": (302, 302, 403, 403, 404, 302),
    "cancel": (302, 302, 403, 403, 404, 302),
    "delete": (302, 302, 403, 403, 404, 302),
    "favourite": (302, 302, 302, 302, 404, 302),
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
    "left": (405, 405, 405, 405, 405, 405),
    "admin": (302, 302, 302, 302, 302, 302),
}


def path_of(name: str, swap: Swap) -> str:
    if name == "admin":
        return "/admin/"
    if name == "photo":
        return reverse(name, args=[swap.target_id, "full"])
    pattern = next(one for one in patterns() if one.name == name)
    return reverse(name, args=[swap.pk] if pattern.pattern.converters else [])


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
