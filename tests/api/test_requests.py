"""Requests that cannot be met: each is answered as the contract has it, in JSON, and can be traced."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from faceswap_site.logs import Json
from swaps import asked
from swaps.models import ApiToken, Membership, Swap, Team, User
from tests.api.answers import parsed, refusal
from tests.api.conftest import Elsewhere, Program

pytestmark = pytest.mark.django_db

WorkOff = Callable[[str], Swap]
SwapOf = Callable[..., Swap]
URLS = ("source_image_url", "target_image_url", "callback_url")
ADDRESSES = ("/face/swap", "/face/tasks")


# --- Fields ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["source_image_url", "target_image_url"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_picture_that_is_missing_is_named(program: Program, name: str, value: object) -> None:
    said = refusal(program.ask(**{name: value}), 400, "token_mismatched")
    assert said == f"{name} is missing. Give a direct link to an image file."
    assert not Swap.objects.exists()


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "value", [7, True, [], {}, ["https://example.org/a.png"], "a.png", "ftp://example.org/a.png",
              "https://", "http://[::1", "https://example.org/a b", "https://example.org/\x00",
              "https://example.org/\ud800", "https://example.org/" + "a" * 2000],
)  # fmt: skip
def test_an_address_that_is_none_is_named(program: Program, name: str, value: object) -> None:
    assert refusal(program.ask(**{name: value}), 400, "token_mismatched").startswith(f"{name} ")


@pytest.mark.parametrize(
    ("name", "value"),
    [("async", 1), ("async", "perhaps"), ("async", []), ("async", {}), ("timeout", "soon"), ("timeout", 0),
     ("timeout", -1), ("timeout", True), ("timeout", []), ("timeout", "nan"), ("timeout", "1e999")],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_named(program: Program, name: str, value: object) -> None:
    said = refusal(program.ask(**{name: value}), 400, "token_mismatched")
    assert said.startswith(f"{name} is ")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "9" * 400, "9" * 5000])
def test_a_number_that_is_none_is_no_reason_to_stumble(program: Program, value: str) -> None:
    body = json.dumps(program.wish())[:-1] + f', "timeout": {value}}}'
    answer = program.post("/face/swap", body.encode())
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"token_mismatched", "bad_request"}


@pytest.mark.parametrize(
    ("body", "name"),
    [({}, "id"), ({"id": 7}, "id"), ({"task_id": []}, "task_id"), ({"trace_id": {}}, "trace_id"),
     ({"ids": "x"}, "ids"), ({"ids": [7]}, "ids"), ({"task_ids": {"a": 1}}, "task_ids"),
     ({"action": "retrieve_batch"}, "ids"), ({"ids": ["x"] * 201}, "ids"), ({"action": 7}, "action")],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_named(
    program: Program, body: dict[str, object], name: str
) -> None:
    said = refusal(program.post("/face/tasks", body), 400, "token_mismatched")
    assert said.startswith(f"{name} ")


def test_an_unknown_action_is_not_implemented(program: Program) -> None:
    said = refusal(
        program.post("/face/tasks", {"action": "delete", "id": "x"}), 400, "api_not_implemented"
    )
    assert said == "action is 'delete'. Give retrieve or retrieve_batch."


def test_an_action_that_is_nested_without_end_is_refused(program: Program) -> None:
    deep = b'{"action": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert program.post("/face/tasks", deep).status_code == 400


def test_unknown_fields_are_ignored(program: Program) -> None:
    assert parsed(program.ask(mode="best", source_face="1", _={"a": None}))["task_id"]


# --- Bodies, methods, paths ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"nonsense", b"[]", b'"text"', b"7", b"null", b"NaN", b"[" * 99_999]
)  # fmt: skip
def test_what_is_no_json_object_is_a_bad_request(program: Program, path: str, body: bytes) -> None:
    refusal(program.post(path, body), 400, "bad_request")


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_content_type_does_not_matter(program: Program, path: str) -> None:
    headers = {"Authorization": f"Bearer {program.text}"}
    form = program.browser.post(path, {"source_image_url": "https://x"}, headers=headers)
    refusal(form, 400, "bad_request")
    plain = program.browser.post(path, b"{}", content_type="text/plain", headers=headers)
    refusal(plain, 400, "token_mismatched")


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_body_over_1_mb_is_too_much(program: Program, path: str) -> None:
    refusal(program.post(path, b" " * (1 << 20) + b"{}"), 413, "bad_request")


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_body_over_1_mb_that_nobody_announced_is_too_much(program: Program, path: str) -> None:
    sent = BytesIO(b" " * (3 << 20))
    headers = {"Authorization": f"Bearer {program.text}", "Transfer-Encoding": "chunked"}
    answer = program.browser.generic(path=path, method="POST", headers=headers, **unannounced(sent))
    refusal(answer, 413, "bad_request")
    assert sent.tell() <= (1 << 20) + 1


def test_a_body_that_nobody_announced_is_read(program: Program) -> None:
    sent = BytesIO(json.dumps(program.wish(**{"async": True})).encode())
    headers = {"Authorization": f"Bearer {program.text}", "Transfer-Encoding": "chunked"}
    answer = program.browser.generic(
        path="/face/swap", method="POST", headers=headers, **unannounced(sent)
    )
    assert parsed(answer)["task_id"]


def unannounced(body: BytesIO) -> dict[str, Any]:
    """What a server hands on of a chunked request."""
    return {"wsgi.input": body, "CONTENT_LENGTH": ""}


def test_60_mb_are_refused_before_they_are_read(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.text}"}
    answer = program.browser.generic(
        "POST", "/face/swap", b"{}", headers=headers, CONTENT_LENGTH=str(60 << 20)
    )
    assert "Give links to the two pictures" in refusal(answer, 413, "bad_request")


@pytest.mark.parametrize("path", [*ADDRESSES, "/face/callback/secret"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused_with_the_right_one(
    program: Program, path: str, method: str
) -> None:
    answer = program.browser.generic(method, path)
    refusal(answer, 405, "bad_request")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "path",
    ["/face", "/face/", "/face/swap/", "/face/tasks/", "/face/swaps", "/face//swap", "/face/swap/x",
     "/face/callback/", "/face/callback/x/", "/face/callback/%00", "/face/callback/a%00b",
     "/face/callback/%C3%BC", "/face/a%0Ab", "/face/%00", "/face/%F0%9F%98%80", "/face/..%2Fadmin/",
     "/face/a%0Ab/"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_nothing_elsewhere_below_face_and_nothing_redirects(
    client: Client, path: str, method: str
) -> None:
    refusal(client.generic(method, path), 404, "no_api")


def test_a_callback_that_nobody_waits_for_is_not_found(client: Client) -> None:
    refusal(client.post("/face/callback/x", {}, content_type="application/json"), 404, "not_found")


@pytest.mark.parametrize(
    "file", ["%00.jpg", "a%00b.png", "a.%00", "%C3%BC.jpg", "a%0Ab.jpg", ".jpg"]
)
def test_what_no_secret_looks_like_opens_no_picture(client: Client, file: str) -> None:
    assert client.get(f"/p/{file}").status_code == 404


def test_no_answer_is_kept_by_whoever_is_between(program: Program) -> None:
    for answer in (program.ask(), program.post("/face/tasks", {}), program.post("/face/x", {})):
        assert "no-store" in answer.headers["Cache-Control"]


# --- Whose task ------------------------------------------------------------------------------------


def test_a_task_of_another_person_is_not_found(
    program: Program, bob: User, elsewhere: Elsewhere
) -> None:
    task_id = program.ask().json()["task_id"]
    answer = Program(bob, elsewhere).post("/face/tasks", {"id": task_id})
    refusal(answer, 404, "not_found")


def test_a_swap_of_a_page_is_not_found(program: Program, alice: User, swap_of: SwapOf) -> None:
    answer = program.post("/face/tasks", {"id": str(swap_of(alice).pk)})
    refusal(answer, 404, "not_found")


@pytest.mark.parametrize("event", ["trash", "discard"])
def test_a_task_that_was_deleted_is_not_found(program: Program, event: str) -> None:
    task_id = program.ask().json()["task_id"]
    assert getattr(Swap.objects.get(pk=task_id), event)()
    refusal(program.post("/face/tasks", {"id": task_id}), 404, "not_found")


@pytest.mark.parametrize("task_id", ["x", "../admin", "\x00", "\ud800", str(UUID(int=7))])
def test_an_id_of_nothing_is_not_found(program: Program, task_id: str) -> None:
    refusal(program.post("/face/tasks", {"id": task_id}), 404, "not_found")


def test_another_token_of_the_same_person_may_ask(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    other = Program(program.token.user, program.elsewhere)
    assert other.task(task_id)["id"] == task_id


@pytest.mark.parametrize(
    "question",
    [lambda task: {"id": task["task_id"]}, lambda task: {"task_id": task["task_id"]},
     lambda task: {"trace_id": task["trace_id"]}, lambda task: {"action": "retrieve", "id": task["task_id"]}],
)  # fmt: skip
def test_a_task_is_found_by_any_of_its_names(
    program: Program, question: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    made = program.ask().json()
    assert program.post("/face/tasks", question(made)).json()["id"] == made["task_id"]


@pytest.mark.parametrize(
    "names", [("ids", "task_id"), ("task_ids", "task_id"), ("trace_ids", "trace_id")]
)
def test_several_tasks_are_told_at_once_without_those_of_others(
    program: Program, names: tuple[str, str]
) -> None:
    made = [program.ask(timeout=seconds).json() for seconds in (1, 2)]
    asked = [*(one[names[1]] for one in made), str(UUID(int=7)), "x"]
    found = program.post("/face/tasks", {names[0]: asked}).json()
    assert found["count"] == len(found["items"]) == 2
    assert {one["id"] for one in found["items"]} == {one["task_id"] for one in made}


def test_tasks_are_told_in_the_order_in_which_they_were_asked_for(program: Program) -> None:
    one, two, three = (program.ask(timeout=seconds).json() for seconds in (1, 2, 3))
    question = {"ids": [three["task_id"], one["task_id"]], "trace_ids": [two["trace_id"]]}
    found = program.post("/face/tasks", question).json()["items"]
    assert [task["id"] for task in found] == [one["task_id"] for one in (three, one, two)]
    twice = {"ids": [one["task_id"]] * 2, "trace_ids": [one["trace_id"]]}
    assert program.post("/face/tasks", twice).json()["count"] == 1


@pytest.mark.parametrize(
    "question",
    [{"action": "retrieve_batch", "ids": []}, {"ids": []}, {"trace_ids": [], "ids": None}],
)
def test_who_asks_for_none_is_told_of_none(program: Program, question: dict[str, object]) -> None:
    program.ask()
    found = parsed(program.post("/face/tasks", question))
    assert (found["items"], found["count"]) == ([], 0)


@pytest.mark.parametrize(
    ("name", "is_of"), [("id", "task_id"), ("task_id", "task_id"), ("trace_id", "trace_id")]
)
def test_a_batch_of_one_may_be_asked_for_by_one_name(
    program: Program, name: str, is_of: str
) -> None:
    made = program.ask().json()
    question = {"action": "retrieve_batch", name: made[is_of]}
    found = parsed(program.post("/face/tasks", question))
    assert [task["id"] for task in found["items"]] == [made["task_id"]]


@pytest.mark.parametrize("names", [("ids", "task_ids"), ("task_ids", "trace_ids")])
def test_all_lists_together_may_name_200_tasks(program: Program, names: tuple[str, str]) -> None:
    question = {name: ["x"] * 100 for name in names}
    assert program.post("/face/tasks", question).json()["count"] == 0
    question[names[1]].append("x")
    said = refusal(program.post("/face/tasks", question), 400, "token_mismatched")
    assert said.startswith(f"{names[0]} and {names[1]} name 201 tasks")


def test_more_finished_tasks_take_no_more_queries(
    program: Program, work_off: WorkOff, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [program.ask(timeout=seconds).json()["task_id"] for seconds in range(1, 7)]
    work_off(many[0])
    program.task(many[0])
    with django_assert_max_num_queries(8):
        found = program.post("/face/tasks", {"ids": many}).json()["items"]
    with django_assert_max_num_queries(3):
        assert program.post("/face/tasks", {"ids": many}).json()["items"] == found
    assert len({task["response"]["image_url"] for task in found}) == 6


@pytest.mark.parametrize("outcome", ["none yet", "result", "failure", "cancellation"])
def test_whatever_came_of_a_task_a_question_is_three_queries(
    program: Program, work_off: WorkOff, django_assert_num_queries: DjangoAssertNumQueries, outcome: str
) -> None:  # fmt: skip
    if outcome == "failure":
        del program.elsewhere.answers["/face.jpg"]
    task_id = program.ask().json()["task_id"]
    if outcome in ("result", "failure"):
        work_off(task_id)
        program.task(task_id)
    elif outcome == "cancellation":
        assert Swap.objects.get(pk=task_id).cancel()
    with django_assert_num_queries(3):
        assert (program.task(task_id)["response"] is None) == (outcome == "none yet")


# --- Tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token {token}", "{token}"]
)
def test_without_a_token_nothing_is_told(
    program: Program, path: str, header: str | None
) -> None:  # fmt: skip
    headers = {} if header is None else {"Authorization": header.format(token=program.text)}
    answer = program.browser.post(path, {}, content_type="application/json", headers=headers)
    refusal(answer, 401, "no_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("text", ["fs_unknown", "ÿ", "\x00", "a b", "{start}", "{token}x"])
def test_an_unknown_token_opens_nothing(program: Program, path: str, text: str) -> None:
    shown = text.format(start=program.token.start, token=program.text)
    refusal(program.post(path, {}, Authorization=f"Bearer {shown}"), 401, "invalid_token")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_how_the_scheme_is_spelled_does_not_matter(program: Program, scheme: str) -> None:
    answer = program.post("/face/swap", {}, Authorization=f"{scheme} {program.text} ")
    refusal(answer, 400, "token_mismatched")


def test_a_revoked_token_opens_nothing_from_then_on(program: Program) -> None:
    program.token.revoke()
    assert "revoked" in refusal(program.ask(), 401, "invalid_token")


def test_a_token_of_somebody_who_may_not_log_in_opens_nothing(program: Program) -> None:
    User.objects.update(is_active=False)
    refusal(program.ask(), 401, "invalid_token")


def test_a_token_of_somebody_who_left_the_team_opens_nothing(program: Program) -> None:
    elsewhere = Team.objects.create(slug="elsewhere", name="Elsewhere")
    Membership.objects.update(team=elsewhere)
    for answer in (program.ask(), program.post("/face/tasks", {"id": "x"})):
        refusal(answer, 403, "forbidden")


def test_a_viewer_may_ask_for_tasks_and_for_no_swap(viewer: User, elsewhere: Elsewhere) -> None:
    program = Program(viewer, elsewhere)
    refusal(program.ask(), 403, "forbidden")
    refusal(program.post("/face/tasks", {"id": "x"}), 404, "not_found")


def test_a_token_is_good_for_its_scopes_alone(alice: User, elsewhere: Elsewhere) -> None:
    reads = Program(alice, elsewhere, may_swap=False)
    refusal(reads.ask(), 403, "forbidden")
    refusal(reads.post("/face/tasks", {"id": "x"}), 404, "not_found")
    swaps = Program(alice, elsewhere, may_read=False)
    task_id = swaps.ask().json()["task_id"]
    refusal(swaps.post("/face/tasks", {"id": task_id}), 403, "forbidden")


def test_a_token_is_in_no_line_of_the_log(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        program.ask()
        program.post("/face/tasks", b"{")
        program.post("/face/nothing", {})
        program.post("/face/swap", {}, Authorization="Bearer fs_a-wrong-one-of-somebody")
        break_(program)
    said = "\n".join([caplog.text, *(Json().format(record) for record in caplog.records)])
    assert program.token.start in said
    assert program.text[len(program.token.start) :] not in said
    assert "a-wrong-one" not in said


# --- Limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["token", "person"])
def test_who_made_all_of_a_days_swaps_has_used_them_up(
    alice: User, elsewhere: Elsewhere, of: str
) -> None:
    program = limited(alice, elsewhere, of, swaps_a_day=1)
    assert parsed(program.ask())["task_id"]
    assert "today" in refusal(program.ask(timeout=7), 403, "used_up")


@pytest.mark.parametrize("of", ["token", "person"])
def test_who_has_too_many_in_work_is_told_when_to_come_back(
    alice: User, elsewhere: Elsewhere, of: str
) -> None:
    program = limited(alice, elsewhere, of, swaps_at_once=1)
    assert parsed(program.ask())["task_id"]
    answer = program.ask(timeout=7)
    refusal(answer, 429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_tokens_limit_is_its_own(alice: User, elsewhere: Elsewhere) -> None:
    programs = [Program(alice, elsewhere, swaps_a_day=1) for _ in range(2)]
    assert [one.ask().status_code for one in programs] == [200, 200]


def limited(alice: User, elsewhere: Elsewhere, of: str, **limits: int) -> Program:
    if of == "token":
        return Program(alice, elsewhere, **limits)
    User.objects.filter(pk=alice.pk).update(**limits)
    return Program(alice, elsewhere)


# --- What is nobody's fault outside ----------------------------------------------------------------


def test_a_name_that_the_site_does_not_know_is_a_bad_request(program: Program) -> None:
    answer = program.post("/face/swap", {}, Host="elsewhere.example")
    assert "ALLOWED_HOSTS" in refusal(answer, 400, "bad_request")


def test_a_name_that_no_host_has_is_a_bad_request(program: Program, settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], ""
    answer = program.post("/face/swap", program.wish(), Host=f"{'a' * 400}.example")
    refusal(answer, 400, "bad_request")
    assert not Swap.objects.exists()


def test_a_database_that_is_away_is_said_with_when_to_come_back(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(text: str) -> ApiToken:
        raise OperationalError

    monkeypatch.setattr(ApiToken, "shown", away)
    program.browser.raise_request_exception = False
    answer = program.ask()
    refusal(answer, 503, "api_error")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_of_the_site_is_told_and_logged_under_the_same_trace_id(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    answer = break_(program)
    assert "ZeroDivisionError" not in refusal(answer, 500, "api_error")
    lines = [Json().format(record) for record in caplog.records]
    found = [line for line in lines if answer.json()["trace_id"] in line]
    assert any(re.search("ZeroDivisionError", line) for line in found)


def break_(program: Program) -> Any:
    """The answer where something breaks that nobody thought of."""

    def broken(body: object) -> None:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asked, "task_question", broken)
        program.browser.raise_request_exception = False
        return program.post("/face/tasks", {"id": "x"})
