"""Who may use the REST API for what, and what it does with requests that are none."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from backend import auth, clock
from backend.api.operation import OPERATIONS, PREFIX, SMALL_BODY
from backend.auth import PERMISSIONS, SCOPES, ApiToken
from backend.db import session
from tests.api.conftest import Program, Programs
from tests.world import World

pytestmark = pytest.mark.slow


def _address(path: str, paths: dict[str, type]) -> str:
    for name, kind in paths.items():
        path = path.replace(f"{{{name}}}", "1" if kind is int else "none")
    return PREFIX + path


def test_each_route_asks_for_a_token_of_the_right_scope(program: Programs) -> None:
    programs = {scope: program(scope) for scope in SCOPES}
    assert len(OPERATIONS) > 20
    for each in OPERATIONS:
        path = _address(each.path, each.paths)
        needs = each.view.needs  # type: ignore[attr-defined]
        for scope, client in programs.items():
            answer = client.ask(each.method, path, json={} if each.body else None)
            allowed = not PERMISSIONS[needs].isdisjoint(SCOPES[scope])
            assert (answer.status_code != 403) == allowed, f"{scope} at {each.method} {path}: {answer.status_code}"
            assert answer.status_code != 401


def test_nobody_else_gets_in(world: World, program: Programs) -> None:
    world.customer("K1", "Möbelwerk Tressow GmbH")
    staff = world.browser(world.staff("Marek Ostwald", "administrator"))
    ended = program("admin")
    with world.rows():
        session.execute(update(ApiToken).values(ended_at=clock.now()))
    wrong = [
        {},
        ended.headers,
        {"Authorization": "Bearer dsk_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": ended.headers["Authorization"].removeprefix("Bearer ")},
        {"Authorization": f"Bearer {world.access_token('marek.ostwald@nordlicht-it.example')}"},
    ]
    for each in OPERATIONS:
        path = _address(each.path, each.paths)
        for headers in wrong:
            answer = world.app.test_client().open(path, method=each.method, headers=headers)
            assert answer.status_code == 401, f"{each.method} {path} {headers}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"
        assert staff.open(path, method=each.method).status_code == 401, "a session is not a token"


def test_only_sales_and_administrators_write_orders(program: Programs, tressow: str) -> None:
    body = {"customer": tressow, "date": "2026-11-20", "lines": []}
    assert program("technician").put("/orders/1", body, 403)["code"] == "not-allowed"
    program("sales").put("/orders/1", body, 201)
    assert program("technician").get("/orders/1")["number"] == "1"


def test_the_same_key_of_two_programs_is_two_requests(world: World, program: Programs, tressow: str) -> None:
    body = {"subject": "A", "text": "B", "contact": "jana"}
    numbers = {
        program(scope).post("/tickets", body, 201, idempotency_key="1")["number"] for scope in ("sales", "technician")
    }
    assert len(numbers) == 2


def test_what_is_not_json_is_refused(admin: Program) -> None:
    def put(data: Any, content_type: str = "application/json") -> tuple[int, str]:
        answer = admin.ask("PUT", "/customers/K1", data=data, content_type=content_type)
        assert answer.content_type == "application/problem+json"
        return answer.status_code, answer.get_json()["code"]

    assert put(b'{"name": ') == (400, "unreadable")
    assert put(b"") == (400, "unreadable")
    assert put(b"\xff\xfe") == (400, "unreadable")
    assert put(b'{"name": "\\ud800"}') == (400, "unreadable")
    assert put(b"[" * 100_000) == (400, "unreadable")
    assert put(b"name=A", "application/x-www-form-urlencoded")[0] == 415
    assert put(b'{"name": "A"}', "text/plain")[0] == 415
    assert put(json.dumps({"name": "A" * SMALL_BODY}).encode()) == (413, "too-large")
    assert admin.get("/customers") == []


def test_unknown_paths_and_methods_are_problems(admin: Program) -> None:
    for path in ("/nothing", "/tickets/one", "/tickets/1/nothing", "/tickets/0", "/tickets/99999999999999999999"):
        answer = admin.ask("GET", path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
    answer = admin.ask("DELETE", "/customers/K1")
    assert answer.status_code == 405
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


def test_the_scopes_of_the_description_are_those_of_the_table(world: World) -> None:
    document = json.loads(world.app.test_client().get("/api/v1/openapi.json").data)
    assert document["paths"]["/orders/{number}"]["put"]["description"].endswith("Scopes: admin, sales.")
    assert auth.SCOPES.keys() == {"admin", "technician", "sales"}
