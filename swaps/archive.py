"""Swaps as one zip file: their pictures and a JSON of their records, made while it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.text import slugify
from zipstream import ZipStream

from swaps import pictures, storage
from swaps.models import Photo, Swap
from swaps.models.photo import ROLES

CHUNK = 1 << 16
RECORDS = "swaps.json"


def stream(swaps: Iterable[Swap]) -> Iterator[bytes]:
    """The zip, piece by piece: a folder a swap, and `swaps.json` at its end.

    Pictures are compressed already, so they are stored as they are. One that was deleted while the
    zip was made is an empty file, and `missing` in its record.
    """
    archive = ZipStream()
    records = []
    for swap in swaps:
        folder = f"{slugify(swap.title)[:60] or 'swap'}-{str(swap.pk)[-12:]}"
        record = record_of(swap)
        for role in ROLES:
            photo: Photo | None = getattr(swap, role)
            if photo is not None:
                name = f"{folder}/{role}.{photo.format}"
                record["files"][role] = name
                archive.add(_bytes_of(photo, role, record["missing"]), name)
        records.append(record)
    # Written last, when it is known what was missing.
    archive.add(_as_json(records), RECORDS)
    yield from archive


def record_of(swap: Swap) -> dict[str, Any]:
    """What is known of a swap, as plain values."""
    return {
        "task_id": str(swap.pk),
        "title": swap.title,
        "maker": swap.maker.username if swap.maker else None,
        "team": swap.team.name,
        "status": swap.status,
        "provider": swap.provider,
        "created_at": swap.created_at.isoformat(),
        "finished_at": swap.finished_at.isoformat() if swap.finished_at else None,
        "error": {"code": swap.error_code, "message": swap.error_message}
        if swap.error_code
        else None,
        "files": {},
        "missing": [],
    }


def _bytes_of(photo: Photo, role: str, missing: list[str]) -> Iterator[bytes]:
    try:
        with storage.open_picture(photo.key, pictures.full_name(photo)) as handle:
            while chunk := handle.read(CHUNK):
                yield chunk
    except FileNotFoundError:
        missing.append(role)


def _as_json(records: list[dict[str, Any]]) -> Iterator[bytes]:
    yield json.dumps(records, ensure_ascii=False, indent=2).encode()
