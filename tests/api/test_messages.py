"""Messages, their files and the log of a ticket by REST."""

import base64
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.world import JANA, World

pytestmark = pytest.mark.slow

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def number(admin: Program, tressow: str) -> int:
    """The number of a ticket of Jana's with one message."""
    return int(admin.post("/tickets", {"subject": "Drucker", "text": "Seit heute.", "contact": "jana"})["number"])


def test_a_reply_goes_to_the_contact_and_changes_the_status(admin: Program, number: int) -> None:
    body = {"kind": "reply", "text": "Wir kommen.", "cc": ["einkauf@moebelwerk-tressow.example"], "status": "pending"}
    message = admin.post(f"/tickets/{number}/messages", body)
    assert (message["ticket"], message["kind"], message["channel"]) == (number, "reply", "api")
    assert message["to"] == [{"name": "Jana Wiedekind", "address": JANA}]
    assert message["cc"] == [{"name": "", "address": "einkauf@moebelwerk-tressow.example"}]
    assert message["author"] == {"key": None, "name": "a program (admin)", "email": None}
    assert (message["text"], message["quoted"], message["delivery"]) == ("Wir kommen.", "", "waiting")
    ticket = admin.get(f"/tickets/{number}")
    assert (ticket["status"], ticket["activity_status"]) == ("pending", "waiting-for-contact")
    assert ticket["messages_count"] == 2
    assert [each["text"] for each in admin.get(f"/tickets/{number}/messages")] == ["Seit heute.", "Wir kommen."]


def test_notes_and_calls_are_not_mailed(admin: Program, number: int) -> None:
    note = admin.post(f"/tickets/{number}/messages", {"kind": "note", "text": "Toner bestellen"})
    call = admin.post(f"/tickets/{number}/messages", {"kind": "call", "html": "<p>Rief an</p>"})
    assert (note["kind"], note["delivery"], note["to"]) == ("note", None, [])
    assert (call["kind"], call["delivery"], call["text"]) == ("call", None, "Rief an")
    assert admin.get("/outbound") == []


def test_the_same_key_says_it_once(admin: Program, number: int) -> None:
    body = {"kind": "note", "text": "Einmal"}
    first = admin.post(f"/tickets/{number}/messages", body, 201, idempotency_key="k")
    assert admin.post(f"/tickets/{number}/messages", body, 201, idempotency_key="k") == first
    assert len(admin.get(f"/tickets/{number}/messages")) == 2
    admin.post(f"/tickets/{number}/messages", {**body, "text": "Anders"}, 409, idempotency_key="k")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"text": "no kind"}, "kind"),
    ({"kind": "shout", "text": "A"}, "kind"),
    ({"kind": "note"}, "text"),
    ({"kind": "note", "text": " \n "}, "text"),
    ({"kind": "note", "text": "a\x00b"}, "text"),
    ({"kind": "note", "text": "A", "to": [JANA]}, "to"),
    ({"kind": "reply", "text": "A", "to": ["nobody"]}, "to.0.address"),
    ({"kind": "reply", "text": "A", "to": [JANA], "cc": [{"name": "x"}]}, "cc.0.address"),
    ({"kind": "reply", "text": "A", "to": [JANA + "\r\nBcc: x@y.example"]}, "to.0.address"),
    ({"kind": "reply", "text": "A", "status": "lost"}, "status"),
    ({"kind": "note", "text": "A", "attachments": [{"name": "", "content": ""}]}, "attachments.0.name"),
    ({"kind": "note", "text": "A", "attachments": [{"name": "a", "content": "!"}]}, "attachments.0.content"),
]


def test_a_broken_message_names_the_field(admin: Program, number: int) -> None:
    for body, field in BROKEN:
        assert list(admin.post(f"/tickets/{number}/messages", body, 422)["fields"]) == [field], body
    assert len(admin.get(f"/tickets/{number}/messages")) == 1


def test_somebody_without_an_address_cannot_be_answered(admin: Program, tressow: str) -> None:
    admin.put("/contacts/silent", {"name": "Silent", "customer": tressow}, 201)
    ticket = admin.post("/tickets", {"subject": "A", "text": "B", "contact": "silent"})
    problem = admin.post(f"/tickets/{ticket['number']}/messages", {"kind": "reply", "text": "Hallo"}, 422)
    assert list(problem["fields"]) == ["to"]


def test_files_come_back_and_do_nothing(admin: Program, number: int) -> None:
    files = [
        {"name": "../bild.gif", "content_type": "image/gif", "content": base64.b64encode(GIF).decode()},
        {"name": '<img src=x onerror="alert(1)">.svg', "content_type": "image/svg+xml",
         "content": base64.b64encode(SVG).decode()},
    ]  # fmt: skip
    message = admin.post(f"/tickets/{number}/messages", {"kind": "note", "text": "Siehe Anlage", "attachments": files})
    assert [(each["size"], each["inline"]) for each in message["attachments"]] == [(len(GIF), False), (len(SVG), False)]
    for attachment, content in zip(message["attachments"], (GIF, SVG), strict=True):
        answer = admin.ask("GET", attachment["url"])
        assert answer.data == content
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_messages_are_paged(admin: Program, number: int) -> None:
    for text in "abcd":
        admin.post(f"/tickets/{number}/messages", {"kind": "note", "text": text})
    seen, path = [], f"/tickets/{number}/messages?limit=2"
    while path:
        answer = admin.ask("GET", path)
        seen += [each["text"] for each in answer.get_json()]
        path = answer.headers.get("Link", "")[1:].partition(">")[0]
    assert seen == ["Seit heute.", "a", "b", "c", "d"]


def test_the_log_is_paged_and_belongs_to_one_ticket(admin: Program, number: int) -> None:
    other = admin.post("/tickets", {"subject": "B", "text": "B", "contact": "jana"})["number"]
    admin.patch(f"/tickets/{number}", {"priority": "high", "category": "Printing"})
    first = admin.ask("GET", f"/tickets/{number}/activity?limit=2")
    rest = admin.ask("GET", first.headers["Link"][1:].partition(">")[0])
    log = first.get_json() + rest.get_json()
    assert [each["verb"] for each in log] == ["opened", "reply", "priority", "category"]
    assert {each["ticket"] for each in log} == {number}
    assert [each["verb"] for each in admin.get(f"/tickets/{other}/activity")] == ["opened", "reply"]


def test_what_is_not_there_is_not_found(world: World, admin: Program) -> None:
    for path in ("/tickets/1", "/tickets/1/messages", "/tickets/1/activity", "/attachments/1", "/documents/1"):
        assert admin.ask("GET", path).status_code == 404, path
    assert admin.post("/tickets/1/messages", {"kind": "note", "text": "A"}, 404)["code"] == "not-found"
    assert admin.patch("/tickets/2147483647", {}, 404)["code"] == "not-found"
