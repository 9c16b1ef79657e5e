"""System checks: configurations that run, but not as their operator would want."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from swaps.addresses import is_private_by_name
from swaps.http import Door, Forbidden
from swaps.providers import HOSTED, provider_class
from swaps.providers.base import Mode, Provider


@register(Tags.security, deploy=True)
def listens_without_tls(**kwargs: Any) -> list[CheckMessage]:
    """W001: passwords and pictures would cross a network unencrypted."""
    if settings.PUBLIC_HTTPS or settings.LISTENS_TO_ITSELF:
        return []
    return [
        CheckWarning(
            f"The site listens on {settings.HOST} without TLS.",
            hint="Put a proxy with TLS in front of it and set SITE_URL to its https address.",
            id="swaps.W001",
        )
    ]


@register()
def hosted_provider_can_work(**kwargs: Any) -> list[CheckMessage]:
    """E001 to E003: the hosted service needs a token, and a way to the pictures and back."""
    if settings.FACESWAP_PROVIDER not in HOSTED:
        return []
    found: list[CheckMessage] = []
    if not settings.ACEDATACLOUD_API_TOKEN:
        found.append(
            Error(
                "The hosted service needs a token.",
                hint="Set ACEDATACLOUD_API_TOKEN, or FACESWAP_PROVIDER=local for the embedded engine.",
                id="swaps.E001",
            )
        )
    if not settings.SITE_URL and not settings.S3_BUCKET:
        found.append(
            Error(
                "The hosted service has no way to fetch the pictures.",
                hint="Set SITE_URL to the public address of this site, or keep the pictures in a bucket "
                "(S3_BUCKET).",
                id="swaps.E002",
            )
        )
    if settings.HOSTED_MODE == Mode.CALLBACK and not settings.SITE_URL:
        found.append(
            Error(
                "HOSTED_MODE=callback, but the hosted service does not know where to call back.",
                hint="Set SITE_URL to the public address of this site, or HOSTED_MODE=auto.",
                id="swaps.E003",
            )
        )
    return found


@register()
def hosted_provider_reaches_us(**kwargs: Any) -> list[CheckMessage]:
    """E004, E005: a provider on the internet can call no private address; the job would be paid and fail."""
    if settings.FACESWAP_PROVIDER not in HOSTED or _is_private(settings.ACEDATACLOUD_API_BASE_URL):
        return []
    found: list[CheckMessage] = []
    if _is_private(settings.SITE_URL):
        found.append(
            Error(
                f"SITE_URL, {settings.SITE_URL}, is a private address: the hosted service cannot call it.",
                hint="Set it to the address by which the internet reaches this site; or unset it and keep "
                "the pictures in a bucket, so that the service is polled.",
                id="swaps.E004",
            )
        )
    if settings.S3_BUCKET and _is_private(settings.S3_PUBLIC_ORIGIN):
        found.append(
            Error(
                f"The bucket's address, {settings.S3_PUBLIC_ORIGIN}, is private: the hosted service cannot "
                "fetch the pictures from it.",
                hint="Set S3_PUBLIC_ENDPOINT_URL to the address by which the internet reaches the storage.",
                id="swaps.E005",
            )
        )
    return found


@register()
def hosted_provider_may_be_called(**kwargs: Any) -> list[CheckMessage]:
    """E008: a service on a private network is called only where that is said."""
    if settings.FACESWAP_PROVIDER not in HOSTED:
        return []
    try:
        Door(allow=settings.OUTBOUND_ALLOW).check(settings.ACEDATACLOUD_API_BASE_URL)
    except ValueError:
        # E006 says it.
        return []
    except Forbidden as error:
        return [
            Error(
                f"ACEDATACLOUD_API_BASE_URL: {error}",
                hint="If it is meant, put its host:port into OUTBOUND_ALLOW.",
                id="swaps.E008",
            )
        ]
    return []


@register()
def peers_can_be_read(**kwargs: Any) -> list[CheckMessage]:
    """E006: behind a door with a peer that cannot be read, every call fails."""
    found: list[CheckMessage] = []
    for name in ("OUTBOUND_ALLOW", "LINKS_ALLOW"):
        try:
            Door(allow=getattr(settings, name))
        except ValueError as error:
            hint = "Correct that entry, or take it out; commas separate entries."
            found.append(Error(f"In {name}, {error}", hint=hint, id="swaps.E006"))
    return found


@register()
def hosted_provider_can_be_built(**kwargs: Any) -> list[CheckMessage]:
    """E007: what no request can carry. Where new swaps are made here, it may still have older ones."""
    if not settings.ACEDATACLOUD_API_TOKEN:
        return []
    build: Callable[..., Provider] = provider_class("acedata")
    try:
        build(
            token=settings.ACEDATACLOUD_API_TOKEN,
            base_url=settings.ACEDATACLOUD_API_BASE_URL,
            door=Door(),
            roles=settings.ROLES,
        )
    except ValueError as error:
        return [Error(str(error), id="swaps.E007")]
    return []


def _is_private(url: str) -> bool:
    return bool(url) and is_private_by_name(urlsplit(url).hostname or "")
