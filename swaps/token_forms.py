"""What people fill in about tokens of the API."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from swaps import tokens
from swaps.forms import DatePicker
from swaps.models import ApiToken, By, Team, User

NEVER, ON_A_DATE = "never", "date"
ENDS = {
    NEVER: "Never", "7": "In 7 days", "30": "In 30 days", "90": "In 90 days",
    "365": "In a year", ON_A_DATE: "On a date",
}  # fmt: skip
LONGEST = timedelta(days=10 * 365)
MOST_SWAPS = 1_000_000
ONE_OR_MORE = "Give a whole number from 1, or leave it empty."


class Number(forms.NumberInput):
    """A whole number that a phone asks for by its keypad."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "numeric", "placeholder": "No limit"})


class TokenForm(forms.Form):
    """A new token of *user*'s. The team is asked for only where she is in several."""

    label = forms.CharField(
        max_length=ApiToken.LABEL_LENGTH, strip=True,
        error_messages={"required": "Say what uses it, so that you know it again."},
        help_text="What uses it, so that you know it again.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    team = forms.ChoiceField(error_messages={"invalid_choice": "You are not in this team."})
    scopes = forms.MultipleChoiceField(
        label="What it is for",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    ends = forms.ChoiceField(choices=ENDS, initial="365")
    date = forms.DateField(
        label="Its last day",
        required=False,
        widget=DatePicker,
        error_messages={"invalid": "Give a date like 2030-12-31."},
        help_text="It ends with that day, in UTC.",
    )
    swaps_a_day = forms.IntegerField(
        label="Swaps a day", required=False, min_value=1, max_value=MOST_SWAPS, widget=Number,
        error_messages={"invalid": ONE_OR_MORE, "min_value": ONE_OR_MORE},
    )  # fmt: skip
    swaps_at_once = forms.IntegerField(
        label="At once", required=False, min_value=1, max_value=MOST_SWAPS, widget=Number,
        error_messages={"invalid": ONE_OR_MORE, "min_value": ONE_OR_MORE},
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.teams = {team.slug: team for team in user.teams()}
        scopes = {**tokens.SCOPES} if user.may_make else {"read": tokens.SCOPES["read"]}
        self.fields["scopes"].choices = scopes.items()  # type: ignore[attr-defined]
        self.fields["scopes"].initial = list(scopes)
        self.fields["team"].choices = [(slug, team.name) for slug, team in self.teams.items()]  # type: ignore[attr-defined]
        self.fields["team"].initial = user.team.slug
        if len(self.teams) == 1:
            del self.fields["team"]
        if not user.may_make:
            del self.fields["swaps_a_day"], self.fields["swaps_at_once"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("ends") == ON_A_DATE and "date" not in self.errors:
            self._check_date()
        return cleaned

    def _check_date(self) -> None:
        today, date = timezone.now().date(), self.cleaned_data.get("date")
        if date is None:
            self.add_error("date", "Give the date, or choose another end.")
        elif date < today:
            self.add_error("date", "This day is over. Choose today or a later one.")
        elif date > today + LONGEST:
            self.add_error("date", "Choose a date within ten years, or “Never”.")

    @property
    def chosen_team(self) -> Team:
        """The team that was chosen, or the one that there is."""
        return self.teams[self.cleaned_data.get("team") or next(iter(self.teams))]

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends; None for never."""
        ends = self.cleaned_data["ends"]
        if ends == NEVER:
            return None
        if ends == ON_A_DATE:
            day = self.cleaned_data["date"] + timedelta(days=1)
            return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
        return timezone.now() + timedelta(days=int(ends))

    def make(self, *, by: By) -> tuple[ApiToken, str] | None:
        """The token and its text; None where it cannot be made, which the form then says."""
        try:
            return tokens.make_token(
                user=self.user, team=self.chosen_team, label=self.cleaned_data["label"],
                scopes=self.cleaned_data["scopes"], by=by, expires_at=self.expires_at,
                swaps_a_day=self.cleaned_data.get("swaps_a_day"),
                swaps_at_once=self.cleaned_data.get("swaps_at_once"),
            )  # fmt: skip
        except tokens.NotMade as error:
            advice = f" Leave “{tokens.SCOPES['swap']}” out." if error.field == "scopes" else ""
            field = error.field if error.field in self.fields else None
            self.add_error(field, f"{error}{advice}")
            return None
