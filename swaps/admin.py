"""The admin's pages: people and teams, and the history of swaps to read."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from swaps.models import Attempt, Membership, Swap, Team, User


class MembershipInline(admin.TabularInline[Membership, User]):
    model = Membership
    extra = 0


class PersonAdmin(UserAdmin[User]):
    """Accounts, with the teams that they are in."""

    inlines = [MembershipInline]


admin.site.register(User, PersonAdmin)
admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Admin"


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ["name", "slug", "created_at"]


class ReadOnly:
    """Rows that only the work itself writes."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AttemptInline(ReadOnly, admin.TabularInline[Attempt, Swap]):
    model = Attempt
    exclude = ["secret"]
    extra = 0


@admin.register(Swap)
class SwapAdmin(ReadOnly, admin.ModelAdmin[Swap]):
    """What was made, by whom, from what, what failed and why."""

    list_display = ["__str__", "maker", "team", "status", "error_code", "provider", "created_at"]
    list_filter = ["status", "provider", "team"]
    search_fields = ["id", "title", "maker__username", "attempts__trace_id"]
    list_select_related = ["maker", "team"]
    exclude = ["lease", "lease_until"]
    inlines = [AttemptInline]
