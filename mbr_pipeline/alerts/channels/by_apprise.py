"""A message by any service that apprise knows: Slack, Teams, PagerDuty and the rest.

What belongs here: one address of apprise. Each channel has one: of several, one success would hide another's
failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import apprise

from mbr_pipeline.alerts.channels.problem import NotSent
from mbr_pipeline.alerts.channels.words import subject_line, text_of

_HARMLESS = str.maketrans({"<": "‹", ">": "›", "@": "＠"})
"""A name from outside must not call everybody in a chat: ``<!channel>``, ``@here``."""

_TYPES = {"firing": apprise.NotifyType.FAILURE, "resolved": apprise.NotifyType.SUCCESS}


def send(url: str, message: Mapping[str, Any], _seconds: float) -> None:
    """Send a message to one address; how long apprise waits stands in the address (``cto``, ``rto``).

    Raises:
        NotSent: The address is none or several, or the service did not take it.
    """
    sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="MBR", async_mode=False))
    if not sender.add(url) or len(sender) != 1:
        raise NotSent("its variable does not hold one address of apprise: make a channel for each address")
    done = sender.notify(
        body=text_of(message).translate(_HARMLESS),
        title=subject_line(message).translate(_HARMLESS),
        notify_type=_TYPES.get(message["status"], apprise.NotifyType.INFO),
        body_format=apprise.NotifyFormat.TEXT,
    )
    if not done:
        service = getattr(sender[0], "service_name", "the service")
        raise NotSent(f"{service} did not take it")
