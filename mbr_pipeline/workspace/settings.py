"""``mbr.yml``: which MSPs, which sources, which policies (contract §2).

What belongs here: reading and validating the settings file; every problem is one line naming file, key and
fix. What each rule file says is read in ``mbr_pipeline.workspace.rules``. Scalars are read as text and typed
here, so that YAML never turns money into floating point.
"""

from __future__ import annotations

import re
import zoneinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.values import parse_decimal
from mbr_pipeline.workspace.alert_settings import Alerts
from mbr_pipeline.workspace.export_settings import Exports
from mbr_pipeline.workspace.people import (
    AutoApproval,
    ByCurrency,
    Person,
    money,
    problem_with_people,
    problem_with_policies,
)
from mbr_pipeline.workspace.storage_settings import Storage
from mbr_pipeline.workspace.strict import Strict as _Strict
from mbr_pipeline.workspace.strict import Whole as _Whole
from mbr_pipeline.workspace.strict import shown as _shown

FILE_NAME = "mbr.yml"
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", re.ASCII)
_NOTHING = ("", "~", "null", "Null", "NULL")


def _percentage(value: Any) -> Decimal:
    percentage = parse_decimal(str(value), 3, 4)
    if not 0 <= percentage <= 100:
        raise ValueError(f"{value!r} is not between 0 and 100")
    return percentage


def _files(value: Any) -> str:
    if value in (*_NOTHING, "replace"):
        return "replace" if value == "replace" else ""
    raise ValueError(f"{_shown(value)} is unknown: write `replace`, or leave it out: then all files count")


def _time_zone(value: Any) -> str:
    if str(value) not in zoneinfo.available_timezones():
        raise ValueError(f"{_shown(value)} is no time zone: write a name such as UTC or Europe/Vienna")
    return str(value)


def _yes_or_no(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{_shown(value)} is neither: write true or false")
    return str(value).lower() == "true"


class SourceSettings(_Strict):
    """One system of an MSP: the datasets it delivers, the connector that fetches and reads its files,
    and the connector's settings.

    ``files``: whether all landed files count together, or only the last one of each dataset and period.
    ``due_day``: the day of the following month by which its files are landed, where it is not that of
    ``alerts``; no figure depends on it, so it is in no fingerprint of inputs.
    """

    datasets: list[str] = Field(min_length=1)
    connector: str = "canonical"
    files: Annotated[str, BeforeValidator(_files)] = ""
    due_day: _Whole | None = Field(default=None, ge=1, le=28, exclude=True)
    settings: dict[str, Any] = Field(default_factory=dict, validate_default=True)

    @field_validator("settings", mode="after")
    @classmethod
    def _complete(cls, settings: dict[str, Any], values: ValidationInfo) -> dict[str, Any]:
        connector = CONNECTORS.get(values.data.get("connector", ""))
        return dict(connector.check(settings)) if connector else settings

    @model_validator(mode="after")
    def _known(self) -> SourceSettings:
        if self.connector not in CONNECTORS:
            raise ValueError(
                f"connector {self.connector!r} is unknown: use one of {', '.join(sorted(CONNECTORS))}"
            )
        known = CONNECTORS[self.connector].datasets
        for dataset in self.datasets:
            if dataset not in known:
                raise ValueError(
                    f"dataset {dataset!r} is unknown to connector {self.connector}: use any of"
                    f" {', '.join(known)}"
                )
        if len(set(self.datasets)) != len(self.datasets):
            raise ValueError("a dataset is listed twice: list each once")
        return self


class Schedule(_Strict):
    """When the month is closed automatically: day of the following month and hour, both where
    ``time_zone`` is (a name of the IANA time zone database).

    ``early_look``: whether the month that goes on is looked at every day, at the same hour.
    """

    day: _Whole = Field(default=5, ge=1, le=28)
    hour: _Whole = Field(default=6, ge=0, le=23)
    time_zone: Annotated[str, BeforeValidator(_time_zone)] = "UTC"
    early_look: Annotated[bool, BeforeValidator(_yes_or_no)] = True


class MspSettings(_Strict):
    """One managed service provider. What its own ``schedule`` leaves out is the common one's."""

    name: str = Field(min_length=1)
    sources: dict[str, SourceSettings] = Field(min_length=1)
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _reconcilable(self) -> MspSettings:
        for source in self.sources:
            if not _NAME.match(source):
                raise ValueError(f"source name {source!r} must be letters, digits, - or _")
        declared = {dataset for source in self.sources.values() for dataset in source.datasets}
        if "invoice_lines" not in declared:
            raise ValueError(
                "no source declares invoice_lines: without client invoices there is nothing to reconcile"
            )
        if not declared & {"vendor_charges", "license_counts"}:
            raise ValueError("no source declares vendor_charges or license_counts: declare at least one")
        return self

    def declared(self) -> list[tuple[str, str]]:
        """Return the declared (source, dataset) pairs in the contract's dataset order."""
        order = list(DATASETS)
        pairs = [(name, dataset) for name, source in self.sources.items() for dataset in source.datasets]
        return sorted(pairs, key=lambda pair: (order.index(pair[1]), pair[0]))


class Policies(_Strict):
    """Thresholds of the gate, and what is decided by two people or by none; the defaults are the contract's.

    What people decide is in no fingerprint of a month's inputs: decisions have one of their own.
    """

    materiality: Annotated[Decimal, BeforeValidator(money)] = Decimal("0.00")
    rounding_tolerance: _Whole = Field(default=1, ge=0, le=1000)
    min_coverage_pct: Annotated[Decimal, BeforeValidator(_percentage)] = Decimal("0")
    four_eyes_above: ByCurrency = Field(default_factory=dict, exclude=True)
    auto_approve: list[AutoApproval] = Field(default_factory=list, exclude=True)


class Settings(_Strict):
    """The whole of ``mbr.yml``."""

    msps: dict[str, MspSettings] = Field(min_length=1)
    policies: Policies = Policies()
    schedule: Schedule = Schedule()
    alerts: Alerts = Alerts()
    exports: Exports = Exports()
    people: dict[str, Person] = Field(default_factory=dict)
    storage: Storage | None = None

    @model_validator(mode="after")
    def _names(self) -> Settings:
        for msp_id in self.msps:
            if not _NAME.match(msp_id):
                raise ValueError(f"MSP id {msp_id!r} must be letters, digits, - or _")
        if unknown := self.alerts.unknown_msp(self.msps):
            raise ValueError(
                f"alerts.routes names MSP {_shown(unknown)}, which is not in msps: use one of"
                f" {', '.join(self.msps)}"
            )
        if problem := problem_with_people(self.people) or problem_with_policies(
            self.people, self.policies.four_eyes_above, self.policies.auto_approve
        ):
            raise ValueError(problem)
        return self

    def schedule_of(self, msp_id: str) -> Schedule:
        """Return when the MSP's month is closed: the common schedule with what the MSP sets itself."""
        own = self.msps[msp_id].schedule
        return self.schedule.model_copy(update=own.model_dump(include=own.model_fields_set) if own else {})


class _TextLoader(yaml.BaseLoader):
    """YAML with every scalar as text and a repeated key as an error instead of the last one winning."""


def _mapping(loader: _TextLoader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be plain text", key_node.start_mark
            )
        if key in pairs:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is written twice", key_node.start_mark
            )
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


_TextLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_settings(workspace: Path) -> Settings:
    """Read ``mbr.yml`` of the workspace; every problem is a one-line :class:`ConfigError` naming
    file, key and fix.
    """
    path = workspace / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: not found: make a workspace with `mbr init {workspace}` or name one with --workspace"
        ) from None
    except NotADirectoryError:
        what_to_do = f"name the folder that has {FILE_NAME} with --workspace"
        raise ConfigError(f"{workspace}: not a folder: {what_to_do}") from None
    except OSError as error:
        what_to_do = "make it a file that you may read"
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): {what_to_do}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: save it as UTF-8") from error
    return settings_in(text, path)


@lru_cache(maxsize=4)  # every step of a month asks anew, and hundreds of MSPs take a quarter of a second
def settings_in(text: str, path: Path) -> Settings:
    """Read the text of a settings file that is called ``path`` in messages; equal text is read once."""
    try:
        content = yaml.load(text, Loader=_TextLoader)  # noqa: S506 - a BaseLoader: builds text, lists and mappings only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}: line {line}: {error.problem}: correct the YAML") from error
    except yaml.reader.ReaderError as error:
        line, character = text.count("\n", 0, error.position) + 1, f"U+{ord(text[error.position]):04X}"
        said = f"character {character} is not allowed in YAML: remove it, or save the file as UTF-8"
        raise ConfigError(f"{path}: line {line}: {said}") from error
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply: write it like the example of `mbr init`") from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path}: empty or not a mapping: it needs at least `msps:`; `mbr init` writes a commented"
            " example"
        )
    # a key without a value ("policies:") means the defaults
    content = {key: value for key, value in content.items() if value not in _NOTHING}
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"]) or "top level"
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key: remove it or correct its spelling{more}"
    if problem["type"] == "missing":
        return f"{key}: missing: add it{more}"
    if problem["type"] in _SAID:
        what, advice = (text.format_map(problem.get("ctx", {})) for text in _SAID[problem["type"]])
        value = problem["input"]
        return f"{key}: {f'{_shown(value)} {what}' if value or value == 0 else 'is empty'}: {advice}{more}"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}{more}"


_NO_MAPPING = ("is not a mapping", "write `key: value` lines below it")
_SAID = {
    "dict_type": _NO_MAPPING,
    "model_type": _NO_MAPPING,
    "list_type": ("is not a list", "write it like [one, two]"),
    "string_type": ("is not text", "write one value"),
    "string_too_short": ("is too short", "fill it in"),
    "too_short": ("has too few", "write at least one entry"),
    "greater_than_equal": ("is too little", "write {ge} or more"),
    "less_than_equal": ("is too much", "write {le} or less"),
}
"""Our texts for the validator's kinds of problems: what is wrong with the value, and what to do."""
