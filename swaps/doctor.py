"""The doctor: looks at all that a swap needs, as the site and its provider use it. Shell and admin share it.

Nothing is bought. Each finding that is bad says what to do.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.checks import Error, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from swaps import asking, health, storage
from swaps.http import Answer, Door, DoorError
from swaps.models import ProviderState
from swaps.outages import Outage, outage_of
from swaps.providers import HOSTED
from swaps.providers.base import Mode, Verdict

SECONDS = 10.0
MOST_BYTES = 1 << 16
PORTS = {"http": 80, "https": 443}
VARIANT = "full.jpg"
CHECK_BUCKET = "Check S3_ENDPOINT_URL, S3_BUCKET and the keys, and that the server runs."
MISSING = {
    Outage.DATABASE: "The database does not answer. Start it, or check DATABASE_URL.",
    Outage.STORAGE: "There is no room for pictures. Make some.",
    Outage.AWAY: f"The picture storage does not answer, or refuses. {CHECK_BUCKET}",
}


class State(enum.StrEnum):
    """What a look found."""

    WELL = "well"
    ILL = "ill"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and a sentence: where it is ill, what to do."""

    name: str
    state: State
    said: str


class Ill(Exception):
    """A look found something wrong; str() says what, and what to do."""


class NotNeeded(Exception):
    """There is nothing to look at; str() says why."""


def examine() -> Iterator[Finding]:
    """Every look's finding, as soon as it is there. With a slow network that takes a minute in all."""
    for name, look in LOOKS.items():
        try:
            yield Finding(name, State.WELL, look())
        except NotNeeded as reason:
            yield Finding(name, State.NOT_NEEDED, str(reason))
        except Ill as illness:
            yield Finding(name, State.ILL, str(illness))
        except Exception as error:
            outage = outage_of(error)
            if outage is None:
                raise
            yield Finding(name, State.ILL, MISSING[outage])


# --- On this machine -------------------------------------------------------------------------------


def _settings() -> str:
    errors = [found for found in run_checks() if isinstance(found, Error)]
    if errors:
        raise Ill(" ".join(f"{error.msg} {error.hint or ''}".strip() for error in errors))
    return "They fit each other."


def _database() -> str:
    _healthy(health.database())
    return "It answers."


def _disk() -> str:
    share = _healthy(health.disk())["free_share"]
    return f"{100 * float(str(share)):.0f} % of it is free."


def _worker() -> str:
    if not health.worker_was_heard_of():
        raise Ill(health.NO_WORKER)
    return "It runs."


def _storage() -> str:
    found = health.stores()
    if settings.S3_BUCKET and not found["ok"]:
        raise Ill(f"{found.get('message', '')} {CHECK_BUCKET}")
    _healthy(found)
    where = f"the bucket {settings.S3_BUCKET}" if settings.S3_BUCKET else "the folder of pictures"
    return f"A file was written to {where}, read and removed."


def _healthy(check: health.Check) -> health.Check:
    if not check["ok"]:
        raise Ill(str(check.get("message", "What was written did not come back.")))
    return check


# --- As others reach it ----------------------------------------------------------------------------


def _addresses() -> str:
    """A picture is stored and fetched as the provider would, and as nobody should."""
    if not settings.S3_BUCKET and not settings.SITE_URL:
        if settings.FACESWAP_PROVIDER not in HOSTED:
            raise NotNeeded("The embedded engine reads the pictures itself.")
        raise Ill(
            "The hosted service cannot fetch the pictures. Set SITE_URL to the public address of "
            "this site, or keep the pictures in a bucket (S3_BUCKET)."
        )
    key, content = storage.new_key(), uuid4().bytes
    name = storage.name_of(key, VARIANT)
    default_storage.save(name, ContentFile(content))
    try:
        url = storage.outside_url(key, VARIANT, seconds=60)
        return _fetched(url, content)
    finally:
        storage.remove_names([name])


def _fetched(url: str, content: bytes) -> str:
    host = urlsplit(url).netloc
    where = "S3_PUBLIC_ENDPOINT_URL" if settings.S3_BUCKET else "SITE_URL"
    answer = _called(lambda: _door().get(url), f"A picture cannot be fetched from {host}", where)
    if answer.status != 200 or answer.body != content:
        raise Ill(
            f"A picture's address at {host} answers with status {answer.status} instead of the picture. "
            f"Check that {where} is the address by which others reach it, and this machine's clock."
        )
    if not settings.S3_BUCKET or settings.S3_PUBLIC_BUCKET:
        return f"A picture was fetched from {host}."
    bare = _called(lambda: _door().get(url.partition("?")[0]), f"{host} does not answer", where)
    if bare.status == 200:
        raise Ill(
            f"The bucket at {host} hands its pictures to anybody. Make it private; "
            "or, if that is meant, set S3_PUBLIC_BUCKET=yes."
        )
    return f"A picture was fetched from {host}, and not without its signature."


def _own_address() -> str:
    if not settings.SITE_URL:
        return _needed_for_callbacks()
    url = settings.SITE_URL + reverse("healthz")
    answer = _called(lambda: _door().get(url), f"{settings.SITE_URL} cannot be reached", "SITE_URL")
    if answer.status not in {200, 503} or b'"status"' not in answer.body:
        raise Ill(
            f"{url} answers with status {answer.status}, and not as this site does. "
            "Check SITE_URL, and where the proxy in front leads to."
        )
    return f"{settings.SITE_URL} leads to a site like this one."


def _callback() -> str:
    """A callback is sent to the site as the provider would send one, and has to arrive here."""
    if not settings.SITE_URL:
        return _needed_for_callbacks()
    name = settings.FACESWAP_PROVIDER
    secret = ProviderState.open_loop(name)
    url = settings.SITE_URL + reverse("callback", args=[secret])
    answer = _called(
        lambda: _door().post_json(url, {"success": True}), "A callback cannot be sent", "SITE_URL"
    )
    if answer.status == 204 and ProviderState.of(name).loop_closed_at:
        return "One that was sent to SITE_URL arrived here."
    if 300 <= answer.status < 400:
        raise Ill(
            f"A callback to SITE_URL is redirected (status {answer.status}), and callbacks follow no "
            "redirect. Set SITE_URL to the address that the proxy leads to, https included."
        )
    raise Ill(
        f"A callback to SITE_URL was answered with status {answer.status} and did not arrive here. "
        "Let the proxy in front pass POST requests below /face/callback/ without a log-in of its own, "
        "and check that it leads to this site."
    )


def _needed_for_callbacks() -> str:
    if settings.FACESWAP_PROVIDER in HOSTED and settings.HOSTED_MODE == Mode.CALLBACK:
        raise Ill("HOSTED_MODE=callback needs SITE_URL: set it to the public address of this site.")
    raise NotNeeded(
        "SITE_URL is not set, so there are no callbacks of the hosted service. Links to results of the "
        "API lead to the host by which a program asked."
    )


def _called(call: Callable[[], Answer], failing: str, variable: str) -> Answer:
    try:
        return call()
    except DoorError as error:
        raise Ill(f"{failing}: {error} Check {variable}, DNS and firewall.") from error


def _door() -> Door:
    """The door of every day, which lets the site's own addresses pass as well."""
    try:
        own = [_peer(url) for url in (settings.SITE_URL, settings.S3_PUBLIC_ORIGIN) if url]
        return Door(allow=[*settings.OUTBOUND_ALLOW, *own], seconds=SECONDS, most=MOST_BYTES)
    except ValueError as error:
        raise Ill(
            "What may be called cannot be read. Check OUTBOUND_ALLOW, and the ports of SITE_URL and "
            f"S3_PUBLIC_ENDPOINT_URL: {error}"
        ) from error


def _peer(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc if parts.port else f"{parts.netloc}:{PORTS[parts.scheme]}"


# --- Who does the swaps ----------------------------------------------------------------------------


def _provider() -> str:
    name = settings.FACESWAP_PROVIDER
    if name in HOSTED and not settings.ACEDATACLOUD_API_TOKEN:
        raise Ill("There is no token. Set ACEDATACLOUD_API_TOKEN, or FACESWAP_PROVIDER=local.")
    try:
        probe = asking.provider(name).probe()
    except ValueError as error:
        raise Ill(str(error)) from error
    if probe.verdict in {Verdict.REFUSED, Verdict.UNREACHABLE}:
        raise Ill(probe.message)
    if health.pause() is not None:
        raise Ill(
            "It would do swaps, but it is paused. Resume it on the Provider page of the admin, "
            "or with ./run manage resume_provider."
        )
    if name not in HOSTED:
        return "The embedded engine has its model."
    if probe.verdict is Verdict.NO_TASKS:
        return "It answers. It has no /face/tasks, so the token could not be tested for nothing."
    return "It answers and takes the token. Nothing was bought."


LOOKS: dict[str, Callable[[], str]] = {
    "Database": _database,
    "Settings": _settings,
    "Disk": _disk,
    "Worker": _worker,
    "Storage": _storage,
    "Picture addresses": _addresses,
    "Own address": _own_address,
    "Callback": _callback,
    "Provider": _provider,
}
