"""How uploaded files are received: to a temporary file, and no further than the limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from swaps.images import MAX_BYTES
from swaps.outages import outage_of


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Stops writing at the limit and goes on counting.

    A file that is too large arrives cut off, with the size that it really has, so that the form
    can say how large it was and the other fields of the same form are not lost. So does one for
    which the disk has no room: it is emptied, and `found_no_room` says why.
    """

    received: int
    file: TemporaryUploadedFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        self.file.found_no_room = False  # type: ignore[attr-defined]

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received <= MAX_BYTES and not self.file.found_no_room:  # type: ignore[attr-defined]
            with self._room_or_nothing():
                super().receive_data_chunk(raw_data, start)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        with self._room_or_nothing():
            # What is still buffered finds its room, or none, here.
            self.file.flush()
        return super().file_complete(self.received)

    @contextmanager
    def _room_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if outage_of(error) is None:
                raise
            self.file.found_no_room = True  # type: ignore[attr-defined]
            os.truncate(self.file.temporary_file_path(), 0)
