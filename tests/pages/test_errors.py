"""What a person sees when something is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from swaps import health
from swaps.models import Photo, Swap, User
from swaps.outages import Outage
from swaps.views import errors

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def test_nothing_there(alice: User, as_: As) -> None:
    answer = as_(alice).get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_not_yours(alice: User, viewer: User, as_: As) -> None:
    answer = as_(viewer).get("/new/")
    assert "Ask an owner of the team to make you a member." in answer.content.decode()


def test_a_form_that_is_out_of_date(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.post("/new/")
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_a_form_with_too_many_fields(alice: User, as_: As) -> None:
    answer = as_(alice).post("/new/", {f"field{number}": "x" for number in range(2000)})
    assert answer.status_code == 400
    assert "That request did not make sense" in answer.content.decode()


def test_something_that_broke(alice: User, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "worker_is_running", broken)
    browser = as_(alice)
    browser.raise_request_exception = False
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "Something went wrong inside the site" in answer.content.decode()


def test_the_page_for_what_broke_asks_no_database(
    alice: User, as_: As, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = as_(alice).get("/").wsgi_request
    del request.user
    request.session = SessionStore(request.session.session_key)
    with django_assert_num_queries(0):
        assert errors.server_error(request).status_code == 500


def test_a_name_that_the_site_does_not_know(alice: User, as_: As) -> None:
    answer = as_(alice).get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" in answer.content.decode()


def test_too_much_at_once() -> None:
    answer = errors.too_large(RequestFactory().post("/new/"))
    assert answer.status_code == 413
    assert "25 MB at most" in answer.content.decode()


def test_no_swap_of_that_id(alice: User, as_: As) -> None:
    assert as_(alice).get(f"/swaps/{Swap().pk}/").status_code == 404


def test_a_form_for_a_swap_that_is_out_of_date_can_be_filled_again(
    alice: User, upload_of: Callable[..., Photo]
) -> None:
    photo = upload_of(alice)
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/new/", {"source_photo": photo.pk, "title": "Kept words"})
    assert answer.status_code == 403
    assert f"/new/?source={photo.pk}&amp;title=Kept+words" in answer.content.decode()


def test_a_table_that_is_not_there_is_a_fault_and_no_outage(alice: User, as_: As) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE swaps_favourite RENAME TO elsewhere")
        cursor.execute("ALTER TABLE swaps_swap RENAME TO elsewhere_too")
    browser = as_(alice)
    browser.raise_request_exception = False
    assert browser.get("/").status_code == 500


def test_what_is_secret_is_not_written_into_the_page_for_an_outage() -> None:
    request = RequestFactory().post(
        "/accounts/login/", {"username": "ada", "password": "light table"}
    )
    assert request.POST["password"]
    page = errors.not_now(request, Outage.DATABASE).content.decode()
    assert "light table" not in page
    assert "Go back and send it once more." in page
