"""Asks the site on this machine whether it serves: exit status 0 or 1. The image's health check."""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

from faceswap_site import env

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (looked up, not bound to)


def main() -> int:
    host = env.text("HOST", "127.0.0.1")
    connection = HTTPConnection(EVERYWHERE.get(host, host), env.number("PORT", 8000), timeout=5)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        sys.stdout.write(answer.read().decode())
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"The site does not answer: {error}\n")
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
