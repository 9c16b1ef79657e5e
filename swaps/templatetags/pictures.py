"""Template tags for pictures and times."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from swaps import face_choice, face_warnings
from swaps.images import PREVIEW_SIZES
from swaps.models import Photo, Swap

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag
def picture(
    photo: Photo, *, alt: object, sizes: str, loading: str = "eager", css: str = ""
) -> SafeString:
    """An <img> of *photo* that takes the preview it needs, with its space reserved."""
    previews = ", ".join(
        f"{reverse('photo', args=[photo.pk, str(size)])} {preview_width(photo, size)}w"
        for size in PREVIEW_SIZES
    )
    return format_html(
        '<img class="{}" src="{}" srcset="{}" sizes="{}" width="{}" height="{}" '
        'loading="{}" decoding="async" alt="{}">',
        css,
        reverse("photo", args=[photo.pk, "1280"]),
        previews,
        sizes,
        photo.width,
        photo.height,
        loading,
        str(alt),
    )


def preview_width(photo: Photo, size: int) -> int:
    """How wide the preview is that fits into *size* × *size* pixels."""
    return max(1, round(photo.width * min(1.0, size / max(photo.width, photo.height))))


@register.filter
def chosen(choice: str, photo: Photo | None) -> str:
    """Which faces of *photo* were chosen, in words."""
    return face_choice.in_words(choice, photo.faces if photo else None)


@register.filter
def left_out(count: int, swap: Swap) -> str:
    """That so many of the faces that were chosen for *swap* could not be replaced, and which."""
    faces = swap.target.faces if swap.target else None
    return face_warnings.of_left_out(count, choice=swap.target_faces, faces=faces)


@register.filter
def host(link: str) -> str:
    """Whose link it is: `example.org`; empty where it names nobody."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


@register.filter
def age(moment: datetime) -> str:
    """How long ago, in one unit: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h ago"
    days = int(seconds // DAY)
    if days <= 7:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{moment:%-d %B %Y}"


@register.simple_tag
def moment(at: datetime, *, seconds: bool = False, ago: bool = False) -> SafeString:
    """A point of time: in UTC, until the script turns it into the time of where somebody looks.

    With *ago* the text is how long ago it was, and the time is what the mouse finds.
    """
    said = f"{at:%-d %B %Y, %H:%M:%S} UTC" if seconds else f"{at:%-d %B %Y, %H:%M} UTC"
    return format_html(
        '<local-time{}><time datetime="{}" title="{}">{}</time></local-time>',
        " data-seconds" if seconds else " data-ago" if ago else "",
        at.isoformat(timespec="seconds"),
        said,
        age(at) if ago else said,
    )


@register.filter
def took(seconds: float) -> str:
    """A length of time: `2.4 s`, `45 s`, `3 min 5 s`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
