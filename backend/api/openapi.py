"""The OpenAPI 3.1 description, made of what the routes declare (`operation.py`)."""

import functools
import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from backend import __version__
from backend.api.operation import MAX_NUMBER, OPERATIONS, PREFIX, Operation
from backend.api.shapes.values import Key, Problem
from backend.auth import PERMISSIONS, SCOPES

_REFERENCE = "#/components/schemas/{model}"
_ALWAYS = (401, 403, 422, 429)
_PROBLEMS = {
    400: "The body is not JSON.",
    401: "There is no valid token.",
    403: "The token's scope does not allow this.",
    404: "There is no such thing, or the token may not know of it.",
    409: "Something else is there already, or somebody else was first.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    422: "Something in the request cannot be used; `fields` says what.",
    429: "Too many requests a minute; the header `Retry-After` says in how many seconds to come again.",
}
_TAGS = {
    "customers": "Companies the provider works for, with their sites and mail domains.",
    "contacts": "People at customers.",
    "orders": "What customers have ordered, with lines and documents.",
    "tickets": "Matters of customers, and the log of what happened to them.",
    "messages": "What was said on tickets, with files.",
    "chats": "Chats with customers in Teams: who waits, and whoever answers.",
    "text-modules": "Prepared texts with placeholders, and gaps that people fill.",
    "visits": "Technicians' appointments for tickets, and blocks of their time.",
    "mail": "The logs of mail that came in and went out.",
}
_DESCRIPTION = """Deskside from outside.

**Tokens.** `Authorization: Bearer dsk_…`; `deskside token create --name N --scope admin` makes one. Each operation
lists the scopes that may use it.

**Lists** are JSON arrays. Where there is more, the header `Link` holds the address of the next page (`rel="next"`).

**Errors** are problem details (RFC 9457): a sentence in `title`, in the language of `Accept-Language`, a word for
programs in `code`, and `fields`, which names what is wrong by its path."""
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, new for each new thing. The same request with the same key does nothing more "
    "and gets the same answer; another body with it is refused (409).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}


class _KeyHolder(BaseModel):
    key: Key


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def _schemas() -> dict[str, Any]:
    taken = {(each.body, "validation") for each in OPERATIONS if each.body is not None}
    given = {(each.answer, "serialization") for each in OPERATIONS if each.answer is not None}
    wanted = sorted(taken | given | {(Problem, "serialization")}, key=lambda pair: pair[0].__name__)
    _map, whole = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
    schemas: dict[str, Any] = whole["$defs"]
    return schemas


def _path_parameters(declared: Operation) -> list[dict[str, Any]]:
    key = _KeyHolder.model_json_schema()["properties"]["key"]
    key.pop("title", None)
    number = {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if kind is int else key}
        for name, kind in declared.paths.items()
    ]


def _query_parameters(declared: Operation) -> list[dict[str, Any]]:
    if declared.query is None:
        return []
    schema = declared.query.model_json_schema()
    definitions = schema.get("$defs", {})
    parameters = []
    for name, given in schema["properties"].items():
        found = _without_null(given, definitions)
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", [])}
        if "description" in found:
            parameter["description"] = found.pop("description")
        parameters.append({**parameter, "schema": found})
    return parameters


def _without_null(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out, never null; enumerations stand in place."""
    found = {name: value for name, value in schema.items() if name not in ("title", "anyOf", "$ref")}
    if found.get("default", "") is None:
        del found["default"]
    for choice in schema.get("anyOf", [schema]):
        if choice.get("type") == "null":
            continue
        inner = definitions[choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice
        found = {**{name: value for name, value in inner.items() if name not in ("title", "description")}, **found}
    return found


def _problem(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {"application/problem+json": {"schema": _reference(Problem)}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer


def _good(declared: Operation) -> dict[str, Any]:
    if declared.answer is None:
        return {"description": "The file.", "content": {"application/octet-stream": {}}}
    schema: dict[str, Any] = dict(_reference(declared.answer))
    answer: dict[str, Any] = {"description": "As it is now."}
    if declared.many:
        schema = {"type": "array", "items": schema}
        link = {"description": 'The next page, rel="next", where there is one.', "schema": {"type": "string"}}
        answer = {"description": "A page of the list.", "headers": {"Link": link}}
    if declared.keyed:
        replayed = {"description": "`true`: this was done before.", "schema": {"type": "string", "enum": ["true"]}}
        answer["headers"] = {"Idempotency-Replayed": replayed}
    return {**answer, "content": {"application/json": {"schema": schema}}}


def _operation(declared: Operation) -> dict[str, Any]:
    permission = declared.view.needs  # type: ignore[attr-defined]
    scopes = [name for name, roles in SCOPES.items() if not PERMISSIONS[permission].isdisjoint(roles)]
    problems = {*_ALWAYS, *declared.problems, *((400, 413, 415) if declared.body is not None else ())}
    described: dict[str, Any] = {
        "operationId": declared.view.__name__,
        "tags": [declared.tag],
        "summary": declared.summary,
        "description": f"{declared.description}\n\nScopes: {', '.join(scopes)}.".strip(),
        "security": [{"token": []}],
        "parameters": _path_parameters(declared) + _query_parameters(declared),
        "responses": {
            **{str(status): _good(declared) for status in declared.statuses},
            **{str(status): _problem(status) for status in sorted(problems)},
        },
    }
    if declared.keyed:
        described["parameters"].append(_IDEMPOTENCY_KEY)
    if declared.body is not None:
        content = {"application/json": {"schema": _reference(declared.body)}}
        needed = any(one.is_required() for one in declared.body.model_fields.values())
        described["requestBody"] = {"required": needed, "content": content}
    return described


@functools.cache
def document() -> str:
    """The description as JSON. The same for everybody: it names no address but its own."""
    paths: dict[str, dict[str, Any]] = {}
    for declared in OPERATIONS:
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Deskside", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": PREFIX}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An API token."}},
        },
    }
    return json.dumps(whole, ensure_ascii=False)
