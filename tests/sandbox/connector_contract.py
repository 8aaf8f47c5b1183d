"""Holds Bot Connector requests and answers of the sandbox against Microsoft's description of its REST interface.

Differences that are known stand in lists with their sources, as in `contract.py` for Graph.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from tests.sandbox import contract

LEARN = "https://learn.microsoft.com"
# Operations that Teams has beyond the description: (method, path) → schema of the answer, source.
BEYOND: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("GET", r"/v3/conversations/[^/]+/members/.+"): (
        {"$ref": "#/definitions/ChannelAccount"},
        f"{LEARN}/microsoftteams/platform/bots/how-to/get-teams-context#get-single-member-details",
    ),
    ("GET", r"/v3/teams/[^/]+"): (
        {"type": "object", "required": ["id", "name", "aadGroupId"]},
        f"{LEARN}/microsoftteams/platform/bots/how-to/get-teams-context#get-team-details",
    ),
    ("GET", r"/v3/teams/[^/]+/conversations"): (
        {"type": "object", "required": ["conversations"]},
        f"{LEARN}/microsoftteams/platform/bots/how-to/get-teams-context#get-the-list-of-channels-in-a-team",
    ),
}
# Properties of Teams' own types, which are more than the ones described: type → names, source.
MORE: dict[str, tuple[set[str], str]] = {
    "ChannelAccount": (
        {"objectId", "givenName", "surname", "email", "userPrincipalName", "tenantId", "userRole"},
        f"{LEARN}/javascript/api/botframework-schema/teamschannelaccount",
    ),
    "Entity": (
        {"mentioned", "text", "locale", "country", "platform", "timezone"},
        f"{LEARN}/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations",
    ),
}


def reference() -> Path:
    """Where the description lies."""
    return contract.reference().parents[1] / "bot" / "ConnectorAPI.json"


def missing() -> str | None:
    """Why nothing can be checked, or None."""
    path = reference()
    return None if path.is_file() else f"Microsoft's description of the Bot Connector is not at {path}"


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference().read_text(encoding="utf-8-sig"))
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for path in _description()["paths"]:
        parts = re.split(r"\{[^}]+\}", path)
        found.append((re.compile("[^/]+".join(map(re.escape, parts))), path))
    return sorted(found, key=lambda one: one[1].count("{"))


def _strange(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    """Property names that the described types do not have."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = _description()["definitions"][name] if name else schema
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strange(item, schema.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, dict) and schema.get("properties"):
        more = MORE[name][0] if name in MORE else set()
        for key, inner in value.items():
            if key in schema["properties"]:
                yield from _strange(inner, schema["properties"][key], f"{at}.{key}")
            elif key not in more:
                yield f"{at}.{key} is no property of {name or 'it'}"


def _loose(schema: Any) -> Any:
    """`type: object` of free content may be anything; files are no JSON."""
    if isinstance(schema, list):
        return [_loose(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "object" and not schema.get("properties") and "required" not in schema:
        return {}
    return {name: _loose(value) for name, value in schema.items()}


def held(value: Any, schema: dict[str, Any], what: str) -> list[str]:
    """What is wrong with a value; `schema` may be the name of a described type as `{"$ref": …}`."""
    whole = {**_loose(schema), "definitions": _loose(_description()["definitions"])}
    errors = [f"{what}: {e.json_path} {e.message[:300]}" for e in Draft4Validator(whole).iter_errors(value)]
    return errors + list(_strange(value, schema, what))


def activity(value: dict[str, Any]) -> list[str]:
    """What is wrong with an activity that the bot was sent."""
    return held(value, {"$ref": "#/definitions/Activity"}, value.get("type", "activity"))


def _body(operation: dict[str, Any]) -> dict[str, Any] | None:
    return next((one["schema"] for one in operation.get("parameters", []) if one.get("in") == "body"), None)


def _operation(entry: dict[str, Any]) -> dict[str, Any] | None:
    template = next((known for pattern, known in _paths() if pattern.fullmatch(entry["path"])), None)
    operation = _description()["paths"].get(template, {}).get(entry["method"].lower())
    if operation is not None:
        return dict(operation)
    for (method, pattern), (schema, _) in BEYOND.items():
        if method == entry["method"] and re.fullmatch(pattern, entry["path"]):
            return {"responses": {"200": {"schema": schema}}}
    return None


def offences(entry: dict[str, Any]) -> list[str]:
    """What is wrong with one entry of the request log; what is not the Connector's or was spoilt on order never is."""
    if not entry["path"].startswith("/v3/") or entry["fault"]:
        return []
    where, status = f"{entry['method']} {entry['path']}", entry["status"]
    operation = _operation(entry)
    if status >= 400:
        found = held(json.loads(entry["answer"]), {"$ref": "#/definitions/ErrorResponse"}, f"answer {status}")
        return [f"{where}: {one}" for one in found]
    if operation is None:
        return [f"{where}: no such operation is described"]
    found, schema = [], _body(operation)
    if schema and entry["body"]:
        found += held(json.loads(entry["body"]), schema, "request")
    elif schema or entry["body"]:
        found.append("request: a body where none is described, or none where one is")
    described = operation["responses"]
    if str(status) not in described:
        found.append(f"answer: status {status}, described is {sorted(described)}")
    answer = (described.get(str(status)) or {}).get("schema")
    if answer and answer.get("type") != "file":
        found += held(json.loads(entry["answer"]), answer, "answer")
    elif not answer and entry["answer"]:
        found.append("answer: a body where none is described")
    return [f"{where}: {one}" for one in found]
