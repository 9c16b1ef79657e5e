"""Where the site is found: what the addresses begin with that it gives away."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

LONGEST = 300
"""Characters: a name of the internet has 253 at most."""


def origin(request: HttpRequest) -> str:
    """The site's public address, else the one by which it was asked; no slash at the end.

    Raises DisallowedHost, which is answered 400, where the request calls it by a name that no host has.
    """
    if settings.SITE_URL:
        public: str = settings.SITE_URL
        return public
    found = request.build_absolute_uri("/").rstrip("/")
    if len(found) > LONGEST:
        raise DisallowedHost("The name in the header Host is longer than any that there is.")
    return found
