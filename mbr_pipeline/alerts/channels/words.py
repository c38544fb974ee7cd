"""A message in words, for mail and chats. Texts from outside are shown, never obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mbr_pipeline.safe_text import one_line, short, visible


def subject_line(message: Mapping[str, Any]) -> str:
    """Return one line: the status and the title."""
    return f"[MBR {message['status']}] {short(one_line(message['title']))}"


def text_of(message: Mapping[str, Any]) -> str:
    """Return the whole message: what, the money at stake, and what to do."""
    lines = [visible(line) for line in str(message["text"]).split("\n")]
    money = ", ".join(f"{amount} {currency}" for currency, amount in sorted(message["money"].items()))
    if money:
        lines.append(f"At stake (landed invoice lines): {money}")
    if message["action"]:
        lines.append(f"What to do: {visible(message['action'])}")
    lines.append(f"Since {message['first_at']}")
    return "\n".join([visible(message["title"]), "", *lines, ""])
