"""The admin as a whole: its name, what needs somebody's attention, and lists that no page counts to the end."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite, ShowFacets
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from swaps import health

COUNTED = 5000


class BoundedPaginator(Paginator[Any]):
    """Pages of a list that is counted no further than COUNTED; what lies behind is found by a filter."""

    @cached_property
    def _counted(self) -> int:
        # Without an order the database can stop at the limit.
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by().values("pk")[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @property
    def has_more(self) -> bool:
        """True where the list goes on behind its last page."""
        return self._counted > COUNTED


class SwapsAdminSite(AdminSite):
    """Django's admin with our name, our notices, and a bound on every list of every app."""

    site_header = site_title = settings.SITE_NAME
    index_title = "Admin"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        bounded = {
            "paginator": BoundedPaginator,
            "show_full_result_count": False,
            "show_facets": ShowFacets.NEVER,
        }
        super().register(model_or_iterable, admin_class, **{**bounded, **options})

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The site's own log-in, which is guarded and recorded; whoever is in already is no admin."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("These pages are the admin’s.")
        # The log-in leads whoever is in already to where she wanted to go, if that is on this site.
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """What is the site's own comes first."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] != "swaps")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        notices = health.notices(for_admin=True) if self.has_permission(request) else []
        return {**super().each_context(request), "notices": notices}
