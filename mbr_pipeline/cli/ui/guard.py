"""Whom the Dagster UI answers: its own pages, and programs of this machine. Dagster asks nobody who they
are: a stranger's page could launch runs.

What belongs here: what is Dagster's own. What does not: whose requests are a page's own
(``mbr_pipeline.serve.own_pages``).
"""

from __future__ import annotations

from mbr_pipeline.serve import own_pages
from mbr_pipeline.serve.own_pages import App, Message

_OF_EVERY_ANSWER = [
    (b"x-frame-options", b"DENY"),
    # a second policy beside Dagster's own: browsers keep to both
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class OwnPagesOnly(own_pages.OwnPagesOnly):
    """ASGI middleware that refuses what :func:`refusal` says, and lets no page frame an answer."""

    def __init__(self, app: App) -> None:
        """Guard an application."""
        super().__init__(app, refusal, _OF_EVERY_ANSWER)


def refusal(scope: Message) -> str | None:
    """Return why a request is refused, or None."""
    if said := own_pages.refusal(scope):
        return said
    if _is_query_by_get(scope):
        return "Send queries by POST."
    return None


def _is_query_by_get(scope: Message) -> bool:
    """Whether a GET would be executed as a query, which may change things: any image on any page is a GET.
    Asked for as a page, it shows Dagster's editor of queries instead.
    """
    accepted = own_pages.only(scope, b"accept") or ""
    path = scope["path"].rstrip("/")
    return (
        scope["type"] == "http"
        and scope["method"] != "POST"
        and path == "/graphql"
        and "text/html" not in accepted
    )
