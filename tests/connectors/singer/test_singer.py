"""Files of Singer taps: which records stand, and which files are not whole.

Belongs here: lines of a tap, streams for datasets. Does not: the words of a profile
(``tests/connectors/mapped``).
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.registry import CONNECTORS

SINGER = CONNECTORS["singer"]
CLIENTS = {"clients": {"stream": "customers"}}
STATE = {"type": "STATE", "value": {"bookmarks": {"customers": {"updated": "2026-10-31"}}}}


def schema(stream: str = "customers", *keys: str, **properties: Any) -> dict[str, Any]:
    described = {"type": "object", "properties": properties}
    return {"type": "SCHEMA", "stream": stream, "schema": described, "key_properties": list(keys)}


def record(stream: str = "customers", **fields: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": stream, "record": fields}


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "clients.jsonl.gz"
    texts = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path.write_bytes(gzip.compress(b"\n".join(texts) + b"\n"))
    return path


def rows(
    path: Path, settings: dict[str, Any], dataset: str = "clients"
) -> tuple[list[dict[str, Any]], list[str]]:
    opened = SINGER.open(path, DATASETS[dataset], SINGER.check(settings))
    found = [row for batch in opened.batches() for row in batch.to_pylist()]
    assert not opened.faults, opened.faults
    kept = [{name: value for name, value in row.items() if value is not None} for row in found]
    return kept, opened.warnings


ALDER, BRIGHT = {"client_id": "1", "client_name": "Alder"}, {"client_id": "2", "client_name": "Bright"}


def test_a_stream_with_canonical_names_is_read_as_it_is(tmp_path: Path) -> None:
    lines = (
        schema("orders", "id"), schema("customers", "client_id"), record(**ALDER), record("orders", id=7),
        record(**BRIGHT, extra={"deep": [1]}), STATE,
    )  # fmt: skip
    found, warnings = rows(written(tmp_path, *lines), CLIENTS)
    assert [(row["client_id"], row["client_name"], row["_line"]) for row in found] == [
        ("1", "Alder", 3),
        ("2", "Bright", 5),
    ]
    assert json.loads(found[1]["_extra"]) == {"extra.deep": '["1"]'}
    assert warnings == []


def test_the_last_version_of_a_record_stands_and_the_others_are_counted(tmp_path: Path) -> None:
    lines = (schema("customers", "client_id"), record(**ALDER), record(**BRIGHT), STATE)
    found, warnings = rows(
        written(tmp_path, *lines, record(**{**ALDER, "client_name": "Alder & Sons"}), STATE), CLIENTS
    )
    assert sorted(row["client_name"] for row in found) == ["Alder & Sons", "Bright"]
    assert warnings == ["1 record of customers came again, and the last of each stands"]


def test_records_without_keys_all_stand(tmp_path: Path) -> None:
    found, warnings = rows(written(tmp_path, schema(), record(**ALDER), record(**ALDER), STATE), CLIENTS)
    assert (len(found), warnings) == (2, [])


def versioned(version: int, **fields: Any) -> dict[str, Any]:
    return {**record(**fields), "version": version}


def activate(version: Any, stream: str = "customers") -> dict[str, Any]:
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": version}


KEYED, COAST = schema("customers", "client_id"), {"client_id": "3", "client_name": "Coast"}
ONE_REPLACED = "1 record of customers is of a version that the tap replaced, and passed over"
TWO_REPLACED = "2 records of customers are of a version that the tap replaced, and passed over"
ONE_DELETED = "1 record of customers is deleted at the vendor, and passed over"


@pytest.mark.parametrize("stream", [KEYED, schema()])
@pytest.mark.parametrize(
    ("lines", "standing", "warnings"),
    [
        # what singer-python says of the message: all data seen before goes, but what is of its version
        (
            (versioned(1, **ALDER), versioned(2, **BRIGHT), activate(2), STATE),
            ["Bright"],
            [ONE_REPLACED],
        ),
        (
            (
                versioned(1, **ALDER), versioned(1, **BRIGHT), activate(1), STATE,
                versioned(2, **COAST), activate(2), STATE,
            ),
            ["Coast"],
            [TWO_REPLACED],
        ),
        # at the beginning of a first sync it makes what follows be seen at once
        ((activate(1), versioned(1, **ALDER), activate(1), STATE), ["Alder"], []),
        ((versioned(1, **ALDER), versioned(1, **BRIGHT), STATE), ["Alder", "Bright"], []),
        ((record(**ALDER), versioned(2, **BRIGHT), activate(2), STATE), ["Alder", "Bright"], []),
        ((versioned(1, **ALDER), activate(2, "orders"), STATE), ["Alder"], []),
    ],
)  # fmt: skip
def test_a_version_that_is_activated_replaces_the_others(
    lines: tuple[Any, ...], standing: list[str], warnings: list[str], stream: dict[str, Any], tmp_path: Path
) -> None:
    found, told = rows(written(tmp_path, stream, *lines), CLIENTS)
    assert ([row["client_name"] for row in found], told) == (standing, warnings)


def test_a_record_that_is_deleted_at_the_vendor_counts_no_more(tmp_path: Path) -> None:
    gone = {**ALDER, "_sdc_deleted_at": "2026-10-05T00:00:00Z"}
    lines = [KEYED, record(**ALDER), record(**BRIGHT, _sdc_deleted_at=None), record(**gone)]
    found, warnings = rows(written(tmp_path, *lines, STATE), CLIENTS)
    assert ([row["client_name"] for row in found], warnings) == (["Bright"], [ONE_DELETED])
    found, warnings = rows(written(tmp_path, *lines, record(**ALDER), STATE), CLIENTS)
    assert [row["client_name"] for row in found] == ["Bright", "Alder"]  # it was made again
    assert warnings == [ONE_DELETED]


def test_a_profile_says_what_the_fields_of_a_stream_are(tmp_path: Path) -> None:
    lines = [
        schema("lines", "id", note={}),
        b'{"type": "RECORD", "stream": "lines", "record": {"id": "L1", "bill": "B1", "who": {"id": "C1"},'
        b' "sku": "E3", "n": 3, "each": 0.1234567890123, "sum": 1.2e1, "from": "2026-10-01",'
        b' "to": "2026-11-01"}}',
        STATE,
    ]
    settings = {
        "vendor_charges": {
            "stream": "lines",
            "columns": {
                "line_id": "id", "invoice_id": "bill", "vendor_customer_id": "who.id", "sku_id": "sku",
                "quantity": "n", "unit_cost": "each", "amount": "sum", "charge_period_start": "from",
                "charge_category": {"constant": "recurring"}, "currency": {"constant": "USD"},
                "charge_period_end": "to",
            },
        }
    }  # fmt: skip
    [row], _ = rows(written(tmp_path, *lines), settings, "vendor_charges")
    expected = ("C1", "3", "0.123456789", "12")  # unit prices have 10 places
    assert tuple(row[n] for n in ("vendor_customer_id", "quantity", "unit_cost", "amount")) == expected


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((schema(), record(**ALDER)), "without a STATE after its last record: the tap did not finish"),
        ((schema(), record(**ALDER), STATE, record(**BRIGHT)), "without a STATE after its last record"),
        ((schema(), schema("orders"), record(**ALDER), STATE, record("orders", id=1)), "without a STATE"),
        (
            (schema(), record(**ALDER), {"type": "STATE", "value": {"currently_syncing": "customers"}}),
            "in the middle of customers: the tap did not finish",
        ),
        ((record(**ALDER), STATE), "line 1 is a record of customers before its SCHEMA"),
        ((schema("customers", "client_id"), record(client_name="x"), STATE), "without its key client_id"),
        ((schema("orders"), STATE), "has no stream customers; it has orders"),
        ((schema(), b"INFO starting sync", STATE), "line 2 is not JSON"),
        ((schema(), {"type": "BATCH", "stream": "customers"}, STATE), "line 2 is no message of a tap"),
        ((schema(), {"type": "RECORD", "stream": "customers"}, STATE), "is a RECORD without its record"),
        ((schema(), b'{"type": "RECORD", "stream": "customers", "record": {"n": NaN}}', STATE), "no number"),
        (
            (schema(), b'{"type": "RECORD", "stream": "customers", "record": {"a": 1, "a": 2}}', STATE),
            "key twice",
        ),
        (
            (KEYED, versioned(1, **ALDER), activate(1), versioned(2, **BRIGHT), STATE),
            "ends with two versions of customers: the tap did not finish",
        ),
        ((schema(), activate(None), STATE), "is an ACTIVATE_VERSION without its version"),
        (
            (schema(), record(**ALDER, _sdc_deleted_at="2026-10-05"), STATE),
            "line 2 is a record of customers that is deleted, and no key says which",
        ),
        ((schema(), record(**{"a.b": 1, "a": {"b": 2}}), STATE), "has the field a.b twice"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(lines: tuple[Any, ...], problem: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=problem) as caught:
        rows(written(tmp_path, *lines), CLIENTS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"customers": {"stream": "x"}}, "settings.customers is no dataset"),
        ({"clients": {}}, "settings.clients.stream is missing"),
        ({"clients": "customers"}, "settings.clients.stream is missing"),
        ({"clients": {"stream": "x", "colums": {}}}, "colums"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        SINGER.check(settings)


def test_a_dataset_without_a_stream_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"settings\.products\.stream is missing"):
        rows(written(tmp_path, schema(), STATE), CLIENTS, "products")
