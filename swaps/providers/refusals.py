"""What an error of the hosted service means: the sentence that people read, and what follows from it."""

from __future__ import annotations

import re

from swaps.contract import STATUS_OF, Failure
from swaps.providers.base import Refused, Then

PAUSING = {"invalid_token", "token_expired", "used_up"}
"""Nobody's swap can be done until an admin has seen to it."""

CODES = {
    400: "bad_request",
    401: "invalid_token",
    403: "forbidden",
    404: "no_api",
    429: "too_many_requests",
    504: "timeout",
}
"""The code of an error that gave none, by its HTTP status; of every other 5xx `api_error`."""

UNACCEPTED = (
    "The hosted service does not accept its token. "
    "An admin has to set a valid ACEDATACLOUD_API_TOKEN and resume the provider."
)
DECLINED = "The hosted service declined this swap. Try other pictures, or ask the admin."
BUSY = "The hosted service is busy. The swap is asked for again."
SENTENCES = {
    "api_not_implemented": "The hosted service does not support an option of this swap.",
    "no_token": (
        "The hosted service saw no token. "
        "Tell the admin: the base URL is wrong, or something on the way drops the authorization header."
    ),
    "invalid_token": UNACCEPTED,
    "token_expired": UNACCEPTED,
    "used_up": (
        "The balance of the hosted service is used up. An admin has to top it up and resume the provider."
    ),
    "disabled": DECLINED,
    "forbidden": DECLINED,
    "no_api": (
        "The hosted service has no face swap at its address. "
        "Tell the admin to check ACEDATACLOUD_API_BASE_URL."
    ),
    "too_many_requests": BUSY,
    "rate_limited": BUSY,
    "timeout": "The hosted service had no result in time.",
}
NO_FETCH = (
    "The hosted service could not fetch the two pictures. "
    "If this happens again, tell the admin to run the doctor."
)
FAILED = "The hosted service failed."
REFUSED = "The hosted service does not accept this swap."

ADDRESS = re.compile(r"""(https?://[^\s/?#"'<>@]+)[^\s"'<>]*""")
LONGEST_SAID = 200


def refused(failure: Failure, *, status: int, retry_after: float | None = None) -> Refused:
    """The refusal that *failure* is, where *status* is the HTTP status it stands for."""
    code = failure.code or CODES.get(status) or ("api_error" if status >= 500 else "bad_request")
    return Refused(
        code,
        sentence(code, failure.message, status=status),
        picture=failure.picture,
        then=what_follows(code, status=status),
        retry_after=retry_after,
        trace_id=failure.trace_id,
    )


def what_follows(code: str, *, status: int) -> Then:
    """A known code decides by the status it stands for; the class of the status where it is unknown."""
    if code in PAUSING or (status == 401 and code not in STATUS_OF):
        return Then.PAUSE
    if status == 429:
        return Then.LATER
    return Then.AGAIN if status >= 500 else Then.GIVE_UP


def sentence(code: str, message: str, *, status: int) -> str:
    """What people read: what happened, what to do, and the service's own words."""
    if code == "api_error" and "fetch" in message.lower():
        ours = NO_FETCH
    else:
        ours = SENTENCES.get(code) or (FAILED if status >= 500 else REFUSED)
    said = without_secrets(message).strip().rstrip(".")[:LONGEST_SAID]
    return f"{ours} It says: {said}." if said else ours


def without_secrets(message: str) -> str:
    """Addresses cut down to their host: the rest of a picture's or a callback's address is a secret."""
    return ADDRESS.sub(r"\1/…", message)
