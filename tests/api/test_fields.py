"""Fields of the installation's own by REST."""

import pytest

from backend.db import session
from backend.fields.models import CustomField
from tests.api.conftest import Program
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def fields(world: World) -> None:
    """A number that a new request needs, a choice, and a day."""
    with world.rows():
        session.add_all(
            [
                CustomField(key="seats", name="Seats", kind="number", types=["request"], needed=True, position=1),
                CustomField(key="plan", name="Plan", kind="choice", options=["Gold", "Bronze"], position=2),
                CustomField(key="due", name="Due", kind="date", position=3),
                CustomField(key="agreed", name="Agreed", kind="yes-no", position=4),
            ]
        )


TICKET = {"subject": "Licences", "text": "Please", "contact": "jana"}


@pytest.mark.usefixtures("fields")
def test_fields_are_described_filled_and_emptied(admin: Program, tressow: str) -> None:
    assert [each["key"] for each in admin.get("/fields")] == ["seats", "plan", "due", "agreed"]
    assert [each["key"] for each in admin.get("/fields", limit=2)] == ["seats", "plan"]
    body = {**TICKET, "type": "request", "fields": {"seats": 12.5, "agreed": False}}
    number = admin.post("/tickets", body)["number"]
    assert admin.get(f"/tickets/{number}")["fields"] == {"seats": 12.5, "agreed": False}
    changed = admin.patch(f"/tickets/{number}", {"fields": {"plan": "Gold", "due": "2026-12-01", "seats": None}})
    assert changed["fields"] == {"agreed": False, "plan": "Gold", "due": "2026-12-01"}
    assert admin.patch(f"/tickets/{number}", {"fields": {"plan": "Gold"}}) == changed


@pytest.mark.usefixtures("fields")
def test_what_a_field_does_not_take_is_named(admin: Program, tressow: str) -> None:
    assert list(admin.post("/tickets", {**TICKET, "type": "request"}, 422)["fields"]) == ["fields.seats"]
    number = admin.post("/tickets", TICKET)["number"]
    for key, value in (("plan", "Silver"), ("due", "soon"), ("agreed", "yes"), ("seats", 1), ("nothing", 1)):
        problem = admin.patch(f"/tickets/{number}", {"fields": {key: value}}, 422)
        assert list(problem["fields"]) == [f"fields.{key}"]
    assert admin.get(f"/tickets/{number}")["fields"] == {}


def test_a_removed_field_is_not_told(world: World, admin: Program, tressow: str, fields: None) -> None:
    number = admin.post("/tickets", {**TICKET, "fields": {"plan": "Gold"}})["number"]
    with world.rows():
        session.query(CustomField).filter_by(key="plan").update({"removed": True})
    assert admin.get(f"/tickets/{number}")["fields"] == {}
