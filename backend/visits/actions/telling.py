"""What customers are told of a visit, and what they answer. One mail for each change, none where nothing is new."""

import importlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend import clock, live
from backend.auth import SYSTEM, Who
from backend.db import session
from backend.jobs import in_a_moment, later
from backend.mail.actions import language_of, write_invitation
from backend.people.models import Person
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.visits.invitation import Answer, Invitation
from backend.visits.letter import Letter, letter
from backend.visits.models import Response, Visit, VisitKind, VisitState

# A drag that is corrected at once is one change to the customer.
SETTLED = timedelta(seconds=5)


def will_be_told(visit: Visit) -> None:
    """Asks for the customer to be told, in a moment: what is changed once more until then is told once."""
    if visit.ticket_id is None:
        return
    key = f"visits.tell_customer:{visit.id}"
    later("visits.tell_customer", once=key, at=in_a_moment(SETTLED), visit_id=visit.id)


def tellable(visit: Visit, technician: Person, contact: Person | None) -> dict[str, Any]:
    """What the ticket's contact is told of the visit as it stands; {} when there is nothing to tell, or nobody."""
    if visit.kind == VisitKind.BLOCK or visit.state != VisitState.PLANNED or contact is None or not contact.mail:
        return {}
    return {
        "to": {"name": contact.name, "address": contact.mail},
        "start": visit.start.isoformat(),
        "end": visit.end.isoformat(),
        "timezone": visit.timezone,
        "kind": visit.kind,
        "place": visit.place,
        "technician": technician.name,
        "customer_note": visit.customer_note,
    }


def tell_customer(visit: Visit) -> None:
    """Tells the customer of the visit as it stands now: an invitation, a change, or that it is called off.

    Nothing is said of what they know already, nor of what is over.
    """
    query = select(Visit).where(Visit.id == visit.id).with_for_update().execution_options(populate_existing=True)
    visit = session.scalars(query).one()
    if visit.ticket_id is None or visit.ends_at <= clock.now():
        return
    ticket = session.get_one(Ticket, visit.ticket_id)
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    now, before = tellable(visit, session.get_one(Person, visit.technician_id), contact), visit.told
    if now == before:
        return
    method = "REQUEST" if now else "CANCEL"
    to = (now or before)["to"]
    sequence = visit.sequence + 1 if visit.told_at is not None else 0
    said = letter(now, before if before.get("to") == to else {}, ticket.subject, language_of(ticket))

    def calendar(name: str, address: str) -> str:
        ical = importlib.import_module("backend.visits.ical")  # large, and only jobs come here
        return str(ical.written(_invitation(visit, now or before, said, sequence, method, (name, address))))

    mail = write_invitation(ticket, to, said.subject, said.text, said.html, method=method, calendar=calendar)
    if mail is None:
        return
    visit.told, visit.told_at, visit.sequence = now, clock.now(), sequence
    record(ticket, SYSTEM, "visit_told", after=str(to["address"]), visit_id=visit.id, method=method, mail_id=mail.id)
    session.flush()


def _invitation(
    visit: Visit, shown: dict[str, Any], said: Letter, sequence: int, method: str, organizer: tuple[str, str]
) -> Invitation:
    return Invitation(
        key=visit.key,
        sequence=sequence,
        method=method,
        start=datetime.fromisoformat(str(shown["start"])),
        end=datetime.fromisoformat(str(shown["end"])),
        zone=str(shown["timezone"]),
        summary=said.summary,
        description=said.description,
        place=str(shown["place"]),
        organizer=organizer,
        attendee=(str(shown["to"]["name"]), str(shown["to"]["address"])),
        stamp=clock.now(),
    )


def answered(ticket_id: int, sender: Who, answer: Answer) -> Visit | None:
    """The customer's program answered an invitation in a mail that belongs to the ticket; None when it is not of ours.

    An answer to an earlier invitation than the last one, or of somebody who was not invited, says nothing.
    """
    visit = session.scalar(select(Visit).where(Visit.key == answer.key, Visit.ticket_id == ticket_id).with_for_update())
    if visit is None or answer.sequence < visit.sequence or visit.state != VisitState.PLANNED:
        return None
    if sender.mail.lower() != str(visit.told.get("to", {}).get("address", "")).lower():
        return None
    if visit.customer_response != answer.response:
        visit.customer_response = Response(answer.response).value
        ticket = session.get_one(Ticket, ticket_id)
        record(ticket, sender, "visit_answered", visit_id=visit.id, response=visit.customer_response)
        live.tell("board")
        session.flush()
    return visit
