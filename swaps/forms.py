"""What people fill in about swaps. Forms check and keep; what follows is submission.py's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.functional import cached_property

from swaps import pictures, results, submission
from swaps.face_choice import ROLES, Unfit
from swaps.http import Forbidden, Private
from swaps.images import PictureError, TooLarge, check_size
from swaps.models import By, Photo, Status, Swap, User
from swaps.models.swap_queries import SwapQuerySet
from swaps.outages import SAID, NotStored, Outage, outage_of

# The fields that say which faces of each are meant.
FACES = {"source": "source_face", "target": "target_faces"}


def keep_uploaded(file: TemporaryUploadedFile, user: User, *, by: By) -> Photo:
    """An uploaded file as a Photo of *user*'s team.

    Raises images.PictureError; the announced size counts, as what is too large arrives cut off.
    Raises outages.NotStored where there is no room for it, or no storage.
    """
    check_size(file.size or 0)
    if getattr(file, "found_no_room", False):
        raise NotStored(Outage.STORAGE)
    try:
        photo = pictures.keep_upload(Path(file.temporary_file_path()), team=user.team, by=by)
        submission.look_for_faces(photo)
    except (OSError, OperationalError) as error:
        outage = outage_of(error)
        if outage not in SAID:
            raise
        raise NotStored(outage) from error
    return photo


def check_link(link: str, name: str) -> None:
    """Refuse at once what could never be fetched for the *name*; nothing is called.

    Raises ValidationError with a sentence.
    """
    if len(link) > Swap.LINK_LENGTH:
        raise forms.ValidationError(
            f"The link to the {name} is {len(link):,} characters long; the limit is "
            f"{Swap.LINK_LENGTH:,}. Choose the picture as a file instead."
        )
    try:
        results.links_door().check(link)
    except Forbidden as error:
        said = f"The {name} cannot be fetched from this link. {error}"
        if isinstance(error, Private):
            said += " Choose the picture as a file instead."
        raise forms.ValidationError(said) from error


class NewSwapForm(forms.Form):
    """A Face and a Photo, each as a file, by a link, or as the id of a picture that is here already.

    Whatever is wrong with the form, what could be kept is in `photos`, and in `links` what was written.
    """

    source = forms.FileField(required=False)
    target = forms.FileField(required=False)
    source_url = forms.CharField(required=False, strip=True)
    target_url = forms.CharField(required=False, strip=True)
    source_photo = forms.UUIDField(required=False)
    target_photo = forms.UUIDField(required=False)
    source_face = forms.CharField(required=False, strip=True)
    target_faces = forms.CharField(required=False, strip=True)
    title = forms.CharField(required=False, max_length=Swap.TITLE_LENGTH, strip=True)
    form_key = forms.UUIDField(required=False)
    consent = forms.BooleanField(
        error_messages={
            "required": "Please confirm that you may use these people’s pictures this way."
        },
    )

    def __init__(self, *args: Any, user: User, by: By, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.by = user, by
        self.photos: dict[str, Photo] = {}
        self.links: dict[str, str] = {}
        self.too_large = False
        self.outage: Outage | None = None
        # An empty file is a picture with a fault of its own sentence, not a missing field.
        for role in ROLES:
            self.fields[role].allow_empty_file = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for role, name in ROLES.items():
            try:
                self._keep(role, name)
                self._choose(role)
            except (PictureError, NotStored) as error:
                self.too_large |= isinstance(error, TooLarge)
                self.outage = getattr(error, "outage", self.outage)
                self.add_error(role, str(error))
            except Unfit as error:
                self.add_error(error.role, str(error))
            except forms.ValidationError as error:
                self.add_error(role, error)
        return cleaned

    @property
    def given(self) -> dict[str, Photo | str]:
        """What a swap is to be made of: pictures that are here, and links."""
        return {**self.links, **self.photos}

    def _keep(self, role: str, name: str) -> None:
        """What was given for *role*: a file, where one was sent, before a link, and a link before an id."""
        file, link = self.cleaned_data.get(role), self.cleaned_data.get(f"{role}_url")
        if file is not None:
            self.photos[role] = keep_uploaded(file, self.user, by=self.by)
        elif link:
            self.links[role] = link
            check_link(link, name)
        elif (photo := self._chosen(role)) is not None:
            self.photos[role] = photo
        elif role not in self.errors:
            raise forms.ValidationError(f"Choose a picture for the {name}.")

    def _choose(self, role: str) -> None:
        """Which faces of it are meant; a choice that fits none is said beside the picture, which stays."""
        chosen = FACES[role]
        if role not in self.given:
            return
        self.cleaned_data[chosen] = submission.fitting_choice(
            self.cleaned_data.get(chosen, ""), role, self.given[role]
        )

    def _chosen(self, role: str) -> Photo | None:
        chosen = self.cleaned_data.get(f"{role}_photo")
        return chosen and Photo.objects.visible_to(self.user).filter(pk=chosen).first()


class DatePicker(forms.DateInput):
    """The browser's own."""

    input_type = "date"


class GalleryFilter(forms.Form):
    """Which swaps somebody looks for. All of it stands in the address; what makes no sense is left out."""

    q = forms.CharField(label="Title", required=False, max_length=Swap.TITLE_LENGTH)
    maker = forms.TypedChoiceField(label="Made by", required=False, coerce=int)
    status = forms.ChoiceField(
        label="State", required=False, choices=[("", "Any"), *Status.choices]
    )
    since = forms.DateField(label="From", required=False, widget=DatePicker)
    until = forms.DateField(label="To", required=False, widget=DatePicker)
    favourite = forms.BooleanField(label="My favourites", required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.visible = Swap.objects.visible_to(user)
        # Asked once, be it to check what was chosen or to show what can be.
        self.fields["maker"].choices = cache(self._makers)  # type: ignore[attr-defined]
        self.full_clean()

    def _makers(self) -> list[tuple[object, str]]:
        # One look a person, however many swaps there are.
        made = Exists(self.visible.filter(maker=OuterRef("pk")))
        known = User.objects.filter(made).order_by("username").values_list("pk", "username")
        return [("", "Everybody"), *known]

    def found(self) -> SwapQuerySet:
        """The visible swaps that are looked for."""
        rules = {
            "q": "title__icontains",
            "maker": "maker",
            "status": "status",
            "since": "created_at__date__gte",
            "until": "created_at__date__lte",
        }
        given = {rules[name]: self.cleaned_data[name] for name in self.asked if name in rules}
        found = self.visible.filter(**given)
        return found.filter(favourites__user=self.user) if "favourite" in self.asked else found

    @property
    def asked(self) -> list[str]:
        """The names of what is looked for."""
        return [name for name, value in self.cleaned_data.items() if value]

    @property
    def query(self) -> str:
        """What is looked for, as it stands in an address; empty where it is everything."""
        return urlencode({name: self.data[name] for name in self.asked})

    @cached_property
    def kept(self) -> str:
        """The same, as it stands behind a page's address: `?q=sea`. Every card of a page asks for it."""
        return f"?{self.query}" if self.query else ""

    @property
    def is_in_use(self) -> bool:
        """True where anything is looked for."""
        return bool(self.asked)
