"""How uploaded files are received: to a temporary file, and no further than the limit."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from swaps.images import MAX_BYTES


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Stops writing at the limit and goes on counting.

    A file that is too large arrives cut off, with the size that it really has, so that the form
    can say how large it was and the other fields of the same form are not lost.
    """

    received: int

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received <= MAX_BYTES:
            super().receive_data_chunk(raw_data, start)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return super().file_complete(self.received)
