"""Changing a ticket's properties, each change in the log with what it was before."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.auth import Role, Who
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.orders.models import Order
from backend.people.actions import remember_customer
from backend.people.models import Customer, Person, Team
from backend.tickets.actions.closing import checked_reason
from backend.tickets.actions.index import index_head
from backend.tickets.actions.record import record
from backend.tickets.models import (
    ActivityStatus,
    Impact,
    Priority,
    Status,
    StatusKind,
    Ticket,
    TicketType,
)

MAX_SUBJECT = 250
# Those of Unicode's control characters that no split at white space takes away.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_CHOICES: dict[str, type[StrEnum]] = {"priority": Priority, "impact": Impact, "type": TicketType}
_WORDS = ("category", "product_family")
_LINKS: dict[str, tuple[str, type[Any], Callable[[Any], str]]] = {
    "customer": ("customer_id", Customer, lambda c: c.name),
    "contact": ("contact_id", Person, lambda p: p.name),
    "assignee": ("assignee_id", Person, lambda p: p.name),
    "team": ("team_id", Team, lambda t: t.name),
    "order": ("order_id", Order, lambda o: o.number),
}
_STATE = ("status_id", "subject", *_CHOICES, *_WORDS, *(column for column, _kind, _shown in _LINKS.values()))


def checked_subject(subject: str) -> str:
    """`subject` on one line, without control characters. Raises Invalid when nothing is left."""
    subject = " ".join(_CONTROL.sub("", subject).split())
    if not subject:
        raise Invalid(_("Please correct the marked fields."), fields={"subject": _("A title is needed.")})
    return subject if len(subject) <= MAX_SUBJECT else subject[: MAX_SUBJECT - 1] + "…"


def _set_status(ticket: Ticket, actor: Who, status: Status, closing_reason: str) -> None:
    if ticket.status_id == status.id:
        return
    closes = status.kind == StatusKind.CLOSED
    reason = checked_reason(ticket, closing_reason) if closes and not ticket.closed else ""
    before = session.get_one(Status, ticket.status_id)
    ticket.status_id, ticket.closed = status.id, closes
    record(ticket, actor, "status", before=before.name or before.key, after=status.name or status.key)
    if reason:
        record(ticket, actor, "closed_with_open_items", after=reason)


def _set_choice(ticket: Ticket, actor: Who, name: str, value: str) -> None:
    try:
        chosen = _CHOICES[name](value)
    except ValueError as error:
        allowed = ", ".join(_CHOICES[name])
        raise Invalid(
            _("Please correct the marked fields."), fields={name: _("Choose one of %(list)s.", list=allowed)}
        ) from error
    before = getattr(ticket, name)
    if before != chosen:
        setattr(ticket, name, chosen.value)
        record(ticket, actor, name, before=before, after=chosen.value)


def _set_words(ticket: Ticket, actor: Who, name: str, value: str) -> None:
    words = checked_subject(value) if name == "subject" else " ".join(value.replace("\x00", "").split())[:100]
    before = getattr(ticket, name)
    if before != words:
        setattr(ticket, name, words)
        record(ticket, actor, name, before=before, after=words)


def _check_link(ticket: Ticket, name: str, chosen: Any) -> None:
    if name == "assignee" and chosen is not None and not chosen.is_staff:
        raise Invalid(
            _("Please correct the marked fields."), fields={"assignee": _("Tickets are given to our own people only.")}
        )
    if name == "order" and chosen is not None and ticket.customer_id and chosen.customer_id != ticket.customer_id:
        raise Invalid(
            _("Please correct the marked fields."), fields={"order": _("This order belongs to another customer.")}
        )


def _set_link(ticket: Ticket, actor: Who, name: str, chosen: Any | None) -> None:
    column, kind, shown = _LINKS[name]
    _check_link(ticket, name, chosen)
    before_id = getattr(ticket, column)
    after_id = chosen.id if chosen is not None else None
    if before_id == after_id:
        return
    before = session.get(kind, before_id) if before_id else None
    setattr(ticket, column, after_id)
    record(
        ticket,
        actor,
        name,
        before=shown(before) if before is not None else "",
        after=shown(chosen) if chosen is not None else "",
        before_id=before_id,
        after_id=after_id,
    )


def _state(ticket: Ticket) -> tuple[Any, ...]:
    """What can be changed, as it is now; the session cannot tell, since recording a change flushes it."""
    return tuple(getattr(ticket, name) for name in _STATE)


def change(ticket: Ticket, actor: Who, *, closing_reason: str = "", **properties: Any) -> Ticket:
    """Sets the named properties: status (Status), priority, impact, type, category, product_family, subject (str),
    customer, contact, assignee, team, order (their objects or None).

    What is as it was is left alone and not logged. `closing_reason`: why it is closed although items of its checklists
    are open. Raises Invalid naming the field, Refused where it may not be closed.
    """
    before = _state(ticket)
    for name, value in properties.items():
        if name == "status":
            _set_status(ticket, actor, value, closing_reason)
        elif name in _CHOICES:
            _set_choice(ticket, actor, name, value)
        elif name in _LINKS:
            _set_link(ticket, actor, name, value)
        elif name in _WORDS or name == "subject":
            _set_words(ticket, actor, name, value)
        else:
            raise Invalid(_("Please correct the marked fields."), fields={name: _("There is no such property.")})
    if "contact" in properties and properties["contact"] is not None and "customer" not in properties:
        contact = properties["contact"]
        if contact.customer_id is not None:
            _set_link(ticket, actor, "customer", session.get_one(Customer, contact.customer_id))
    if _state(ticket) != before:
        ticket.updated_at = clock.now()
        session.flush()
        if not {"subject", "customer", "contact"}.isdisjoint(properties):
            index_head(ticket)
    return ticket


def assign(ticket: Ticket, actor: Who, assignee: Person | None) -> Ticket:
    """Gives the ticket to `assignee` (staff), or to nobody."""
    return change(ticket, actor, assignee=assignee)


def see(ticket: Ticket, actor: Who) -> None:
    """`actor` has opened the ticket: what was unread is read. Anything else says whose turn it is and stays."""
    if ticket.activity_status != ActivityStatus.UNREAD:
        return
    entitled = actor.person_id == ticket.contact_id or not actor.roles.isdisjoint(
        {Role.TECHNICIAN, Role.DISPATCHER, Role.ADMINISTRATOR, Role.SALES}
    )
    if entitled:
        ticket.activity_status = ActivityStatus.READ
        record(ticket, actor, "read")


def customer_known(actor: Who, address: str, name: str, customer: Customer) -> Person:
    """`actor` says to which customer `address` belongs; its tickets that had none follow."""
    person = remember_customer(address, name, customer)
    orphans = session.scalars(
        select(Ticket).where(Ticket.contact_id == person.id, Ticket.customer_id.is_(None)).with_for_update()
    )
    for ticket in orphans:
        change(ticket, actor, customer=customer)
    return person
