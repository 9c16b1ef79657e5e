"""The history of swaps: what was made, by whom, from what, and what failed and why. Nothing is edited here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import ActionLocation, IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from swaps import submission
from swaps.admin import acting, exporting, filters, searching
from swaps.admin.reading import ReadOnly, Titled
from swaps.face_choice import ROLES as GIVEN
from swaps.models import (
    ApiRequest,
    Attempt,
    Callback,
    Delivery,
    Event,
    Status,
    Swap,
    User,
    What,
)
from swaps.templatetags.pictures import chosen, took
from swaps.views import access

ROLES = {**GIVEN, "result": "Result"}


class AttemptInline(ReadOnly, admin.TabularInline[Attempt, Swap]):
    model = Attempt
    fields = [
        "provider", "mode", "outcome", "started_at", "finished_at", "error_code", "error_message",
        "task_id", "trace_id", "cost", "timings", "note",
    ]  # fmt: skip
    extra = 0
    template = "admin/swaps/table.html"


class CallbackInline(ReadOnly, admin.TabularInline[Callback, Swap]):
    """The address is a secret of whoever asked; its host alone is shown."""

    model = Callback
    fields = ["told", "host", "state", "next_at", "deliveries"]
    readonly_fields = ["told", "host", "state", "next_at", "deliveries"]
    extra = 0
    template = "admin/swaps/table.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Callback]:
        return super().get_queryset(request).prefetch_related("deliveries")

    @admin.display(description="told")
    def told(self, callback: Callback) -> str:
        return "result" if callback.is_success else "failure"

    @admin.display(description="state")
    def state(self, callback: Callback) -> str:
        return callback.get_ended_display() or "Waiting"

    @admin.display(description="deliveries", empty_value="–")
    def deliveries(self, callback: Callback) -> SafeString:
        lines = [
            (f"{one.at:%-d %b %Y, %H:%M:%S} UTC", *filter(None, _said(one)))
            for one in callback.deliveries.all()
        ]
        return format_html_join("", "<p>{}</p>", ((" · ".join(line),) for line in lines))


def _said(delivery: Delivery) -> list[str]:
    status = str(delivery.status or "no answer")
    return [status, f"{delivery.seconds:.2f} s", delivery.error, delivery.answer]


class EventInline(ReadOnly, admin.TabularInline[Event, Swap]):
    model = Event
    verbose_name_plural = "what was done"
    fields = ["at", "who", "what", "via", "address", "details"]
    readonly_fields = ["at", "who", "what", "via", "address", "details"]
    extra = 0
    template = "admin/swaps/table.html"


@admin.register(Swap)
class SwapAdmin(Titled, ReadOnly, admin.ModelAdmin[Swap]):
    """Read-mostly: what can be done with a swap goes through submission.py, as everywhere."""

    list_title = "History"
    list_display = [
        "pictures", "name", "maker", "team", "token", "state", "error_code", "provider", "created",
        "took",
    ]  # fmt: skip
    list_display_links = ["name"]
    list_filter = [
        "status", filters.ByPlace, filters.ByDate, filters.ByProvider, filters.ByTeam,
        filters.ByMaker, filters.ByToken,
    ]  # fmt: skip
    list_select_related = ["maker", "team", "api_request"]
    list_per_page = list_max_show_all = 50
    # Any other order would have to sort the whole table.
    sortable_by = ["created"]
    date_hierarchy = "created_at"
    search_fields = ["title"]
    search_help_text = (
        "Person, title, token's label, task_id or its beginning, trace_id. "
        "All of several words have to fit."
    )
    actions = acting.ACTIONS
    inlines = [AttemptInline, CallbackInline, EventInline]
    fieldsets = [
        (None, {"fields": ["large_pictures"]}),
        ("State", {"fields": ["state", "error_code", "error_message", "error_picture"]}),
        ("Whose", {"fields": ["maker", "team", "title", "chosen_in_face", "chosen_in_photo", "provider"]}),
        (
            "Times",
            {
                "fields": [
                    "created_at", "consent_at", "queued_at", "started_at", "finished_at", "took",
                    "poll_at", "lease_until", "trashed_at", "deleted_at",
                ]
            },
        ),
        ("API", {"fields": ["token", "api_trace_id", "result_address"]}),
        ("Ids", {"fields": ["task_id", "face_id", "photo_id", "result_id"]}),
        ("Links", {"fields": ["face_link", "photo_link"]}),
    ]  # fmt: skip

    # --- What is shown -----------------------------------------------------------------------------

    @admin.display(description="Face, Photo, Result")
    def pictures(self, swap: Swap) -> SafeString:
        shown = format_html_join("", "{}", ((_small(swap, role),) for role in ROLES))
        return format_html('<div class="thumbs">{}</div>', shown)

    @admin.display(description="Pictures")
    def large_pictures(self, swap: Swap) -> SafeString:
        shown = format_html_join("", "{}", ((_large(swap, role),) for role in ROLES))
        return format_html('<div class="large-pictures">{}</div>', shown)

    @admin.display(description="title")
    def name(self, swap: Swap) -> str:
        return swap.title or f"Swap …{str(swap.pk)[-6:]}"

    @admin.display(description="state")
    def state(self, swap: Swap) -> SafeString:
        place = "in the trash" if swap.trashed_at else ""
        place = "deleted" if swap.deleted_at else place
        return format_html(
            '<span class="state is-{}">{}</span>{}',
            swap.status,
            swap.get_status_display(),
            format_html(' <span class="quiet">{}</span>', place) if place else "",
        )

    @admin.display(description="created", ordering="created_at")
    def created(self, swap: Swap) -> str:
        return f"{timezone.localtime(swap.created_at):%-d %b %Y, %H:%M}"

    @admin.display(description="took")
    def took(self, swap: Swap) -> str:
        return took(swap.seconds_since_queued()) if swap.finished_at else "–"

    @admin.display(description="chosen in the Face")
    def chosen_in_face(self, swap: Swap) -> str:
        return chosen(swap.source_face, swap.source)

    @admin.display(description="chosen in the Photo")
    def chosen_in_photo(self, swap: Swap) -> str:
        return chosen(swap.target_faces, swap.target)

    @admin.display(description="task_id")
    def task_id(self, swap: Swap) -> UUID:
        return swap.pk

    @admin.display(description="Face")
    def face_id(self, swap: Swap) -> UUID | None:
        return swap.source_id

    @admin.display(description="Photo")
    def photo_id(self, swap: Swap) -> UUID | None:
        return swap.target_id

    @admin.display(description="Result")
    def result_id(self, swap: Swap) -> UUID | None:
        return swap.result_id

    @admin.display(description="API token")
    def token(self, swap: Swap) -> str:
        asked = _asked(swap)
        return asked.token_label if asked else "–"

    @admin.display(description="trace_id", empty_value="–")
    def api_trace_id(self, swap: Swap) -> UUID | None:
        asked = _asked(swap)
        return asked.trace_id if asked else None

    @admin.display(description="result’s address")
    def result_address(self, swap: Swap) -> str:
        """Its state: the address itself opens the picture."""
        asked = _asked(swap)
        if asked is None or swap.result_id is None:
            return "–"
        if asked.picture_revoked_at:
            return f"revoked {timezone.localtime(asked.picture_revoked_at):%-d %b %Y, %H:%M}"
        if asked.picture_is_open and asked.picture_until and not swap.trashed_at:
            return f"open until {timezone.localtime(asked.picture_until):%-d %b %Y, %H:%M}"
        return "not open"

    @admin.display(description="Face", empty_value="none")
    def face_link(self, swap: Swap) -> str:
        return swap.source_url

    @admin.display(description="Photo", empty_value="none")
    def photo_link(self, swap: Swap) -> str:
        return swap.target_url

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        """By date where dates are asked for: one index then finds and sorts. Ids are in the same order."""
        asked = request.GET.keys() & {"from", "to", f"{self.date_hierarchy}__year"}
        return ("-created_at",) if asked else ("-pk",)

    # --- Who may, and which ------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Swap]:
        """All swaps for a superuser, deleted ones too; for other staff what she may see on the site."""
        every = super().get_queryset(request)
        if isinstance(request.user, User) and request.user.is_superuser:
            return every
        return every.filter(pk__in=Swap.objects.reachable_by(request.user).values("pk"))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """To erase the row itself; its pictures are `acting.erase`'s."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """What the actions ask for. That nobody edits a swap here is another matter."""
        return request.user.has_perm("swaps.change_swap")

    def get_actions(
        self,
        request: HttpRequest,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> dict[str, Any]:
        """Ours alone: rows are erased one by one, each on its own page."""
        found = super().get_actions(request, action_location)
        return {name: action for name, action in found.items() if name in acting.ACTS}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Swap], search_term: str
    ) -> tuple[QuerySet[Swap], bool]:
        for word in searching.words(search_term):
            queryset = queryset.filter(searching.swaps(word))
        return queryset, False

    # --- What is done ------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        swap = context["original"]
        context["possible"] = acting.possible(swap) if self.has_manage_permission(request) else []
        context["is_on_site"] = not swap.trashed_at and not swap.deleted_at
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A swap goes with its attempts; they need not be listed one by one."""
        return [str(swap) for swap in objs], {"swaps": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Swap) -> None:
        """Erase the row. Its pictures go first, in the way of the site; the record keeps its lines."""
        by = access.by(request, via="admin")
        submission.delete_swap(obj, by=by)
        Event.record(What.ERASED, by=by, swap=obj, task_id=str(obj.pk), title=obj.title)
        obj.delete()

    # --- Export ------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def export(ending: str) -> URLPattern:
            view = self.admin_site.admin_view(self.export)
            name = f"swaps_swap_export_{ending}"
            return path(f"export.{ending}", view, {"ending": ending}, name=name)

        return [export("csv"), export("json"), *super().get_urls()]

    @method_decorator(require_safe)
    def export(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """The list as it is filtered, searched and sorted, to its end."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:swaps_swap_changelist")
        by = access.by(request, via="admin")
        Event.record(What.EXPORTED, by=by, ending=ending, query=request.GET.urlencode())
        return exporting.response(found, ending)


def _asked(swap: Swap) -> ApiRequest | None:
    """What a program asked for; None where a person did."""
    return getattr(swap, "api_request", None)


def _small(swap: Swap, role: str) -> SafeString:
    photo_id = getattr(swap, f"{role}_id")
    if photo_id is None:
        return format_html('<span class="thumb is-gone">{}</span>', _missing(swap, role))
    address = reverse("photo", args=[photo_id, "320"])
    return format_html(
        '<img class="thumb" src="{}" width="64" height="64" loading="lazy" alt="{}">',
        address,
        ROLES[role],
    )


def _large(swap: Swap, role: str) -> SafeString:
    photo = getattr(swap, role)
    if photo is None:
        missing = _missing(swap, role)
        return format_html(
            '<figure><span class="thumb is-gone">{}</span><figcaption>{}</figcaption></figure>',
            missing,
            ROLES[role],
        )
    return format_html(
        '<figure><a href="{}"><img src="{}" width="{}" height="{}" alt="{}"></a>'
        "<figcaption>{}, {} × {} px, {} kB</figcaption></figure>",
        reverse("photo", args=[photo.pk, "full"]),
        reverse("photo", args=[photo.pk, "1280"]),
        photo.width,
        photo.height,
        f"{ROLES[role]} in full",
        ROLES[role],
        photo.width,
        photo.height,
        f"{round(photo.bytes / 1000):,}",
    )


def _missing(swap: Swap, role: str) -> str:
    """The word for a picture that is not there: not made, still at its link, or deleted."""
    if role == "result":
        return "gone" if swap.status == Status.SUCCEEDED else "none"
    return "not fetched" if getattr(swap, f"{role}_url") else "gone"
