"""Accounts: who they are, their teams and what they may make. Every change is recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from swaps.admin import filters, memberships, tokens
from swaps.models import Event, User, What
from swaps.views import access

PREFILLED = "membership_set__team"
# By these somebody could make herself a superuser.
POWERS = ("is_superuser", "is_staff", "groups", "user_permissions")


# Teams and roles say who may do what: groups and single permissions would be a third way.
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    """Accounts, with the teams that they are in."""

    list_display = ["username", "email", "teams", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", filters.ByTeamOfPerson]
    list_per_page = list_max_show_all = 50
    readonly_fields = ["last_login", "date_joined"]
    inlines = [memberships.TeamsInline, tokens.TokensInline]
    change_form_template = "admin/swaps/user/change_form.html"
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Times", {"fields": ["last_login", "date_joined"]}),
        (
            "Limits",
            {
                "fields": ["swaps_a_day", "swaps_at_once"],
                "description": "Empty: as the site has it. 0: without a limit.",
            },
        ),
    ]

    @admin.display(description="teams")
    def teams(self, person: User) -> str:
        places = person.membership_set.all()
        return ", ".join(f"{one.team.name} ({one.get_role_display()})" for one in places) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related(PREFILLED)

    # --- Who may -----------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes a superuser, or she could be locked out by whom she let in."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (_is_superuser(request) or not (obj and obj.is_superuser))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody deletes herself, and only a superuser deletes a superuser."""
        allowed = super().has_delete_permission(request, obj) and obj != request.user
        return allowed and (_is_superuser(request) or not (obj and obj.is_superuser))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        powers = () if _is_superuser(request) else POWERS
        return [*super().get_readonly_fields(request, obj), *powers]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An account's swaps stay; what goes with it need not be listed picture by picture."""
        names = [str(person) for person in objs]
        return names, {"accounts": len(names)}, set(), []

    # --- What is recorded --------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        by = access.by(request, via="admin")
        if not change:
            Event.record(What.ACCOUNT_MADE, by=by, person=obj)
        elif form.changed_data:
            Event.record(What.ACCOUNT_CHANGED, by=by, person=obj, fields=form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        super().save_formset(request, form, formset, change)
        memberships.record(request, formset)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002
        form_url: str = "",
    ) -> HttpResponse:
        found = self.get_object(request, id)
        before = found.password if found else ""
        answer = super().user_change_password(request, id, form_url)
        if found and User.objects.exclude(password=before).filter(pk=found.pk).exists():
            Event.record(What.PASSWORD_CHANGED, by=access.by(request, via="admin"), person=found)
        return answer

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        Event.record(What.ACCOUNT_DELETED, by=access.by(request, via="admin"), person=obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            if self.has_delete_permission(request, person):
                self.delete_model(request, person)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
