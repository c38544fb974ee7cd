"""The ways to send one message to one receiver.

What belongs here: one module per kind of channel, and reading what their variables hold. What does not: what
is sent and when (``mbr_pipeline.alerts``). A problem is a sentence without addresses, keys or passwords.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mbr_pipeline.alerts.channels import smtp, webhook
from mbr_pipeline.alerts.channels.problem import NotSent
from mbr_pipeline.workspace.alert_settings import Channel

__all__ = ["NotSent", "send"]


def send(
    channel: Channel,
    target: str,
    message: Mapping[str, Any],
    seconds: float,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Send a message to one receiver of a channel, waiting for each answer at most ``seconds``.

    Raises:
        NotSent: It was not taken, as far as is known; why.
    """
    if channel.kind == "webhook":
        url = _held(environment, channel.url_env)
        secret = _held(environment, channel.secret_env) if channel.secret_env else None
        webhook.send(url, secret, message, seconds)
    elif channel.kind == "smtp":
        user = _held(environment, channel.user_env) if channel.user_env else None
        password = _held(environment, channel.password_env) if channel.password_env else None
        smtp.send(channel, target, message, seconds, (user, password) if user and password else None)
    else:
        from mbr_pipeline.alerts.channels import by_apprise  # noqa: PLC0415 - its import takes long

        by_apprise.send(_held(environment, channel.url_env), message, seconds)


def _held(environment: Mapping[str, str], name: str | None) -> str:
    value = environment.get(name or "")
    if not value:
        raise NotSent(f"the environment variable {name} is not set: set it where MBR runs")
    return value
