"""`/healthz`: for whatever watches over the site. It tells nothing of what the site holds."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from swaps import health


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the site serves, also where it is degraded; 503 where it cannot."""
    report = health.report()
    if report["status"] == "failing":
        return JsonResponse(report, status=503, headers={"Retry-After": "10"})
    return JsonResponse(report)
