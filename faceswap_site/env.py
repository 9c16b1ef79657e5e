"""Reading the environment: helpers that fail loudly, with a sentence. Used by settings.py and supervisor.py."""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The variable as it stands, without surrounding spaces; *default* where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def secret(name: str, default: str = "") -> str:
    """As `text`, or the content of the file that `NAME_FILE` names (Docker and systemd hand over secrets so)."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}. "
            f"Check the path and who may read it, or set {name} itself."
        ) from error


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    """The variable as a whole number from *least* to *most*."""
    raw = text(name, str(default))
    if not raw.isdecimal() or not least <= int(raw) <= most:
        raise ImproperlyConfigured(
            f"{name} is {raw!r}; give a whole number from {least} to {most}."
        )
    return int(raw)


def flag(name: str, *, default: bool = False) -> bool:
    """The variable as yes or no."""
    raw = text(name, "yes" if default else "no").lower()
    if raw in {"1", "yes", "true", "on"}:
        return True
    if raw in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; give yes or no.")


def listing(name: str) -> list[str]:
    """The variable as a list; commas separate."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def one_of(name: str, choices: tuple[str, ...], default: str) -> str:
    """The variable as one of *choices*."""
    raw = text(name, default)
    if raw not in choices:
        raise ImproperlyConfigured(f"{name} is {raw!r}; give one of: {', '.join(choices)}.")
    return raw


def decimal(name: str, default: str) -> Decimal:
    """The variable as an amount of money, zero or more."""
    raw = text(name, default)
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 1000:
        raise ImproperlyConfigured(f"{name} is {raw!r}; give an amount like 0.01.")
    return amount


def origin(name: str, default: str = "", *, example: str = "swaps.example.org") -> str:
    """The variable as scheme and host (`https://swaps.example.org`); *default* where it is unset."""
    raw = text(name, default).rstrip("/")
    scheme, separator, host = raw.partition("://")
    if raw and (scheme not in {"http", "https"} or not separator or not host or "/" in host):
        raise ImproperlyConfigured(
            f"{name} is {raw!r}; give the public address alone, like https://{example}."
        )
    return raw


def web_threads() -> int:
    """How many requests the web server deals with at the same time; it and settings.py have to agree."""
    return number("WEB_THREADS", 64, least=4, most=1000)
