"""What a source is: a declaration of its address, authentication, rate and endpoints, and its mapping
to the canonical datasets.

What belongs here: the words of such a declaration. What does not: any one source (``connectors.sources``),
and carrying a declaration out (``connectors.http``, ``mbr_pipeline.ingest.fetch``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.http.client import Refusal
from connectors.http.connection.route import proxy_problem
from connectors.http.endpoint import Endpoint
from connectors.http.errors import OutOfBounds
from connectors.http.origins import Origin, Origins
from connectors.http.rate_limit import Rate
from connectors.http.signing.auth import AuthMaker
from connectors.mapping import Mapper, Native, Row


@dataclass(frozen=True)
class Setting:
    """Something ``mbr.yml`` says under ``settings`` of a source. Without a default it is required;
    ``choices`` closes the values.

    Places in braces of a default are settings listed before it, such as ``{region}``.
    An ``is_address`` is the base of requests: it must be https, or http on this machine. An ``is_path`` is a
    file's whole path.
    """

    name: str
    doc: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    is_address: bool = False
    is_path: bool = False


@dataclass(frozen=True)
class Credential:
    """A secret, read from the environment variable ``MBR_<MSP>_<SOURCE>_<NAME>``."""

    name: str
    doc: str


@dataclass(frozen=True)
class Feed:
    """How one canonical dataset is obtained.

    Attributes:
        dataset: Its name.
        endpoints: Walked one after the other; their records are landed together, each with ``_endpoint``,
            ``_period`` and, of a snapshot, ``_fetched_on``.
        mapper: Makes canonical records of them, or of rows of the vendor's own files.
        constants: Canonical records that belong to the dataset whatever the vendor has, such as a product for
            lines without one: landed last, if anything was received.
        needs: Which native columns a canonical one may come from; a table without any of them has drifted.
        is_snapshot: The system shows only today's state, so it is fetched day by day and never for a past
            month.
    """

    dataset: str
    endpoints: tuple[Endpoint, ...]
    mapper: Mapper
    constants: tuple[Row, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_snapshot: bool = False

    def rows(self, native: Native) -> Iterable[Row]:
        """Return the canonical records of a native one: a constant is its own."""
        return [native.fields] if native.text("_endpoint") == CONSTANT else self.mapper(native)


CONSTANT = "constant"
"""The ``_endpoint`` of constants."""


@dataclass(frozen=True)
class Checked:
    """A line of the table of sources: what was checked against which document, or is only assumed."""

    what: str
    document: str
    is_believed: bool = False


ROUTE = (
    Setting("proxy", "the proxy that requests go through, as http://host:port", ""),
    Setting(
        "ca_file",
        "certificates (PEM) that are trusted beside the public ones: the whole path",
        "",
        is_path=True,
    ),
)
"""Settings that every system has that is fetched from."""


@dataclass(frozen=True)
class SourceSpec:
    """A system that records are fetched from.

    Attributes:
        name: What a source in ``mbr.yml`` says under ``connector``.
        title: The system's name as people write it.
        doc: One sentence for people.
        feeds: The datasets it delivers.
        base_url: Where relative paths of endpoints begin; places in braces are settings.
        auth: Makes the authentication from settings and credentials.
        rate: What the vendor allows, or a rate assumed to be acceptable.
        other_urls: Further addresses whose origins may be asked, such as that of the token; places in braces
            are settings.
        blob_hosts: Where signed downloads may lie (see ``Origins``); places in braces are settings.
        settings: What may be configured.
        credentials: What must be in the environment.
        checked: What the mapping was checked against.
        refusal: Which error an answer is that comes with a success status, at sign-in as well; None for none.
        rename: Turns a column's heading into a field's name, where the vendor's files spell it in several
            ways.
    """

    name: str
    title: str
    doc: str
    feeds: tuple[Feed, ...]
    base_url: str
    auth: AuthMaker
    rate: Rate
    other_urls: tuple[str, ...] = ()
    blob_hosts: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    credentials: tuple[Credential, ...] = ()
    checked: tuple[Checked, ...] = field(default=(), repr=False)
    refusal: Refusal = lambda body: None
    rename: Callable[[str], str] = str

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the datasets it delivers."""
        return tuple(feed.dataset for feed in self.feeds)

    def feed(self, dataset: str) -> Feed:
        """Return the feed of a dataset it delivers."""
        return next(feed for feed in self.feeds if feed.dataset == dataset)

    def complete(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return settings with defaults filled in.

        Raises:
            ValueError: One is unknown, missing, or not among its choices; the text says what to do.
        """
        for credential in self.credentials:
            if credential.name in settings:
                raise ValueError(
                    f"settings.{credential.name} is a secret: set it in the environment, never in mbr.yml"
                )
        found = completed((*self.settings, *ROUTE), settings)
        if found["proxy"] and (problem := proxy_problem(found["proxy"])):
            raise ValueError(f"settings.proxy: {problem}")
        return found

    def origins(self, settings: Mapping[str, str]) -> Origins:
        """Return where requests may go with these complete settings."""
        urls = (self.base_url, *self.other_urls)
        return Origins(
            tuple(url.format_map(settings) for url in urls),
            tuple(host.format_map(settings) for host in self.blob_hosts),
        )


def completed(known: tuple[Setting, ...], settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings with defaults filled in; see ``SourceSpec.complete``."""
    names = {setting.name for setting in known}
    for name in settings:
        if name not in names:
            advice = (
                f"use any of {', '.join(sorted(names))}"
                if names
                else "this connector has no settings, remove it"
            )
            raise ValueError(f"settings.{name} is unknown: {advice}")
    found: dict[str, str] = {}
    for setting in known:
        value = settings.get(setting.name) or (setting.default and setting.default.format_map(found))
        if value is None:
            raise ValueError(f"settings.{setting.name} is missing: {setting.doc}")
        if not isinstance(value, str):
            raise ValueError(f"settings.{setting.name} is a list or a mapping: write one value")
        if setting.choices and value not in setting.choices:
            raise ValueError(f"settings.{setting.name} is {value!r}: use one of {', '.join(setting.choices)}")
        if setting.is_address:
            _expect_address(setting.name, value)
        if setting.is_path and value and not Path(value).is_absolute():
            raise ValueError(f"settings.{setting.name}: write the whole path, from the root")
        found[setting.name] = value
    return found


def _expect_address(name: str, value: str) -> None:
    try:
        Origin.of(value)
    except OutOfBounds as error:
        raise ValueError(f"settings.{name}: {error.problem}") from None
