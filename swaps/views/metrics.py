"""`/metrics`: for Prometheus. Whoever may not read them finds nothing there."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_LATEST

from swaps import metrics as counted

BY_A_PROXY = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@login_not_required
@csrf_exempt  # a POST finds nothing either, instead of a refusal that tells there is something
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"} or not _may_read(request):
        raise Http404
    return HttpResponse(counted.text(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """True for the token's bearer; where there is no token, for programs on this machine."""
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "")
        return compare_digest(shown.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # A proxy on the same machine speaks for others, whatever its address.
    if any(name.startswith(BY_A_PROXY) for name in request.META):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
