"""Reading what a browser sends by POST: fields in memory, files on the disk of the workspace, neither without
end.

What belongs here: limits, and where a file lies while it comes in. What does not: what a page makes of it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from mbr_pipeline.errors import ConfigError

MOST_UPLOAD = 512 * 1024 * 1024
"""Bytes of one form with files."""

_MOST_PLAIN = 16 * 1024 * 1024
_MOST_FILES = 50
_MOST_FIELDS = 30_000
_MOST_FIELD_BYTES = 256 * 1024


class TooLarge(Exception):
    """More was sent than is taken; the message says how much that is."""


async def form_of(request: Request, folder: Path | None, most_upload: int = MOST_UPLOAD) -> FormData:
    """Read a form.

    Args:
        request: As it came.
        folder: Where files lie while they come in, without a name, so that nothing of them stays; None where
            the page takes no files.
        most_upload: How many bytes a form with files may have.

    Raises:
        TooLarge: It is longer. The rest was read and dropped, so that the browser shows the answer.
        ConfigError: It is no form that can be read.
    """
    most = _MOST_PLAIN if folder is None else most_upload
    stream = request.stream()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return await _MultiPart(request.headers, _limited(stream, most), folder).parse()
        if kind == "application/x-www-form-urlencoded":
            parser = FormParser(
                request.headers,
                _limited(stream, most),
                max_fields=_MOST_FIELDS,
                max_part_size=_MOST_FIELD_BYTES,
            )
            return await parser.parse()
        return FormData()
    except TooLarge:
        async for _ in stream:
            pass
        raise
    except OSError as error:
        raise ConfigError(
            f"nothing was taken: the server cannot keep files ({error.strerror}): tell whoever runs it"
        ) from error
    except MultiPartException as error:
        raise ConfigError(f"the form cannot be read, and nothing was changed: {error.message}") from error


async def _limited(stream: AsyncIterator[bytes], most: int) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for chunk in stream:
        taken += len(chunk)
        if taken > most:
            raise TooLarge(
                f"More was sent than is taken at once ({most / 1024 / 1024:.4g} MB), and nothing was changed:"
                " send less, and land larger files with `mbr land`."
            )
        yield chunk


class _MultiPart(MultiPartParser):
    """Keeps files in a folder of the workspace: the system's own may be small, or memory."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], folder: Path | None) -> None:
        super().__init__(
            headers,
            stream,
            max_files=_MOST_FILES if folder else 0,
            max_fields=_MOST_FIELDS,
            max_part_size=_MOST_FIELD_BYTES,
        )
        self._folder = folder

    def on_headers_finished(self) -> None:
        """Begin a part; that of a file begins in the folder."""
        super().on_headers_finished()
        part = self._current_part
        if part.file is None or self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - closed with the form
            max_size=self.spool_max_size, dir=self._folder
        )
        self._files_to_close_on_error[-1].close()
        self._files_to_close_on_error[-1] = kept
        part.file = UploadFile(kept, size=0, filename=part.file.filename, headers=part.file.headers)  # type: ignore[arg-type]
