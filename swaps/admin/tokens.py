"""Tokens of the API, for superusers to read and revoke. No token, no hash and no secret stands here."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from swaps import tokens
from swaps.admin.reading import ReadOnly, Titled
from swaps.models import ApiToken, User
from swaps.views import access


class ForSuperusers(ReadOnly):
    """What other staff know nothing of, whatever their rights."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    has_module_permission = has_view_permission


class TokensInline(ForSuperusers, admin.TabularInline[ApiToken, User]):
    """A person's tokens."""

    model = ApiToken
    verbose_name_plural = "API tokens"
    fields = ["label", "start", "team", "state", "last_used_at", "expires_at"]
    readonly_fields = ["start", "state"]
    extra = 0
    template = "admin/swaps/table.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).select_related("team")


@admin.register(ApiToken)
class TokenAdmin(ForSuperusers, Titled, admin.ModelAdmin[ApiToken]):
    """Whose tokens there are, what for and how long, and which of them are used."""

    list_title = "API tokens"
    list_display = [
        "label", "start", "user", "team", "scope", "state", "created_at", "expires_at",
        "last_used_at",
    ]  # fmt: skip
    list_select_related = ["user", "team"]
    list_per_page = list_max_show_all = 50
    search_fields = ["label", "start", "user__username"]
    search_help_text = "A token's label or its first letters, or a person."
    sortable_by = ["created_at", "last_used_at"]
    actions = ["revoke"]
    fields = [
        "label", "start", "user", "team", "scope", "state", "swaps_a_day", "swaps_at_once",
        "created_at", "expires_at", "last_used_at", "revoked_at",
    ]  # fmt: skip

    @admin.display(description="for")
    def scope(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        by = access.by(request, via="admin")
        won = sum(tokens.revoke_token(one, by=by) for one in chosen)
        said = "1 token is revoked." if won == 1 else f"{won} tokens are revoked."
        self.message_user(request, said, messages.SUCCESS if won else messages.INFO)
