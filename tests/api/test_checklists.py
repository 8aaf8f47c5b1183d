"""Checklists by REST."""

import pytest

from tests.api.conftest import Program
from tests.world import World

pytestmark = pytest.mark.slow


def test_a_list_is_added_once_and_ticked_in_order(world: World, admin: Program, tressow: str) -> None:
    number = admin.post("/tickets", {"subject": "Notebook", "text": "Please", "contact": "jana"})["number"]
    body = {"name": "New workplace", "in_order": True, "items": ["Order", "Install"]}
    path = f"/tickets/{number}/checklists"
    made = admin.post(path, body, 201, idempotency_key="a")
    assert admin.post(path, body, 201, idempotency_key="a") == made
    assert admin.get(path) == [made]
    first, second = (item["id"] for item in made["items"])
    problem = admin.patch(f"/checklist-items/{second}", {"done": True}, 422)
    assert "Order" in problem["title"]
    assert admin.patch(f"/checklist-items/{first}", {"done": True})["done_by"] == "a program (admin)"
    assert admin.patch(f"/checklist-items/{first}", {"done": True})["done"] is True
    more = admin.post(f"/checklists/{made['id']}/items", {"text": "Hand over"})
    assert [item["text"] for item in admin.get(path)[0]["items"]] == ["Order", "Install", "Hand over"]
    assert admin.patch(f"/checklist-items/{more['id']}", {"text": "Hand it over"})["text"] == "Hand it over"
    ticks = [one for one in admin.get(f"/tickets/{number}/activity") if one["verb"] == "checklist_item_ticked"]
    assert len(ticks) == 1


def test_what_is_wrong_is_named(world: World, admin: Program, tressow: str) -> None:
    number = admin.post("/tickets", {"subject": "Notebook", "text": "Please", "contact": "jana"})["number"]
    path = f"/tickets/{number}/checklists"
    assert list(admin.post(path, {"name": "None", "from_template": True}, 422)["fields"]) == ["name"]
    assert list(admin.post(path, {}, 422)["fields"]) == ["name"]
    admin.patch("/checklist-items/99", {"done": True}, 404)
    admin.post("/checklists/99/items", {"text": "x"}, 404)


def test_closing_names_the_reason_that_is_missing(world: World, admin: Program, tressow: str) -> None:
    number = admin.post("/tickets", {"subject": "Notebook", "text": "Please", "contact": "jana"})["number"]
    admin.post(f"/tickets/{number}/checklists", {"name": "Steps", "items": ["One"]})
    assert list(admin.patch(f"/tickets/{number}", {"status": "closed"}, 422)["fields"]) == ["closing_reason"]
    message = {"kind": "note", "text": "Done", "status": "closed"}
    assert list(admin.post(f"/tickets/{number}/messages", message, 422)["fields"]) == ["closing_reason"]
    assert admin.patch(f"/tickets/{number}", {"status": "closed", "closing_reason": "Not needed"})["closed"] is True
