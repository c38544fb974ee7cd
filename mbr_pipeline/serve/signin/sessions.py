"""Who is signed in, in the memory of this process: when it ends, everybody signs in again.

What belongs here: sessions and their end. What does not: how one begins (``views``).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mbr_pipeline.serve.signin.sent import Sent

IDLE_SECONDS = 2 * 3600
LONGEST_SECONDS = 12 * 3600
_MOST = 2000


@dataclass
class Session:
    """One browser's.

    Attributes:
        key: What its cookie holds.
        person: Who is signed in; None before.
        mark: What changes with the person's password.
        token: What every form of its pages holds.
        told: Messages for the next page.
        sent: What was sent before the sign-in and can be sent again.
        began: Of the clock.
        last: When it was used last.
    """

    key: str
    began: float
    last: float
    person: str | None = None
    mark: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    told: list[tuple[str, str]] = field(default_factory=list)
    sent: Sent | None = None

    def owns(self, token: object) -> bool:
        """Whether a form is of a page of this session."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())


class Sessions:
    """All of them; the one that was used longest ago goes first when there are too many."""

    def __init__(self, time: Callable[[], float] = monotonic) -> None:
        """Begin without any."""
        self._time = time
        self._by_key: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, person: str | None = None, mark: str | None = None) -> Session:
        """Begin a session under a key that nobody knew before."""
        now = self._time()
        made = Session(secrets.token_urlsafe(32), now, now, person, mark)
        with self._lock:
            self._by_key[made.key] = made
            while len(self._by_key) > _MOST:
                # those of nobody first: a stranger who opens many cannot sign anybody out
                of_nobody = (key for key, one in self._by_key.items() if one.person is None)
                del self._by_key[next(of_nobody, next(iter(self._by_key)))]
        return made

    def find(self, key: str | None) -> Session | None:
        """Return the session of a cookie, unless it has ended."""
        with self._lock:
            found = self._by_key.get(key or "")
            if found is None:
                return None
            now = self._time()
            if now - found.last > IDLE_SECONDS or now - found.began > LONGEST_SECONDS:
                del self._by_key[found.key]
                return None
            found.last = now
            self._by_key.move_to_end(found.key)
            return found

    def end(self, session: Session) -> None:
        """End one."""
        with self._lock:
            self._by_key.pop(session.key, None)
