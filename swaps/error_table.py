"""The errors that the Face Swap API of this site answers with, said once: for its page and its OpenAPI file."""

from __future__ import annotations

from dataclasses import dataclass

from swaps import contract

SWAP = contract.SWAP_PATH
TASKS = contract.TASKS_PATH
BOTH = (SWAP, TASKS)


@dataclass(frozen=True)
class Sent:
    """One kind of error: what it means, what its reader does about it, and the sentence of one that was sent.

    *usual* is the status where it is not the code's own; *paths* are those whose POST answers with it.
    """

    code: str
    meaning: str
    advice: str
    example: str
    paths: tuple[str, ...] = BOTH
    usual: int = 0
    picture: str = ""
    names_task: bool = False

    @property
    def status(self) -> int:
        """The HTTP status that it is sent with."""
        return self.usual or contract.SERVED_STATUS[self.code]

    @property
    def name(self) -> str:
        """Its name among the examples: a code has several statuses at times."""
        return f"{self.code}_{self.status}" if self.usual else self.code


ERRORS = (
    Sent(
        "token_mismatched",
        "A field is missing, or its value cannot be used. The message names the field.",
        "Correct the request. A link has to be http or https, without a password, to a public address.",
        "source_image_url is missing. Give a direct link to an image file.",
    ),
    Sent(
        "api_not_implemented",
        "The action is none that there is, or whoever makes the swaps here cannot do what was asked.",
        "Give retrieve or retrieve_batch. Else read the message.",
        "action is 'cancel'. Give retrieve or retrieve_batch.",
    ),
    Sent(
        "bad_request",
        "The body is no JSON object.",
        "Send JSON, in UTF-8.",
        "The body is no JSON that can be read.",
    ),
    Sent(
        "bad_request",
        "Another method than POST.",
        "Ask by POST.",
        "This address is asked by POST alone.",
        paths=(),
        usual=405,
    ),
    Sent(
        "bad_request",
        "The body has more than 1 MB.",
        "Give links to the two pictures, not the pictures themselves.",
        contract.TOO_LONG,
        usual=413,
    ),
    Sent(
        "no_face",
        "There is no face in the picture that picture names.",
        "Choose another picture. The same one fails again.",
        "We found no face in the Photo. Choose one where the face looks towards the camera.",
        paths=(SWAP,),
        picture="target",
        names_task=True,
    ),
    Sent(
        "face_too_small",
        "The face is smaller than 48 pixels.",
        "Choose a larger picture.",
        "The face in the Photo is only 31 pixels large, and 48 are needed. "
        "Choose a larger version, or one where the face is closer.",
        paths=(SWAP,),
        picture="target",
        names_task=True,
    ),
    Sent(
        "face_turned",
        "The face is turned away by more than 45°.",
        "Choose a picture in which it looks towards the camera.",
        "The face in the Photo is turned too far to the side. "
        "Choose one where the face looks towards the camera.",
        paths=(SWAP,),
        picture="target",
        names_task=True,
    ),
    Sent(
        "unreadable_image",
        "What the link leads to is no picture that can be used, or has more than 25 MB.",
        "Give a direct link to a JPEG, PNG, WebP, AVIF or HEIC file.",
        "source_image_url cannot be used. This file is not a picture that can be opened here. "
        "Choose a JPEG, PNG, WebP, AVIF or HEIC file.",
        paths=(SWAP,),
        picture="source",
        names_task=True,
    ),
    Sent(
        "no_token",
        "There is no authorization header.",
        "Send “authorization: Bearer” and a token.",
        "There is no token: send the header “authorization: Bearer {token}”.",
    ),
    Sent(
        "invalid_token",
        "The token is wrong, or was revoked.",
        "Make another token.",
        "This token opens nothing here. Make one at /settings/tokens/ of this site.",
    ),
    Sent(
        "token_expired",
        "The token’s time is over.",
        "Make another token.",
        "This token’s time is over. Make another one at /settings/tokens/.",
    ),
    Sent(
        "used_up",
        "All swaps of today are made, of the token or of its person. Those that failed count, too.",
        "Wait until 00:00 UTC, or ask for a higher limit.",
        "This token has made 1 swap today, which is the limit. You can make more from 00:00 UTC.",
        paths=(SWAP,),
    ),
    Sent(
        "forbidden",
        "The token is not for this, or somebody cancelled the swap or revoked its result’s address.",
        "Read the message. The same request is refused again.",
        "This token is not for making swaps. Make one that is at /settings/tokens/.",
    ),
    Sent(
        "not_found",
        "There is no such task of the token’s person and team.",
        "Look at the task_id. A deleted swap is not found either.",
        "There is no such task of yours. It may have been deleted on the site.",
    ),
    Sent(
        "no_api",
        "There is no such path.",
        "Ask /face/swap or /face/tasks.",
        f"There is nothing at /face/analyze. {contract.THERE_ARE}",
        paths=(),
    ),
    Sent(
        "too_many_requests",
        "Too many swaps at once, of the token or its person; or too many callers that wait for theirs.",
        "Wait as many seconds as the header Retry-After says, then ask again, or ask with async.",
        "This token has 1 swap in work, which is the limit. Wait until one is done.",
        paths=(SWAP,),
    ),
    Sent(
        "api_error",
        "The swap failed; with “fetch failed” a picture could not be fetched from its link.",
        "Look whether the link answers. Else try again, a few times at most.",
        "fetch failed: source_image_url answered 404",
        paths=(SWAP,),
        picture="source",
        names_task=True,
    ),
    Sent(
        "api_error",
        "Something went wrong inside the site.",
        "Try again in a moment; if it stays so, tell your admin the trace_id.",
        "Something went wrong inside the site. Try again in a moment; if it stays so, tell your admin "
        "the trace_id.",
        usual=500,
    ),
    Sent(
        "api_error",
        "The site’s database or its storage does not answer.",
        "Ask again after as many seconds as the header Retry-After says.",
        "The site’s database does not answer right now. Nothing that was stored is lost. "
        "This usually passes within a minute.",
        usual=503,
    ),
    Sent(
        "api_error",
        "The site’s disk is full.",
        "Ask again when your admin has made room.",
        "The site’s disk is full. Your pictures are kept, but nothing new can be stored. "
        "Try again when your admin has made room.",
        usual=507,
    ),
    Sent(
        "timeout",
        "The swap was not done within timeout. It goes on.",
        "Ask /face/tasks for it. The same request gets the same task.",
        "The swap is not done within 2 seconds. It goes on: ask /face/tasks for it.",
        paths=(SWAP,),
        names_task=True,
    ),
)


def at(path: str) -> dict[int, list[Sent]]:
    """The errors that a POST to *path* can be answered with, by their status."""
    found: dict[int, list[Sent]] = {}
    for error in ERRORS:
        if path in error.paths:
            found.setdefault(error.status, []).append(error)
    return dict(sorted(found.items()))


def of_tasks() -> tuple[str, ...]:
    """The codes that a task can have ended with, as its outcome and its callback name them."""
    outcomes = {error.code for error in ERRORS if error.names_task}
    others = {"forbidden", "not_found", "token_mismatched", "api_not_implemented"}
    return tuple(sorted(outcomes | others))


def answer(error: Sent, *, trace_id: str, task_id: str) -> contract.Answer:
    """An answer of that kind."""
    said = contract.error_object(code=error.code, message=error.example, picture=error.picture)
    named = task_id if error.names_task else ""
    return contract.error_answer(error=said, trace_id=trace_id, task_id=named)
