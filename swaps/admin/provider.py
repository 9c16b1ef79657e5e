"""The provider's page: how it stands, what it cost, whether all is well, and what can be decided about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from swaps import doctor, health, submission
from swaps.admin.reading import ReadOnly
from swaps.models import ProviderState
from swaps.providers import PROVIDERS
from swaps.standing import TITLES, Standing
from swaps.views import access

PAGE = "admin:swaps_providerstate_changelist"


@admin.register(ProviderState)
class ProviderAdmin(ReadOnly, admin.ModelAdmin[ProviderState]):
    """One page instead of a list of rows. Superusers alone: it is about everybody's swaps and money."""

    def get_urls(self) -> list[URLPattern]:
        def at(address: str, name: str, view: Any) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            found: URLPattern = path(address, wrapped, name=f"swaps_providerstate_{name}")
            return found

        return [
            at("", "changelist", self.changelist_view),
            at("resume/", "resume", self.resume),
            at("roles/", "roles", self.choose_roles),
            at("checks/", "checks", self.examine),
        ]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    has_module_permission = has_view_permission

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page; `?name=` is the provider, the one of new swaps if unsaid."""
        self._guard(request)
        name = request.GET.get("name", settings.FACESWAP_PROVIDER)
        if name not in PROVIDERS:
            return redirect(PAGE)
        shown = {
            **self.admin_site.each_context(request),
            "title": "Provider",
            "opts": self.opts,
            "standing": Standing(name),
            "in_use": settings.FACESWAP_PROVIDER,
            "titles": TITLES,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/swaps/providerstate/change_list.html", shown)

    @method_decorator(require_POST)
    def examine(self, request: HttpRequest) -> HttpResponse:
        """The page with what the doctor finds now."""
        self._guard(request)
        return self.changelist_view(request, {"findings": list(doctor.examine())})

    @method_decorator(require_POST)
    def resume(self, request: HttpRequest) -> HttpResponse:
        """Let it do swaps again."""
        name = self._named(request)
        if submission.resume_provider(name, by=access.by(request, via="admin")):
            said = "It goes on: the swaps that waited are asked for now."
            self.message_user(request, said, messages.SUCCESS)
        else:
            self.message_user(request, "It was not paused any more.", messages.INFO)
        return self._back(name)

    @method_decorator(require_POST)
    def choose_roles(self, request: HttpRequest) -> HttpResponse:
        """Send the two pictures in the roles that were chosen."""
        name, roles = self._named(request), request.POST.get("roles", "")
        if roles not in ProviderState.Roles.values:
            raise PermissionDenied("These are no roles.")
        if submission.choose_roles(name, roles, by=access.by(request, via="admin")):
            said = "From the next swap on the two pictures go the other way round."
            self.message_user(request, said, messages.SUCCESS)
        return self._back(name)

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied("This page is the admin’s.")

    def _named(self, request: HttpRequest) -> str:
        self._guard(request)
        name = request.POST.get("name", "")
        if name not in PROVIDERS:
            raise PermissionDenied("There is no such provider.")
        return name

    def _back(self, name: str) -> HttpResponseRedirect:
        health.forget()
        address = redirect(PAGE)
        if name != settings.FACESWAP_PROVIDER:
            address["Location"] += f"?name={name}"
        return address
