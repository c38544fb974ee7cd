"""A month being worked in a browser without scripts.

Belongs here: opening it, choosing findings, filling in forms. Does not: expectations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft
from mbr_pipeline.serve.signin.passwords import set_password
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.decide.months import Month
from tests.serve.browsing import Visitor, served
from tests.support.small import PERIOD

HERE = f"/m/acme/{PERIOD}"
LIST = f"{HERE}/worklist"
HOSTILE = "<img src=x onerror=alert(1)>\"'\u202e=1+1{{7*7}}"
_BOX = re.compile(r'name="chosen" value="([0-9a-z]+:[^" ]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class Desk:
    """One person's."""

    month: Month
    visitor: Visitor

    @classmethod
    @contextmanager
    def alone(cls, month: Month) -> Iterator[Desk]:
        """Open the page of a month by the one-time link."""
        with served(month.root) as (site, address):
            yield cls(month, Visitor.by_link(site, address))

    def boxes(self, *letters: str) -> list[tuple[str, str]]:
        """Return what the boxes of the page hold, of findings by their letters."""
        by_letter = {value[0]: value for value in _BOX.findall(self.visitor.page)}
        return [("chosen", by_letter[letter]) for letter in letters]

    def preview(self, action: str, *letters: str, **more: str) -> int:
        """Choose findings of the page and press a button."""
        fields = [*self.boxes(*letters), ("action", action), *more.items()]
        return self.visitor.post(f"{LIST}/decide", fields).status_code

    def form(self) -> list[tuple[str, str]]:
        """Return the hidden fields of the page that asks for the reason."""
        found = _HIDDEN.findall(self.visitor.page)
        return [(name, unescape(value)) for name, value in found if name != "token"]

    def enter(self, **more: str) -> int:
        """Fill in the page that asks for the reason and press its button."""
        return self.visitor.post(f"{LIST}/decide", [*self.form(), *more.items()]).status_code


@contextmanager
def team(month: Month, *names: str) -> Iterator[list[Desk]]:
    """Open the page of a month for several people."""
    opened = Workspace.open(WorkspacePaths(month.root))
    for name in names:
        set_password(opened, name, f"the password of {name}")
    with served(month.root, user="") as (_, address):
        yield [Desk(month, Visitor.signed_in(address, n, f"the password of {n}")) for n in names]


def close(month: Month) -> None:
    """Enter that the month is closed."""
    with appending(open_database(WorkspacePaths(month.root).ledger)) as chains:
        chains.append("acme", [Draft("close", PERIOD, {"version": "1"}, "owner1")])
