"""Who takes part in a ticket: whoever is in the Cc of a reply gets every later one, until somebody takes them out."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _
from backend.mail.actions.threading import takes_part
from backend.people.models import Customer, EmailAddress, Person, normal_address
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.writing.models import Participant, participants_of

MOST = 50


def take_part(ticket: Ticket, actor: Who, people: list[dict[str, Any]]) -> None:
    """From now on exactly `people` ({"name", "address"}) take part beside the ticket's contact."""
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    wanted = {normal_address(str(one["address"])): str(one.get("name") or "") for one in people[:MOST]}
    wanted.pop(contact.mail if contact is not None and contact.mail else "", None)
    there = {one["address"]: one["name"] for one in participants_of(ticket.id)}
    gone, new = there.keys() - wanted.keys(), wanted.keys() - there.keys()
    if gone:
        session.execute(delete(Participant).where(Participant.ticket_id == ticket.id, Participant.address.in_(gone)))
        record(ticket, actor, "left_out", before=", ".join(there[one] or one for one in there if one in gone))
    if new:
        rows = [
            {"ticket_id": ticket.id, "address": one, "name": name, "added_at": clock.now()}
            for one, name in wanted.items()
            if one in new
        ]
        session.execute(insert(Participant).values(rows).on_conflict_do_nothing())
        record(ticket, actor, "drawn_in", after=", ".join(wanted[one] or one for one in wanted if one in new))


def check_foreign(ticket: Ticket, addresses: Collection[str], sure: Collection[str]) -> None:
    """Refuses contacts of another customer than the ticket's, unless they take part already or somebody is `sure`."""
    asked = {normal_address(one) for one in addresses} - {normal_address(one) for one in sure}
    if not asked or ticket.customer_id is None:
        return
    rows = session.execute(
        select(EmailAddress.address, Person.name, Person.roles, Customer.name.label("customer"))
        .join_from(EmailAddress, Person, Person.id == EmailAddress.person_id)
        .join(Customer, Customer.id == Person.customer_id)
        .where(EmailAddress.address.in_(asked), Person.customer_id != ticket.customer_id)
    )
    for row in rows:
        if not row.roles and not takes_part(row.address, ticket):
            sentence = _(
                "%(name)s belongs to %(customer)s, not to the customer of this ticket. Please take them out, or add "
                "them once more and confirm.",
                name=row.name,
                customer=row.customer,
            )
            raise Refused(sentence, fields={"cc": sentence})
