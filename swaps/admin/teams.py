"""Teams and the invitations into them. Every change of a team is recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from swaps.admin import filters, memberships
from swaps.admin.reading import ReadOnly
from swaps.models import Event, Invitation, Photo, Swap, Team, What
from swaps.views import access


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    """Teams, with the people who are in them."""

    list_display = ["name", "slug", "created_at"]
    list_per_page = list_max_show_all = 50
    search_fields = ["name", "slug"]
    inlines = [memberships.PeopleInline]

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """The default team is everybody's who is in no other."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A team goes once nothing is kept of it. What is kept need not be listed row by row."""
        names = [team.name for team in objs]
        kept = [
            f"Swaps or pictures of {team}"
            for team in objs
            if Swap.objects.filter(team=team).exists() or Photo.objects.filter(team=team).exists()
        ]
        needless = [f"{team} is the default team" for team in objs if team.is_default]
        return names, {"teams": len(names)}, set(), kept + needless

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        by = access.by(request, via="admin")
        if not change:
            Event.record(What.TEAM_MADE, by=by, team=obj.name)
        elif form.changed_data:
            Event.record(What.TEAM_CHANGED, by=by, team=obj.name, fields=form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        super().save_formset(request, form, formset, change)
        memberships.record(request, formset)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        Event.record(What.TEAM_DELETED, by=access.by(request, via="admin"), team=obj.name)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Team]) -> None:
        for team in queryset:
            self.delete_model(request, team)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, admin.ModelAdmin[Invitation]):
    """Who was invited where. The links themselves are kept nowhere."""

    list_display = [
        "note", "team", "role", "invited_by", "created_at", "expires_at", "used_at", "used_by",
        "withdrawn_at",
    ]  # fmt: skip
    list_display_links = ["created_at"]
    list_filter = [filters.ByTeam]
    list_select_related = ["team", "invited_by", "used_by"]
    list_per_page = list_max_show_all = 50
    exclude = ["digest"]
