"""What people fill in about accounts and teams: log-in, passwords, new accounts, invitations, limits."""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UserCreationForm,
)
from django.utils.text import slugify

from swaps.models import Invitation, Role, Team, User

ADVICE = "At least 8 characters; not a common password, not only digits."
DIFFER = "The two passwords differ. Enter the same one twice."


class LogInForm(AuthenticationForm):
    """Log-in, in our words."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and password do not belong together. Check both, capitals too.",
    }


class ChangePasswordForm(PasswordChangeForm):
    """A new password for whoever knows the old one, in our words."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "This is not your current password.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Current password"
        _in_our_words(self, "new_password1", "new_password2", again="New password again")


class NewPasswordForm(SetPasswordForm[User]):
    """A new password for whoever has a link, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].widget.attrs["autofocus"] = True
        _in_our_words(self, "new_password1", "new_password2", again="New password again")


class NewAccountForm(UserCreationForm[User]):
    """A user name and a password."""

    class Meta:
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields["username"].error_messages["unique"] = "This name is taken. Choose another one."
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        _in_our_words(self, "password1", "password2", again="Password again")


class SetupForm(NewAccountForm):
    """The first account, for whoever can read the terminal that the site was started in."""

    code = forms.CharField(
        label="Set-up code",
        help_text="It is printed in the terminal where the site was started.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}
        ),
    )

    field_order = ["code", "username", "password1", "password2"]

    def __init__(self, *args: Any, expected_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_code = expected_code
        self.fields["username"].widget.attrs.pop("autofocus", None)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if not hmac.compare_digest(code.encode(), self.expected_code.encode()):
            raise forms.ValidationError(
                "This is not the code. Copy it from the terminal where the site was started."
            )
        return code

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 (Django's signature)
        user = super().save(commit=False)
        user.is_staff = user.is_superuser = True
        if commit:
            user.save()
        return user


class RoleForm(forms.Form):
    """What somebody may do in a team."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)


class InviteForm(forms.ModelForm[Invitation]):
    """Whom a link is for."""

    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.MEMBER)

    class Meta:
        model = Invitation
        fields = ("role", "note")
        labels = {"note": "Note"}
        help_texts = {"note": "If you like: whom it is for. Only owners and admins see it."}
        widgets = {"note": forms.TextInput(attrs={"autocomplete": "off"})}


class CapsForm(forms.ModelForm[User]):
    """How many swaps somebody may make."""

    class Meta:
        model = User
        fields = ("swaps_a_day", "swaps_at_once")


class TeamForm(forms.ModelForm[Team]):
    """A new team: people give the name, its address follows from that."""

    class Meta:
        model = Team
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        slug = slugify(name)[:50]
        if not slug:
            raise forms.ValidationError("Use letters or digits in a team's name.")
        if Team.objects.filter(slug=slug).exists():
            raise forms.ValidationError("There is a team of that name already. Choose another one.")
        self.instance.slug = slug
        return name


def _in_our_words(form: forms.BaseForm, first: str, second: str, *, again: str) -> None:
    form.error_messages = {**form.error_messages, "password_mismatch": DIFFER}  # type: ignore[attr-defined]
    form.fields[first].help_text = ADVICE
    form.fields[second].label = again
    form.fields[second].help_text = ""
