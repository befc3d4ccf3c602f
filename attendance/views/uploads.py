"""Taking files without reading more of them than is wanted."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class UploadLimit(FileUploadHandler):
    """Drops what goes beyond so many bytes while it arrives, and knows that it did.

    The rest is still read from the line and thrown away: a browser shows no answer while it cannot send its question.
    """

    def __init__(self, most_bytes: int, request: HttpRequest) -> None:
        super().__init__(request)
        self._left = most_bytes
        self.exceeded = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on to the handlers that store it.

        Raises:
            SkipFile: there is more than was allowed.
        """
        self._left -= len(raw_data)
        if self._left < 0:
            self.exceeded = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave it to the handlers that store."""


def limit_upload(request: HttpRequest, most_bytes: int) -> UploadLimit:
    """Put a limit on the files of a request whose body was not looked at yet, and return it."""
    limit = UploadLimit(most_bytes, request)
    request.upload_handlers.insert(0, limit)
    return limit
