"""Mail over TLS and services of apprise, against real receivers (contract §11).

Belongs here: what a channel of each kind demands of its receiver. Does not: order and repeats
(test_delivery).
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from mbr_pipeline.alerts.channels import NotSent, send
from mbr_pipeline.workspace.alert_settings import Channel
from tests.support.sinks import MailSink, WebSink

MESSAGE = {
    "id": "0" * 32,
    "status": "firing",
    "title": "acme: <!channel> @here Ä",
    "text": "why",
    "action": "mbr run",
    "money": {"USD": "80.00"},
    "first_at": "2026-11-05T12:00:00.000000Z",
    "at": "2026-11-05T12:00:00.000000Z",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody vouches for, with its key."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += [
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ]
    subprocess.run(command, cwd=file.parent, check=True, capture_output=True)
    file.write_text((file.parent / "key.pem").read_text() + (file.parent / "cert.pem").read_text())
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[MailSink]:
    """A mail server that offers STARTTLS, and knows one user."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    known = lambda *a: AuthResult(success=(a[4].login, a[4].password) == (b"mbr", b"s3cret"))  # noqa: E731
    sink = MailSink(tls_context=context, authenticator=known, auth_require_tls=True)
    yield sink
    sink.close()


def _mail(sink: MailSink, **more: Any) -> Channel:
    values = {"kind": "smtp", "host": "127.0.0.1", "port": sink.port, "from": "mbr@x.org", "to": ["a@x.org"]}
    return Channel.model_validate(values | more)


LOGIN = {"user_env": "U", "password_env": "P"}
HELD = {"U": "mbr", "P": "s3cret"}


def test_tls_is_used_where_it_is_offered(secure: MailSink) -> None:
    send(_mail(secure), "a@x.org", MESSAGE, 5)
    assert len(secure.got) == 1


def test_a_password_goes_to_a_server_whose_certificate_holds_alone(
    secure: MailSink, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for channel in (_mail(secure, **LOGIN), _mail(secure, tls="required")):
        with pytest.raises(NotSent, match="SSLCertVerificationError"):
            send(channel, "a@x.org", MESSAGE, 5, HELD)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("cert.pem")))
    send(_mail(secure, **LOGIN), "a@x.org", MESSAGE, 5, HELD)
    send(_mail(secure, tls="required"), "a@x.org", MESSAGE, 5)
    assert len(secure.got) == 2
    with pytest.raises(NotSent, match="refused: 535|Disconnected") as refused:
        send(_mail(secure, **LOGIN), "a@x.org", MESSAGE, 5, {"U": "mbr", "P": "wr0ng"})
    assert "wr0ng" not in str(refused.value)


def test_without_tls_neither_a_password_nor_what_requires_it_is_sent(post: MailSink) -> None:
    for channel in (_mail(post, **LOGIN), _mail(post, tls="required")):
        with pytest.raises(NotSent, match="offers no TLS: nothing was sent"):
            send(channel, "a@x.org", MESSAGE, 5, HELD)
    assert post.got == []


def test_a_server_that_says_nothing_is_left_after_the_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        values = {"kind": "smtp", "host": "127.0.0.1", "port": port, "from": "m@x.org", "to": ["a@x.org"]}
        with pytest.raises(NotSent, match="TimeoutError|Disconnected"):
            send(Channel.model_validate(values), "a@x.org", MESSAGE, 0.2)


def test_apprise_sends_to_its_one_address_and_calls_nobody_in_a_chat(web: WebSink) -> None:
    channel = Channel(kind="apprise", url_env="A")
    address = web.url.replace("http://", "json://")
    send(channel, "apprise", MESSAGE, 5, {"A": address})
    [(body, _)] = web.got
    said = json.loads(body)
    assert said["title"] == "[MBR firing] acme: ‹!channel› ＠here Ä"
    assert "What to do: mbr run" in said["message"] and said["type"] == "failure"
    web.status = 500
    with pytest.raises(NotSent, match="did not take it") as refused:
        send(channel, "apprise", MESSAGE, 5, {"A": address})
    assert "T0PSECRET" not in str(refused.value)


@pytest.mark.parametrize("held", ["no address", "json://localhost/a, json://localhost/b"])
def test_apprise_refuses_what_is_not_one_address(held: str) -> None:
    with pytest.raises(NotSent, match="make a channel for each address"):
        send(Channel(kind="apprise", url_env="A"), "apprise", MESSAGE, 5, {"A": held})


@pytest.mark.parametrize("held", ["file:///etc/passwd", "http://", "https://[", "hooks.example/x"])
def test_a_webhook_refuses_what_is_no_address(held: str) -> None:
    with pytest.raises(NotSent, match="is not one of http or https"):
        send(Channel(kind="webhook", url_env="A"), "webhook", MESSAGE, 5, {"A": held})
