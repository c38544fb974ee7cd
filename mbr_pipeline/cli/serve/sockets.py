"""Where a server listens: a port of an address, or a file that only some users of the machine reach.

What belongs here: making the socket. What does not: what is served.
"""

from __future__ import annotations

import socket
from pathlib import Path

from mbr_pipeline.errors import ConfigError, MbrError

_MODE = 0o660


def port_of(host: str, port: int) -> socket.socket:
    """Return a listening socket of an address.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        made = socket.socket(found[0][0], socket.SOCK_STREAM)
        # a port whose last connections are still closing is free
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(found[0][4])
        made.listen(128)
    except OSError as error:
        raise ConfigError(
            f"port {port} on {host} cannot be used ({error.strerror}): end what listens there, or choose"
            " another with --port"
        ) from None
    return made


def socket_of(path: Path) -> socket.socket:
    """Return a listening socket of a file, for the user and the group.

    Raises:
        ConfigError: Its folder is open to every user of the machine.
        MbrError: It cannot be made, or another server answers there.
    """
    try:
        is_open = path.parent.stat().st_mode & 0o007
    except OSError as error:
        raise MbrError(f"{path.parent}: {error.strerror}: make the folder first") from error
    if is_open:
        raise ConfigError(
            f"{path.parent} is open to every user of this machine, who could then come in:"
            f" chmod 750 {path.parent}"
        )
    listening = socket.socket(socket.AF_UNIX)
    if _answers(path):
        raise MbrError(f"{path}: another server answers there: stop it first")
    try:
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        path.chmod(_MODE)
    except OSError as error:
        raise MbrError(f"{path}: {error.strerror or error}: name another socket") from error
    return listening


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
    return True
