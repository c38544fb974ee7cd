"""How requests leave the house: through which proxy, and whose certificates are believed.

What belongs here: the two settings that a company may prescribe. What does not: where requests may go
(``origins``). Nothing of it comes from the environment: a variable that somebody set for another program must
neither carry requests elsewhere nor write down the keys that protect them (``SSLKEYLOGFILE``).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import certifi

from connectors.http.errors import OutOfBounds


@dataclass(frozen=True)
class Route:
    """``proxy`` is its address, ``ca_file`` the absolute path of certificates (PEM) that are believed beside
    the public ones; both may be empty.
    """

    proxy: str = ""
    ca_file: str = ""

    def context(self) -> ssl.SSLContext:
        """Return the rules of encrypted connections.

        Raises:
            OutOfBounds: The certificates cannot be read.
        """
        # not ssl.create_default_context: it heeds the environment
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(certifi.where())
        try:
            if self.ca_file:
                context.load_verify_locations(self.ca_file)
        except OSError as error:
            problem = "no certificates in PEM" if isinstance(error, ssl.SSLError) else error.strerror
            raise OutOfBounds(f"settings.ca_file: {self.ca_file} cannot be read ({problem})") from None
        return context


def proxy_problem(address: str) -> str | None:
    """Return what is wrong with the address of a proxy, None if nothing is."""
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_whole = False
    if not is_whole or "\\" in address or parts.path not in ("", "/") or parts.query or parts.fragment:
        return "write it as http://host:port"
    if "@" in parts.netloc:
        return "a proxy with user and password is not supported: they would stand in mbr.yml"
    return None


def reason_of(error: BaseException) -> str:
    """Return why a certificate was refused, in the words of the TLS library; empty if it does not say."""
    left: list[object] = [error]
    while left:
        one = left.pop()
        if isinstance(one, ssl.SSLCertVerificationError):
            return str(one.verify_message)
        if isinstance(one, BaseException):
            left += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return ""
