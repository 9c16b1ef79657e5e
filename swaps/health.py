"""Is everything that the site needs alive?"""

from datetime import timedelta

from django_ox import stats

# The sweep is claimed every 10 seconds by whichever worker is free.
SILENT_FOR = timedelta(seconds=45)


def worker_is_running() -> bool:
    """True where some worker took a message lately."""
    age = stats.last_claim_age()
    return age is not None and age < SILENT_FOR
