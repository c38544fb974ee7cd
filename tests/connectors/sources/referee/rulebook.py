"""A vendor's OpenAPI document, and what of a request or of an answer is against it.

Belongs here: reading a document for openapi-core, what openapi-core lets pass and should not, and its
findings as sentences. What does not: serving (``referee``), Swagger 2.0 (``swagger2``), and the slips of
one vendor's document (its tests).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas import oas30_casters_dict
from openapi_core.casting.schemas.casters import AnyCaster, PrimitiveCaster, TypesCaster
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.styles import StyleDeserializersFactory, style_deserializers
from openapi_core.deserializing.styles.util import form_loads
from openapi_core.security.exceptions import SecurityProviderError
from openapi_core.security.factories import SecurityProviderFactory
from openapi_core.security.providers import BaseProvider
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.exceptions import SecurityValidationError
from openapi_core.validation.schemas import oas30_read_schema_validators_factory
from werkzeug.datastructures import MultiDict

from connectors.testing.server import Asked, Reply

from .swagger2 import openapi3

_HERE = "http://vendor"


class Rulebook:
    """What a vendor's document demands of both sides."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Read a document of Swagger 2.0 or OpenAPI 3.0; the addresses of its servers do not count."""
        content = openapi3(document) if "swagger" in document else document
        self._paths = frozenset(content["paths"])
        casters = SchemaCastersFactory(oas30_read_schema_validators_factory, _CASTERS)
        config = Config(
            spec_validator_cls=None,  # documents of vendors have slips: the rest of them counts
            extra_media_type_deserializers=dict.fromkeys(_json_types(content), _json),
            extra_format_validators={"email": _is_email},
            schema_casters_factory=casters,
            style_deserializers_factory=StyleDeserializersFactory(
                casters, {**style_deserializers, "form": _form}
            ),
            security_provider_factory=_Providers(),
        )
        self._api = OpenAPI.from_dict({**content, "servers": [{"url": _HERE}]}, config=config)

    @classmethod
    def read(cls, path: Path) -> Rulebook:
        """Read the document in a file, JSON or YAML."""
        return cls(yaml.load(path.read_bytes(), yaml.CSafeLoader))

    def against_request(self, asked: Asked) -> list[str]:
        """Return what of a request the document forbids."""
        if "//" in f"{asked.path}/" and asked.path not in self._paths:
            # openapi-core takes nothing for a value
            return [f"request: a part of the path is empty: {asked.path}"]
        errors = self._api.iter_request_errors(_request(asked))
        return [line for error in errors for line in _told("request", error)]

    def against_reply(self, asked: Asked, reply: Reply) -> list[str]:
        """Return what of an answer to a request the document forbids."""
        kind = next((value for name, value in reply.headers.items() if name.lower() == "content-type"), "")
        response = MockResponse(reply.body, reply.status, reply.headers, kind)
        errors = self._api.iter_response_errors(_request(asked), response)
        return [line for error in errors for line in _told("response", error)]


def _request(asked: Asked) -> MockRequest:
    said = {name: value for name, value in asked.headers.items() if value}  # an empty header says nothing
    return MockRequest(
        _HERE,
        asked.method,
        asked.path,
        args=asked.pairs,
        headers=said,
        data=asked.body,
        content_type=asked.headers.get("content-type", ""),
    )


def _told(side: str, error: Exception) -> Iterator[str]:
    """The sentences of one finding: one for each fault of a value, with its place."""
    cause = error.__cause__
    what = "authentication" if isinstance(error, SecurityValidationError) else getattr(error, "name", "body")
    faults = getattr(cause, "schema_errors", ())
    for fault in faults:
        place = "/".join([what, *(str(part) for part in fault.absolute_path)])
        yield f"{side}: {place}: {fault.message}"
    if not faults:
        yield f"{side}: {error}" if cause is None else f"{side}: {what}: {cause}"


def _json(body: bytes, **parameters: str) -> Any:
    return json.loads(body, parse_constant=_no_json)


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _form(explode: bool, name: str, schema_type: str, location: Mapping[str, Any]) -> Any:
    """As openapi-core reads a parameter, but only an array is there more than once."""
    if schema_type != "array" and isinstance(location, MultiDict) and len(location.getlist(name)) > 1:
        raise ValueError(f"{name} is repeated")
    return form_loads(explode, name, schema_type, location)


def _is_email(value: object) -> bool:
    """Whether a text looks like an address of mail: jsonschema asks for an @ and no more."""
    return not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value) is not None


def _json_types(node: Any) -> Iterator[str]:
    """The media types of a document that are JSON: openapi-core knows but two."""
    if isinstance(node, dict):
        if isinstance(node.get("content"), dict):
            kinds = (kind.split(";")[0].strip() for kind in node["content"])
            yield from (kind for kind in kinds if kind == "*/*" or kind.endswith("json"))
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _json_types(part)


class _Written(PrimitiveCaster):
    """Only what JSON takes for the value.

    Python takes 1_000 for an integer and nan for a number, openapi-core yes for a boolean.
    """

    pattern = ""

    def validate(self, value: Any) -> None:
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"{value!r} is not written as one")

    def cast(self, value: Any) -> Any:
        return json.loads(value)


class _Integer(_Written):
    pattern = r"-?\d+"


class _Number(_Written):
    pattern = r"-?\d+(\.\d+)?([eE][+-]?\d+)?"


class _Boolean(_Written):
    pattern = "true|false"


_CASTERS = TypesCaster(
    {**oas30_casters_dict, "integer": _Integer, "number": _Number, "boolean": _Boolean}, AnyCaster
)


class _Bearer(BaseProvider):
    """OAuth 2.0 and OpenID Connect ask for a bearer token (RFC 6750); openapi-core asks for nothing."""

    def __call__(self, parameters: Any) -> Any:
        kind, _, token = parameters.header.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise SecurityProviderError("no bearer token")
        return token


class _Providers(SecurityProviderFactory):
    PROVIDERS = {**SecurityProviderFactory.PROVIDERS, "oauth2": _Bearer, "openIdConnect": _Bearer}
