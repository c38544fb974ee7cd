"""What one `mbr serve` serves, and with what it remembers.

What belongs here: the workspace with the settings in force, and the process's own memory. What does not:
requests (``asking``) and pages.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field

from mbr_pipeline.serve.runs.registry import Runs
from mbr_pipeline.serve.signin.sessions import Sessions
from mbr_pipeline.serve.signin.throttle import Throttle
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import FILE_NAME
from mbr_pipeline.workspace.workspace import Workspace

DEMO = "This is a demo: nothing can be changed."
"""What a site that only shows refuses with."""


@dataclass
class Site:
    """One workspace in a browser.

    Attributes:
        paths: Whose months are shown.
        user: Who acts where ``mbr.yml`` names nobody: the user of this machine.
        is_behind_proxy: Whether a proxy with TLS stands before it.
        is_demo: Whether it only shows, to everybody.
        link: What the one-time link ends with; empty once it was used.
    """

    paths: WorkspacePaths
    user: str
    is_behind_proxy: bool = False
    is_demo: bool = False
    link: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sessions: Sessions = field(default_factory=Sessions)
    throttle: Throttle = field(default_factory=Throttle)
    runs: Runs = field(default_factory=Runs)

    def __post_init__(self) -> None:
        """Begin with settings unread."""
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int, int], Workspace] | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace with the settings as they are now; read again when ``mbr.yml`` has changed.

        Raises:
            ConfigError: It is missing or wrong.
        """
        try:
            found = (self.paths.root / FILE_NAME).stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            return Workspace.open(self.paths)  # it says what is missing
        with self._lock:
            if self._read is None or self._read[0] != mark:
                self._read = (mark, Workspace.open(self.paths))
            return self._read[1]

    def take_link(self, given: str) -> bool:
        """Whether a one-time link is the one; it is used up by that."""
        with self._lock:
            is_right = bool(self.link) and secrets.compare_digest(given.encode(), self.link.encode())
            if is_right:
                self.link = ""
            return is_right
