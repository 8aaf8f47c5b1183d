"""The description of the REST API, and that the API does what it says."""

import json
from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from backend.api import views
from backend.api.operation import OPERATIONS, PREFIX
from tests.api.conftest import Program
from tests.world import World

pytestmark = pytest.mark.slow

EXAMPLES = 2  # of each sort for each operation
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
NAMES = sorted(each.view.__name__ for each in OPERATIONS if views.blueprint)
# What is asked for by key must be there, so that well-formed questions are refused as well.
_FREE = {"list_customers", "list_contacts", "list_orders", "list_inbound", "list_outbound", "find_messages"}


def test_the_description_is_valid_and_complete(world: World, admin: Program) -> None:
    answer = world.app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    document = json.loads(answer.data)
    OpenAPIV31SpecValidator(document).validate()
    routes = {
        (rule.endpoint, method)
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.endpoint != "api.describe"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (f"api.{operation['operationId']}", method.upper())
        for path in document["paths"].values()
        for method, operation in path.items()
    }
    assert described == routes
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"token": []}]
            assert {"401", "403", "422"} <= set(operation["responses"])
            assert operation["summary"].endswith((".", "there is more.")), operation["operationId"]
    assert document["components"]["schemas"]["OrderIn"]["additionalProperties"] is False


def test_each_name_of_the_interface_is_there(world: World) -> None:
    schemas = json.loads(world.app.test_client().get("/api/v1/openapi.json").data)["components"]["schemas"]
    names = {
        "TicketOut": "number subject status activity_status priority impact type category customer contact assignee "
        "team created_at updated_at messages_count",
        "MessageOut": "id ticket kind channel author from to cc subject text quoted html sent_at attachments "
        "internet_message_id delivery",
        "AttachmentOut": "name content_type size inline url",
        "InboundOut": "id mailbox internet_message_id from subject outcome kind reason ticket message received_at "
        "original",
        "OrderIn": "customer date status currency lines documents",
        "LineIn": "position sku description quantity unit price",
        "TicketIn": "subject text html contact requester_email customer type priority impact category assignee team "
        "order summary data",
        "MessageIn": "kind text html to cc status",
    }
    for schema, wanted in names.items():
        assert set(wanted.split()) <= set(schemas[schema]["properties"]), schema


_THERE = {
    "customer": "K1",
    "contact": "jana",
    "site": "T",
    "status": "open",
    "assignee": None,
    "team": None,
    "order": None,
}


def _some_of_everything(admin: Program) -> int:
    file = {"name": "a.txt", "content_type": "text/plain", "content": "QQ=="}
    ticket = admin.post("/tickets", {"subject": "Drucker", "text": "Hallo", "contact": "jana", "attachments": [file]})
    admin.put("/orders/1", {"customer": "K1", "date": "2026-11-20", "lines": [], "documents": [file]}, 201)
    return int(ticket["number"])


def _meet(case: Any, number: int) -> None:
    """Makes a well-formed request one about things that are there, so that it is not refused for that alone."""
    if case.query:
        case.query.pop("cursor", None)  # only ours are good
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, int):
            case.path_parameters[name] = number if name == "number" else 1
    if isinstance(case.body, dict):
        for name, there in _THERE.items():
            if case.body.get(name) is not None:
                case.body[name] = there


@cache
def _operations(app: Flask) -> dict[str, Any]:
    """What the description offers, by its names; reading it takes as long as asking."""
    document = json.loads(app.test_client().get("/api/v1/openapi.json").data)
    for path in document["paths"].values():
        for described in path.values():
            del described["security"]  # the right token is always sent; wrong ones have a test of their own
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    found: list[Any] = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    return {each.definition.raw["operationId"]: each for each in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_whatever_is_sent_the_answer_is_as_described(world: World, admin: Program, tressow: str, name: str) -> None:
    number = _some_of_everything(admin)
    operation = _operations(world.app)[name]
    assert sum(_ask(operation, mode, admin.headers, number) for mode in schemathesis.GenerationMode) > EXAMPLES


def _ask(operation: Any, mode: schemathesis.GenerationMode, headers: dict[str, str], number: int) -> int:
    """Sends made-up requests of one sort and checks each answer; how many they were."""
    free = operation.definition.raw["operationId"] in _FREE
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        if mode == schemathesis.GenerationMode.POSITIVE:
            _meet(case, number)
        case.call_and_validate(headers=headers, checks=[*CHECKS, positive_data_acceptance] if free else CHECKS)

    ask()
    return asked
