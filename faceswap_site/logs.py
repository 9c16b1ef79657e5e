"""How a line of the log looks: as text or as JSON, one event a line, with nothing in it that opens a door.

What is logged as `step=answer task_id=%s` comes out as fields. Settings name these formatters.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

# Whoever has one of these addresses is let in, or sees a picture: they stay out of every line.
MASKS = (
    (re.compile(r"(/(?:face/callback|join|accounts/reset|p|photos)/)[^\s\"'?]+"), r"\1…"),
    (re.compile(r"(pictures/)[0-9a-f]{2}/[0-9a-f]{32}[^\s\"']*"), r"\1…"),
    (re.compile(r"(https?://[^\s\"'?]+\?)[^\s\"']+"), r"\1…"),
)
NUMBERS = {"seconds", "status"}


def masked(text: str) -> str:
    """The text without addresses that are secrets, and without the queries of any."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    """The text with whatever would end a line, or move a terminal's cursor, written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def parts(record: logging.LogRecord) -> tuple[str, dict[str, str]]:
    """What a record says in words, and its fields by name.

    The names are read off the record's template, so no value can pretend to be a field.
    """
    if request := getattr(record, "request", None):
        # Django's own line has the path alone, and other words for every status.
        path = quote(request.path, safe="/:@-._~")
        status = str(getattr(record, "status_code", ""))
        said = {"status": status, "method": request.method or "", "path": path}
        # What a program was answered with, so that whoever is told of it finds the line.
        trace_id = getattr(request, "trace_id", "")
        return "answered", {**said, "trace_id": trace_id} if trace_id else said
    if not record.name.startswith("swaps") or isinstance(record.args, dict):
        return record.getMessage(), {}
    values = iter(record.args or ())
    words, fields = [], {}
    for token in str(record.msg).split(" "):
        name, equals, form = token.rpartition("=")
        filled = form % tuple(next(values) for _ in range(form.count("%")))
        if equals:
            fields[name] = filled
        else:
            words.append(filled)
    return " ".join(words), fields


class Text(logging.Formatter):
    """`time LEVEL logger words name=value …`; a traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        words, fields = parts(record)
        said = [words] if words else []
        said += [f"{name}={_quoted(value)}" for name, value in fields.items()]
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {' '.join(said)}"
        lines = [one_line(masked(line))]
        if record.exc_info:
            trace = masked(self.formatException(record.exc_info))
            lines += [f"    {one_line(part)}" for part in trace.splitlines()]
        return "\n".join(lines)


class Json(logging.Formatter):
    """One object a line: `time` (ISO 8601, UTC), `level`, `logger`, `message`, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        words, fields = parts(record)
        said: dict[str, Any] = {
            name: float(value) if name in NUMBERS and value else masked(value)
            for name, value in fields.items()
        }
        said |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if words:
            said["message"] = masked(words)
        if record.exc_info:
            said["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(said)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[\s\"=]", value) else value
