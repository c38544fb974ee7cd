"""Whether somebody who signed in is still who they were.

What belongs here: the session of a request. What does not: beginning one (``views``).
"""

from __future__ import annotations

from mbr_pipeline.errors import MbrError
from mbr_pipeline.serve.signin.passwords import mark_of
from mbr_pipeline.serve.signin.sessions import Session
from mbr_pipeline.serve.site import Site


def standing(site: Site, key: str | None) -> Session:
    """Return the session of a cookie, or one of nobody: also where the person is no longer in ``people``, or
    has another password since. A demo has one visitor for all.
    """
    if site.is_demo:
        return Session("demo", 0, 0, person="visitor")
    found = site.sessions.find(key)
    if found is None:
        return site.sessions.begin()
    if found.person is not None and not _is_still(site, found):
        site.sessions.end(found)
        return site.sessions.begin()
    return found


def _is_still(site: Site, session: Session) -> bool:
    try:
        workspace = site.workspace
    except MbrError:
        return True  # the settings cannot be read: pages say so, and nobody can do anything
    assert session.person is not None
    if not workspace.settings.people:
        return session.mark is None and session.person == site.user
    return session.mark is not None and mark_of(workspace, session.person) == session.mark
