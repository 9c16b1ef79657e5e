"""Log-in and the first account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from swaps import setup
from swaps.forms import ChangePasswordForm, LogInForm, SetupForm

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


class LogOut(LogoutView):
    """The session ends by POST alone; whoever comes by GET, as after a log-in, goes to the gallery."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return redirect("gallery")


class ChangePassword(PasswordChangeView):
    """A new password, for whoever knows the old one."""

    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("gallery")

    def form_valid(self, form: object) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)  # type: ignore[arg-type]


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The first account; there is no such page once it exists."""
    if not setup.is_due():
        raise Http404
    form = SetupForm(request.POST or None, expected_code=setup.code())
    if request.method == "POST" and form.is_valid():
        owner = form.save()
        setup.finish(owner)
        login(request, owner, backend=MODEL_BACKEND)
        return redirect("new")
    status = 400 if form.errors else 200
    return render(request, "registration/setup.html", {"form": form}, status=status)
