"""The stores that must behave alike."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from mbr_pipeline.storage.objects.folder import FolderStore
from mbr_pipeline.storage.objects.s3 import S3Store
from mbr_pipeline.storage.objects.store import ObjectStore
from tests.support.seaweed import BUCKET


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A store of either kind, empty."""
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    server = request.getfixturevalue("object_server")
    return S3Store(BUCKET, f"of/{uuid4().hex}", server.endpoint)
