"""The judge between a connector and its fake vendor: both are held to the vendor's own specification.

Belongs here: finding specifications, standing between the two sides, and the list of violations. What is a
violation is ``rulebook``. Specifications are not ours to publish: where the folder beside the checkout is
absent, the tests say so and are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from connectors.testing.server import App, Asked, Reply, serving

from .rulebook import Rulebook

SPECS = Path(__file__).resolve().parents[5] / "shared" / "specs"


def specification(name: str) -> Path:
    """Return the path of a specification below the folder of specifications, or skip the test."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the vendor's specification {name} is not beside this checkout (shared/specs)")
    return path


class Judge:
    """Passes requests on to a fake vendor and its answers back, but for those off the specification.

    A forbidden request never reaches the vendor and is answered 422; a forbidden answer becomes a 500.
    Either lists what is wrong, and so does ``violations``, for good. ``url`` is where the connector sends its
    requests.
    """

    def __init__(self, rulebook: Rulebook, vendor: App, base: str) -> None:
        """Judge a fake vendor; ``base`` begins its paths and not those of the document."""
        self.violations: list[str] = []
        self.url = ""
        self._rulebook, self._vendor, self._base = rulebook, vendor, base

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        if found := self._rulebook.against_request(asked):
            return self._refused(422, asked, found)
        reply = self._vendor(replace(asked, path=self._base + asked.path))
        if found := self._rulebook.against_reply(asked, reply):
            return self._refused(500, asked, found)
        return reply

    def _refused(self, status: int, asked: Asked, found: list[str]) -> Reply:
        self.violations += (f"{asked.method} {asked.path}: {line}" for line in found)
        return Reply.json({"violations": found}, status)


@contextmanager
def judged(document: Path, vendor: App, base: str = "") -> Iterator[Judge]:
    """Stand in front of a fake vendor; requests and answers off the specification become errors."""
    judge = Judge(Rulebook.read(document), vendor, base)
    with serving(judge) as server:
        judge.url = server.url
        yield judge


def complaints_about(judge: Judge, path: str, **headers: str) -> list[str]:
    """Send a request that the specification forbids, to see that the judge is awake."""
    answer = requests.get(f"{judge.url}{path}", headers=headers, timeout=20)
    return [f"{answer.status_code} {json.dumps(answer.json())}"] if not answer.ok else []
