"""System checks: configurations that run, but not as their operator would want."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning


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
