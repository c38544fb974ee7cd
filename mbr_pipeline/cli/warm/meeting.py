"""Where a command and a warm process meet, and what they say to each other.

What belongs here: the private folder of sockets, whose process is at the other end, and what is handed over.
What does not: what either of them does with it.

They say: the command hands over what it was started with; the forked process answers with a handle of itself
(a pidfd) once it is ready; the command says "go", and nothing is done before the forked process has said that
it begins; in the end the warm process tells the exit code. Who is not sure closes the connection.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from mbr_pipeline.transform.project_folder import CACHE_VARIABLE

READY, GO, BEGUN = b"r", b"g", b"b"
_CODE, _LENGTH, _PEER = struct.Struct("!i"), struct.Struct("!I"), struct.Struct("3i")
_MOST_BYTES = 16 * 2**20
_OPEN_FILES = 5


class NobodyThereError(OSError):
    """No process listens."""


@dataclass(frozen=True)
class Order:
    """A command as it was started.

    Attributes:
        arguments: As ``sys.argv``.
        environment: All of it.
        umask: Of files that it makes.
        ignored: Signals that it was told to ignore.
        blocked: Signals that it was told to leave for later.
        streams: Encoding, treatment of errors, and whether lines, and whether all, is written at once: of the
            three streams.
    """

    arguments: list[str]
    environment: dict[str, str]
    umask: int
    ignored: list[int]
    blocked: list[int]
    streams: list[tuple[str, str, bool, bool]]


@dataclass(frozen=True)
class Files:
    """What is handed over open: the three streams, the current folder, and the end of a pair of sockets whose
    other end closes when the command ends, however that comes about.
    """

    streams: tuple[int, int, int]
    folder: int
    lifeline: int

    @property
    def all(self) -> list[int]:
        """Their numbers, in the order in which they travel."""
        return [*self.streams, self.folder, self.lifeline]


def place(wanted: str) -> Path:
    """Return where the socket of the process with this key is, in a folder that no other user can enter.

    Raises:
        OSError: There is no such folder, and none can be made; or others can enter it.
    """
    cache = os.environ.get(CACHE_VARIABLE)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(cache) / "warm" if cache else Path(runtime) / "mbr" if runtime else _in_cache()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not private")
    return folder / wanted


def _in_cache() -> Path:
    return user_cache_path("mbr") / "warm"


def connected(address: Path, patience: float) -> socket.socket:
    """Return a connection to the process that listens there.

    Raises:
        NobodyThereError: No process does.
        OSError: It cannot be reached, or is not of this user.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(patience)
        connection.connect(str(address))
        if not is_own(connection):
            raise PermissionError(f"{address} is of another user")
    except (FileNotFoundError, ConnectionRefusedError) as error:
        connection.close()
        raise NobodyThereError(str(address)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end is of this user, and of no other group."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, user, group = _PEER.unpack(peer)
    return (user, group) == (os.getuid(), os.getgid())


def hand_over(connection: socket.socket, order: Order, files: Files) -> None:
    """Send a command."""
    content = json.dumps(asdict(order)).encode("ascii")
    socket.send_fds(connection, [_LENGTH.pack(len(content))], files.all)
    connection.sendall(content)


def taken_over(connection: socket.socket) -> tuple[Order, Files]:
    """Receive a command.

    Raises:
        OSError: What came is none.
    """
    length, numbers, _, _ = socket.recv_fds(connection, _LENGTH.size, _OPEN_FILES, socket.MSG_CMSG_CLOEXEC)
    try:
        if len(length) != _LENGTH.size or len(numbers) != _OPEN_FILES:
            raise ConnectionError("that is no command")
        (size,) = _LENGTH.unpack(length)
        if size > _MOST_BYTES:
            raise ConnectionError("that is too long for a command")
        found: dict[str, Any] = json.loads(_received(connection, size))
        order = Order(**found)
    except BaseException:
        for number in numbers:
            os.close(number)
        raise
    return order, Files((numbers[0], numbers[1], numbers[2]), numbers[3], numbers[4])


def tell_code(connection: socket.socket, code: int) -> None:
    """Send how a command ended."""
    connection.sendall(_CODE.pack(code))


def told_code(connection: socket.socket) -> int | None:
    """Wait for how the command ended; None if nobody is left to tell."""
    try:
        (code,) = _CODE.unpack(_received(connection, _CODE.size))
    except OSError:
        return None
    return int(code)


def _received(connection: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        if not (more := connection.recv(min(size - len(content), 2**16))):
            raise ConnectionError("the other end is gone")
        content += more
    return bytes(content)
