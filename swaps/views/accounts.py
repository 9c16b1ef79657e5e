"""Log-in, log-out, passwords, and the first account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from swaps import people, setup
from swaps.account_forms import ChangePasswordForm, LogInForm, NewPasswordForm, SetupForm
from swaps.models import User
from swaps.views import access, errors

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@method_decorator(login_not_required, name="dispatch")
class LogIn(LoginView):
    """Log-in; the first visit of all makes the first account instead."""

    redirect_authenticated_user = True
    authentication_form = LogInForm

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if setup.is_due():
            return redirect("setup")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        people.logged_in(form.get_user(), by=access.by(self.request))
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        people.log_in_failed(form.data.get("username", ""), by=access.by(self.request))
        return super().form_invalid(form)


class LogOut(LogoutView):
    """The session ends by POST alone; whoever comes by GET, as after a log-in, goes to the gallery."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return redirect("gallery")

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        by = access.by(request)
        if by.user is not None:
            people.logged_out(by=by)
        return super().post(request, *args, **kwargs)


class ChangePassword(PasswordChangeView):
    """A new password, for whoever knows the old one."""

    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("gallery")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        answer = super().form_valid(form)
        people.password_changed(form.user, by=access.by(self.request))
        messages.success(self.request, "Your password is changed.")
        return answer


@method_decorator([login_not_required, never_cache], name="dispatch")
class NewPassword(PasswordResetConfirmView):
    """A new password, for whoever has a link that an admin made. It opens once."""

    form_class = NewPasswordForm
    template_name = "registration/new_password.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        answer = super().form_valid(form)
        people.password_changed(form.user, by=access.by(self.request), by_link=True)
        messages.success(self.request, "Your password is changed. Log in with it.")
        return answer

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if context["validlink"]:
            return super().render_to_response(context, **kwargs)
        return errors.page(
            self.request,
            404,
            "It was used already, or is older than 3 days. Ask your admin for a new link.",
            title="This link does not open any more",
        )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The first account; there is no such page once it exists."""
    if not setup.is_due():
        raise Http404
    form = SetupForm(request.POST or None, expected_code=setup.code())
    if request.method == "POST" and form.is_valid():
        owner = form.save()
        setup.finish(owner, by=access.by(request))
        login(request, owner, backend=MODEL_BACKEND)
        people.logged_in(owner, by=access.by(request))
        return redirect("new")
    status = 400 if form.errors else 200
    return render(request, "registration/setup.html", {"form": form}, status=status)
