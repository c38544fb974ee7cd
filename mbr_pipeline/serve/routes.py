"""Declaring pages: a path, what answers it, and who may ask.

What belongs here: the form of a route. What does not: routes (each folder's ``ROUTES``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from mbr_pipeline.serve.asking import Ask


@dataclass(frozen=True)
class View:
    """One page.

    Attributes:
        method: ``GET`` shows and changes nothing; ``POST`` changes, and goes on to a page that shows it.
        path: As Starlette writes it, such as ``/m/{msp}/{period}``.
        answer: Called in a thread of its own, so that it may wait.
        is_for_all: Whether it answers those who are not signed in.
        most_bytes: The largest form that it takes; of those who are not signed in, a small one at most.
    """

    method: Literal["GET", "POST"]
    path: str
    answer: Callable[[Ask], Response]
    is_for_all: bool = False
    most_bytes: int = 8 * 1024 * 1024

    @property
    def name(self) -> str:
        """The route's name."""
        return f"{self.method} {self.path}"


def shows(path: str, answer: Callable[[Ask], Response]) -> View:
    """Declare a page that shows."""
    return View("GET", path, answer)


def takes(path: str, answer: Callable[[Ask], Response], **limits: int) -> View:
    """Declare a form's target; ``most_bytes`` where it takes files."""
    return View("POST", path, answer, **limits)  # type: ignore[arg-type]
