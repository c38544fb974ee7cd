"""A Swagger 2.0 document in the words of OpenAPI 3.0, which is what the validator reads.

Belongs here: the GET operations and their schemas. What does not: other methods, forms and files, since
connectors only read.
"""

from __future__ import annotations

import json
from typing import Any

_OF_A_PARAMETER = ("name", "in", "required", "description", "schema")


def openapi3(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as OpenAPI 3.0.

    Raises:
        KeyError: if it describes an authentication that this does not know.
    """
    moved: dict[str, Any] = json.loads(
        json.dumps(document).replace('"#/definitions/', '"#/components/schemas/')
    )
    produced = moved.get("produces", ["application/json"])
    return {
        "openapi": "3.0.3",
        "info": moved["info"],
        "security": moved.get("security", []),
        "paths": {
            path: {"get": _operation(item["get"], produced)}
            for path, item in moved["paths"].items()
            if "get" in item
        },
        "components": {
            "schemas": moved.get("definitions", {}),
            "securitySchemes": {
                name: _scheme(scheme) for name, scheme in moved.get("securityDefinitions", {}).items()
            },
        },
    }


def _operation(operation: dict[str, Any], produced: list[str]) -> dict[str, Any]:
    types = operation.get("produces", produced)
    return {
        **{name: part for name, part in operation.items() if name not in ("produces", "consumes", "schemes")},
        "parameters": [_parameter(parameter) for parameter in operation.get("parameters", [])],
        "responses": {
            status: _response(response, types) for status, response in operation["responses"].items()
        },
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = {
        name: part for name, part in parameter.items() if name not in (*_OF_A_PARAMETER, "collectionFormat")
    }
    kept = {name: part for name, part in parameter.items() if name in _OF_A_PARAMETER}
    repeated = parameter.get("collectionFormat") == "multi"
    return {"schema": schema, **kept, **({"explode": repeated} if parameter.get("type") == "array" else {})}


def _response(response: dict[str, Any], types: list[str]) -> dict[str, Any]:
    if "schema" not in response:
        return {"description": response["description"]}
    return {
        "description": response["description"],
        "content": {kind: {"schema": response["schema"]} for kind in types},
    }


def _scheme(scheme: dict[str, Any]) -> dict[str, Any]:
    return {"basic": {"type": "http", "scheme": "basic"}, "apiKey": scheme}[scheme["type"]]
