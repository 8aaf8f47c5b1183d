"""A contact's page: who they are, and everything by which they touched the desk."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import clock
from backend.chat.models import Chat, TeamsConversation
from backend.db import session
from backend.orders.actions import put_order
from backend.people.models import Customer, Person
from backend.tickets.actions import Said, call, open_ticket
from backend.tickets.models import Ticket
from backend.visits.models import Visit
from tests.desk.conftest import Desk, desk, stranger

__all__ = ["desk"]
pytestmark = pytest.mark.slow


def _some_of_everything(desk: Desk) -> None:
    now = clock.now()
    common = {"created_at": now, "updated_at": now}
    with desk.world.app.test_request_context(), desk.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == desk.ticket)).one()
        call(ticket, desk.piet.who(), Said(text="Rang about the printer"))
        customer = session.get_one(Customer, desk.customer.id)
        put_order("A-1", customer=customer, ordered_on=now.date(), lines=[], documents=[], title="Notebooks")
        talk = TeamsConversation(
            conversation_id="a:1", kind="personal", service_url="https://x/", tenant_id="", user_id="", object_id="",
            name="", team_id="", person_id=desk.jana.id, locale="", state="open", **common,
        )  # fmt: skip
        session.add(talk)
        session.flush()
        session.add(
            Chat(ticket_id=ticket.id, conversation_id=talk.id, contact_id=desk.jana.id, state="ended",
                 waiting_since=now, matter_known=False)
        )  # fmt: skip
        begin = now + timedelta(days=1)
        wall = begin.replace(tzinfo=None)
        session.add(
            Visit(
                ticket_id=ticket.id, technician_id=desk.piet.id, kind="on-site", start=wall,
                end=wall + timedelta(hours=1), timezone="UTC", starts_at=begin, ends_at=begin + timedelta(hours=1),
                place="Hall 2", note="", customer_note="", **common,
            )
        )  # fmt: skip


def touches(desk: Desk, address: str) -> tuple[list[str], str]:
    """(kinds and titles on that page, the address of the next)."""
    page = desk.page(address)
    rows = [" ".join(row.get_text(" ").split()) for row in page.select(".touch")]
    more = page.select_one(".touch-more [hx-get]")
    return rows, str(more["hx-get"]) if more is not None else ""


def test_every_kind_of_touchpoint_stands_there_and_leads_to_its_page(desk: Desk) -> None:
    _some_of_everything(desk)
    address = f"/contacts/{desk.jana.id}/timeline"
    rows, more = touches(desk, address)
    kinds = ("Visit", "E-mail", "Call", "Chat in Teams", "Ticket", "Order")
    assert [kind for kind in kinds if not any(row.startswith(kind) for row in rows)] == []
    assert rows[0].startswith("Visit · Piet Hagenauer")
    assert more == ""
    assert "Ersatzkopf" not in " ".join(rows), "an internal note is no touchpoint"
    for link in {str(a["href"]) for a in desk.page(address).select(".touch a")}:
        assert desk.browser.get(link).status_code == 200


def test_what_the_ticket_began_with_comes_first(desk: Desk) -> None:
    desk.open("Something later")
    link = desk.page(f"/tickets/{desk.ticket}").select_one("#rail-contact a[href*=timeline]")
    assert link is not None
    assert link["href"] == f"/contacts/{desk.jana.id}?ticket={desk.ticket}#timeline"
    page = desk.page(f"/contacts/{desk.jana.id}?ticket={desk.ticket}")
    part = page.select_one("#timeline [hx-get]")
    assert part is not None
    rows, _more = touches(desk, str(part["hx-get"]))
    assert rows[0].startswith("E-mail · Jana Wiedekind Etikettendrucker in Halle 2")
    foreign, _more = touches(desk, f"/contacts/{stranger(desk.world).id}/timeline?ticket={desk.ticket}")
    assert foreign == []


def test_pages_show_each_touchpoint_once(desk: Desk) -> None:
    desk.open_all([f"Matter {number}" for number in range(25)])
    with desk.world.rows():  # all at one moment: a page must not end between them
        session.query(Ticket).update({"created_at": clock.now()})
    seen: list[str] = []
    address = f"/contacts/{desk.jana.id}/timeline"
    for _page in range(10):
        rows, address = touches(desk, address)
        seen += rows
        if not address:
            break
    tickets = [row for row in seen if row.startswith("Ticket")]
    assert len(tickets) == len(set(tickets)) == 26
    assert sum(row.startswith("E-mail") for row in seen) == 27
    assert desk.browser.get(f"/contacts/{desk.jana.id}/timeline?after=nonsense").status_code == 200


def test_each_page_of_the_timeline_asks_as_much(desk: Desk) -> None:
    address = f"/contacts/{desk.jana.id}/timeline"
    with desk.counted() as few:
        desk.browser.get(address)
    desk.open_all([f"Matter {number}" for number in range(25)])
    with desk.counted() as many:
        desk.browser.get(address)
    assert len(few) == len(many) == 8


def test_the_profile_says_who_they_are(desk: Desk) -> None:
    with desk.world.rows():
        person = session.get_one(Person, desk.jana.id)
        person.key, person.language = "JW-7", "fr"
    page = desk.page(f"/contacts/{desk.jana.id}")
    assert isinstance(page, BeautifulSoup)
    profile = page.select_one("[aria-labelledby=h-profile]")
    assert profile is not None
    said = " ".join(profile.get_text(" ").split())
    for fact in ("Reference JW-7", "Customer Möbelwerk Tressow GmbH", "Key K1", "Language Français"):
        assert fact in said


def test_a_ticket_without_words_began_with_itself(desk: Desk) -> None:
    with desk.world.app.test_request_context(), desk.world.rows():
        number = open_ticket(desk.piet.who(), "By hand", contact=session.get_one(Person, desk.jana.id)).number
    rows, _more = touches(desk, f"/contacts/{desk.jana.id}/timeline?ticket={number}")
    assert rows[0].startswith("Ticket By hand")
