"""HaloPSA's OpenAPI document as a judge can use it.

Belongs here: its slips set right, and what answers hold, of which it says nothing. Does not: the judge
(``referee``).

* Types of parameters are C#'s (``bool``, ``int``, ``List<int>``).
* Answers have no schema: those of lists are what clients see, of the document's own objects.
* Objects that were left out of the document are any.
* A moment has no zone, as clients see it, and is no ``date-time``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TYPES = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "List<int>": {"type": "array", "items": {"type": "integer"}},
}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$", "nullable": True}
_LISTS = {
    "/Client": ("clients", "Area"),
    "/Item": ("items", "Item"),
    "/RecurringInvoice": ("invoices", "InvoiceHeader"),
    "/Invoice": ("invoices", "InvoiceHeader"),
}


def corrected(document: Path, folder: Path) -> Path:
    """Return a copy of the document that says what it means."""
    content = _set_right(json.loads(document.read_text(encoding="utf-8")))
    schemas = content["components"]["schemas"]
    for name in _named(content) - schemas.keys():
        schemas[name] = {}
    content["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    for path, (name, of) in _LISTS.items():
        record = {"$ref": f"#/components/schemas/{of}"}
        listed = {
            "type": "object",
            "required": ["record_count", name],
            "properties": {"record_count": {"type": "integer"}, name: {"type": "array", "items": record}},
        }
        _answers(content, path, listed)
        _answers(content, f"{path}/{{id}}", record)
    # what is never null is promised
    for name in ("Area", "Item", "InvoiceHeader", "InvoiceDetail"):
        schemas[name]["required"] = [
            field
            for field, one in schemas[name]["properties"].items()
            if "type" in one and not one.get("nullable")
        ]
    copy = folder / "halopsa.json"
    copy.write_text(json.dumps(content), encoding="utf-8")
    return copy


def _answers(content: dict[str, Any], path: str, schema: dict[str, Any]) -> None:
    content["paths"][path]["get"]["responses"]["200"]["content"] = {"application/json": {"schema": schema}}


def _set_right(node: Any) -> Any:
    if isinstance(node, list):
        return [_set_right(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("type"), str) and node["type"] in _TYPES:
        return _TYPES[node["type"]]
    if node.get("format") == "date-time":
        return _MOMENT
    return {name: _set_right(value) for name, value in node.items()}


def _named(node: Any) -> set[str]:
    """The names of all schemas that a document refers to."""
    inner = node if isinstance(node, list) else list(node.values()) if isinstance(node, dict) else []
    own = {str(node["$ref"]).rpartition("/")[2]} if isinstance(node, dict) and "$ref" in node else set()
    return own.union(*map(_named, inner))
