"""Merging and deleting by REST."""

from typing import Any

import pytest

from tests.api.conftest import Program
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(world: World) -> Program:
    """A program that may do everything."""
    return Program(world, "admin")


def opens(admin: Program, subject: str, mail: str = "jana.wiedekind@moebelwerk-tressow.example") -> int:
    """A new ticket's number."""
    made: dict[str, Any] = admin.post("/tickets", {"subject": subject, "text": subject, "requester_email": mail})
    return int(made["number"])


def test_a_ticket_is_merged_says_so_and_comes_back(world: World, admin: Program) -> None:
    world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    a, b = opens(admin, "Drucker"), opens(admin, "Papier")
    first = admin.post(f"/tickets/{a}/messages", {"kind": "note", "text": "Notiz"}, idempotency_key="k1")
    merged = admin.post(f"/tickets/{a}/merge", {"into": b}, status=200)
    assert (merged["number"], merged["messages_count"], merged["merged_into"]) == (b, 3, None)
    old = admin.get(f"/tickets/{a}")
    assert (old["merged_into"], old["closed"], old["messages_count"]) == (b, True, 0)
    assert [one["text"] for one in admin.get(f"/tickets/{b}/messages")] == ["Drucker", "Papier", "Notiz"]
    log = {(one["ticket"], one["verb"]) for one in admin.get(f"/tickets/{b}/activity")}
    assert {(a, "opened"), (a, "merged"), (b, "merged_from")} <= log
    assert {one["ticket"] for one in admin.get(f"/tickets/{a}/activity")} == {a}
    # Sent again, what was said before the merge is answered as before; something new is refused with the way.
    again = admin.post(f"/tickets/{a}/messages", {"kind": "note", "text": "Notiz"}, idempotency_key="k1")
    assert (again["id"], again["ticket"]) == (first["id"], b)
    refused = admin.post(f"/tickets/{a}/messages", {"kind": "note", "text": "Neu"}, status=409)
    assert f"#{b}" in refused["title"]
    assert admin.patch(f"/tickets/{a}", {"priority": "high"}, status=409)["code"] == "conflict"
    assert admin.post(f"/tickets/{b}/merge", {"into": a}, status=422)["code"] == "refused"
    assert "into" in admin.post(f"/tickets/{b}/merge", {"into": 99999}, status=422)["fields"]
    back = admin.post(f"/tickets/{a}/unmerge", None, status=200)
    assert (back["number"], back["merged_into"], back["status"], back["messages_count"]) == (a, None, "open", 2)


def test_different_customers_need_the_field(world: World, admin: Program) -> None:
    for key, domain in (("K1", "moebelwerk-tressow.example"), ("K2", "birke.example")):
        world.customer(key, key, domains=[domain])
    a, b = opens(admin, "Drucker"), opens(admin, "Papier", "svea@birke.example")
    assert "confirmed" in admin.post(f"/tickets/{a}/merge", {"into": b}, status=422)["fields"]
    assert admin.post(f"/tickets/{a}/merge", {"into": b, "confirmed": True}, status=200)["number"] == b


def test_a_ticket_is_deleted_by_administrators_alone_and_brought_back(world: World, admin: Program) -> None:
    admin.headers["Accept-Language"] = "en"
    number = opens(admin, "Drucker")
    for scope in ("technician", "sales"):
        assert Program(world, scope).ask("DELETE", f"/tickets/{number}").status_code == 403
    gone = admin.ask("DELETE", f"/tickets/{number}")
    assert gone.status_code == 200
    assert gone.json is not None
    assert (gone.json["number"], gone.json["restorable"]) == (number, True)
    assert admin.ask("DELETE", f"/tickets/{number}").json == gone.json
    missing = admin.ask("GET", f"/tickets/{number}")
    assert missing.status_code == 404
    assert "was deleted by" in missing.get_json()["title"]
    assert admin.get("/tickets") == []
    assert admin.post(f"/tickets/{number}/restore", None, status=200)["messages_count"] == 1
    assert admin.get(f"/tickets/{number}")["subject"] == "Drucker"
