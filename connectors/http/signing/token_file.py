"""A refresh token in a file of its own, readable by nobody else.

What belongs here: reading and replacing it. What does not: asking for tokens (``tokens``).

The vendor gives up the old token when it gives a new one, so nothing may fail between its answer and the new
token on the disk: the new file is made before the vendor is asked, the old one is replaced in one step, and
only one process at a time does so.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

from connectors.http.errors import AccessEnded, CredentialsRefused, RequestRefused
from connectors.http.json_answers import Answer
from connectors.http.redaction import Secret
from connectors.http.signing.auth import TokenEndpoint
from connectors.http.signing.tokens import Exchange

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OWN = stat.S_IRUSR | stat.S_IWUSR


class TokenFile:
    """A file that holds one refresh token, with mode 0600; whoever allows the access writes the first."""

    def __init__(self, path: str) -> None:
        """Name the file; nothing is read yet."""
        self._path = Path(path)

    def rotated(self, token_endpoint: TokenEndpoint, exchange: Exchange) -> Answer:
        """See ``TokenStore``.

        Raises:
            CredentialsRefused: The file is missing, empty, or open to others; or it cannot be replaced, and
                then the vendor was not asked.
        """
        with suppress(OSError):
            if self._path.stat().st_mode & _OTHERS:
                raise CredentialsRefused(f"{self._path} can be read by others; chmod 600 it")
        try:
            with self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                return self._exchanged(token_endpoint, exchange)
        except OSError as error:
            problem = f"the refresh token in {self._path} cannot be read or replaced ({error.strerror})"
        raise CredentialsRefused(problem)

    def _new(self, exchange: Exchange, old: Secret) -> tuple[Answer, Secret]:
        """Exchange a token. ``invalid_grant`` says that it is "invalid, expired, revoked" (RFC 6749 §5.2)."""
        try:
            return exchange(old)
        except (CredentialsRefused, RequestRefused) as error:
            if "invalid_grant" not in error.problem:
                raise
            problem = error.problem
        raise AccessEnded(
            f"{problem}: the refresh token in {self._path} is worth nothing any more; allow the access again"
            " and put the new one there"
        )

    def _exchanged(self, token_endpoint: TokenEndpoint, exchange: Exchange) -> Answer:
        old = self._path.read_text(encoding="utf-8").strip()
        if not old or not old.isascii() or not old.isprintable():
            raise CredentialsRefused(f"{self._path} does not hold one refresh token; connect again")
        token_endpoint.redactor.add(old)
        building = self._path.with_name(f"{self._path.name}.new")
        building.unlink(missing_ok=True)
        file = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN)
        try:
            # room for the new one is taken before the old one is given up
            os.write(file, b" " * 4096)
            os.fsync(file)
            answer, new = self._new(exchange, Secret(old))
            os.lseek(file, 0, os.SEEK_SET)
            os.write(file, f"{new.reveal()}\n".encode())
            os.ftruncate(file, len(new.reveal()) + 1)
            os.fsync(file)
            building.replace(self._path)
        finally:
            os.close(file)
            building.unlink(missing_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return answer
