"""Sub-tickets: who sees and changes what, and by which door."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import g
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from backend import auth, clock, db
from backend.db import session
from backend.errors import Refused
from backend.people.models import Team, TeamMember
from backend.staff.models import AssignmentNotice
from backend.tickets.actions import Enclosure, Said, note, open_subticket, open_ticket
from backend.tickets.models import Activity, Message, Ticket, tickets_visible_to
from backend.visits.models import Visit
from tests.family.conftest import SECRET, Kin
from tests.test_rights import routes
from tests.world import SERVICE, mail

pytestmark = pytest.mark.slow
PROGRAMS = ("/api/v1/inbound", "/api/v1/outbound")  # the logs of mail: a program is nobody's colleague


def told(kin: Kin, name: str) -> dict[str, bytes]:
    """What every page that only shows something answers that person, by its path."""
    found = {}
    for route in routes(kin.world):
        if route.method != "GET" or route.needs is None or route.path.startswith(PROGRAMS):
            continue
        for number in (kin.parent, kin.piets, kin.aylins):
            path = route.path.replace("10001", str(number)).replace("q=splittert", "q=teuer")
            arguments = {key: number if value == 10001 else value for key, value in route.arguments}
            with kin.world.app.test_request_context(path, headers={"HX-Request": "true"}), db.scope():
                g.who = kin.people[name].who()
                try:
                    view: Any = kin.world.app.view_functions[route.endpoint]
                    answer = kin.world.app.make_response(view(**arguments))
                except (Refused, HTTPException):
                    continue
                if answer.mimetype == "text/event-stream":
                    continue
                answer.direct_passthrough = False
                found[path] = answer.get_data()
    return found


def fill(kin: Kin) -> None:
    """A file, a mail and a visit on Aylin's sub-ticket."""
    aylin = kin.people["aylin"]
    with kin.world.app.test_request_context(), kin.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == kin.aylins)).one()
        note(
            ticket,
            aylin.who(),
            Said(text="Siehe Datei", enclosures=(Enclosure("a.txt", "text/plain", SECRET.encode()),)),
        )
        begin = clock.now()
        common = {"created_at": begin, "updated_at": begin}
        session.add(
            Visit(
                ticket_id=ticket.id, technician_id=aylin.id, kind="on-site", start=begin.replace(tzinfo=None),
                end=begin.replace(tzinfo=None), timezone="UTC", starts_at=begin, ends_at=begin, place=SECRET,
                note=SECRET, customer_note=SECRET, **common,
            )
        )  # fmt: skip
    kin.world.deliver(mail(subject=f"[#{kin.aylins}] {SECRET}", text=f"Der {SECRET} kommt"), to=SERVICE)
    kin.world.run("mail.sweep")
    kin.world.work()


def test_siblings_appear_on_no_page(kin: Kin) -> None:
    fill(kin)
    shown = {path: body for path, body in told(kin, "piet").items() if SECRET.encode() in body}
    assert shown == {}, f"Piet reads of Aylin's sub-ticket at {sorted(shown)}"
    for name in ("tomma", "lena"):
        seen = [path for path, body in told(kin, name).items() if SECRET.encode() in body]
        assert len(seen) > 5, f"{name} sees it at {seen}"


def test_lists_counts_and_search_leave_siblings_out(kin: Kin) -> None:
    def listed(name: str, query: str = "view=all") -> set[int]:
        page = BeautifulSoup(kin.browser(name).get(f"/tickets?{query}").text, "lxml")
        return {int(str(row["id"])[1:]) for row in page.select("tr[data-row]")}

    def counted(name: str) -> str:
        page = BeautifulSoup(kin.browser(name).get("/tickets?view=all").text, "lxml")
        return page.select("a.view .n")[-1].get_text()

    everything = {kin.parent, kin.piets, kin.aylins}
    assert listed("piet") == {kin.parent, kin.piets}
    assert (counted("piet"), counted("tomma")) == ("2", "3")
    assert listed("aylin") == {kin.parent, kin.aylins}
    assert listed("tomma") == listed("marek") == listed("lena") == everything
    assert listed("piet", f"view=all&q={SECRET}") == set()
    assert listed("lena", f"view=all&q={SECRET}") == {kin.aylins}


def test_the_owner_of_a_subticket_reads_and_comments_the_parent_and_changes_nothing(kin: Kin) -> None:
    piet = kin.browser("piet")
    page = BeautifulSoup(piet.get(f"/tickets/{kin.parent}").text, "lxml")
    assert "You work on a sub-ticket of this one" in page.get_text()
    assert page.select_one("#d-status") is None
    assert page.select_one(".title-menu") is None
    assert [one["value"] for one in page.select("input[name=kind]")] == ["note"]
    assert page.select_one(f"#kin-{kin.piets}") is not None
    assert page.select_one(f"#kin-{kin.aylins}") is None
    for name, value in (("priority", "high"), ("status", "pending"), ("subject", "x"), ("assignee", "")):
        answer = piet.post(f"/tickets/{kin.parent}/{name}", data={"value": value}, headers={"HX-Request": "true"})
        assert answer.status_code == 403, name
        assert "its owner changes it" in answer.text
    for form in ({"kind": "reply", "text": "Hallo"}, {"kind": "note", "text": "Hallo", "status": "pending"}):
        assert piet.post(f"/tickets/{kin.parent}/messages", data=form).status_code == 403
    assert piet.post(f"/tickets/{kin.parent}/sub-tickets", data={"subject": "x"}).status_code == 403
    assert piet.post(f"/tickets/{kin.piets}/parent", data={"value": ""}).status_code == 403, "to look past its owner"
    assert kin.row(kin.parent).priority == "medium"
    assert piet.post(f"/tickets/{kin.parent}/messages", data={"kind": "note", "text": "Ist verlegt"}).status_code == 204
    with kin.world.rows():
        assert session.scalars(select(Message.kind).where(Message.text == "Ist verlegt")).one() == "note"
        assert session.scalar(select(Message.id).where(Message.text == "Hallo")) is None


def test_the_owner_of_a_subticket_neither_mails_nor_merges_the_parent(kin: Kin) -> None:
    piet, marek = kin.browser("piet"), kin.browser("marek")
    with kin.world.app.test_request_context(), kin.world.rows():
        loose = [open_ticket(kin.jana.who(), f"Frage {n}", contact=kin.jana, source="mail").number for n in "AB"]
    field = {"name": "Halle", "kind": "text", "customers": "editable"}
    assert marek.post("/settings/fields", data=field).status_code < 400
    mails = {"text": "x", "subject": "y", "forward_to": "a@fremd.example", "mail_to": "a@fremd.example"}
    assert marek.post(f"/tickets/{loose[1]}/merge", data={"into": str(kin.parent)}).status_code == 303
    merged = {"into": str(kin.parent)}
    for path, form in (
        (f"/tickets/{kin.parent}/forward", mails),
        (f"/tickets/{kin.parent}/follow-up", mails),
        (f"/tickets/{kin.parent}/fields/halle", {"value": "2"}),
        (f"/tickets/{loose[0]}/merge", merged),
        (f"/tickets/{loose[1]}/unmerge", {}),
    ):
        answer = piet.post(path, data=form, headers={"HX-Request": "true"})
        assert (path, answer.status_code) == (path, 403)
        assert kin.browser("tomma").post(path, data=form, headers={"HX-Request": "true"}).status_code < 300, path


def test_what_is_merged_into_a_sibling_leads_nobody_there(kin: Kin) -> None:
    with kin.world.app.test_request_context(), kin.world.rows():
        parent = session.scalars(select(Ticket).where(Ticket.number == kin.parent)).one()
        own = open_subticket(parent, kin.people["tomma"].who(), "Dose setzen", assignee=kin.people["piet"]).number
    assert kin.browser("marek").post(f"/tickets/{own}/merge", data={"into": str(kin.aylins)}).status_code == 303
    answer = kin.browser("piet").post(f"/tickets/{kin.piets}/merge", data={"into": str(own)})
    assert answer.status_code == 404
    assert str(kin.aylins) not in answer.text
    assert kin.row(kin.piets).merged_into_id is None


def test_whoever_owns_a_subticket_hands_it_on_but_does_not_drop_it(kin: Kin) -> None:
    piet = kin.browser("piet")
    dropped = piet.post(f"/tickets/{kin.piets}/assignee", data={"value": ""}, headers={"HX-Request": "true"})
    assert dropped.status_code == 403
    assert f"sub-ticket of #{kin.parent}" in dropped.text
    bulk = piet.post("/tickets/bulk", data={"set": "assignee:", "number": str(kin.piets)})
    assert "Nothing was changed." in bulk.text
    assert kin.row(kin.piets).assignee_id == kin.people["piet"].id
    assert kin.browser("tomma").post(f"/tickets/{kin.piets}/assignee", data={"value": ""}).status_code == 200
    lena = str(kin.people["lena"].id)
    for number in (kin.piets, kin.aylins):
        assert kin.browser("tomma").post(f"/tickets/{number}/assignee", data={"value": lena}).status_code == 200


def test_the_owner_of_the_parent_changes_all_and_others_too(kin: Kin) -> None:
    for name, level in (("tomma", "high"), ("marek", "low"), ("lena", "critical")):
        answer = kin.browser(name).post(f"/tickets/{kin.aylins}/priority", data={"value": level})
        assert answer.status_code == 200, name
        assert kin.row(kin.aylins).priority == level
    assert kin.browser("piet").post(f"/tickets/{kin.aylins}/priority", data={"value": "low"}).status_code == 404
    assert kin.browser("piet").get(f"/tickets/{kin.aylins}").status_code == 404
    assert kin.browser("piet").post(f"/tickets/{kin.piets}/priority", data={"value": "low"}).status_code == 200


def test_a_subticket_is_made_with_everything_once(kin: Kin) -> None:
    tomma, lena = kin.browser("tomma"), kin.people["lena"]
    form = tomma.get(f"/tickets/{kin.parent}/sub-tickets/new").text
    assert {"subject", "assignee", "team", "priority", "status", "comment"} <= set(re.findall(r'name="(\w+)"', form))
    data = {"subject": "Switch tauschen", "priority": "high", "status": "pending", "assignee": str(lena.id)}
    data |= {"team": "", "comment": "Liegt im Lager", "token": "t1"}
    assert "Sub-ticket #" in tomma.post(f"/tickets/{kin.parent}/sub-tickets", data=data).text
    assert tomma.post(f"/tickets/{kin.parent}/sub-tickets", data=data).status_code == 204
    with kin.world.rows():
        made = session.scalars(select(Ticket).where(Ticket.subject == "Switch tauschen")).one()
        assert (made.priority, made.assignee_id, made.parent_id) == ("high", lena.id, kin.row(kin.parent).id)
        assert (made.customer_id, made.contact_id) == (kin.customer.id, kin.jana.id)
        said = session.scalars(select(Message).where(Message.ticket_id == made.id)).one()
        assert (said.kind, said.text) == ("note", "Liegt im Lager")
        number = made.number
    assert f"#{kin.parent}" in tomma.get(f"/tickets/{number}").text
    assert tomma.post(f"/tickets/{number}/sub-tickets", data={"subject": "x"}).status_code == 422, "one level only"
    assert tomma.post(f"/tickets/{kin.parent}/sub-tickets", data={"subject": ""}).status_code == 422


def test_a_team_hears_of_a_subticket_without_those_who_may_not_see_it(kin: Kin) -> None:
    with kin.world.rows():
        team = Team(name="Netz")
        session.add(team)
        session.flush()
        session.add_all(TeamMember(team_id=team.id, person_id=kin.people[name].id) for name in ("piet", "lena"))
        team_id = team.id
    tomma = kin.browser("tomma")
    for name, value in (("assignee", ""), ("team", str(team_id))):
        assert tomma.post(f"/tickets/{kin.aylins}/{name}", data={"value": value}).status_code == 200
    kin.world.work()
    with kin.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == kin.aylins)).one()
        told = select(AssignmentNotice.person_id).join(Activity, Activity.id == AssignmentNotice.activity_id)
        told = told.where(Activity.ticket_id == ticket.id, Activity.verb == "team")
        assert list(session.scalars(told)) == [kin.people["lena"].id]


def test_customers_never_see_subtickets(kin: Kin) -> None:
    with kin.world.rows():
        assert [one.number for one in session.scalars(tickets_visible_to(kin.jana.who()))] == [kin.parent]


def test_a_subticket_becomes_a_ticket_of_its_own_and_back(kin: Kin) -> None:
    tomma = kin.browser("tomma")
    answer = tomma.post(f"/tickets/{kin.aylins}/parent", data={"value": ""})
    assert f'value="{kin.parent}"' in answer.text
    assert kin.row(kin.aylins).parent_id is None
    assert kin.browser("piet").get(f"/tickets/{kin.aylins}").status_code == 200
    tomma.post(f"/tickets/{kin.aylins}/parent", data={"value": str(kin.parent)})
    assert kin.browser("piet").get(f"/tickets/{kin.aylins}").status_code == 404
    assert tomma.post(f"/tickets/{kin.parent}/parent", data={"value": str(kin.piets)}).status_code == 422
    with kin.world.rows():
        assert session.query(Activity).filter_by(verb="parent").count() == 2
    log = BeautifulSoup(tomma.get(f"/tickets/{kin.aylins}?tab=activity").text, "lxml").get_text(" ", strip=True)
    assert f"changed “Parent ticket”: #{kin.parent} → –" in " ".join(log.split())


def test_by_rest(kin: Kin) -> None:
    with kin.world.rows():
        token = auth.create_api_token("test", "technician")
    client, headers = kin.world.app.test_client(), {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    address = f"/api/v1/tickets/{kin.parent}/sub-tickets"
    body = {"subject": "Dose setzen", "assignee": kin.people["lena"].mail, "comment": "Raum 3"}
    made = client.post(address, json=body, headers=headers)
    assert (made.status_code, made.get_json()["parent"]) == (201, kin.parent)
    assert client.post(address, json=body, headers=headers).get_json() == made.get_json()
    number = made.get_json()["number"]
    listed = client.get(address + "?limit=2", headers=headers)
    assert [one["number"] for one in listed.get_json()] == [kin.piets, kin.aylins]
    assert "next" in listed.headers["Link"]
    assert client.post(f"/api/v1/tickets/{number}/sub-tickets", json=body, headers=headers).status_code == 422
    patch = f"/api/v1/tickets/{kin.parent}"
    refused = client.patch(patch, json={"status": "closed"}, headers=headers)
    assert refused.status_code == 409
    assert f"#{number}" in refused.get_json()["title"]
    closed = client.patch(patch, json={"status": "closed", "anyway": True}, headers=headers)
    assert closed.get_json()["closed"] is True
