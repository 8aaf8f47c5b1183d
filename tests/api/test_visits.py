"""Visits by the REST API."""

from typing import Any

import pytest

from tests.api.conftest import Program, Programs
from tests.world import World

pytestmark = pytest.mark.slow

PIET = "piet.hagenauer@nordlicht-it.example"


@pytest.fixture
def wish(world: World, admin: Program, tressow: str) -> dict[str, Any]:
    """What plans a visit of Piet's."""
    world.staff("Piet Hagenauer")
    world.staff("Aylin Demirsoy")
    ticket = admin.post("/tickets", {"subject": "Drucker", "text": "Druckt nicht", "contact": "jana"})["number"]
    return {
        "ticket": ticket,
        "technician": PIET,
        "start": "2026-12-01T09:00",
        "end": "2026-12-01T11:00",
        "timezone": "Europe/Berlin",
        "place": "Halle 2",
        "note": "Leiter",
        "customer_note": "Bitte Zugang zum Serverraum",
    }


def test_a_visit_is_planned_read_moved_and_cancelled(admin: Program, wish: dict[str, Any], tressow: str) -> None:
    made = admin.post("/visits", wish)
    assert {name: made[name] for name in wish if name != "technician"} == {
        name: value for name, value in wish.items() if name != "technician"
    }
    assert made["technician"]["email"] == PIET
    assert (made["kind"], made["state"], made["calendar"]) == ("on-site", "planned", "waiting")
    assert (made["starts_at"], made["ends_at"]) == ("2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z")
    assert made["customer"]["key"] == tressow
    path = f"/visits/{made['id']}"
    assert admin.get(path) == made
    moved = admin.patch(path, {"start": "2026-12-01T10:00", "technician": "aylin.demirsoy@nordlicht-it.example"})
    assert (moved["start"], moved["technician"]["name"], moved["note"]) == (
        "2026-12-01T10:00",
        "Aylin Demirsoy",
        "Leiter",
    )
    assert admin.patch(path, {"start": "2026-12-01T10:00"})["updated_at"] == moved["updated_at"]
    gone = admin.ask("DELETE", path)
    assert (gone.status_code, gone.get_json()["state"]) == (200, "cancelled")
    assert admin.ask("DELETE", path).status_code == 200
    assert admin.patch(path, {"note": "x"}, 409)["code"] == "conflict"
    log = [one["verb"] for one in admin.get(f"/tickets/{wish['ticket']}/activity")]
    assert [verb for verb in log if verb.startswith("visit_")] == ["visit_planned", "visit_moved", "visit_cancelled"]


def test_a_creation_that_times_out_after_its_effect_again_and_again_is_one_event(
    world: World, admin: Program, wish: dict[str, Any]
) -> None:
    world.misbehave("POST /v1.0/users/[^/]+/events", status=504, after_effect=True, times=2)
    made = admin.post("/visits", wish, idempotency_key="v1")
    assert admin.ask("POST", "/visits", json=wish, headers={"Idempotency-Key": "v1"}).get_json()["id"] == made["id"]
    world.work()
    (event,) = world.sandbox.get(f"/_sandbox/calendars/{PIET}").json()
    assert event["start"]["dateTime"].startswith("2026-12-01T08:00")
    assert admin.get(f"/visits/{made['id']}")["calendar"] == "published"


def test_the_same_key_plans_one_visit(admin: Program, wish: dict[str, Any]) -> None:
    first = admin.post("/visits", wish, idempotency_key="v1")
    again = admin.ask("POST", "/visits", json=wish, headers={"Idempotency-Key": "v1"})
    assert (again.get_json()["id"], again.headers["Idempotency-Replayed"]) == (first["id"], "true")
    assert admin.post("/visits", {**wish, "note": "y"}, 409, idempotency_key="v1")["code"] == "conflict"
    assert len(admin.get("/visits")) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"technician": "nobody@nordlicht-it.example"}, "technician"),
        ({"technician": "jana.wiedekind@moebelwerk-tressow.example"}, "technician"),
        ({"ticket": 99}, "ticket"),
        ({"ticket": None}, "ticket"),
        ({"end": "2026-12-01T09:00"}, "end"),
        ({"end": "2026-12-01T08:00"}, "end"),
        ({"end": "2027-12-01T08:00"}, "end"),
        ({"start": "2026-12-01T09:00Z"}, "start"),
        ({"start": "2026-13-01T09:00"}, "start"),
        ({"start": "0001-01-01T09:00"}, "start"),
        ({"start": 5}, "start"),
        ({"start": "2027-03-28T02:30", "end": "2027-03-28T04:00"}, "start"),
        ({"start": "2027-03-28T01:30", "end": "2027-03-28T02:15"}, "end"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"kind": "party"}, "kind"),
        ({"place": "x" * 300}, "place"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    admin: Program, wish: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    problem = admin.post("/visits", {**wish, **change}, 422)
    assert field in problem["fields"], problem
    assert problem["fields"][field].endswith((".", "?"))
    assert admin.get("/visits") == []


def test_the_list_is_narrowed_and_walked(admin: Program, wish: dict[str, Any]) -> None:
    for day in range(1, 6):
        admin.post("/visits", {**wish, "start": f"2026-12-0{day}T09:00", "end": f"2026-12-0{day}T10:00"})
    admin.post(
        "/visits", {**wish, "ticket": None, "kind": "block", "technician": "aylin.demirsoy@nordlicht-it.example"}
    )
    assert len(admin.get("/visits", ticket=wish["ticket"])) == 5
    assert len(admin.get("/visits", technician="aylin.demirsoy@nordlicht-it.example")) == 1
    assert len(admin.get("/visits", technician="nobody@nordlicht-it.example")) == 0
    found = admin.get("/visits", **{"from": "2026-12-02T08:30:00Z", "to": "2026-12-04T08:00:00Z"})
    assert [one["start"] for one in found] == ["2026-12-02T09:00", "2026-12-03T09:00"]
    answer = admin.ask("GET", "/visits?limit=4")
    ids = [one["id"] for one in answer.get_json()]
    path = answer.headers["Link"].partition("<")[2].partition(">")[0]
    rest = admin.ask("GET", path)
    ids += [one["id"] for one in rest.get_json()]
    assert len(set(ids)) == 6
    assert "Link" not in rest.headers


def test_sales_read_visits_and_plan_none(program: Programs, admin: Program, wish: dict[str, Any]) -> None:
    admin.post("/visits", wish)
    assert len(program("sales").get("/visits")) == 1
    assert program("sales").post("/visits", wish, 403)["code"] == "not-allowed"
