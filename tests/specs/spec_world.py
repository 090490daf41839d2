"""One service's specification: what may be asked there, and answers made from it by a tool.

The tool is schemathesis: it reads Swagger 2.0 and OpenAPI 3 alike, validates parameters
and bodies, and draws values that a schema allows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from source_world import Request

Json = Any
PLAIN, DEEP = 60, 8
"""Values drawn of a schema for texts and numbers, and of one for records (some 50 ms each)."""


@dataclass(frozen=True)
class Spec:
    """A document, as schemathesis and as plain JSON."""

    document: dict[str, Json]
    not_sent: Collection[str] = ()
    """Required parameters that the service does without."""
    api: Any = field(init=False, repr=False)
    pools: dict[str, list[Json]] = field(default_factory=dict, repr=False)
    """What was drawn of each schema before: drawing takes far longer than asking."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "api", schemathesis.openapi.from_dict(self.document))

    @classmethod
    def of_file(
        cls, path: Path, *, version: str | None = None, not_sent: Collection[str] = ()
    ) -> Spec:
        document = json.loads(path.read_bytes())
        if version is not None:
            document["openapi"] = version
        return cls(document, not_sent)

    # --- what may be asked ------------------------------------------------------------

    def complaints(self, request: Request) -> list[str]:
        """Everything about a captured request that the specification does not allow."""
        operation = self._operation(request)
        if operation is None:
            return [f"no operation {request.method} {request.path}"]
        return [*self._about_query(operation, request), *_about_body(operation, request)]

    def label(self, request: Request) -> str:
        """The operation that a request is for: "GET /works/{id}"."""
        operation = self._operation(request)
        return "" if operation is None else operation.label

    def _operation(self, request: Request) -> Any:
        base = self.document.get("basePath", "")
        if not request.path.startswith(f"{base}/"):
            return None
        return self.api.find_operation_by_path(request.method, request.path.removeprefix(base))

    def _about_query(self, operation: Any, request: Request) -> Iterator[str]:
        sent = parse_qsl(urlsplit(request.line.split(" ")[1]).query, keep_blank_values=True)
        declared = {parameter.name: parameter for parameter in operation.query}
        for name in sorted({name for name, _ in sent if [n for n, _ in sent].count(name) > 1}):
            yield f"{name} is sent more than once"
        for name, value in sent:
            parameter = declared.get(name)
            if parameter is None:
                yield f"{operation.label} has no parameter {name}"
            elif not value or not parameter.is_valid(_typed(value, parameter.raw_schema)):
                yield f"{name}={value!r} is not allowed"
        for name, parameter in declared.items():
            needed = parameter.is_required and name not in self.not_sent
            if needed and name not in dict(sent):
                yield f"{name} is missing"

    # --- what is answered -------------------------------------------------------------

    def answers(self, path: str, method: str) -> dict[int, Json]:
        """The schema of every documented answer of an operation, by status."""
        known: dict[int, Json] = {}
        for status, response in self.document["paths"][path][method.lower()]["responses"].items():
            whole = self.follow(response)
            content = whole.get("content", {}).get("application/json", whole)
            if "schema" in content:
                known[int(status)] = content["schema"]
        return known

    def follow(self, schema: Json) -> dict[str, Json]:
        """A schema of the document with its references and `allOf` resolved at the top."""
        while "$ref" in schema:
            node: Json = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                node = node[unquote(part)]
            schema = node
        parts = [self.follow(part) for part in schema.get("allOf", ())]
        if not parts:
            return schema
        properties = {name: inner for part in parts for name, inner in part["properties"].items()}
        return {**schema, "properties": properties}

    def unknown_names(self, names: str, schema: Json) -> list[str]:
        """Which of some comma-separated field names, dots for depth, the schema does not have."""
        return [name for name in names.split(",") if not self._has(name.split("."), schema)]

    def _has(self, steps: list[str], schema: Json) -> bool:
        node = self.follow(schema)
        if node.get("type") == "array":
            node = self.follow(node["items"])
        inner = node.get("properties", {}).get(steps[0])
        return inner is not None and (len(steps) == 1 or self._has(steps[1:], inner))

    def draw(self, schema: Json) -> list[Json]:
        """Values that the schema allows: drawn once, the same for the same code and test order.

        (Hypothesis mixes in numbers and words of the modules that it finds imported.)
        """
        name = json.dumps(schema, sort_keys=True)
        if name not in self.pools:
            self.pools[name] = self._drawn(schema)
        return self.pools[name]

    def _drawn(self, schema: Json) -> list[Json]:
        # The schema is offered to schemathesis as the body of a request: it draws those,
        # and a value is a value.
        post: dict[str, Json] = {"responses": {"200": {"description": "any"}}}
        if "swagger" in self.document:
            body = {"in": "body", "name": "body", "required": True, "schema": schema}
            post["parameters"] = [body]
        else:
            content = {"application/json": {"schema": schema}}
            post["requestBody"] = {"required": True, "content": content}
        api = schemathesis.openapi.from_dict({**self.document, "paths": {"/": {"post": post}}})
        plain = schema.get("type") in ("string", "integer", "number", "boolean")
        drawn: list[Json] = []

        @seed(1)
        @settings(
            max_examples=PLAIN if plain else DEEP,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(api["/"]["POST"].as_strategy())
        def keep(case: Any) -> None:
            drawn.append(case.body)

        keep()
        return drawn


def _typed(value: str, schema: Json) -> Json:
    """A query value as the type that the parameter has; unchanged when it is none of it."""
    if schema.get("type") == "integer" and value.isdecimal():
        return int(value)
    return value


def _about_body(operation: Any, request: Request) -> Iterator[str]:
    bodies = list(operation.body)
    if not bodies:
        if request.body:
            yield f"{operation.label} takes no body"
        return
    (body,) = bodies
    if not request.headers.get("content-type", "").startswith(body.media_type):
        yield f"the body is not {body.media_type}"
        return
    value = json.loads(request.body)
    if not body.is_valid(value):
        yield "the body is not valid"
    # The schema names no required property: a misspelt one would pass as an extra one.
    elif isinstance(value, dict) and value.keys() - body.raw_schema.get("properties", {}).keys():
        yield f"the body has no properties {sorted(value)}"
