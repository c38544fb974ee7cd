"""An S3 server of one's own on loopback: SeaweedFS, gone with the folder it lies in.

Belongs here: starting, killing and starting it again. Does not: what is kept in it.
"""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

KEYS = {
    "AWS_ACCESS_KEY_ID": "mbr-tests",
    "AWS_SECRET_ACCESS_KEY": "s3cret-of-tests",
    "AWS_REGION": "us-east-1",
}
"""What a client's environment must say."""

BUCKET = "tests"

_PORTS = ("master", "volume", "filer", "s3")


def program() -> str | None:
    """Return the server's program; None where it is not installed."""
    return shutil.which("weed", path=str(Path(sys.executable).parent))


class ObjectServer:
    """One server."""

    def __init__(self, folder: Path) -> None:
        """Choose its ports and its only user; it is not started yet."""
        self.folder = folder
        (folder / "data").mkdir()
        key, secret = KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]
        user = {
            "name": "mbr",
            "credentials": [{"accessKey": key, "secretKey": secret}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "users.json").write_text(json.dumps({"identities": [user]}))
        with ExitStack() as stack:
            free = [stack.enter_context(socket.socket()) for _ in range(2 * len(_PORTS))]
            for each in free:
                each.bind(("127.0.0.1", 0))
            ports = [each.getsockname()[1] for each in free]
        self._ports = dict(zip(_PORTS, ports[: len(_PORTS)], strict=True))
        self._grpc = dict(zip(_PORTS, ports[len(_PORTS) :], strict=True))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    def start(self) -> None:
        self.launch()
        self._wait()

    def launch(self) -> None:
        """Start it; it does not answer yet."""
        ports = [f"-{name}.port={port}" for name, port in self._ports.items()]
        ports += [f"-{name}.port.grpc={port}" for name, port in self._grpc.items()]
        options = [f"-dir={self.folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-iam=false"]
        options += [f"-s3.config={self.folder}/users.json", "-s3.iam=false", "-s3.port.iceberg=0"]
        options += ["-s3.port.lance=0", "-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"]
        options += [f"-filer.localSocket={self.folder}/filer.sock", f"-s3.localSocket={self.folder}/s3.sock"]
        command = program()
        assert command, "SeaweedFS is not installed"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [command, "-logtostderr=true", "server", *options, *ports],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        """Wait until the server answers."""
        assert self._process
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self._ports["s3"], timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])


@contextmanager
def serving(folder: Path) -> Iterator[ObjectServer]:
    """A server that runs, and is killed afterwards."""
    server = ObjectServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
