"""Where requests may go: scheme, host and port, listed per source.

What belongs here: comparing addresses with the list. What does not: sending anything.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from connectors.http.errors import OutOfBounds
from connectors.http.redaction import safe_url
from connectors.safe_text import text_problem

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port: what authentication is bound to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Return the origin of an address.

        Raises:
            OutOfBounds: It is not an HTTP address, names a user, or is plain HTTP to another machine.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise OutOfBounds("an address that cannot be read") from None
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or "\\" in url:
            raise OutOfBounds(f"{safe_url(url) or 'nothing'} is no address to send requests to")
        origin = cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
        if origin.scheme == "http" and not _is_loopback(origin.host):
            raise OutOfBounds(f"{safe_url(url)} is not encrypted: use https")
        return origin


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Origins:
    """The list of a source: origins, and suffixes of hosts that only signed downloads may come from."""

    def __init__(self, urls: tuple[str, ...], blob_hosts: tuple[str, ...] = ()) -> None:
        """List the origins of these addresses; ``blob_hosts`` are host suffixes such as
        ``.blob.core.windows.net``, or whole addresses.
        """
        self._listed = {Origin.of(url) for url in urls}
        self._blob_origins = {Origin.of(host) for host in blob_hosts if "://" in host}
        self._blob_suffixes = tuple(host for host in blob_hosts if "://" not in host)
        for suffix in self._blob_suffixes:
            if not suffix.startswith("."):
                raise OutOfBounds(
                    f"downloads may not come from any host that ends in {suffix!r}: begin it with a dot"
                )

    def check(self, url: str) -> Origin:
        """Return the origin of an address that requests may go to.

        Raises:
            OutOfBounds: It is not on the list.
        """
        origin = Origin.of(url)
        if origin not in self._listed:
            raise OutOfBounds(f"{safe_url(url)} is not a host of this source")
        return origin

    def check_blob(self, url: str) -> None:
        """Do the same for a signed download, which may lie on a storage host as well.

        Raises:
            OutOfBounds: It is on neither list.
        """
        origin = Origin.of(url)
        encrypted_storage = (
            origin.scheme == "https"
            and origin.port == _PORTS["https"]
            and origin.host.endswith(self._blob_suffixes)
        )
        if not (self._blob_suffixes and encrypted_storage) and origin not in self._blob_origins:
            raise OutOfBounds(f"{safe_url(url)} is not a host this source keeps downloads on")


def segment(text: str) -> str:
    """Return a text quoted as one segment of a path, or part of one, so that it cannot leave that segment.

    Raises:
        OutOfBounds: No quoting can keep it there.
    """
    if text in (".", "..") or text_problem(text):
        raise OutOfBounds(f"{text[:80]!r} fits no address")
    return quote(text, safe="")


def next_address(current: str, link: str) -> str:
    """Return the address of a next page that a vendor sent, absolute; it must stay on the origin
    of the current one.

    Raises:
        OutOfBounds: It leads elsewhere.
    """
    try:
        address = urljoin(current, link)
    except ValueError:
        raise OutOfBounds(
            f"the next page of {safe_url(current)} is at an address that cannot be read"
        ) from None
    if Origin.of(address) != Origin.of(current):
        raise OutOfBounds(f"the next page of {safe_url(current)} is said to be at {safe_url(address)}")
    return address
