"""Changing a ticket's properties, each change in the log with what it was before."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.auth import Role, Who
from backend.contracts.models import Contract
from backend.db import session
from backend.errors import Invalid, NotAllowed
from backend.i18n import N_, _
from backend.orders.models import Order
from backend.people.actions import remember_customer
from backend.people.models import Customer, Group, Person, Team
from backend.statuses.models import RootCause
from backend.tickets.actions.assigning import OWNERS, one_owner_each, owner_checked, tell_owners
from backend.tickets.actions.index import index_head
from backend.tickets.actions.record import record
from backend.tickets.actions.statuses import check_cause, set_pending_until, set_status
from backend.tickets.family import may_edit
from backend.tickets.models import ActivityStatus, Impact, Priority, Ticket, TicketType

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
    "group": ("group_id", Group, lambda g: g.name),
    "parent": ("parent_id", Ticket, lambda t: f"#{t.number}"),
    "problem": ("problem_id", Ticket, lambda t: f"#{t.number}"),
    "order": ("order_id", Order, lambda o: o.number),
    "contract": ("contract_id", Contract, lambda c: c.name),
    "root_cause": ("root_cause_id", RootCause, lambda c: c.name),
}
_OTHERS = {
    "order": N_("This order belongs to another customer."),
    "contract": N_("This contract belongs to another customer."),
}
_STATE = (
    "status_id",
    "pending_until",
    "subject",
    *_CHOICES,
    *_WORDS,
    *(column for column, _kind, _shown in _LINKS.values()),
)


# What search finds a ticket by, as it stands in these columns.
_FOUND_BY = {"subject", *_WORDS, *(column for column, kind, _shown in _LINKS.values() if kind is not Ticket)}


def checked_subject(subject: str) -> str:
    """`subject` on one line, without control characters. Raises Invalid when nothing is left."""
    subject = " ".join(_CONTROL.sub("", subject).split())
    if not subject:
        raise Invalid(_("Please correct the marked fields."), fields={"subject": _("A title is needed.")})
    return subject if len(subject) <= MAX_SUBJECT else subject[: MAX_SUBJECT - 1] + "…"


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


def editable(ticket: Ticket, actor: Who) -> None:
    """Raises NotAllowed for whoever owns one of the ticket's sub-tickets only: they read and comment it."""
    if not may_edit(ticket, actor):
        raise NotAllowed(
            _("You work on a sub-ticket of #%(number)s: you can write a note here, its owner changes it.",
              number=ticket.number)
        )  # fmt: skip


def _check_link(ticket: Ticket, actor: Who, name: str, chosen: Any) -> None:
    if name == "assignee":
        owner_checked(ticket, actor, chosen)
    if name == "assignee" and chosen is not None and not chosen.is_staff:
        raise Invalid(
            _("Please correct the marked fields."), fields={"assignee": _("Tickets are given to our own people only.")}
        )
    if name in _OTHERS and chosen is not None and ticket.customer_id and chosen.customer_id != ticket.customer_id:
        raise Invalid(_("Please correct the marked fields."), fields={name: _(_OTHERS[name])})


def _set_link(ticket: Ticket, actor: Who, name: str, chosen: Any | None) -> None:
    column, kind, shown = _LINKS[name]
    before_id = getattr(ticket, column)
    after_id = chosen.id if chosen is not None else None
    if before_id == after_id:
        return
    _check_link(ticket, actor, name, chosen)
    before = session.get(kind, before_id) if before_id else None
    setattr(ticket, column, after_id)
    made = record(
        ticket,
        actor,
        name,
        before=shown(before) if before is not None else "",
        after=shown(chosen) if chosen is not None else "",
        before_id=before_id,
        after_id=after_id,
    )
    if name in OWNERS and chosen is not None:
        tell_owners(made)


def _state(ticket: Ticket) -> dict[str, Any]:
    """What can be changed, as it is now; the session cannot tell, since recording a change flushes it."""
    return {name: getattr(ticket, name) for name in _STATE}


def change(ticket: Ticket, actor: Who, *, closing_reason: str = "", **properties: Any) -> Ticket:
    """Sets the named properties: status (Status), priority, impact, type, category, product_family, subject (str),
    customer, contact, assignee, team, group, order, contract, root_cause, parent, problem (their objects
    or None), pending_until (a moment or None).

    What is as it was is left alone and not logged. `closing_reason`: why it is closed although items of its checklists
    are open. Raises Invalid naming the field, NotAllowed (see `editable`), Refused where it may not be closed.
    """
    before = _state(ticket)
    editable(ticket, actor)
    if not {"status", "root_cause"}.isdisjoint(properties):
        check_cause(ticket, actor, properties)
    for name, value in one_owner_each(ticket, properties).items():
        if name == "status":
            set_status(ticket, actor, value, closing_reason)
        elif name == "pending_until":
            continue  # which depends on the status
        elif name in _CHOICES:
            _set_choice(ticket, actor, name, value)
        elif name in _LINKS:
            _set_link(ticket, actor, name, value)
        elif name in _WORDS or name == "subject":
            _set_words(ticket, actor, name, value)
        else:
            raise Invalid(_("Please correct the marked fields."), fields={name: _("There is no such property.")})
    if "pending_until" in properties:
        set_pending_until(ticket, actor, properties["pending_until"])
    if "contact" in properties and properties["contact"] is not None and "customer" not in properties:
        contact = properties["contact"]
        if contact.customer_id is not None:
            _set_link(ticket, actor, "customer", session.get_one(Customer, contact.customer_id))
    if ticket.contract_id and session.get_one(Contract, ticket.contract_id).customer_id != ticket.customer_id:
        _set_link(ticket, actor, "contract", None)  # it came along from the customer before
    changed = {name for name, value in _state(ticket).items() if value != before[name]}
    if changed:
        ticket.updated_at = clock.now()
        session.flush()
        if not _FOUND_BY.isdisjoint(changed):
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
        {Role.TECHNICIAN, Role.DISPATCHER, Role.ADMINISTRATOR, Role.TICKET_ADMINISTRATOR, Role.SALES}
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
