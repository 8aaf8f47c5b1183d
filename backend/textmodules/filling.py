"""Fills a text module for a ticket, or for one that is only being opened, in the language its reader speaks."""

from functools import cached_property
from typing import Any

from backend import clock, config
from backend.auth import Who
from backend.config import LANGUAGES
from backend.db import session
from backend.i18n import in_language
from backend.people.models import Customer, Person
from backend.textmodules import values
from backend.textmodules.gaps import Part, fill, named_in
from backend.textmodules.models import facts_of_ticket, next_visit
from backend.tickets import words
from backend.tickets.models import Ticket
from backend.visits.models import Visit


class Filling:
    """What placeholders are filled with: for `ticket`, or for a new one of `customer` and `contact`, by `who`.

    What a text asks for is fetched when the first one asks, so that many are filled at the price of one.
    """

    def __init__(
        self,
        who: Who,
        *,
        ticket: Ticket | None = None,
        customer: Customer | None = None,
        contact: Person | None = None,
    ) -> None:
        self.who, self.ticket, self._given = who, ticket, (customer, contact)

    @cached_property
    def _facts(self) -> Any:
        return facts_of_ticket(self.ticket) if self.ticket is not None else None

    @cached_property
    def _visit(self) -> Visit | None:
        return next_visit(self.who, self.ticket) if self.ticket is not None else None

    @cached_property
    def _contact(self) -> Person | None:
        if self.ticket is None:
            return self._given[1]
        return session.get(Person, self.ticket.contact_id) if self.ticket.contact_id else None

    def parts(self, text: str, spoken: str = "") -> list[Part]:
        """`text` filled. Days and words are said in the language `spoken`, else in the contact's; what is missing is
        said in the reader's own.
        """
        groups = {name.partition(".")[0] for name in named_in(text)}
        language = _language(spoken, self._contact)
        found: dict[str, str] = {}
        if groups & {"contact", "customer"}:
            customer = self._facts.Customer if self._facts is not None else self._given[0]
            found |= _of_people(self._contact, customer, language)
        if self._facts is not None and groups & {"ticket", "technician", "order"}:
            found |= _of_ticket(self._facts, language)
        if "visit" in groups and self._visit is not None:
            found |= _of_visit(self._visit, language)
        if "me" in groups and self.who.person_id is not None:
            me = session.get_one(Person, self.who.person_id)
            found |= {"me.name": me.name, "me.phone": me.phone, "me.mail": me.mail or ""}
        found["today.date"] = values.written_day(clock.local(clock.now(), config.current().timezone).date(), language)
        return fill(text, found)


def _language(spoken: str, contact: Person | None) -> str:
    spoken = spoken or (contact.language if contact is not None else "")
    return spoken if spoken in LANGUAGES else config.current().language


def _of_people(contact: Person | None, customer: Customer | None, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if contact is not None:
        name = values.name_of(contact.name)
        found |= {
            "contact.name": name.whole,
            "contact.first_name": name.first,
            "contact.last_name": name.last,
            "contact.greeting": values.greeting(contact.name, contact.salutation, language),
            "contact.salutation": values.addressed(contact.name, contact.salutation, language),
            "contact.mail": contact.mail or "",
            "contact.phone": contact.phone,
        }
    if customer is not None:
        found |= {"customer.name": customer.name, "customer.key": customer.key, "customer.phone": customer.phone}
    return found


def _of_ticket(facts: Any, language: str) -> dict[str, str]:
    with in_language(language):
        found = {
            "ticket.number": str(facts.number),
            "ticket.subject": facts.subject,
            "ticket.status": words.status_name(facts.status_key, facts.status_name),
            "ticket.priority": words.priority_name(facts.priority),
            "ticket.type": words.type_name(facts.type),
            "ticket.category": facts.category,
            "technician.name": facts.technician or "",
            "technician.phone": facts.technician_phone or "",
            "technician.mail": facts.technician_mail or "",
        }
    opened = clock.local(facts.created_at, config.current().timezone)
    found["ticket.opened"] = values.written_day(opened.date(), language)
    order = facts.Order
    if order is not None:
        found |= {
            "order.number": order.number,
            "order.title": order.title,
            "order.date": values.written_day(order.ordered_on, language),
            "order.total": values.amount(order.total, order.currency, language),
        }
    return found


def _of_visit(visit: Visit, language: str) -> dict[str, str]:
    return {
        "visit.date": values.long_day(visit.start.date(), language),
        "visit.time": values.hour(visit.start, language),
        "visit.technician": visit.technician.name,
        "visit.place": visit.place,
    }
