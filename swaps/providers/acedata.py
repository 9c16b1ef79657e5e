"""The hosted Face Swap service (Ace Data Cloud) as a provider: its HTTP API through the guarded door."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from swaps import contract
from swaps.contract import Failure, Running, Success, Taken
from swaps.http import Answer, Door, DoorError, Forbidden, NotSent, TooLarge
from swaps.providers.base import (
    Accepted,
    Done,
    Job,
    Mode,
    NoTasks,
    Outcome,
    Pending,
    Probe,
    Refused,
    Then,
    Unknown,
    Verdict,
)
from swaps.providers.refusals import PAUSING, refused

ROLES = ("normal", "inverted")
LONGEST_WAIT = 3600.0
"""Seconds: a Retry-After beyond it is asked again by then."""
SYNC_MARGIN = 30.0
"""Seconds by which the service is to give up before we do: its own `timeout` answer has a trace_id."""
LARGEST_ANSWER = 1 << 20
"""Bytes; an answer of the contract has a few hundred."""

MOVED = (
    "The hosted service redirects. Tell the admin to set ACEDATACLOUD_API_BASE_URL to the address "
    "that it answers at itself."
)
NOT_ALLOWED = (
    "Tell the admin: if ACEDATACLOUD_API_BASE_URL is meant to be on a private network, "
    "its host:port has to stand in OUTBOUND_ALLOW."
)
ONE_FACE = (
    "The hosted service chooses the face by itself. "
    "Leave the choice of the face empty, or use the embedded engine."
)
CUT_OFF = (
    "The connection to the hosted service broke before it answered: the swap may have been taken."
)
NOT_REACHED = "The hosted service could not be reached."
NO_SENSE = (
    "The hosted service answered something that cannot be understood: the swap may have been taken."
)
NO_SENSE_ASKED = "The hosted service answered a question about a task with something else."
TOO_LATE = "The hosted service had no result in time: the swap may still be running there."


class AceDataProvider:
    """Asks the hosted service. It keeps no state: any number of threads may share one.

    *roles*: `inverted` for a service that keeps the source's picture. *seconds* is the total time of a
    request, *sync_seconds* that of one that waits for its swap. Raises ValueError for settings that can
    never work; the token itself is in no exception and no repr.
    """

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        door: Door,
        roles: str = "normal",
        seconds: float = 30,
        sync_seconds: float = 150,
    ) -> None:
        token = token.strip()
        is_plain = token.isascii() and token.isprintable() and not set(token) & set(" \"'")
        if not token or not is_plain:
            raise ValueError(
                "ACEDATACLOUD_API_TOKEN is empty or has characters that no token has. Copy it again."
            )
        if not contract.web_url(base_url):
            raise ValueError("ACEDATACLOUD_API_BASE_URL must begin with http:// or https://.")
        if roles not in ROLES:
            raise ValueError(f"ROLES must be one of {', '.join(ROLES)}; it is {roles}.")
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._door = door
        self._roles = roles
        self._seconds = seconds
        self._sync_seconds = sync_seconds

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url})"

    def submit(self, job: Job) -> Done | Accepted | Unknown | Refused:
        """Ask for the swap; the addresses of its pictures are made now. `Unknown`: it may have been taken."""
        if job.source_face or job.target_faces:
            return Refused("api_not_implemented", ONE_FACE)
        seconds = self._sync_seconds if job.mode is Mode.SYNC else self._seconds
        try:
            answer = self._post(contract.SWAP_PATH, self._swap_request(job), seconds=seconds)
        except Forbidden as error:
            return Refused("forbidden_address", f"{error} {NOT_ALLOWED}")
        except NotSent:
            return Refused("not_reached", NOT_REACHED, then=Then.AGAIN)
        except TooLarge:
            return Unknown(NO_SENSE, answered=True)
        except DoorError:
            return Unknown(CUT_OFF)
        return self._clean(_submitted(answer))

    def retrieve(self, *, task_id: str = "", trace_id: str = "") -> Outcome:
        """What has become of a job. Asking costs nothing: `Unknown` says to ask again.

        `Refused` is the job's own failure, or, with `job_open`, that the question was refused.
        """
        question = contract.retrieve_request(task_id=task_id, trace_id=trace_id)
        try:
            answer = self._post(contract.TASKS_PATH, question, seconds=self._seconds)
        except Forbidden as error:
            return Unknown(f"{error} {NOT_ALLOWED}")
        except DoorError:
            return Unknown(NOT_REACHED)
        return self._clean(_retrieved(answer))

    @staticmethod
    def understand(answer: Mapping[str, Any]) -> Done | Unknown | Refused:
        """The outcome that a callback tells of; `Unknown` where it is none."""
        found = contract.parse_answer(answer)
        if isinstance(found, Success):
            return _done(found)
        if isinstance(found, Failure):
            status = contract.status_of(found.code, answered=200)
            return refused(found, status=status)
        return Unknown(NO_SENSE, trace_id=contract.trace_id_of(answer), answered=True)

    def probe(self) -> Probe:
        """Test the token without buying anything: ask for a task that does not exist."""
        question = contract.retrieve_request(task_id=str(uuid.uuid4()))
        try:
            answer = self._post(contract.TASKS_PATH, question, seconds=self._seconds)
        except Forbidden as error:
            return Probe(Verdict.UNREACHABLE, "forbidden_address", f"{error} {NOT_ALLOWED}")
        except DoorError as error:
            # The door's own words say which part of the way failed.
            return Probe(Verdict.UNREACHABLE, "not_reached", self._without_token(str(error)))
        probe = _probed(answer)
        return replace(probe, message=self._without_token(probe.message))

    def _swap_request(self, job: Job) -> contract.Answer:
        face, photo = job.source.url(), job.target.url()
        if self._roles == "inverted":
            face, photo = photo, face
        if job.mode is Mode.CALLBACK and not job.callback_url:
            raise ValueError("A job in callback mode needs a callback URL.")
        limit = max(1.0, self._sync_seconds - SYNC_MARGIN)
        short = job.mode is Mode.SYNC and limit < contract.LONGEST_SWAP
        return contract.swap_request(
            source_image_url=face,
            target_image_url=photo,
            callback_url=job.callback_url if job.mode is Mode.CALLBACK else "",
            async_=job.mode is Mode.ASYNC,
            timeout=limit if short else None,
        )

    def _post(self, path: str, body: contract.Answer, *, seconds: float) -> Answer:
        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        return self._door.post_json(
            self._base_url + path, body, headers=headers, seconds=seconds, most=LARGEST_ANSWER
        )

    def _clean[T: Outcome](self, outcome: T) -> T:
        """Without the token, should the service have repeated it."""
        if isinstance(outcome, Refused | Unknown):
            return replace(outcome, message=self._without_token(outcome.message))
        return outcome

    def _without_token(self, text: str) -> str:
        return text.replace(self._token, "(token)")


def _submitted(answer: Answer) -> Done | Accepted | Unknown | Refused:
    """What the answer of /face/swap means."""
    if 300 <= answer.status < 400:
        return Refused("moved", MOVED)
    body = _json(answer.body)
    found = contract.parse_answer(body)
    if answer.status >= 400 and not isinstance(found, Failure):
        found = Failure("", "", trace_id=contract.trace_id_of(body))
    if isinstance(found, Failure):
        status = contract.status_of(found.code, answered=answer.status)
        if status == 504 or (status > 504 and not found.code):
            # Whoever stands before the service had no patience: 504, or 520 to 527 of some.
            return Unknown(TOO_LATE, trace_id=found.trace_id)
        return refused(found, status=status, retry_after=_retry_after(answer))
    if isinstance(found, Taken):
        return Accepted(found.task_id, found.trace_id)
    if found is None:
        return Unknown(NO_SENSE, trace_id=contract.trace_id_of(body), answered=True)
    return _done(found)


def _retrieved(answer: Answer) -> Outcome:
    """What the answer of /face/tasks means."""
    body = _json(answer.body)
    found = contract.parse_task(body) if answer.status < 300 else None
    if isinstance(found, Running):
        return Pending()
    if isinstance(found, Success):
        return _done(found)
    if isinstance(found, Failure):
        return refused(found, status=contract.status_of(found.code, answered=200))
    return _not_told(answer, body)


def _not_told(answer: Answer, body: object) -> Outcome:
    """What follows where the question was not answered."""
    failure = contract.parse_answer(body)
    if not isinstance(failure, Failure):
        failure = Failure("", "", trace_id=contract.trace_id_of(body))
        if answer.status < 400:
            return Unknown(NO_SENSE_ASKED, trace_id=failure.trace_id)
    status = contract.status_of(failure.code, answered=answer.status)
    if status == 404:
        if failure.code in {"no_api", ""}:
            return NoTasks(certain=bool(failure.code))
        return Pending(known=False)
    refusal = refused(failure, status=status)
    if refusal.then is Then.PAUSE:
        return replace(refusal, job_open=True)
    return Unknown(refusal.message, trace_id=refusal.trace_id)


def _probed(answer: Answer) -> Probe:
    """What the answer about a task that does not exist says of the token."""
    outcome = _retrieved(answer)
    if isinstance(outcome, NoTasks):
        return Probe(Verdict.NO_TASKS, "no_api", "The hosted service has no /face/tasks.")
    if isinstance(outcome, Pending):
        return Probe(Verdict.ACCEPTED)
    if 300 <= answer.status < 400:
        return Probe(Verdict.UNREACHABLE, "moved", MOVED)
    failure = contract.parse_answer(_json(answer.body))
    if not isinstance(failure, Failure):
        failure = Failure("", "")
    status = contract.status_of(failure.code, answered=answer.status)
    refusal = refused(failure, status=status)
    if answer.status < 400 and not failure.code:
        return Probe(Verdict.UNREACHABLE, "", NO_SENSE_ASKED)
    if refusal.code in PAUSING or refusal.code == "no_token" or status in (401, 403):
        return Probe(Verdict.REFUSED, refusal.code, refusal.message)
    if 400 <= status < 429:
        # It looked at the question, so it had let the token pass.
        return Probe(Verdict.ACCEPTED)
    return Probe(Verdict.UNREACHABLE, refusal.code, refusal.message)


def _done(found: Success) -> Done:
    return Done(
        url=found.image_url,
        task_id=found.task_id,
        trace_id=found.trace_id,
        announced=found.announced,
    )


def _retry_after(answer: Answer) -> float | None:
    """By the service's own clock where it says the time: ours may be wrong."""
    now = contract.http_date(answer.headers.get("date"))
    return contract.retry_after(
        answer.headers.get("retry-after"),
        now=time.time() if now is None else now,
        most=LONGEST_WAIT,
    )


def _json(body: bytes) -> object:
    """The parsed body; None where it is no JSON."""
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed
