"""The way to a vendor: certificates and the proxy come from settings, and nothing from the environment.

Belongs here: whose certificates are trusted, which way requests go. Does not: where they may go
(``test_origins``).
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.http.connection.route import Route
from connectors.http.errors import OutOfBounds, Unavailable
from connectors.http.retries import RetryPolicy
from connectors.sources.pax8 import PAX8
from connectors.testing.server import Asked, Reply, serving
from tests.connectors.http.wire import nobody_listening, opened

LOOPBACK = "127.0.0.1"
HURRIED = RetryPolicy(total=5, answer=0.3, silence=0.3, attempts=1)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of a company's own, with its key, for the loopback interface."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A company")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("company") / "company.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@contextmanager
def encrypted(certificate: Path) -> Iterator[str]:
    """A server that answers every request with an empty list, over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server((LOOPBACK, 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    plain = listener.accept()[0]
                    with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65_536)
                        connection.sendall(
                            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
                        )

        threading.Thread(target=answer, daemon=True).start()
        yield f"https://{LOOPBACK}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def tunnel() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that connects to where it is told (CONNECT), and notes that."""
    told: list[bytes] = []

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65_536):
                sink.sendall(chunk)

    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    inner = listener.accept()[0]
                    told.append(inner.recv(65_536).split(b"\r\n")[0])
                    host, port = told[-1].split()[1].decode().split(":")
                    outer = socket.create_connection((host, int(port)))
                    inner.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    for ends in ((inner, outer), (outer, inner)):
                        threading.Thread(target=carry, args=ends, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}", told
        listener.shutdown(socket.SHUT_RDWR)


def test_a_certificate_of_a_company_is_trusted_where_a_setting_names_it(company: Path) -> None:
    with encrypted(company) as url:
        with opened(url) as client, pytest.raises(OutOfBounds, match=r"self-signed.*settings\.ca_file"):
            client.send(url)
        with opened(url, route=Route(ca_file=str(company))) as client:
            assert client.send(url).body == []


def test_no_certificate_and_no_key_log_comes_from_the_environment(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(company))
    with encrypted(company) as url:
        with opened(url) as client, pytest.raises(OutOfBounds):
            client.send(url)
        with opened(url, route=Route(ca_file=str(company))) as client:
            client.send(url)
    assert not log.exists()


def test_requests_go_through_the_proxy_of_the_settings_and_no_other(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with encrypted(company) as url, tunnel() as (proxy, told):
        with opened(url, route=Route(proxy, str(company))) as client:
            assert client.send(url).body == []
        assert told == [f"CONNECT {url.removeprefix('https://')} HTTP/1.0".encode()]
        with opened(url, route=Route(proxy)) as client, pytest.raises(OutOfBounds, match="ca_file"):
            client.send(url)


def test_an_answer_through_a_proxy_has_no_more_time_than_any_other() -> None:
    def proxy(asked: Asked) -> Reply:
        return Reply(200, b"[]", wire="drip head")

    with serving(proxy) as server:
        url = "http://127.0.0.1:9"
        hurried = opened(url, route=Route(server.url), retry_policy=HURRIED)
        with hurried as client, pytest.raises(Unavailable):
            client.send(url)


def test_a_proxy_that_cannot_be_reached_is_named_and_without_one_the_setting_is() -> None:
    with nobody_listening() as dead:
        with opened(dead) as client, pytest.raises(Unavailable, match=r"settings\.proxy"):
            client.send(dead)
        with (
            opened("https://vendor.example", route=Route(dead)) as client,
            pytest.raises(Unavailable, match=f"failed at the proxy {dead}"),
        ):
            client.send("https://vendor.example/v1")


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("no certificate")
    for path, why in ((tmp_path / "none.pem", "No such file"), (nonsense, "no certificates in PEM")):
        with (
            opened("https://vendor.example", route=Route(ca_file=str(path))) as client,
            pytest.raises(OutOfBounds, match=why),
        ):
            client.send("https://vendor.example/v1")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"proxy": "proxy.corp:3128"}, "write it as http://host:port"),
        ({"proxy": "http://proxy.corp"}, "write it as http://host:port"),
        ({"proxy": "socks5://proxy.corp:1080"}, "write it as http://host:port"),
        ({"proxy": "http://me:secret@proxy.corp:3128"}, "user and password"),
        ({"ca_file": "company.pem"}, "whole path"),
    ],
)
def test_settings_of_the_way_are_checked(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        PAX8.complete(settings)
    assert "secret" not in str(caught.value)
