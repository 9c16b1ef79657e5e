"""What the admin's search finds, word by word. Names and titles by a part, ids by key."""

from __future__ import annotations

import re
from ipaddress import ip_address
from uuid import UUID

from django.db.models import Q

from swaps.models import ApiRequest, Attempt, User

MOST_WORDS = 5
ID_PREFIX = re.compile(r"[0-9a-f]{6,32}")
HEX_DIGITS = 32


def words(term: str) -> list[str]:
    """The words of what was typed; every one of them has to be found."""
    return term.split()[:MOST_WORDS]


def as_id(word: str) -> UUID | None:
    """The id that *word* is, with dashes or without."""
    try:
        return UUID(word)
    except ValueError:
        return None


def swaps(word: str) -> Q:
    """Swaps by id or the start of one, by an attempt's task_id or trace_id, by person, by title; those of
    programs by trace_id and by their token's label."""
    whole = as_id(word)
    if whole is not None:
        asked = ApiRequest.objects.filter(trace_id=whole).values("swap")
        return Q(pk=whole) | Q(pk__in=asked) | _attempted({word, str(whole), whole.hex})
    labelled = ApiRequest.objects.filter(token_label__icontains=word).values("swap")
    found = Q(title__icontains=word) | Q(maker__in=people(word)) | _attempted({word})
    found |= Q(pk__in=labelled)
    digits = word.lower().replace("-", "")
    if ID_PREFIX.fullmatch(digits):
        first = UUID(digits.ljust(HEX_DIGITS, "0"))
        found |= Q(pk__range=(first, UUID(digits.ljust(HEX_DIGITS, "f"))))
    return found


def events(word: str) -> Q:
    """Lines of the record by swap or picture, by network address, by the name of who did or had it done."""
    whole = as_id(word)
    if whole is not None:
        return Q(swap=whole) | Q(photo=whole)
    if _is_address(word):
        return Q(address=word)
    return Q(actor_name__icontains=word) | Q(person_name__icontains=word)


def people(word: str) -> object:
    """The ids of the accounts whose name has *word* in it, as a subquery."""
    return User.objects.filter(username__icontains=word).values("pk")


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def _attempted(spellings: set[str]) -> Q:
    """By what a provider called it. A subquery: a join would make rows double, and their sorting slow."""
    calls = Attempt.objects.filter(Q(task_id__in=spellings) | Q(trace_id__in=spellings))
    return Q(pk__in=calls.values("swap"))
