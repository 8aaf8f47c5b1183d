"""Holds Graph requests and answers of the sandbox against Microsoft's description of Graph v1.0.

The description is known to be behind the service; each known difference stands in a list with its source. Whatever
is not in the lists and not in the description is an offence.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
LEARN = "https://learn.microsoft.com/graph"

# (method, path) → (statuses that the service gives instead of the described ones, source)
STATUSES: dict[tuple[str, str], tuple[set[int], str]] = {
    ("POST", "/users/{user-id}/sendMail"): ({202}, f"{LEARN}/api/user-sendmail"),
    ("POST", "/users/{user-id}/messages/{message-id}/send"): ({202}, f"{LEARN}/api/message-send"),
    ("POST", "/users/{user-id}/messages/{message-id}/reply"): ({202}, f"{LEARN}/api/message-reply"),
    ("POST", "/users/{user-id}/messages/{message-id}/replyAll"): ({202}, f"{LEARN}/api/message-replyall"),
    ("POST", "/users/{user-id}/messages/{message-id}/forward"): ({202}, f"{LEARN}/api/message-forward"),
    ("POST", "/users/{user-id}/messages/{message-id}/createReply"): ({201}, f"{LEARN}/api/message-createreply"),
    ("POST", "/users/{user-id}/messages/{message-id}/createReplyAll"): ({201}, f"{LEARN}/api/message-createreplyall"),
    ("POST", "/users/{user-id}/messages/{message-id}/createForward"): ({201}, f"{LEARN}/api/message-createforward"),
    ("POST", "/users/{user-id}/messages/{message-id}/move"): ({201}, f"{LEARN}/api/message-move"),
    ("POST", "/users/{user-id}/messages/{message-id}/attachments/createUploadSession"): (
        {201}, f"{LEARN}/api/attachment-createuploadsession",
    ),
    ("PATCH", "/users/{user-id}/messages/{message-id}"): ({200}, f"{LEARN}/api/message-update"),
    ("PATCH", "/users/{user-id}/events/{event-id}"): ({200}, f"{LEARN}/api/event-update"),
    ("PATCH", "/users/{user-id}/calendar/events/{event-id}"): ({200}, f"{LEARN}/api/event-update"),
    ("POST", "/users/{user-id}/events/{event-id}/cancel"): ({202}, f"{LEARN}/api/event-cancel"),
    ("POST", "/users/{user-id}/events/{event-id}/accept"): ({202}, f"{LEARN}/api/event-accept"),
    ("POST", "/users/{user-id}/events/{event-id}/decline"): ({202}, f"{LEARN}/api/event-decline"),
    ("POST", "/users/{user-id}/events/{event-id}/tentativelyAccept"): ({202}, f"{LEARN}/api/event-tentativelyaccept"),
    ("PATCH", "/subscriptions/{subscription-id}"): ({200}, f"{LEARN}/api/subscription-update"),
}  # fmt: skip
_CUT = 65_000  # characters of an answer, from where on the log may have cut it
_MESSAGE = {"$ref": "#/components/schemas/microsoft.graph.message"}
_EVENT = {"$ref": "#/components/schemas/microsoft.graph.event"}
_SCHEDULE = {"$ref": "#/components/schemas/microsoft.graph.scheduleInformation"}
# (method, path) → (schema of the answer's body, source), where the description has another or none
BODIES: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("GET", "/users/{user-id}/mailFolders/{mailFolder-id}/messages/delta"): (
        {"type": "object", "properties": {"value": {"type": "array", "items": _MESSAGE}}, "required": ["value"]},
        f"{LEARN}/api/message-delta",
    ),
    ("PATCH", "/users/{user-id}/messages/{message-id}"): (_MESSAGE, f"{LEARN}/api/message-update"),
    ("GET", "/users/{user-id}/calendarView/delta"): (
        {"type": "object", "properties": {"value": {"type": "array", "items": _EVENT}}, "required": ["value"]},
        f"{LEARN}/api/event-delta",
    ),
    ("PATCH", "/users/{user-id}/events/{event-id}"): (_EVENT, f"{LEARN}/api/event-update"),
    ("PATCH", "/users/{user-id}/calendar/events/{event-id}"): (_EVENT, f"{LEARN}/api/event-update"),
    ("POST", "/users/{user-id}/calendar/getSchedule"): (
        {"type": "object", "properties": {"value": {"type": "array", "items": _SCHEDULE}}, "required": ["value"]},
        f"{LEARN}/api/calendar-getschedule",
    ),
    ("PATCH", "/subscriptions/{subscription-id}"): (
        {"$ref": "#/components/schemas/microsoft.graph.subscription"}, f"{LEARN}/api/subscription-update",
    ),
}  # fmt: skip
# Property names of derived types, which the subset describes by their general type only.
NAMES: dict[str, str] = {
    "contentBytes": f"{LEARN}/api/resources/fileattachment",
    "contentId": f"{LEARN}/api/resources/fileattachment",
    "contentLocation": f"{LEARN}/api/resources/fileattachment",
    "innerError": f"{LEARN}/errors",
    "AttachmentItem": f"{LEARN}/api/attachment-createuploadsession",
}
# Paths that the subset leaves out.
ELSEWHERE: dict[str, str] = {
    r"/users(/[^/]+)?": f"{LEARN}/api/resources/user",
    r"/users/[^/]+/messages/[^/]+/attachments/[^/]+/\$value": f"{LEARN}/api/attachment-get",
}
# Bodies of these content types are no JSON: MIME in and out.
MIME = {"text/plain": f"{LEARN}/outlook-send-mime-message"}


def reference() -> Path:
    """Where the description lies; see `missing`."""
    folder = os.environ.get("DESKSIDE_REFERENCE") or ROOT.parent / "shared" / "reference"
    return Path(folder) / "graph" / "openapi_subset_lenient.json"


def missing() -> str | None:
    """Why nothing can be checked, or None."""
    path = reference()
    return None if path.is_file() else f"Microsoft's description of Graph is not at {path} (DESKSIDE_REFERENCE)"


def _plain(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(value) for name, value in schema.items() if name not in ("nullable", "format")}
    if schema.get("nullable") and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference().read_text(encoding="utf-8"))
    found["components"] = _plain(found["components"])
    return found


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for path in _description()["paths"]:
        parts = re.split(r"\{[^}]+\}", path)
        found.append((re.compile("[^/]+".join(map(re.escape, parts))), path))
    # The one with the fewest variables first: /messages/delta is no message with the id "delta".
    return sorted(found, key=lambda one: one[1].count("{"))


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        node: Any = _description()
        for name in schema["$ref"].removeprefix("#/").split("/"):
            node = node[name]
        schema = node
    return schema


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(schema)
    found = dict(schema.get("properties", {}))
    for part in [*schema.get("allOf", []), *schema.get("anyOf", [])]:
        found |= _properties(part)
    return found


def _items(schema: dict[str, Any]) -> dict[str, Any] | None:
    schema = _resolved(schema)
    return cast("dict[str, Any] | None", schema.get("items"))


def _strange(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    """Property names that Microsoft's types do not have."""
    if isinstance(value, list):
        items = _items(schema)
        for number, item in enumerate(value):
            if items:
                yield from _strange(item, items, f"{at}[{number}]")
    elif isinstance(value, dict):
        properties = _properties(schema)
        for name, inner in value.items():
            if "@" in name or name in NAMES or not properties:
                continue
            if name in properties:
                yield from _strange(inner, properties[name], f"{at}.{name}")
            else:
                yield f"{at}.{name} is no property of Microsoft's"


def _offences(value: Any, schema: dict[str, Any], what: str) -> Iterator[str]:
    schema = _plain(schema)
    whole = {"allOf": [schema], "components": _description()["components"]}
    for error in Draft202012Validator(whole).iter_errors(value):
        yield f"{what}: {error.json_path} {error.message[:300]}"
    yield from _strange(value, schema, what)


def _schema(content: dict[str, Any]) -> dict[str, Any] | None:
    media = content.get("application/json")
    return cast("dict[str, Any]", media["schema"]) if media else None


def _is_json(headers: dict[str, str]) -> bool:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return kind.startswith("application/json")


def _request(entry: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    described = operation.get("requestBody")
    kind = next((value for name, value in entry["headers"].items() if name.lower() == "content-type"), "")
    if not entry["body"] or kind.split(";")[0] in MIME:
        return
    if described is None:
        yield "request: a body where none is described"
        return
    schema = _schema(described["content"])
    if schema:
        yield from _offences(json.loads(entry["body"]), schema, "request")


def _answer(entry: dict[str, Any], key: tuple[str, str], operation: dict[str, Any]) -> Iterator[str]:
    status = entry["status"]
    if status >= 400:
        schema = _schema(_description()["components"]["responses"]["error"]["content"])
        yield from _offences(json.loads(entry["answer"]), schema or {}, f"answer {status}")
        return
    described = operation["responses"]
    allowed = STATUSES[key][0] if key in STATUSES else {int(code) for code in described if code.isdigit()}
    if status not in allowed:
        yield f"answer: status {status}, described is {sorted(allowed)}"
    if not entry["answer"] or not _is_json(entry["answer_headers"]):
        return
    usual: dict[str, Any] = next((described[code] for code in described if code.isdigit()), {})
    body = BODIES[key][0] if key in BODIES else _schema(usual.get("content", {}))
    if body is None:
        yield "answer: a body where none is described"
    else:
        yield from _offences(json.loads(entry["answer"]), body, "answer")


def whole(entry: dict[str, Any]) -> bool:
    """Whether the request log kept body and answer as they were: it cuts what is longer."""
    return max(len(entry["body"]), len(entry["answer"])) < _CUT


def offences(entry: dict[str, Any]) -> list[str]:
    """What is wrong with one entry of the request log; what is not Graph's or was spoilt on order never is."""
    if not entry["path"].startswith("/v1.0/") or entry["fault"]:
        return []
    path = entry["path"].removeprefix("/v1.0").removesuffix("()")
    where = f"{entry['method']} {path}"
    if re.match(r"/me(/|$)", path):
        return []
    template = next((known for pattern, known in _templates() if pattern.fullmatch(path)), None)
    if template is None:
        elsewhere = any(re.fullmatch(pattern, path) for pattern in ELSEWHERE)
        return [] if elsewhere or entry["status"] == 404 else [f"{where}: no such path is described"]
    operation = _description()["paths"][template].get(entry["method"].lower())
    if operation is None:
        return [] if entry["status"] in (404, 405) else [f"{where}: no such operation is described"]
    # A refusal may have been for what the request says, so only requests that were accepted are held to it.
    found = list(_request(entry, operation)) if entry["status"] < 400 else []
    found += _answer(entry, (entry["method"], template), operation)
    return [f"{where}: {one}" for one in found]
