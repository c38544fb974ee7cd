"""What can go wrong on the way to a vendor, named after what to do about it.

What belongs here: the errors and their one-line texts. What does not: when to raise them (``client``,
``paging``) or how often to try again (``retries``). Every text says what failed, where (without query
strings), and whether trying again can help.
"""

from __future__ import annotations

from connectors.safe_text import printable


class FetchError(Exception):
    """Something could not be fetched, so nothing of its dataset may be landed.

    Attributes:
        retryable: Sending the same request again can help.
        restartable: Walking the whole dataset again can help.
        retry_after: Seconds the vendor asked to wait, if it did.
    """

    retryable = False
    restartable = False
    advice = ""

    def __init__(self, problem: str, *, retry_after: float | None = None) -> None:
        """Make one line of the problem and the advice, whatever characters a vendor put into it."""
        self.problem = problem
        self.retry_after = retry_after
        text = f"{problem}: {self.advice}" if self.advice else problem
        super().__init__("".join(c if c.isprintable() else " " for c in printable(text)))


class CredentialsRefused(FetchError):
    """401, or a token endpoint that refuses: somebody must correct the credentials."""

    advice = "check the credentials in the environment (`mbr sources check` names them)"


class AccessEnded(CredentialsRefused):
    """A refresh token that is expired, revoked or used up: somebody must allow the access again. The problem
    says where the next one goes.
    """

    advice = ""


class PermissionMissing(FetchError):
    """403: the credentials are good, and not allowed to read this."""

    advice = "grant the permission at the vendor, then fetch again"


class RequestRefused(FetchError):
    """Any other 4xx: the request is wrong, so a setting is, or the vendor changed its interface."""

    advice = "check the source's settings in mbr.yml; trying again will not help"


class Unavailable(FetchError):
    """408, 429, 5xx, no connection, no answer in time: nothing is wrong with the request."""

    retryable = True
    advice = "the vendor could not answer; fetch again later"


class Malformed(FetchError):
    """A success status without a valid answer: no JSON, cut off, or without what
    the vendor's document promises.
    """

    retryable = True
    advice = "the answer is not what the vendor documents; fetch again, and tell the vendor if it stays so"


class Inconsistent(FetchError):
    """Pages that contradict each other: a total that moves, a page that comes twice, rows missing or double
    with different content.
    """

    restartable = True
    advice = "the data moved while it was read, or the vendor lost rows; nothing was landed, fetch again"


class OutOfBounds(FetchError):
    """The answer leads where requests must not go: another host, a redirect, a plain-text connection."""

    advice = "refused for safety; if the vendor moved, correct the address in mbr.yml"


class TooLarge(FetchError):
    """An answer larger than any plausible one."""

    advice = "refused for safety; ask the vendor for smaller pages"
