"""The flat rows that answers of the API are made of."""

from __future__ import annotations

from swaps.models.told import COLUMNS, Told


def test_each_column_is_told_by_its_own_name() -> None:
    names = {"pk": "request", "swap_id": "task_id"}
    told = [names.get(path, path.removeprefix("swap__").replace("__", "_")) for path in COLUMNS]
    assert told == list(Told._fields)
