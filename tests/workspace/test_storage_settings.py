"""``storage:`` of mbr.yml: what names a store, and what is refused with what to do.

Belongs here: the setting. Does not: stores (tests/storage/objects).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mirror.named import may_have_store
from mbr_pipeline.mirror.opening import store_at
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import Settings, settings_in
from tests.support.small import settings, write


def of(line: str) -> Settings:
    return settings_in(settings(["acme"], line + "\n"), Path("mbr.yml"))


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("storage: s3://billing-prod", "s3://billing-prod"),
        ("storage: s3://billing-prod/", "s3://billing-prod"),
        ("storage: s3://billing-prod/of/mbr_1/", "s3://billing-prod/of/mbr_1"),
        ("storage: file:///srv/mbr store", "file:///srv/mbr%20store"),
        (
            "storage: {url: 's3://b.c', endpoint: 'https://s3.example.com:9000', region: eu-central-1}",
            "s3://b.c",
        ),
        ("storage: {url: 's3://bucket', endpoint: 'http://127.0.0.1:8333'}", "s3://bucket"),
    ],
)
def test_a_store_is_named_by_its_address(line: str, address: str) -> None:
    storage = of(line).storage
    assert storage
    assert store_at(storage).address == address


def test_without_the_key_or_with_an_empty_one_the_folder_is_the_workspace(tmp_path: Path) -> None:
    assert of("").storage is None
    assert of("storage:").storage is None
    write(tmp_path / "mbr.yml", settings(["acme"]))
    assert not may_have_store(WorkspacePaths(tmp_path))
    assert not may_have_store(WorkspacePaths(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("storage: billing-prod", "storage.url: 'billing-prod' names no store: write s3://bucket"),
        ("storage: gs://billing-prod", "names no store"),
        ("storage: s3://Billing", "names no store"),
        ("storage: s3://ab", "names no store"),
        ("storage: s3://bucket/a/../b", "names no store"),
        ("storage: s3://bucket/a//b", "names no store"),
        ("storage: s3://bucket/ü", "names no store"),
        ("storage: file://store", "names no store"),
        ("storage: file:///srv/../etc", "names no store"),
        ("storage: [s3://bucket]", "storage: a list is not a mapping"),
        ("storage: {endpoint: 'https://s3.example.com'}", "storage.url: missing: add it"),
        ("storage: {url: 's3://bucket', key: secret}", "storage.key: unknown key"),
        (
            "storage: {url: 's3://bucket', endpoint: 'http://s3.example.com'}",
            "would send invoices unencrypted",
        ),
        ("storage: {url: 's3://bucket', endpoint: 's3.example.com'}", "is not the address of a server"),
        (
            "storage: {url: 's3://bucket', endpoint: 'https://s3.example.com:99999'}",
            "is not the address of a",
        ),
        (
            "storage: {url: 's3://bucket', endpoint: 'https://s3.example.com/x'}",
            "is not the address of a server",
        ),
        ("storage: {url: 's3://bucket', region: 'eu central'}", "'eu central' is no region: write it like"),
        (
            "storage: {url: 'file:///srv/store', region: eu-central-1}",
            "a folder has no endpoint and no region",
        ),
    ],
)
def test_what_names_no_store_is_told_with_the_key_and_what_to_do(line: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        of(line)
    assert said in str(told.value)


def test_an_endpoint_with_a_credential_in_it_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError, match="is not the address of a server") as told:
        of("storage: {url: 's3://bucket', endpoint: 'https://key:s3cret@s3.example.com'}")
    assert "s3cret" not in str(told.value)
