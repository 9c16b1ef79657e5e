"""Secrets that have to be read again, sealed with keys of the site: a stolen database does not tell them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

SALT = b"swaps.sealing"


class Unreadable(Exception):
    """It was sealed with a SECRET_KEY that is gone; str() is a sentence for people."""


def seal(secret: str) -> str:
    """*secret* as it may be kept in a row."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again, also where SECRET_KEY is one of SECRET_KEY_FALLBACKS by now. Raises Unreadable."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(
            "It was sealed with another SECRET_KEY. Put that one into SECRET_KEY_FALLBACKS, or make a new token."
        ) from None


def _box() -> MultiFernet:
    return _box_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _box_of(*keys: str) -> MultiFernet:
    """The first key seals; each of them opens. A SECRET_KEY is long and random: one hash of it is a key."""
    digests = (hashlib.blake2b(key.encode(), key=SALT, digest_size=32).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
