"""``storage:`` of ``mbr.yml``: the object store that is the workspace's home.

What belongs here: the setting and what is wrong with it. What does not: speaking to a store
(``mbr_pipeline.storage.objects``). Credentials stand in the environment alone.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, model_validator

from mbr_pipeline.workspace.strict import Strict, shown

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_PREFIX = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\Z", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,63}\Z", re.ASCII)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _url(value: Any) -> str:
    text = str(value)
    scheme, _, rest = text.partition("://")
    if scheme == "file" and rest.startswith("/") and ".." not in rest.split("/"):
        return text
    bucket, _, prefix = rest.rstrip("/").partition("/")
    named = _BUCKET.match(bucket) and (not prefix or _PREFIX.match(prefix))
    if scheme != "s3" or not named or {".", ".."} & set(prefix.split("/")):
        raise ValueError(
            f"{shown(value)} names no store: write s3://bucket, s3://bucket/prefix, or file:///a/folder"
        )
    return text.rstrip("/")


def _endpoint(value: Any) -> str:
    try:
        url = urlsplit(str(value))
        is_address = url.scheme in ("http", "https") and url.hostname and url.path in ("", "/")
        is_address = is_address and url.port != 0 and str(value).rstrip("/") == f"{url.scheme}://{url.netloc}"
        may_be_shown = "@" not in str(value)
    except ValueError:
        is_address = may_be_shown = False
    if not is_address or not may_be_shown:
        # not shown: it may hold a credential
        raise ValueError("is not the address of a server: write it like https://s3.example.com:9000")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError(
            f"{shown(value)} would send invoices unencrypted: write https, or an address of this machine"
        )
    return str(value).rstrip("/")


def _region(value: Any) -> str:
    if not _REGION.match(str(value)):
        raise ValueError(f"{shown(value)} is no region: write it like eu-central-1")
    return str(value)


class Storage(Strict):
    """The store. ``endpoint`` and ``region``: of a server that is not Amazon's, and where the bucket is."""

    url: Annotated[str, BeforeValidator(_url)]
    endpoint: Annotated[str, BeforeValidator(_endpoint)] | None = None
    region: Annotated[str, BeforeValidator(_region)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _of_s3(self) -> Self:
        if self.url.startswith("file:") and (self.endpoint or self.region):
            raise ValueError("a folder has no endpoint and no region: remove them")
        return self
