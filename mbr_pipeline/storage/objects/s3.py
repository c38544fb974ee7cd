"""A bucket of an S3 server as an object store, by conditional writes (``If-None-Match``, ``If-Match``).

What belongs here: requests, and what a server's refusals mean. What does not: what is kept in the bucket.

Two answers of a server do not mean what they seem to. A request whose answer was lost is sent again, and the
second is refused because the first was obeyed: so an object that holds the very bytes is as good as put. And
a server that was busy with another request of the same name (409) may have put none: so a name that is said
to be taken is looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage import outages
from mbr_pipeline.storage.objects.store import Changed, Stored, StoreError, Taken

_TRIES = 5
_REFUSED = re.compile(r"status code: 4\d\d")
RETRIES: Mapping[str, Any] = {"max_retries": 30, "retry_timeout": timedelta(seconds=30)}
"""A server that restarts is waited for, one that is gone is told within half a minute."""


_first: dict[str, int] = {}
"""The process in which the library that speaks to S3 has its threads: in a forked one it would hang."""


class S3Store:
    """The objects of a bucket below a prefix. Credentials are those of the environment, by the names that
    every tool of S3 reads, or of the machine's role.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        endpoint: str | None = None,
        region: str | None = None,
        retries: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Raises:
            ConfigError: The library that speaks to S3 is not installed.
        """
        try:
            import obstore  # noqa: PLC0415 - an extra: only a workspace with such a store needs it
            from obstore import exceptions  # noqa: PLC0415
            from obstore.store import S3Store as Client  # noqa: PLC0415
        except ModuleNotFoundError:
            raise ConfigError(
                "a workspace on S3 needs obstore, which is not installed: install mbr[objects]"
            ) from None
        self._ask, self._errors = obstore, exceptions
        self.address = f"s3://{bucket}/{prefix}".rstrip("/")
        settings: dict[str, Any] = {"conditional_put": "etag"}  # said here, so that no environment unsays it
        if endpoint:
            settings |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        if region:
            settings |= {"region": region}
        self._client = Client(
            bucket,
            prefix=prefix or None,
            client_options={"allow_http": (endpoint or "").startswith("http:"), "timeout": "60s"},
            retry_config=dict(retries or RETRIES),  # type: ignore[arg-type]
            **settings,
        )

    def list(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield names and versions."""
        with self._said():
            for some in self._ask.list(self._client, prefix.rstrip("/")):
                for each in some:
                    yield each["path"], str(each["e_tag"])

    def read(self, name: str) -> Stored | None:
        """Return an object; None if there is none."""
        with self._said():
            try:
                found = self._ask.get(self._client, name)
                return Stored(bytes(found.bytes()), str(found.meta["e_tag"]))
            except FileNotFoundError:
                return None

    def put_new(self, name: str, content: bytes) -> str:
        """Put an object under a name that none has."""
        with self._said():
            for _ in range(_TRIES):
                try:
                    return self._put(name, content, "create")
                except (self._errors.AlreadyExistsError, self._errors.PreconditionError):
                    there = self.read(name)
                    if there is not None and there.content == content:
                        return there.version
                    if there is not None:
                        raise Taken(name) from None
        raise StoreError(f"{self.address}: {name} can neither be put nor read: try again later")

    def replace(self, name: str, content: bytes, version: str) -> str:
        """Put an object in place of a version."""
        with self._said():
            try:
                return self._put(name, content, {"e_tag": version})
            except (self._errors.AlreadyExistsError, self._errors.PreconditionError, FileNotFoundError):
                there = self.read(name)
                if there is not None and there.content == content:
                    return there.version
                raise Changed(name) from None

    def _put(self, name: str, content: bytes, mode: Any) -> str:
        # one request: what is sent in parts cannot be sent on a condition
        return str(self._ask.put(self._client, name, content, mode=mode, use_multipart=False)["e_tag"])

    @contextmanager
    def _said(self) -> Iterator[None]:
        if _first.setdefault("asked by", os.getpid()) != os.getpid():
            raise RuntimeError("a forked process lacks the threads by which its parent has spoken to S3")
        try:
            yield
        except (self._errors.BaseError, OSError) as error:
            if not _REFUSED.search(str(error)):
                outages.note()
            raise StoreError(f"the store {self.address}: {_reason(str(error))}") from error


def _reason(text: str) -> str:
    """Return what a server said, or that it said nothing, with what to do."""
    if "/latest/api/token" in text or "/latest/meta-data" in text:  # the machine was asked for its role
        return "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
    status = re.search(r"status code: (\d{3})", text)
    words = re.search(r"<Message>(.*?)</Message>", text, re.DOTALL)
    said = f" ({words[1].strip()})" if words else ""
    if status and status[1] in ("401", "403"):
        return f"access is refused{said}: set the credentials of a user who may read and write there"
    if status:
        return f"answers with {status[1]}{said}: see that the bucket is there and its server sound"
    return "cannot be reached: see that its server runs and that mbr.yml names its endpoint, then run again"
