"""A message as mail.

What belongs here: the mail and its sending. A password is sent over an encrypted connection alone, to a
server whose certificate holds. Without a password, ``tls: offered`` takes any certificate:
that keeps out who only listens.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from mbr_pipeline.alerts.channels.problem import NotSent
from mbr_pipeline.alerts.channels.words import subject_line, text_of
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database.times import read
from mbr_pipeline.workspace.alert_settings import Channel

Login = tuple[str, str]


def mail(message: Mapping[str, Any], sender: str, target: str) -> EmailMessage:
    """Return the mail of a message; headers are one line each, whatever the texts hold."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = sender, target
    made["Subject"] = subject_line(message)
    made["Date"] = format_datetime(read(message["at"]))
    made["Message-ID"] = f"<{message['id']}@mbr>"
    made["X-MBR-Id"] = message["id"]
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text_of(message))
    return made


def send(
    channel: Channel, target: str, message: Mapping[str, Any], seconds: float, login: Login | None
) -> None:
    """Send a message to one address.

    Raises:
        NotSent: The server cannot be reached, is not encrypted as it must be, or refused.
    """
    where = f"{channel.host}:{channel.port}"
    made = mail(message, channel.sender or "", target)
    strict = ssl.create_default_context()
    try:
        with _connected(channel, strict, seconds) as server:
            server.ehlo_or_helo_if_needed()
            encrypted = channel.tls == "implicit"
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=strict if login or channel.tls == "required" else _lenient())
                server.ehlo()
                encrypted = True
            if not encrypted and (login or channel.tls == "required"):
                raise NotSent(f"{where} offers no TLS: nothing was sent")
            if login:
                server.login(*login)
            server.send_message(made)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else ""
        told = "" if isinstance(error, smtplib.SMTPAuthenticationError) else f" {one_line(said)[:200]}"
        raise NotSent(f"{where} refused: {error.smtp_code}{told}") from None
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()), (0, b""))[0]
        raise NotSent(f"{where} refused the receiver {target}: {code}") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"{where}: {type(error).__name__}: see that it can be reached") from None


def _connected(channel: Channel, context: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    host = channel.host or ""
    if channel.tls == "implicit":
        return smtplib.SMTP_SSL(host, channel.port, timeout=seconds, context=context)
    return smtplib.SMTP(host, channel.port, timeout=seconds)


def _lenient() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
