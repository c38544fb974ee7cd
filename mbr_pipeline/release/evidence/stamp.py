"""Time stamps of an independent authority (RFC 3161) over a pack's ``manifest.json``.

What belongs here: reading a token, what it is about, and whether its authority signed it. What does not:
where it lies in a pack. Nothing here asks an authority: whoever wants a stamp asks for it with the programs
of their system, and gives the answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mbr_pipeline.safe_text import one_line

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


@dataclass(frozen=True)
class Stamp:
    """What a token says: ``at`` is when, UTC; ``digest`` is the hash of what, by ``hashed_by``."""

    at: str
    hashed_by: str
    digest: str

    def is_about(self, content: bytes) -> bool:
        """Whether these are the bytes that were stamped."""
        return hashlib.new(self.hashed_by, content).hexdigest() == self.digest


def read(token: bytes) -> Stamp:
    """Read an authority's answer, DER as in a file ``.tsr``. Its signature is not checked.

    Raises:
        ValueError: It is none, it is a refusal, or its hash is none of SHA-256, SHA-384 and SHA-512.
    """
    info = _decoded(token).tst_info
    algorithm = info.message_imprint.hash_algorithm.dotted_string
    if algorithm not in _HASHES:
        raise ValueError(f"it is over a hash of the kind {algorithm}: ask for one over SHA-256")
    at = info.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Stamp(at, _HASHES[algorithm], info.message_imprint.message.hex())


def problem(token: bytes, content: bytes, roots: bytes) -> str | None:
    """Return why a token is no stamp of these bytes by an authority below the root certificates; None where
    it is.

    Args:
        token: The answer.
        content: What was stamped.
        roots: Certificates in PEM that the reader trusts, which do not come with the pack.

    Raises:
        ValueError: There is no certificate in ``roots``.
    """
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - needed for stamps alone
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415

    builder = VerifierBuilder()
    for certificate in load_pem_x509_certificates(roots):
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify_message(_decoded(token), content)
    except (VerificationError, ValueError) as error:
        return one_line(error)
    return None


def _decoded(token: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415

    try:
        response = decode_timestamp_response(token)
        if response.status != 0:
            raise ValueError(f"the authority refused it (status {response.status})")
    except ValueError as error:
        raise ValueError(f"it is no answer of a time stamping authority: {one_line(error)}") from error
    return response
