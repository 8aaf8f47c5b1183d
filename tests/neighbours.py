"""A customer with something of everything, in words that stand nowhere else, and another who must see none of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backend import clock, files
from backend.auth import Who
from backend.chat.models import Chat, TeamsConversation
from backend.checklists.actions import add_checklist
from backend.db import session
from backend.devices.models import Device
from backend.drafts.actions import keep
from backend.fields.actions import read_values, set_values
from backend.fields.models import CustomField
from backend.fields.values import from_text
from backend.mail.models import InboundMail, Mailbox
from backend.orders.models import Order, OrderDocument, OrderImport, OrderLine
from backend.people.models import Person
from backend.tickets.actions import Enclosure, Said, change, link, note, open_subticket, open_ticket, receive
from backend.tickets.models import Ticket
from backend.visits.models import Visit
from backend.worklog.actions import add_item, note_time, start
from tests.world import JANA, World

OTHERS, NOTES = b"Birkenlack", b"Zirbelkammer"  # what another customer's rows say; what only staff may read
RUBRIC = OTHERS.decode()


@dataclass
class Neighbours:
    """Jana, whose company has it all (each row with id 1, ticket 10001), and Svea of another one."""

    world: World
    jana: Person
    svea: Person
    piet: Person

    def who(self, person: Person) -> Who:
        """The person as a request knows them."""
        return person.who()


def _talk(jana: Person, piet: Person) -> int:
    ticket = open_ticket(jana.who(), f"{RUBRIC} splittert", contact=jana, source="mail")
    file = Enclosure(f"{RUBRIC}.txt", "text/plain", OTHERS)
    html = f'<b>{RUBRIC}</b><img data-remote-src="https://x.example/{RUBRIC}.png">'
    receive(ticket, jana.who(), Said(text=f"{RUBRIC} splittert", html=html, author_mail=JANA, enclosures=(file,)))
    secret = Enclosure(f"{NOTES.decode()}.txt", "text/plain", NOTES)
    note(ticket, piet.who(), Said(text=f"liegt in der {NOTES.decode()}", enclosures=(secret,)))
    session.flush()
    return ticket.id


def _more(ticket_id: int, customer_id: int, jana: Person, piet: Person) -> None:
    now, key = clock.now(), files.keep(OTHERS)
    common = {"created_at": now, "updated_at": now}
    order = Order(number="A-1", customer_id=customer_id, title=RUBRIC, ordered_on=date(2026, 11, 1), **common)
    order.lines = [OrderLine(position=1, description=RUBRIC, quantity=Decimal(1))]
    order.documents = [OrderDocument(name=f"{RUBRIC}.pdf", content_type="application/pdf", size=1, sha256=key)]
    session.add(order)
    session.add(OrderImport(person_id=piet.id, name=f"{RUBRIC}.csv", sha256=key, created_at=now, done_at=None))
    box = Mailbox(address="service@nordlicht-it.example")
    talk = TeamsConversation(
        conversation_id="a:1", kind="personal", service_url="https://x/", tenant_id="", user_id="", object_id="",
        name=RUBRIC, team_id="", person_id=jana.id, locale="", state="open", **common,
    )  # fmt: skip
    session.add_all([box, talk])
    session.flush()
    session.add(
        InboundMail(
            mailbox_id=box.id, internet_message_id="<1@x>", content_hash="1", subject=RUBRIC, outcome="ticket",
            kind="normal", ticket_id=ticket_id, message_id=1, received_at=now, taken_in_at=now, original=key,
        )
    )  # fmt: skip
    session.add(
        Chat(ticket_id=ticket_id, conversation_id=talk.id, contact_id=jana.id, state="waiting", waiting_since=now,
             matter_known=False)
    )  # fmt: skip
    begin = now + timedelta(days=1)
    wall = begin.replace(tzinfo=None)
    session.add(
        Visit(
            ticket_id=ticket_id, technician_id=piet.id, kind="on-site", start=wall, end=wall + timedelta(hours=1),
            timezone="UTC", starts_at=begin, ends_at=begin + timedelta(hours=1), place=RUBRIC, note=NOTES.decode(),
            customer_note=RUBRIC, **common,
        )
    )  # fmt: skip
    ticket = session.get_one(Ticket, ticket_id)
    open_subticket(ticket, piet.who(), f"{NOTES.decode()} ausmessen", assignee=piet, comment=NOTES.decode())
    change(ticket, piet.who(), type="problem")
    ticket = session.get_one(Ticket, ticket_id)
    who = piet.who()
    note_time(ticket, who, worked_on=now.date(), minutes=5, text=f"{RUBRIC}, {NOTES.decode()}")
    add_item(
        ticket,
        who,
        name=RUBRIC,
        quantity=Decimal(1),
        note=NOTES.decode(),
        file=Enclosure("a.txt", "text/plain", OTHERS),
    )
    start(who, ticket)
    keep(piet.who(), "ticket:10001", NOTES.decode(), {"kind": "note"})


def _beside(ticket_id: int, jana: Person, piet: Person) -> None:
    """A checklist, fields of either sort, and a device."""
    ticket, secret = session.get_one(Ticket, ticket_id), NOTES.decode()
    add_checklist(ticket, piet.who(), secret, items=[secret])
    session.add(Device(contact_id=jana.id, name=RUBRIC, remote_id="1"))
    session.add(CustomField(key="own", name="Own", kind="text", position=1, customers="editable"))
    session.add(CustomField(key="ours", name="Ours", kind="text", position=2))
    session.flush()
    values = read_values(piet.who(), ticket.type, {"own": RUBRIC, "ours": secret}, from_text, prefix="")
    set_values(ticket, piet.who(), values)


def move_in(world: World) -> Neighbours:
    """Makes them."""
    home = world.customer("K1", f"{RUBRIC} splittert GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact(f"Jana {RUBRIC}", JANA, home)
    piet = world.staff("Piet Hagenauer")
    svea = world.contact("Svea", "svea@lindhagen.example", world.customer("K2", "Kanzlei Lindhagen"))
    with world.app.test_request_context(), world.rows():
        ticket_id = _talk(jana, piet)
        _more(ticket_id, home.id, jana, piet)
        incident = open_ticket(svea.who(), "Schublade klemmt", contact=svea, source="mail")
        link(incident, piet.who(), session.get_one(Ticket, ticket_id))
        _beside(ticket_id, jana, piet)
    return Neighbours(world, jana, svea, piet)
