"""Tickets by REST."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, func, select

from backend import db
from backend.db import session
from backend.people.models import Team
from backend.tickets.models import Activity, Message, Ticket
from tests.api.conftest import Program
from tests.world import JANA, World

pytestmark = pytest.mark.slow

TICKET: dict[str, Any] = {"subject": "Drucker druckt nicht", "text": "Seit heute.", "contact": "jana"}


def test_a_ticket_is_opened_for_a_contact(world: World, admin: Program, tressow: str) -> None:
    world.staff("Piet Hagenauer")
    with world.rows():
        session.add(Team(name="Service"))
    ticket = admin.post(
        "/tickets",
        {
            **TICKET,
            "type": "request",
            "priority": "high",
            "impact": "site",
            "category": "Printing",
            "assignee": "piet.hagenauer@nordlicht-it.example",
            "team": "Service",
            "summary": {"location": "Werk"},
            "data": {"sensor": [1, 2.5, None]},
        },
    )
    assert ticket == admin.get(f"/tickets/{ticket['number']}")
    assert (ticket["status"], ticket["activity_status"], ticket["closed"]) == ("open", "unread", False)
    assert (ticket["type"], ticket["priority"], ticket["impact"]) == ("request", "high", "site")
    assert ticket["customer"] == {"key": "K1", "name": "Möbelwerk Tressow GmbH"}
    assert ticket["contact"] == {"key": "jana", "name": "Jana Wiedekind", "email": JANA}
    assert ticket["assignee"]["name"] == "Piet Hagenauer"
    assert (ticket["team"], ticket["messages_count"]) == ("Service", 1)
    assert ticket["data"] == {"sensor": [1, 2.5, None]}
    message = admin.get(f"/tickets/{ticket['number']}/messages")[0]
    assert (message["text"], message["channel"], message["author"]["name"]) == ("Seit heute.", "api", "Jana Wiedekind")


def test_an_unknown_requester_becomes_a_contact_of_the_domain(admin: Program, tressow: str) -> None:
    body = {"subject": "Hi", "text": "Hello", "requester_name": "Elif"}
    ticket = admin.post("/tickets", {**body, "requester_email": "Elif@Moebelwerk-Tressow.example"})
    assert ticket["contact"] == {"key": None, "name": "Elif", "email": "elif@moebelwerk-tressow.example"}
    assert ticket["customer"]["key"] == tressow
    again = admin.post("/tickets", {**body, "requester_email": "elif@moebelwerk-tressow.example"})
    assert again["contact"] == ticket["contact"]
    assert admin.get("/contacts/elif@moebelwerk-tressow.example")["name"] == "Elif"


def test_html_is_made_harmless(admin: Program, tressow: str) -> None:
    html = "<p>One<br>two</p><script>alert(1)</script><p onclick=x()>three</p><img src=x onerror=alert(1)>"
    body = {"subject": "<script>alert(1)</script>", "html": html, "contact": "jana"}
    number = admin.post("/tickets", body)["number"]
    message = admin.get(f"/tickets/{number}/messages")[0]
    assert "alert" not in message["html"]
    assert "onclick" not in message["html"]
    assert "<p>" in message["html"]
    assert [line for line in message["text"].split("\n") if line] == ["One", "two", "three"]


def test_the_same_key_opens_one_ticket(world: World, admin: Program, program: Any, tressow: str) -> None:
    first = admin.ask("POST", "/tickets", json=TICKET, headers={"Idempotency-Key": "k-1"})
    second = admin.ask("POST", "/tickets", json=TICKET, headers={"Idempotency-Key": "k-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    other = {**TICKET, "subject": "Something else"}
    assert admin.post("/tickets", other, 409, idempotency_key="k-1")["code"] == "conflict"
    admin.post("/tickets", other, 201, idempotency_key="k-2")
    program("technician").post("/tickets", TICKET, 201, idempotency_key="k-1")
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 3
        assert session.scalar(select(func.count()).select_from(Message)) == 3


def test_a_refused_request_does_not_use_up_its_key(admin: Program, tressow: str) -> None:
    admin.post("/tickets", {**TICKET, "contact": "nobody"}, 422, idempotency_key="k-1")
    assert admin.post("/tickets", TICKET, 201, idempotency_key="k-1")["number"]


BROKEN_TICKETS: list[tuple[dict[str, Any], str]] = [
    ({"subject": ""}, "subject"),
    ({"subject": "x" * 251}, "subject"),
    ({"subject": "one\ntwo"}, "subject"),
    ({"text": "a\x00"}, "text"),
    ({"contact": None}, "contact"),
    ({"contact": "nobody"}, "contact"),
    ({"requester_email": JANA}, "contact"),
    ({"customer": "K9"}, "customer"),
    ({"type": "wish"}, "type"),
    ({"priority": "urgent"}, "priority"),
    ({"status": "lost"}, "status"),
    ({"assignee": JANA}, "assignee"),
    ({"team": "None"}, "team"),
    ({"order": "404"}, "order"),
    ({"data": {"a": ["\x00"]}}, "data"),
    ({"data": {"a": "x" * 70_000}}, "data"),
    ({"data": []}, "data"),
    ({"number": 7}, "number"),
]


def test_a_broken_ticket_names_the_field(admin: Program, tressow: str) -> None:
    for change, field in BROKEN_TICKETS:
        problem = admin.post("/tickets", {**TICKET, **change}, 422)
        assert list(problem["fields"]) == [field]
        assert admin.get("/tickets") == []


def test_another_customers_order_is_refused(admin: Program, tressow: str) -> None:
    admin.put("/customers/K2", {"name": "Other"}, 201)
    admin.put("/orders/7", {"customer": "K2", "date": "2026-11-20", "lines": []}, 201)
    assert list(admin.post("/tickets", {**TICKET, "order": "7"}, 422)["fields"]) == ["order"]
    admin.put("/orders/8", {"customer": tressow, "date": "2026-11-20", "lines": []}, 201)
    assert admin.post("/tickets", {**TICKET, "order": "8"})["order"] == "8"


def test_a_change_is_made_once_and_logged_once(world: World, admin: Program, tressow: str) -> None:
    world.staff("Aylin Demirsoy")
    number = admin.post("/tickets", TICKET)["number"]
    change = {
        "subject": "Drucker im Einkauf",
        "status": "pending",
        "priority": "critical",
        "assignee": "aylin.demirsoy@nordlicht-it.example",
    }
    first = admin.patch(f"/tickets/{number}", change)
    second = admin.patch(f"/tickets/{number}", change)
    assert first == second == admin.get(f"/tickets/{number}")
    assert {name: first[name] for name in ("subject", "status", "priority")} == {
        name: change[name] for name in ("subject", "status", "priority")
    }
    log = admin.get(f"/tickets/{number}/activity")
    assert [each["verb"] for each in log].count("priority") == 1
    priority = next(each for each in log if each["verb"] == "priority")
    assert (priority["before"], priority["after"]) == ("medium", "critical")
    assert (priority["actor"]["name"], priority["ticket"]) == ("a program (admin)", number)
    assert admin.patch(f"/tickets/{number}", {"assignee": None})["assignee"] is None
    assert admin.patch(f"/tickets/{number}", {"customer": None, "contact": None})["customer"] is None


BROKEN_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"status": None}, "status"),
    ({"status": "lost"}, "status"),
    ({"subject": " "}, "subject"),
    ({"activity_status": "read"}, "activity_status"),
    ({"customer": "K9"}, "customer"),
    ({"order": "9"}, "order"),
]


def test_a_broken_change_changes_nothing(admin: Program, tressow: str) -> None:
    for change, field in BROKEN_CHANGES:
        before = admin.post("/tickets", TICKET)
        assert list(admin.patch(f"/tickets/{before['number']}", {"priority": "low", **change}, 422)["fields"]) == [
            field
        ]
        assert admin.get(f"/tickets/{before['number']}") == before


def test_lists_are_filtered(world: World, admin: Program, tressow: str) -> None:
    world.staff("Piet Hagenauer")
    piet = "piet.hagenauer@nordlicht-it.example"
    one = admin.post("/tickets", {**TICKET, "assignee": piet, "priority": "high"})["number"]
    other = {"subject": "Bildschirm", "text": "flackert", "requester_email": "x@y.example", "type": "problem"}
    two = admin.post("/tickets", {**other, "status": "closed"})["number"]

    def found(**query: Any) -> list[int]:
        return [each["number"] for each in admin.get("/tickets", **query)]

    assert found() == [two, one]
    assert found(q="drucker") == found(q=f"#{one}") == found(customer="K1") == found(contact="jana") == [one]
    assert found(contact=JANA) == found(assignee=piet) == found(priority="high") == found(closed="false") == [one]
    assert found(q="flackert") == found(status="closed") == found(assignee="none") == found(type="problem") == [two]
    assert found(q="drucker", status="closed") == found(customer="K9") == found(team="x") == []
    assert found(q="' & | ! :* (") == []
    since = admin.get(f"/tickets/{two}")["updated_at"]
    admin.patch(f"/tickets/{one}", {"priority": "low"})
    assert found(updated_since=since) == [two, one]


BROKEN_QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({"stauts": "open"}, "stauts"),
    ({"status": "lost"}, "status"),
    ({"limit": "0"}, "limit"),
    ({"limit": "201"}, "limit"),
    ({"limit": "many"}, "limit"),
    ({"cursor": "AAAA"}, "cursor"),
    ({"cursor": "ä§$"}, "cursor"),
    ({"q": "a\x00b"}, "q"),
    ({"updated_since": "yesterday"}, "updated_since"),
    ({"updated_since": "2026-11-20T10:00:00"}, "updated_since"),
    ({"closed": "perhaps"}, "closed"),
    ({"q": ["a", "b"]}, "q"),
]


def test_a_broken_question_names_the_field(admin: Program) -> None:
    for query, field in BROKEN_QUESTIONS:
        answer = admin.ask("GET", "/tickets", query_string=query)
        assert answer.status_code == 422, answer.text
        assert list(answer.get_json()["fields"]) == [field]


def test_a_cursor_is_good_for_its_own_list_only(admin: Program, tressow: str) -> None:
    for _ in range(2):
        admin.post("/tickets", TICKET)
    link = admin.ask("GET", "/tickets?limit=1").headers["Link"]
    cursor = link.partition("cursor=")[2].partition(">")[0]
    assert admin.ask("GET", f"/tickets?limit=1&cursor={cursor}").status_code == 200
    for path in (f"/orders?cursor={cursor}", f"/tickets?updated_since=2026-01-01T00:00:00Z&cursor={cursor}"):
        assert list(admin.ask("GET", path).get_json()["fields"]) == ["cursor"]


@pytest.mark.slow
def test_a_walk_sees_each_ticket_once_while_others_change(world: World, admin: Program, tressow: str) -> None:
    numbers = [admin.post("/tickets", TICKET)["number"] for _ in range(120)]
    seen: list[int] = []
    answer = admin.ask("GET", "/tickets?limit=25&customer=K1")
    while True:
        seen += [each["number"] for each in answer.get_json()]
        for number in (numbers[0], numbers[60], seen[0], seen[-1]):
            admin.patch(f"/tickets/{number}", {"priority": "low" if len(seen) % 2 else "high"})
        admin.post("/tickets", TICKET)
        link = answer.headers.get("Link", "")
        if not link:
            break
        answer = admin.ask("GET", link[1:].partition(">")[0])
    assert sorted(seen) == numbers
    assert seen == sorted(seen, reverse=True)


def test_a_walk_by_change_misses_none(admin: Program, tressow: str) -> None:
    numbers = [admin.post("/tickets", TICKET)["number"] for _ in range(9)]
    answer = admin.ask("GET", "/tickets?limit=2&updated_since=2000-01-01T00:00:00Z")
    admin.patch(f"/tickets/{numbers[5]}", {"priority": "low"})
    seen = [each["number"] for each in answer.get_json()]
    while link := answer.headers.get("Link", ""):
        answer = admin.ask("GET", link[1:].partition(">")[0])
        seen += [each["number"] for each in answer.get_json()]
    assert set(seen) == set(numbers)
    assert seen[-1] == numbers[5]


def test_a_page_takes_few_queries_whatever_its_size(world: World, admin: Program, tressow: str) -> None:
    asked: list[str] = []
    event.listen(db.engine(), "before_cursor_execute", lambda *given: asked.append(given[2]))

    def queries(path: str) -> int:
        before = len(asked)
        assert len(admin.get(path)) > 0
        return len(asked) - before

    paths = ("/tickets", "/customers", "/contacts", "/orders")
    for number in range(2):
        admin.post("/tickets", TICKET)
        admin.put(f"/orders/{number}", {"customer": tressow, "date": "2026-11-20", "lines": []}, 201)
    few: dict[str, int] = {path: queries(path) for path in paths}
    for number in range(2, 12):
        admin.post("/tickets", TICKET)
        admin.put(f"/orders/{number}", {"customer": tressow, "date": "2026-11-20", "lines": []}, 201)
    assert {path: queries(path) for path in paths} == few
    assert max(few[path] for path in paths) <= 6
    with world.rows():
        assert (session.scalar(select(func.count()).select_from(Activity)) or 0) > 0


def test_requests_at_the_same_moment_make_one_thing(world: World, admin: Program, tressow: str) -> None:
    def at_once(*requests: Any) -> list[int]:
        with ThreadPoolExecutor(len(requests)) as pool:
            answers = pool.map(lambda request: Program.ask(admin, *request[:2], **request[2]), requests)
            return [answer.status_code for answer in answers]

    body = {"name": "Kanzlei Lindhagen", "domains": ["kanzlei-lindhagen.example"]}
    assert sorted(at_once(*[("PUT", "/customers/K-7", {"json": body})] * 4)) == [200, 200, 200, 201]
    contact = {"name": "Svea Grootmann", "customer": "K-7", "email": "svea@kanzlei-lindhagen.example"}
    assert sorted(at_once(*[("PUT", "/contacts/svea", {"json": contact})] * 4)) == [200, 200, 200, 201]
    order = {"customer": "K-7", "date": "2026-11-20", "lines": [{"description": "A", "quantity": 1}]}
    assert sorted(at_once(*[("PUT", "/orders/1", {"json": order})] * 4)) == [200, 200, 200, 201]
    keyed = {"json": TICKET, "headers": {"Idempotency-Key": "k"}}
    assert at_once(*[("POST", "/tickets", keyed)] * 4) == [201] * 4
    assert len(admin.get("/tickets")) == len(admin.get("/orders")) == len(admin.get("/contacts", customer="K-7")) == 1
