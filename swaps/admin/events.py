"""The record of what was done, to read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from swaps.admin import filters, searching
from swaps.admin.reading import ReadOnly, Titled
from swaps.models import Event


@admin.register(Event)
class EventAdmin(Titled, ReadOnly, admin.ModelAdmin[Event]):
    """Who did what, when and from where. Lines are never changed and never removed."""

    list_title = "What was done"
    list_display = ["when", "who", "what", "person_name", "which", "via", "address", "details"]
    list_filter = ["what", filters.ByVia, filters.ByDateOfEvent]
    list_per_page = list_max_show_all = 100
    date_hierarchy = "at"
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["actor_name"]
    search_help_text = "A person's name, a network address, or the id of a swap or a picture."
    fields = ["when", "who", "what", "person_name", "which", "photo", "via", "address", "details"]

    @admin.display(description="when", ordering="at")
    def when(self, event: Event) -> str:
        return f"{timezone.localtime(event.at):%-d %b %Y, %H:%M:%S}"

    @admin.display(description="swap")
    def which(self, event: Event) -> SafeString | str:
        if event.swap_id is None:
            return "–"
        address = reverse("admin:swaps_swap_change", args=[event.swap_id])
        return format_html('<a href="{}">…{}</a>', address, str(event.swap_id)[-6:])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        for word in searching.words(search_term):
            queryset = queryset.filter(searching.events(word))
        return queryset, False
