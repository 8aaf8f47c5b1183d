"""What stands in a technician's calendar for a visit."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from backend import config
from backend.i18n import _, in_language
from backend.people.models import Person
from backend.tickets.models import Ticket
from backend.visits.models import Visit


@dataclass(frozen=True)
class Appointment:
    """Subject, body (clean HTML), place and wall times of an event as we want it."""

    subject: str
    html: str
    place: str
    start: datetime
    end: datetime
    zone: str

    @property
    def words(self) -> str:
        """A short mark of everything but the times: whether it was written already."""
        whole = json.dumps([self.subject, self.html, self.place])
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def appointment(visit: Visit, technician: Person, ticket: Ticket | None, language: str) -> Appointment:
    """The event for `visit` in the technician's language; `ticket` with customer and contact loaded."""
    with in_language(language):
        return Appointment(
            subject=_subject(ticket),
            html=_html(visit, ticket),
            place=visit.place,
            start=visit.start,
            end=visit.end,
            zone=visit.timezone,
        )


def _subject(ticket: Ticket | None) -> str:
    if ticket is None:
        return _("Blocked time")
    customer = ticket.customer.name if ticket.customer else (ticket.contact.name if ticket.contact else "")
    return f"{customer}: {ticket.subject}" if customer else ticket.subject


def _html(visit: Visit, ticket: Ticket | None) -> str:
    parts: list[Markup] = []
    if ticket is not None:
        address = f"{config.current().url}/tickets/{ticket.number}"
        parts.append(Markup('<p><a href="{}">{}</a></p>').format(address, f"#{ticket.number} {ticket.subject}"))
        if ticket.contact is not None:
            contact = " · ".join(filter(None, (ticket.contact.name, ticket.contact.phone, ticket.contact.mail)))
            parts.append(Markup("<p>{}: {}</p>").format(_("Contact"), contact))
    for label, text in ((_("Note"), visit.note), (_("For the customer"), visit.customer_note)):
        if text:
            lines = Markup("<br>").join(escape(line) for line in text.split("\n"))
            parts.append(Markup("<p><b>{}</b><br>{}</p>").format(label, lines))
    return str(Markup("").join(parts))
