"""Every address of the site."""

from django.contrib import admin
from django.urls import path, re_path, register_converter

from swaps.api import answering, callback
from swaps.api import swap as api_swap
from swaps.api import tasks as api_tasks
from swaps.views import (
    accounts,
    api,
    errors,
    faces,
    gallery,
    health,
    join,
    metrics,
    new,
    outside,
    photos,
    selection,
    swap,
    team,
    tokens,
    trash,
)


class SizeConverter:
    """A picture's sizes, by the names that storage has for them."""

    regex = "320|1280|full"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SecretConverter:
    """What opens something for whoever has it: no database is asked for what no secret looks like."""

    regex = "[A-Za-z0-9_-]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SizeConverter, "size")
register_converter(SecretConverter, "secret")

urlpatterns = [
    # What programs ask most often comes first: every address is looked for from the top.
    path("face/swap", api_swap.swap, name="api_swap"),
    path("face/tasks", api_tasks.tasks, name="api_tasks"),
    path("", gallery.gallery, name="gallery"),
    path("new/", new.new, name="new"),
    path("new/left", new.left, name="left"),
    path("photos/", photos.upload, name="upload"),
    path("photos/<uuid:photo_id>/<size:size>", photos.photo, name="photo"),
    path("photos/<uuid:photo_id>/faces.json", faces.faces, name="faces"),
    path("p/<str:mark>/<str:token>/<str:file>", outside.outside, name="outside"),
    path("swaps/<uuid:swap_id>/", swap.swap, name="swap"),
    path("swaps/<uuid:swap_id>.json", swap.swap_json, name="swap_json"),
    path("swaps/<uuid:swap_id>/stage", swap.stage, name="stage"),
    path("swaps/live", gallery.live, name="live"),
    path("swaps/delete", selection.trash, name="trash_many"),
    path("swaps/put-back", selection.put_back, name="put_back"),
    path("swaps/erase", selection.erase, name="erase"),
    path("swaps/download", selection.download, name="download"),
    path("trash/", trash.trash, name="trash"),
    path("swaps/<uuid:swap_id>/result", photos.result, name="result"),
    path("swaps/<uuid:swap_id>/retry", swap.retry, name="retry"),
    path("swaps/<uuid:swap_id>/cancel", swap.cancel, name="cancel"),
    path("swaps/<uuid:swap_id>/delete", swap.delete, name="delete"),
    path("swaps/<uuid:swap_id>/callback", swap.call_back, name="call_back"),
    path("swaps/<uuid:swap_id>/close-picture", swap.close_picture, name="close_picture"),
    path("swaps/<uuid:swap_id>/favourite", swap.favourite, name="favourite"),
    path("swaps/<uuid:swap_id>/title", swap.rename, name="rename"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("setup/", accounts.set_up, name="setup"),
    path("accounts/login/", accounts.LogIn.as_view(), name="login"),
    path("accounts/logout/", accounts.LogOut.as_view(), name="logout"),
    path("accounts/password/", accounts.ChangePassword.as_view(), name="password_change"),
    path(
        "accounts/reset/<uidb64>/<token>/",
        accounts.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path("team/", team.own_team, name="own_team"),
    path("team/new", team.new_team, name="new_team"),
    path("team/<slug:slug>/", team.team, name="team"),
    path("team/<slug:slug>/invite", team.invite, name="invite"),
    path(
        "team/<slug:slug>/invitations/<int:invitation_id>/withdraw", team.withdraw, name="withdraw"
    ),
    path("team/<slug:slug>/people/<int:user_id>/role", team.change_role, name="change_role"),
    path("team/<slug:slug>/people/<int:user_id>/take-out", team.take_out, name="take_out"),
    path("team/<slug:slug>/people/<int:user_id>/caps", team.set_caps, name="set_caps"),
    path("people/<int:user_id>/password-link", team.password_link, name="password_link"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke", tokens.revoke, name="revoke_token"),
    path("settings/tokens/<int:token_id>/secret", tokens.webhook_secret, name="webhook_secret"),
    path("join/<token>/", join.join, name="join"),
    path(
        "p/<secret:secret>.<slug:ending>",
        outside.result_for_programs,
        name="result_for_programs",
    ),
    path("api/", api.api, name="api"),
    path("api/openapi.json", api.openapi_file, name="openapi"),
    path("face/callback/<secret:secret>", callback.callback, name="callback"),
    # Programs read JSON, whatever they ask for.
    path("face/<path:rest>", answering.no_api, name="no_api"),
    re_path(r"^face/?$", answering.no_api, name="no_api_at_all"),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
