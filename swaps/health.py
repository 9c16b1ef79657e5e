"""Is everything that the site needs alive?"""

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from django_ox import stats

from swaps.models import Swap

# The sweep is claimed every 10 seconds by whichever worker is free.
SILENT_FOR = timedelta(seconds=45)
REMEMBERED_SECONDS = 3


def worker_is_running() -> bool:
    """True where some worker took a message lately, or is at a swap right now."""
    # Pages ask twice a second, and the answer reads every message of a day.
    return bool(cache.get_or_set("worker_is_running", _worker_is_running, REMEMBERED_SECONDS))


def _worker_is_running() -> bool:
    if Swap.objects.filter(lease_until__gte=timezone.now()).exists():
        return True
    age = stats.last_claim_age()
    return age is not None and age < SILENT_FOR
