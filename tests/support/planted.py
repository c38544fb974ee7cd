"""Secrets in the environment of a command, and looking for them in what it left behind.

Belongs here: one of every kind that settings can name, for channels where nobody listens, so that whatever
says why knows them too; and the search. Does not: which commands are tried.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

SECRETS = {
    "hook": "hook-T0PSECRET-1a",
    "key": "key-T0PSECRET-2b",
    "mail": "mail-T0PSECRET-3c",
    "user": "apprise-T0PSECRET-4d",
    "path": "path-T0PSECRET-5e",
    "vendor": "vendor/T0PSECRET+6f",
}
NOBODY = "127.0.0.1:1"
ENVIRONMENT = {
    "T_OPS_URL": f"http://{NOBODY}/hook/{SECRETS['hook']}?sig={SECRETS['hook']}",
    "T_OPS_KEY": SECRETS["key"],
    "T_MAIL_USER": "billing",
    "T_MAIL_PASSWORD": SECRETS["mail"],
    "T_CHAT_URL": f"json://bot:{SECRETS['user']}@{NOBODY}/{SECRETS['path']}",
    "MBR_ACME_VENDOR_CLIENT_SECRET": SECRETS["vendor"],
}
ALERTS = """\
alerts:
  channels:
    ops: {kind: webhook, url_env: T_OPS_URL, secret_env: T_OPS_KEY}
    chat: {kind: apprise, url_env: T_CHAT_URL}
    mail: {kind: smtp, host: 127.0.0.1, port: 1, from: m@x.org, to: [a@x.org], tls: required,
      user_env: T_MAIL_USER, password_env: T_MAIL_PASSWORD}
  heartbeat: {channel: ops, hour: 0}
"""


def told_in(text: bytes) -> list[str]:
    """Return the names of the secrets that stand in a text, also as an address writes them."""
    return [
        name
        for name, secret in SECRETS.items()
        if secret.encode() in text or quote(secret, safe="").encode() in text
    ]


def left_in(folders: Iterable[Path]) -> tuple[int, dict[str, list[str]]]:
    """Return how many files were looked through, and which tell which secrets."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = {str(path): names for path in files if (names := told_in(_content(path)))}
    return len(files), found


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error):
        return content
