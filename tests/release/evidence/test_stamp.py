"""Time stamps in packs, by an authority that the test makes with OpenSSL.

Belongs here: putting a stamp in, and checking it without a network. Does not: asking an authority.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.evidence import command as evidence
from mbr_pipeline.cli.verify import command as verify
from mbr_pipeline.release.evidence import sealed_zip
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.support.small import PERIOD, write

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")

_PACK = f"exports/acme/{PERIOD}/evidence-v1.zip"
_CONFIG = """[req]
distinguished_name = name
prompt = no
[name]
CN = Authority
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
"""


class Authority:
    """A time stamping authority with a root of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write(folder / "config", _CONFIG)
        write(folder / "serial", "01\n")
        new = "req -config config -newkey rsa:2048 -nodes"
        self._openssl(f"{new} -x509 -extensions root -days 9 -keyout root.key -out root.pem -subj /CN=Root")
        self._openssl(f"{new} -keyout tsa.key -out tsa.csr")
        signing = "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 9"
        self._openssl(f"{signing} -extfile config -extensions stamping -out tsa.pem")

    def stamp(self, content: bytes) -> Path:
        """Return the file of a stamp of some bytes."""
        (self.folder / "content").write_bytes(content)
        self._openssl("ts -query -data content -sha256 -cert -out q.tsq")
        reply = "ts -reply -config config -queryfile q.tsq -signer tsa.pem -inkey tsa.key -out q.tsr"
        self._openssl(reply)
        return self.folder / "q.tsr"

    @property
    def roots(self) -> Path:
        """Its root certificate."""
        return self.folder / "root.pem"

    def _openssl(self, arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments.split()], cwd=self.folder, check=True, capture_output=True, timeout=60
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("another"))


def manifest(month: HandmadeMonth) -> bytes:
    with zipfile.ZipFile(month.root / _PACK) as archive:
        return archive.read("manifest.json")


def run(month: HandmadeMonth, *arguments: str) -> tuple[int, str]:
    """Run `mbr evidence` and return its exit code and what it said."""
    asked = ["--workspace", str(month.root), "--msp", "acme", "--period", PERIOD, "--with-files"]
    done = CliRunner().invoke(evidence, [*asked, *arguments])
    return getattr(done.exception, "exit_code", done.exit_code), done.output + str(done.exception or "")


def found(month: HandmadeMonth, *arguments: str) -> tuple[list[str], list[str]]:
    """Return what is found and warned of."""
    done = CliRunner().invoke(verify, [str(month.root / _PACK), "--json", *arguments])
    told = json.loads(done.stdout.splitlines()[-1])
    return [f["problem"] for f in told["findings"]], [f["problem"] for f in told["warnings"]]


def test_a_stamp_is_put_in_and_checked_against_the_roots_of_its_authority(
    closed: HandmadeMonth, authority: Authority, another: Authority
) -> None:
    before = manifest(closed)
    code, said = run(closed, "--timestamp", str(authority.stamp(before)))
    assert code == 0 and "has a time stamp of 20" in said
    assert manifest(closed) == before
    assert found(closed, "--tsa-roots", str(authority.roots)) == ([], [])
    faults, warnings = found(closed)
    assert faults == [] and "is not checked: say --tsa-roots FILE" in warnings[0]
    faults, _ = found(closed, "--tsa-roots", str(another.roots))
    assert len(faults) == 1 and faults[0].startswith("no authority below these roots signed it")


def test_writing_the_same_pack_again_keeps_the_stamp_and_another_one_is_refused(
    closed: HandmadeMonth, authority: Authority
) -> None:
    run(closed, "--timestamp", str(authority.stamp(manifest(closed))))
    stamped = (closed.root / _PACK).read_bytes()
    assert run(closed)[0] == 0
    assert (closed.root / _PACK).read_bytes() == stamped
    closed.enter("reopen", {"version": "1", "reason": "r"})
    code, said = run(closed)
    assert code == 2 and "has a time stamp, and a new pack would be another one" in said
    assert (closed.root / _PACK).read_bytes() == stamped


def test_a_stamp_of_something_else_is_refused_and_found(closed: HandmadeMonth, authority: Authority) -> None:
    token = authority.stamp(b"something else")
    before = (closed.root / _PACK).read_bytes()
    code, said = run(closed, "--timestamp", str(token))
    assert code == 2 and "the time stamp is of something else, sha256" in said
    assert (closed.root / _PACK).read_bytes() == before
    with zipfile.ZipFile(closed.root / _PACK) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sealed_zip.write(closed.root / _PACK, {**members, "timestamp.tsr": token.read_bytes()})
    assert found(closed)[0] == ["it is not of this manifest.json"]
    sealed_zip.write(closed.root / _PACK, {**members, "timestamp.tsr": b"x"})
    assert found(closed)[0][0].startswith("it is no answer of a time stamping authority")


def test_what_is_no_stamp_and_no_root_is_one_line(closed: HandmadeMonth, authority: Authority) -> None:
    code, said = run(closed, "--timestamp", str(authority.roots))
    assert code == 2 and "it is no answer of a time stamping authority" in said
    assert found(closed, "--tsa-roots", str(authority.roots))[0] == ["the pack has no time stamp"]
    run(closed, "--timestamp", str(authority.stamp(manifest(closed))))
    done = CliRunner().invoke(verify, [str(closed.root / _PACK), "--tsa-roots", str(closed.root / "mbr.yml")])
    assert "--tsa-roots: there is no certificate in it" in str(done.exception)
