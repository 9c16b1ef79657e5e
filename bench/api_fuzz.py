"""Generated requests to the Face Swap API, in this process: how many were answered how, and none with a fault.

    ./run bench api_fuzz [COUNT]

COUNT requests (default 10,000), the same ones each time, to a site of its own. No worker runs, so that nothing
is fetched; whoever waits for a swap waits 10 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter

import django

FOLDER = tempfile.TemporaryDirectory()
os.environ |= {"DATA_DIR": FOLDER.name, "DJANGO_SETTINGS_MODULE": "faceswap_site.settings"}
django.setup()

from django.conf import settings  # noqa: E402 (models exist from here on)
from django.core.management import call_command  # noqa: E402

from swaps.models import ApiToken, Team, User  # noqa: E402
from tests.api.fuzzing import Fuzzed  # noqa: E402

COUNT, PATIENCE = 10_000, 0.01


def token() -> str:
    """Of somebody on a site that was just set up."""
    call_command("migrate", verbosity=0)
    person = User.objects.create_user("program")
    return ApiToken.make(user=person, team=Team.default(), label="fuzz")[1]


def told(statuses: Counter[int], wrong: list[str], seconds: float) -> bool:
    print(f"{'status':>6} {'answers':>8}")
    for status, many in sorted(statuses.items()):
        print(f"{status:6} {many:8}")
    for line in wrong[:10]:
        print(line)
    faults = sum(many for status, many in statuses.items() if status in {500, 502, 503})
    print(f"\n{statuses.total()} requests in {seconds:.0f} s; ", end="")
    print(f"faults: {faults}; answers that are none of the contract's: {len(wrong)}")
    return not faults and not wrong


def main(arguments: list[str]) -> int:
    settings.API_LONGEST_WAIT = PATIENCE
    fuzzed = Fuzzed(token())
    start = time.perf_counter()
    fuzzed.send(int(arguments[0]) if arguments else COUNT)
    fine = told(fuzzed.statuses, fuzzed.wrong, time.perf_counter() - start)
    print("verdict: " + ("held" if fine else "NOT held"))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
