"""Reading what a browser sends by POST: fields in memory, files on the disk of the workspace.

What belongs here: where a file lies while it comes in, and that a form has an end. What does not: what a page
makes of it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from mbr_pipeline.serve.own_pages import Message, Receive, read_away

TOO_LONG = 413
"""HTTP's word for a form that is longer than the page takes."""

MOST_OF_STRANGERS = 64 * 1024
"""Bytes of a form of those who are not signed in."""

MOST_UPLOAD = 512 * 1024 * 1024
"""Bytes of one form with files."""

_MOST_FILES = 50
_MOST_FIELDS = 30_000
_MOST_FIELD_BYTES = 256 * 1024
_READ_ON = 3
"""How many times as much of what is too long is read and dropped, so that a browser shows the answer."""


async def form_of(request: Request, most: int, folder: Path) -> FormData:
    """Read a form.

    Args:
        request: As it came.
        most: How many bytes it may have.
        folder: Where files lie while they come in, without a name, so that nothing of them stays.

    Raises:
        HTTPException: It is longer (413), no form that can be read (400), or the disk is full (507).
    """
    bounded = Request(request.scope, _bounded(request, most))
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await bounded.form(max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD_BYTES)
    try:
        return await _MultiPart(request.headers, bounded.stream(), folder).parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    except OSError as error:
        raise HTTPException(507) from error


def _bounded(request: Request, most: int) -> Receive:
    """Read a request's body up to a size: what is longer fills neither memory nor disk."""
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > most:
            if message.get("more_body"):
                await read_away(request.receive, most * _READ_ON)
            raise HTTPException(TOO_LONG)
        return message

    return receive


class _MultiPart(MultiPartParser):
    """Keeps files in a folder of the workspace: the system's own may be small, or memory."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], folder: Path) -> None:
        super().__init__(
            headers,
            stream,
            max_files=_MOST_FILES,
            max_fields=_MOST_FIELDS,
            max_part_size=_MOST_FIELD_BYTES,
        )
        self._folder = folder

    def on_headers_finished(self) -> None:
        """Begin a part; that of a file begins in the folder."""
        super().on_headers_finished()
        part = self._current_part
        if part.file is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - closed with the form
            max_size=self.spool_max_size, dir=str(self._folder)
        )
        self._files_to_close_on_error[-1].close()
        self._files_to_close_on_error[-1] = kept
        part.file = UploadFile(kept, size=0, filename=part.file.filename, headers=part.file.headers)  # type: ignore[arg-type]
