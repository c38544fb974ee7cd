"""One request, as a page's view sees it: who asks, for which month, and what was filled in.

What belongs here: reading a request. What does not: answering (``answering``) and routes (``app``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period
from mbr_pipeline.serve.signin.sessions import Session
from mbr_pipeline.serve.site import Site
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


class NotThere(Exception):
    """There is no such page, month or thing: 404."""


@dataclass(frozen=True)
class Ask:
    """One request of somebody who is signed in, or of anybody where a page allows that.

    Attributes:
        request: As it came.
        site: Which is asked.
        session: The browser's; of nobody where nobody is signed in.
        form: What was sent by POST; empty otherwise.
    """

    request: Request
    site: Site
    session: Session
    form: FormData

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace with the settings in force when the request came."""
        return self.site.workspace

    @property
    def person(self) -> str:
        """Who acts; only behind a sign-in."""
        if self.session.person is None:
            raise NotThere
        return self.session.person

    @property
    def query(self) -> QueryParams:
        """What stands behind the ``?``."""
        return self.request.query_params

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    @cached_property
    def msp_id(self) -> str:
        """The MSP in the path.

        Raises:
            NotThere: It is not in ``mbr.yml``.
        """
        name = self.path("msp")
        if name not in self.workspace.settings.msps:
            raise NotThere
        return name

    @cached_property
    def month(self) -> MonthPaths:
        """The month in the path.

        Raises:
            NotThere: The MSP is not in ``mbr.yml``, or the period is no month.
            ConfigError: ``mbr.yml`` is missing or wrong.
        """
        workspace, msp_id = self.workspace, self.msp_id
        try:
            return workspace.month(msp_id, self.path("period"))
        except ConfigError:
            raise NotThere from None

    @property
    def here(self) -> str:
        """The path of the month's first page."""
        return f"/m/{self.month.msp_id}/{self.month.period.text}"

    def text(self, name: str, default: str = "") -> str:
        """A field of the form, without spaces at its ends; the default where it is missing or empty."""
        value = self.form.get(name)
        return (value.strip() if isinstance(value, str) else "") or default

    def texts(self, name: str) -> Sequence[str]:
        """All values of a field of the form."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> Sequence[UploadFile]:
        """The files of the form that were chosen; none where no file was."""
        return [
            value for value in self.form.getlist(name) if isinstance(value, UploadFile) and value.filename
        ]


def period_or_none(text: str) -> Period | None:
    """Return the month of a text, or None."""
    try:
        return Period.parse(text)
    except ConfigError:
        return None
