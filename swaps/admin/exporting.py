"""The history as a file: CSV for spreadsheets, JSON for programs. It streams, so its size does not matter."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from itertools import batched
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import StreamingHttpResponse
from django.utils import timezone

from swaps.models import Attempt, Swap

ROWS_READ, ROWS_SENT = 2000, 200
# Column by column: its name, and where its value comes from.
COLUMNS = {
    "task_id": "pk", "status": "status", "title": "title", "maker": "maker__username",
    "team": "team__name", "provider": "provider", "created_at": "created_at",
    "started_at": "started_at", "finished_at": "finished_at", "seconds": "queued_at",
    "error_code": "error_code", "error_message": "error_message", "trace_id": "last_trace_id",
    "token": "api_request__token_label", "api_trace_id": "api_request__trace_id",
    "source_id": "source_id", "source_bytes": "source__bytes",
    "target_id": "target_id", "target_bytes": "target__bytes",
    "result_id": "result_id", "result_bytes": "result__bytes",
    "trashed_at": "trashed_at", "deleted_at": "deleted_at",
}  # fmt: skip
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
# A cell that begins so is run as a formula, by a spreadsheet that is not on its guard.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, Any]


def response(swaps: QuerySet[Swap], ending: str) -> StreamingHttpResponse:
    """The swaps, in their order, as a file to download; *ending* is `csv` or `json`."""
    pieces = {"csv": _csv, "json": _json}[ending](_rows(swaps))
    answer = StreamingHttpResponse(pieces, content_type=TYPES[ending])
    name = f"swaps-{timezone.localdate()}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(swaps: QuerySet[Swap]) -> Iterator[Row]:
    """Times as ISO text, `seconds` from the wish to its end; trace_id is the last attempt's."""
    last = Attempt.objects.filter(swap=OuterRef("pk")).order_by("-pk").values("trace_id")[:1]
    values = swaps.annotate(last_trace_id=Subquery(last)).values_list(*COLUMNS.values())
    for found in values.iterator(chunk_size=ROWS_READ):
        row = dict(zip(COLUMNS, found, strict=True))
        queued, finished = row["seconds"], row["finished_at"]
        row["seconds"] = round((finished - queued).total_seconds(), 3) if finished else None
        yield {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _csv(rows: Iterable[Row]) -> Iterator[str]:
    # The mark by which Excel knows UTF-8.
    yield "\ufeff" + ",".join(COLUMNS) + "\r\n"
    for some in batched(rows, ROWS_SENT):
        text = StringIO()
        csv.writer(text).writerows([_cell(value) for value in row.values()] for row in some)
        yield text.getvalue()


def _cell(value: Any) -> Any:
    """The value as it cannot be taken for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _json(rows: Iterable[Row]) -> Iterator[str]:
    yield "[\n"
    before = ""
    for some in batched(rows, ROWS_SENT):
        yield before + ",\n".join(json.dumps(row, ensure_ascii=False) for row in some)
        before = ",\n"
    yield "\n]\n"
