"""Which process runs which test: those that share a server run in one, which starts it once.

All others go to whoever is free. It is our own because pytest-xdist's groups by marks (`--dist loadgroup`)
do nothing with the pytest that we use.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

SHARED = {
    "tests/pages/test_odd_requests.py": "a site for odd requests",
    "tests/site/test_api_examples.py": "a site that programs ask",
    "tests/site/test_callbacks.py": "a site that calls back",
    "tests/site/test_doctor.py": "a site that is looked at",
    "tests/site/test_hosted.py": "a site with a hosted service",
    "tests/site/test_hosted_crops.py": "a site with crops",
    "tests/site/test_races.py": "a site on each database",
    "tests/site/test_round_trip.py": "two sites",
    "tests/site/test_running.py": "a site that is left running",
    "tests/storage/test_bucket.py": "an S3 server",
}


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Units of work in the order of the tests, which begins with those that use the database.

    That has to stay so: a process whose browser has run has an event loop, and Django refuses to ask the
    database beside one.
    """

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/e2e/"):
            # A site and a browser for either half of them.
            return "browser, a to o" if file < "tests/e2e/test_p" else "browser, p to z"
        return SHARED.get(file, nodeid)
