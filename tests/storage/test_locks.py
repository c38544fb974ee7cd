"""The locks: what an installation gets is what the tests ran with, checked by hash, from wherever.

Belongs here: what a lock must hold. Which versions go together is ``docs/decisions/0002-versions.md``.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LOCKS = (
    "requirements.lock",
    "requirements-distributed.lock",
    "requirements-objects.lock",
    "requirements-dev.lock",
)


def locked(name: str) -> dict[str, str]:
    """Return each package's version and hashes as they stand in a lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^([A-Za-z0-9_.\-]+)==(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return {
        package: " ".join([version.split()[0], *sorted(re.findall(r"sha256:[0-9a-f]{64}", version))])
        for package, version in blocks
    }


def test_what_is_installed_is_what_the_tests_ran_with() -> None:
    product, tested = locked("requirements.lock"), locked("requirements-dev.lock")
    spread, stored = locked("requirements-distributed.lock"), locked("requirements-objects.lock")
    assert set(stored) - set(product) == {"obstore"}
    assert len(product) > 100
    assert "dagster-celery" in set(spread) - set(product)
    for larger in (spread, stored):
        assert {name: entry for name, entry in product.items() if larger.get(name) != entry} == {}
        assert {name: entry for name, entry in larger.items() if tested.get(name) != entry} == {}


def test_every_package_has_a_hash_and_no_address() -> None:
    for name in LOCKS:
        assert [package for package, entry in locked(name).items() if "sha256:" not in entry] == []
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
