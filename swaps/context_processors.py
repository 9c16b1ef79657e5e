"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """The site's name; `site_name` is taken by Django's log-in, for the host's."""
    return {"brand": settings.SITE_NAME}
