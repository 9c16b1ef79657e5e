"""People's places in teams, as accounts and teams both show them, and what is recorded of their changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from swaps.models import By, Event, Membership, Team, User, What
from swaps.views import access


class LabelledFormSet(BaseInlineFormSet[Membership, Any, Any]):
    """Django's tables name their columns for the eye alone; here each field has its name."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            # Django wraps a choice of rows into its buttons for other rows.
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = field.label or name.capitalize()


class TeamsInline(admin.TabularInline[Membership, User]):
    """A person's teams."""

    model = Membership
    formset = LabelledFormSet
    verbose_name_plural = "teams"
    extra = 0

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "team":
            # Asked for once, and not once a row.
            field.choices = [("", "---------"), *Team.objects.values_list("pk", "name")]
        return field


class PeopleInline(admin.TabularInline[Membership, Team]):
    """A team's people. Who joins is said on the person's own page, which knows all her teams."""

    model = Membership
    formset = LabelledFormSet
    verbose_name_plural = "people"
    fields = ["user", "role"]
    readonly_fields = ["user"]
    extra = max_num = 0
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user", "team")


def record(request: HttpRequest, formset: Any) -> None:
    """A line for everybody who joined, left or got another role by this saved form."""
    by = access.by(request, via="admin")
    for made in formset.new_objects:
        _line(What.JOINED, made, by, role=made.role)
    for gone in formset.deleted_objects:
        _line(What.LEFT, gone, by)
    before = {form.instance.pk: form.initial for form in formset.initial_forms}
    for changed, fields in formset.changed_objects:
        if "team" in fields:
            left = Team.objects.get(pk=before[changed.pk]["team"])
            Event.record(What.LEFT, by=by, person=changed.user, team=left.name)
            _line(What.JOINED, changed, by, role=changed.role)
        elif "role" in fields:
            _line(What.ROLE_CHANGED, changed, by, role=changed.role)


def _line(what: What, membership: Membership, by: By, role: str = "") -> None:
    said = {"role": role} if role else {}
    team = membership.team.name
    Event.record(what, by=by, swap=None, photo=None, person=membership.user, team=team, **said)
