"""Every address of the admin, and what each kind of person is answered there.

A new address without a row here fails the last test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from swaps.models import SITE, ApiToken, Event, Invitation, Role, Swap, Team, User, What
from tests.conftest import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.once]
As = Callable[[User | None], Client]

PEOPLE = ("owner", "maker", "member", "viewer", "stranger", "nobody", "staff", "admin")
# Whoever is no staff is sent to log-in, whatever is asked for; then staff without rights, then the admin.
OUT = (302,) * 6
# Of a model: its list, a row, a row's history, to add one and to delete one.
LIST = {"changelist": (*OUT, 403, 200)}
ROW = {"change": (*OUT, 403, 200), "history": (*OUT, 403, 200)}
READ = LIST | ROW | {"add": (*OUT, 403, 403), "delete": (*OUT, 403, 403)}
EDIT = LIST | ROW | {"add": (*OUT, 403, 200), "delete": (*OUT, 403, 200)}
MODELS = {
    "swaps_swap": READ | {"delete": (*OUT, 403, 200)},
    "swaps_event": READ,
    "swaps_apitoken": READ,
    "swaps_invitation": READ,
    "swaps_team": EDIT,
    "swaps_user": EDIT,
}
SITE_WIDE = {
    "index": (*OUT, 200, 200),
    "app_list": (*OUT, 404, 200),
    "login": (*(403,) * 5, 302, 302, 302),
    "logout": (*OUT, 405, 405),
    "password_change": (*OUT, 200, 200),
    "password_change_done": (*OUT, 200, 200),
    "jsi18n": (*OUT, 200, 200),
    "autocomplete": (*OUT, 403, 403),
    "view_on_site": (*OUT, 404, 404),
    "auth_user_password_change": (*OUT, 403, 200),
    "swaps_swap_export_csv": (*OUT, 403, 200),
    "swaps_swap_export_json": (*OUT, 403, 200),
    "swaps_providerstate_changelist": (*OUT, 403, 200),
    "swaps_providerstate_resume": (*OUT, 405, 405),
    "swaps_providerstate_roles": (*OUT, 405, 405),
    "swaps_providerstate_checks": (*OUT, 405, 405),
}
GET = SITE_WIDE | {
    f"{model}_{page}": answers for model, pages in MODELS.items() for page, answers in pages.items()
}
# What other packages bring along: their own pages, for whoever may see them.
FOREIGN = ("axes_", "django_ox_")
# What a POST without anything in it is answered, where that is not what a GET is.
POST = {
    **GET,
    "logout": (*OUT, 302, 302),
    "password_change_done": (*OUT, 405, 405),
    "jsi18n": (*OUT, 405, 405),
    "autocomplete": (*OUT, 405, 405),
    "swaps_swap_export_csv": (*OUT, 405, 405),
    "swaps_swap_export_json": (*OUT, 405, 405),
    # Without a provider's name nothing is done; the look at everything needs none.
    "swaps_providerstate_resume": (*OUT, 403, 403),
    "swaps_providerstate_roles": (*OUT, 403, 403),
    "swaps_providerstate_checks": (*OUT, 403, 200),
    "swaps_swap_change": (*OUT, 403, 403),
    "swaps_event_change": (*OUT, 403, 403),
    "swaps_apitoken_change": (*OUT, 403, 403),
    "swaps_invitation_change": (*OUT, 403, 403),
    "swaps_swap_delete": (*OUT, 403, 302),
    "swaps_team_delete": (*OUT, 403, 302),
    "swaps_user_delete": (*OUT, 403, 302),
}


def names(resolver: URLResolver) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from names(one)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name


def admin_names() -> set[str]:
    every = get_resolver().url_patterns
    resolvers = [one for one in every if isinstance(one, URLResolver) and one.namespace == "admin"]
    return set(chain.from_iterable(map(names, resolvers)))


@pytest.fixture
def admin(team: Team) -> User:
    return User.objects.create_superuser("ada", password="correct horse")


@pytest.fixture
def people(
    owner: User, alice: User, bob: User, viewer: User, charlie: User, admin: User
) -> dict[str, User | None]:
    staff = make_user("stan")
    staff.is_staff = True
    staff.save()
    everybody = (owner, alice, bob, viewer, charlie, None, staff, admin)
    return dict(zip(PEOPLE, everybody, strict=True))


def path_of(name: str, swap: Swap, admin: User) -> str:
    if name == "app_list":
        return reverse("admin:app_list", args=["swaps"])
    if name == "view_on_site":
        return reverse("admin:view_on_site", args=[999, 999])
    if name == "auth_user_password_change":
        return reverse(f"admin:{name}", args=[admin.pk])
    model, _, page = name.rpartition("_")
    if model not in MODELS or page in ("changelist", "add"):
        return reverse(f"admin:{name}")
    made: dict[str, Callable[[], Model]] = {
        "swaps_swap": lambda: swap,
        "swaps_event": lambda: Event.record(What.REQUESTED, by=SITE, swap=swap),
        "swaps_invitation": lambda: Invitation.make(
            team=swap.team, role=Role.MEMBER, invited_by=admin
        )[0],
        "swaps_apitoken": lambda: ApiToken.make(user=admin, team=swap.team, label="a program")[0],
        "swaps_team": lambda: Team.objects.create(slug=f"new-{Team.objects.count()}", name="New"),
        "swaps_user": lambda: User.objects.create(username=f"new-{User.objects.count()}"),
    }
    return reverse(f"admin:{name}", args=[made[model]().pk])


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", GET)
def test_an_address_of_the_admin_answers_each_as_the_table_says(
    name: str,
    method: str,
    people: dict[str, User | None],
    admin: User,
    as_: As,
    done_swap_of: Callable[..., Swap],
) -> None:
    answers = []
    for user in people.values():
        path = path_of(name, done_swap_of(people["maker"]), admin)
        data = {"post": "yes"} if name.endswith("_delete") else {}
        answers.append(getattr(as_(user), method)(path, data).status_code)
    table = GET if method == "get" else POST
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(zip(PEOPLE, table[name], strict=True))


def test_every_address_of_the_admin_has_its_row() -> None:
    ours = {name for name in admin_names() if not name.startswith(FOREIGN)}
    assert ours == set(GET) == set(POST)


def test_an_address_of_the_admin_that_is_none_leads_nobody_anywhere(
    people: dict[str, User | None], as_: As
) -> None:
    answers = [as_(user).get("/admin/nothing/here/").status_code for user in people.values()]
    assert answers == [*OUT, 404, 404]
