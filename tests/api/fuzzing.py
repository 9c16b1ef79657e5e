"""Generated requests to the Face Swap API: most are nearly right, the rest are anything at all."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from swaps.contract import SERVED_STATUS

TOKEN = "{token}"
UUIDS = st.uuids().map(str)
LINKS = st.sampled_from([
    "https://example.invalid/face.jpg", "http://127.0.0.1/", "http://[::1", "http://2130706433/", "ftp://a/",
    "https://user:pw@example.invalid/", "HTTPS://EXAMPLE.INVALID:443/a?b#c", "https://example.invalid:0/",
    "https://exa mple.invalid/", "https://\u2488.invalid/", "https://xn--\u00e9.invalid/",
    "https://" + "a" * 64 + ".invalid/",
    "https://example.invalid/" + "a" * 1970, "https://example.invalid/%00", "https://[v1.a]/", "https://\ud800/",
])  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | LINKS | UUIDS
    | st.sampled_from([10**400, "1e999", "true", "\x00", "\ud800", "retrieve", "retrieve_batch", TOKEN])
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def _mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(right, right, right, ANYTHING)


SWAP = st.fixed_dictionaries({}, optional={
    "source_image_url": _mostly(LINKS), "target_image_url": _mostly(LINKS), "callback_url": _mostly(LINKS),
    "async": _mostly(st.booleans()), "timeout": _mostly(st.floats(min_value=0.001)), "extra": ANYTHING,
})  # fmt: skip
# These are taken: whoever waits is told after her time that they go on.
GOOD = st.fixed_dictionaries({
    "source_image_url": st.just("https://example.invalid/face.jpg"),
    "target_image_url": st.text("abc", min_size=1).map("https://example.invalid/{}".format),
}, optional={"async": st.booleans(), "timeout": st.floats(min_value=0.001)})  # fmt: skip
TASKS = st.fixed_dictionaries({}, optional={
    "action": _mostly(st.sampled_from(["retrieve", "retrieve_batch"])), "id": _mostly(UUIDS),
    "task_id": _mostly(UUIDS),
    "trace_id": _mostly(UUIDS), "ids": _mostly(st.lists(UUIDS, max_size=5)),
    "task_ids": ANYTHING, "trace_ids": ANYTHING,
})  # fmt: skip
BODIES = st.one_of(
    ANYTHING.map(lambda body: json.dumps(body).encode()),
    st.one_of(SWAP, TASKS).map(
        lambda body: json.dumps(body, ensure_ascii=False).encode(errors="replace")
    ),
    st.binary(max_size=200),
    st.sampled_from([
        b"", b"[" * 50_000, b'{"action":' * 9_000, b"9" * 6_000, b" " * ((1 << 20) + 1), b"\xef\xbb\xbf{}",
    ]),
)  # fmt: skip
PATHS = st.one_of(
    st.sampled_from(["/face/swap", "/face/tasks"]), st.sampled_from(["/face/swap", "/face/tasks"]),
    st.text(max_size=30).map(lambda rest: f"/face/{quote(rest)}"),
    st.text(max_size=30).map(lambda rest: f"/face/callback/{quote(rest)}"),
)  # fmt: skip
LATIN = st.text(st.characters(max_codepoint=255), max_size=60)
HEADERS = st.fixed_dictionaries({}, optional={
    "Idempotency-Key": LATIN | st.just("a-key"), "Accept": LATIN, "Host": LATIN | st.just("localhost"),
    "X-Trace-Id": LATIN, "X-Forwarded-For": LATIN, "Content-Encoding": LATIN, "Cookie": LATIN,
    "Transfer-Encoding": st.just("chunked"),
    "Content-Length": LATIN | st.sampled_from(["-1", "0", "99999999999", "1e3"]),
})  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """One request; `{token}` in the header Authorization stands for a good one."""

    method: str
    path: str
    body: bytes = field(repr=False)
    content_type: str
    authorization: str
    headers: dict[str, str]


def _posted(path: str, bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[Sent]:
    """Requests that go as they should, whatever their JSON says."""
    return st.builds(
        Sent, method=st.just("POST"), path=st.just(path), body=bodies.map(lambda body: json.dumps(body).encode()),
        content_type=st.just("application/json"), authorization=st.just(f"Bearer {TOKEN}"),
        headers=st.just({}),
    )  # fmt: skip


ODD = st.builds(
    Sent,
    method=st.sampled_from(["POST"] * 9 + ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]),
    path=PATHS, body=BODIES,
    content_type=st.just("application/json") | LATIN | st.just("multipart/form-data; boundary=x"),
    authorization=st.just(f"Bearer {TOKEN}") | LATIN | LATIN.map("Bearer {}".format),
    headers=st.just({}) | HEADERS,
)  # fmt: skip
REQUESTS = st.one_of(
    _posted("/face/swap", GOOD), _posted("/face/swap", SWAP), _posted("/face/tasks", TASKS), ODD
)


class Fuzzed:
    """Sends generated requests in this process with a token's text, and keeps what was answered.

    *wrong* has a line for each answer that is none of the contract's.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def send(self, count: int) -> None:
        """As many requests, the same ones each time."""
        self.browser = Client(raise_request_exception=False)

        @given(REQUESTS)
        @settings(
            max_examples=count, phases=[Phase.generate], deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def every(sent: Sent) -> None:
            self._send(sent)

        every()

    def _send(self, sent: Sent) -> None:
        shown = sent.authorization.replace(TOKEN, self.token)
        headers = {"Host": "localhost", "Authorization": shown, **sent.headers}
        # The test client's own stream does not take an announced length that is none of its body's.
        extra: dict[str, Any] = {"wsgi.input": BytesIO(sent.body)}
        answer: Any = self.browser.generic(
            sent.method,
            sent.path,
            sent.body,
            content_type=sent.content_type,
            headers=headers,
            **extra,
        )
        self.statuses[answer.status_code] += 1
        if said := _not_of_the_contract(sent, answer):
            self.wrong.append(
                f"{said}: {sent} answered {answer.status_code} {answer.content[:200]!r}"
            )


def _not_of_the_contract(sent: Sent, answer: Any) -> str:
    """What is wrong with the answer; empty where nothing is."""
    if answer.status_code in (500, 301, 302, 307, 308):
        return "a fault or a redirect"
    if "X-Trace-Id" not in answer.headers:
        return "no trace_id"
    if sent.method == "HEAD":
        return ""
    if answer.headers["Content-Type"] != "application/json":
        return "no JSON"
    body = answer.json()
    if "items" not in body and body["trace_id"] != answer.headers["X-Trace-Id"]:
        return "another trace_id"
    if answer.status_code == 200:
        return "" if body.get("success", True) else "a failure with status 200"
    return "" if body["success"] is False and body["error"]["code"] in SERVED_STATUS else "no error"
