"""Fills a text module for a ticket, or for one that is only being opened, in the language its reader speaks."""

from typing import Any

from backend import clock, config
from backend.auth import Who
from backend.config import LANGUAGES
from backend.db import session
from backend.i18n import in_language
from backend.people.models import Customer, Person
from backend.textmodules import values
from backend.textmodules.gaps import Part, fill, named_in
from backend.textmodules.models import TextModule, facts_of_ticket, next_visit
from backend.tickets import words
from backend.tickets.models import Ticket


def filled(
    module: TextModule,
    who: Who,
    *,
    ticket: Ticket | None = None,
    customer: Customer | None = None,
    contact: Person | None = None,
) -> list[Part]:
    """`module` as `who` inserts it: for `ticket`, or for a new one of `customer` and `contact`."""
    return filled_text(module.text, who, module.language, ticket=ticket, customer=customer, contact=contact)


def filled_text(
    text: str,
    who: Who,
    spoken: str = "",
    *,
    ticket: Ticket | None = None,
    customer: Customer | None = None,
    contact: Person | None = None,
) -> list[Part]:
    """`text` with its placeholders filled, for `ticket` or for a new one of `customer` and `contact`.

    Days and words are said in the language `spoken`, else in the contact's; what is missing in the reader's own.
    """
    asked = named_in(text)
    groups = {name.partition(".")[0] for name in asked}
    facts = facts_of_ticket(ticket) if ticket is not None and groups - {"me", "today", "visit"} else None
    if facts is not None:
        contact, customer = facts[8], facts.Customer
    elif ticket is not None and ticket.contact_id:
        contact = session.get(Person, ticket.contact_id)
    language = _language(spoken, contact)
    found = _of_people(contact, customer, language)
    if facts is not None:
        found |= _of_ticket(facts, language)
    if ticket is not None and "visit" in groups:
        found |= _of_visit(who, ticket, language)
    if "me" in groups and who.person_id is not None:
        me = session.get_one(Person, who.person_id)
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


def _of_visit(who: Who, ticket: Ticket, language: str) -> dict[str, str]:
    visit = next_visit(who, ticket)
    if visit is None:
        return {}
    return {
        "visit.date": values.long_day(visit.start.date(), language),
        "visit.time": values.hour(visit.start, language),
        "visit.technician": visit.technician.name,
        "visit.place": visit.place,
    }
