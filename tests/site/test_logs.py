"""The log: one line a step, as text or JSON, without anything that opens a door."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from faceswap_site.logs import Json, Text
from swaps.models.swap import TRANSITIONS
from tests.portraits import portraits
from tests.running import Browser, running_site
from tests.samples import PASSWORD, ROOT

pytestmark = pytest.mark.once

STEPS = ["request", "claim", "attempt", "record_outcome", "succeed", "answer"]
SECRETS = """
from django.conf import settings
from django.contrib.sessions.models import Session
from swaps.models import Attempt, Photo
answer = [settings.SECRET_KEY, *Attempt.objects.values_list("secret", flat=True)]
answer += Photo.objects.values_list("key", flat=True)
answer += [str(pk) for pk in Photo.objects.values_list("pk", flat=True)]
answer += Session.objects.values_list("pk", flat=True)
"""


def line(formatter: logging.Formatter, message: str, *args: object, **extra: Any) -> str:
    name = extra.pop("name", "swaps.tasks")
    record = logging.LogRecord(
        name, logging.INFO, __file__, 1, message, args, extra.pop("exc", None)
    )
    vars(record).update(extra)
    return formatter.format(record)


def test_a_swap_leaves_one_line_a_step_and_no_secret(tmp_path: Path) -> None:
    with running_site(tmp_path, LOG_FORMAT="json") as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        assert browser.swap(photos[0], photos[1])[1] == "succeeded"
        browser.session.get(f"{site.url}/photos/{photos[0]}/77", timeout=30)
        swap_id = site.shell("from swaps.models import Swap; answer = str(Swap.objects.get().pk)")
        secrets = site.shell(SECRETS)
    log = site.log.read_text()
    lines = [json.loads(one) for one in log.splitlines() if one.startswith("{")]
    steps = [one for one in lines if "step" in one and "photo" not in one]
    assert sorted(one["step"] for one in steps) == sorted(STEPS)
    assert {one["task_id"] for one in steps} == {swap_id}
    assert all(one["time"].endswith("+00:00") and one["level"] == "INFO" for one in steps)
    told = {one["step"]: one for one in steps}
    assert told["attempt"]["trace_id"] == told["answer"]["trace_id"]
    assert told["answer"]["outcome"] == "succeeded"
    assert told["answer"]["seconds"] > 0
    assert not [secret for secret in [*secrets, PASSWORD] if secret in log]


def test_every_step_is_documented() -> None:
    table = (ROOT / "docs" / "operations.md").read_text().split("| `step` |")[1].split("\n\n")[0]
    firsts = [row.split("|")[1] for row in table.splitlines()[2:]]
    told = set(re.findall(r"`(\w+)`", " ".join(firsts)))
    sources = "\n".join(file.read_text() for file in (ROOT / "swaps").rglob("*.py"))
    logged = re.findall(r"step=(\w+)|\._(?:write|hide)\(\s*\"(\w+)\"", sources)
    assert told == set(TRANSITIONS) | {name for names in logged for name in names if name}


def test_text_has_the_fields_as_they_were_written() -> None:
    said = line(Text(), "step=%s task_id=%s seconds=%.2f", "answer", "7", 1.234)
    assert said.endswith(" INFO swaps.tasks step=answer task_id=7 seconds=1.23")


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
def test_no_value_can_make_a_line_or_a_field_of_its_own(formatter: logging.Formatter) -> None:
    forged = 'x step=succeed\n2026-01-01 INFO swaps step=succeed "\x1b[2J\u2028'
    said = line(formatter, "step=answer trace_id=%s outcome=%s", forged, "failed")
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said
    if isinstance(formatter, Json):
        assert json.loads(said)["step"] == "answer"
        assert json.loads(said)["trace_id"] == forged
    else:
        assert 'trace_id="x step=succeed' in said


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
@pytest.mark.parametrize(
    "path",
    ["/face/callback/s3cret", "/join/s3cret", "/accounts/reset/MQ/s3cret/", "/p/s3cret:x"],
)
def test_a_failed_request_is_a_line_without_what_its_address_opens(
    formatter: logging.Formatter, path: str
) -> None:
    request = RequestFactory().post(f"{path}?token=s3cret")
    said = line(
        formatter, "%s: %s", "Internal Server Error", request.path,
        name="django.request", request=request, status_code=500,
    )  # fmt: skip
    assert "s3cret" not in said
    for told in ("500", "POST", path.split("s3cret", maxsplit=1)[0].removesuffix("MQ/")):
        assert told in said


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
def test_a_traceback_names_no_picture_and_forges_no_line(formatter: logging.Formatter) -> None:
    key = f"pictures/ab/{'0f' * 16}"
    try:
        raise OSError(f"/srv/media/{key}/full.jpg\n2026-01-01 INFO https://s3/x?X-Amz-Signature=1")
    except OSError:
        said = line(formatter, "crashed task_id=%s", "7", exc=sys.exc_info())
    assert "0f0f" not in said
    assert "Signature" not in said
    assert "Traceback" in said
    assert all(one.startswith("    ") for one in said.splitlines()[1:])


def test_words_of_other_libraries_stay_as_they_are() -> None:
    said = json.loads(line(Json(), "Invalid HTTP_HOST header: a=%r.", "b", name="django.security"))
    assert said["message"] == "Invalid HTTP_HOST header: a='b'."
