"""Sub-tickets, and incidents that are linked to one problem."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from backend import live
from backend.auth import Who
from backend.db import session
from backend.errors import Invalid, Refused
from backend.i18n import _
from backend.people.models import Customer, Group, Person, Team
from backend.textmodules.filling import Filling
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions.changing import change, editable
from backend.tickets.actions.closing import nothing_left_behind
from backend.tickets.actions.opening import open_ticket
from backend.tickets.actions.talking import Said, nonempty, note, reply
from backend.tickets.models import Priority, Status, StatusKind, Ticket, TicketType, status_of_kind, tickets_visible_to


def open_subticket(
    parent: Ticket,
    actor: Who,
    subject: str,
    *,
    priority: Priority = Priority.MEDIUM,
    status: Status | None = None,
    assignee: Person | None = None,
    team: Team | None = None,
    group: Group | None = None,
    comment: str = "",
    source: str = "desk",
) -> Ticket:
    """A new ticket below `parent`, about the same customer; `comment` is its first note. No customer ever sees it.

    Raises Refused below a sub-ticket, NotAllowed for whoever may not change `parent`.
    """
    editable(parent, actor)
    if parent.parent_id:
        raise Refused(_("A sub-ticket has no sub-tickets of its own."))
    made = open_ticket(
        actor,
        subject,
        contact=session.get(Person, parent.contact_id) if parent.contact_id else None,
        customer=session.get(Customer, parent.customer_id) if parent.customer_id else None,
        status=status,
        priority=priority,
        impact=parent.impact,  # type: ignore[arg-type]
        type=TicketType.REQUEST,
        category=parent.category,
        assignee=assignee,
        team=team,
        group=group,
        parent=parent,
        source=source,
    )
    if comment.strip():
        note(made, actor, Said(text=comment))
    return made


def put_below(ticket: Ticket, actor: Who, parent: Ticket | None) -> None:
    """Makes the ticket a sub-ticket of `parent`, or a ticket of its own again.

    It is for whoever may change the ticket it stands below, now or then: its owner alone could look past them.
    """
    for one in (session.get(Ticket, ticket.parent_id) if ticket.parent_id else None, parent):
        if one is not None:
            editable(one, actor)
    if parent is not None:
        below = session.scalar(select(Ticket.id).where(Ticket.parent_id == ticket.id).limit(1))
        if parent.id == ticket.id or parent.parent_id or below is not None or ticket.problem_id:
            raise Refused(_("A sub-ticket stands below one ticket, and nothing below it."))
    before = ticket.parent_id
    change(ticket, actor, parent=parent)
    live.tell(*(f"ticket:{one}" for one in {before, ticket.parent_id} if one))


def link(ticket: Ticket, actor: Who, problem: Ticket | None) -> None:
    """Says which problem is behind the ticket; None: none. Raises Refused where it cannot be one."""
    if problem is not None:
        if problem.id == ticket.id or problem.type != TicketType.PROBLEM:
            raise Refused(_("Tickets are linked to a ticket of the type Problem."))
        if ticket.type == TicketType.PROBLEM or ticket.parent_id or problem.parent_id:
            raise Refused(_("A problem and a sub-ticket cannot be linked to a problem."))
        editable(problem, actor)
    before = ticket.problem_id
    change(ticket, actor, problem=problem)
    live.tell(*(f"ticket:{one}" for one in {before, ticket.problem_id} if one))


@dataclass
class Outcome:
    """What became of something that was done to many tickets: their numbers, and why for those it was not done to."""

    done: list[int] = field(default_factory=list)
    not_done: list[tuple[int, str]] = field(default_factory=list)


def _incidents(problem: Ticket, actor: Who) -> list[Ticket]:
    """The open tickets behind which `problem` is, locked in one order for everybody."""
    query = tickets_visible_to(actor).where(Ticket.problem_id == problem.id, ~Ticket.closed)
    return list(session.scalars(query.order_by(Ticket.id).with_for_update()))


def _why(error: Refused) -> str:
    return next(iter(error.fields.values()), error.message) if isinstance(error, Invalid) else error.message


def _each(tickets: Iterable[Ticket], do: Callable[[Ticket], Any]) -> Outcome:
    """What one refuses leaves nothing behind: no message, and no mail that goes out all the same."""
    outcome = Outcome()
    for ticket in tickets:
        try:
            with session.begin_nested():
                do(ticket)
        except Refused as error:
            session.refresh(ticket)
            outcome.not_done.append((ticket.number, _why(error)))
        else:
            outcome.done.append(ticket.number)
    return outcome


def answer_all(
    problem: Ticket,
    actor: Who,
    said: Said,
    *,
    status: Status | None = None,
    language: str = "",
    only: set[int] | None = None,
) -> Outcome:
    """The same reply to the customer of each open incident, in their own thread; with `status` each gets that status.

    `only`: those with these numbers. Placeholders in it are filled for each, in `language` or the customer's own. Those
    that would be closed over open sub-tickets, and those for whom a value is missing, are not answered. Raises Invalid
    when there is nothing to say or a gap is left in it, Refused when there is nobody to say it to.
    """
    editable(problem, actor)
    incidents = _incidents(problem, actor)
    if not incidents:
        raise Refused(_("No open ticket is linked to this problem."))
    incidents = [one for one in incidents if only is None or one.number in only]
    if not incidents:
        raise Refused(_("Choose a ticket."))
    nonempty(said)
    refuse_open(said.text, placeholders=True)

    def answer(ticket: Ticket) -> None:
        nothing_left_behind(ticket, actor, status)
        text = "".join(part.text for part in Filling(actor, ticket=ticket).parts(said.text, language))
        reply(ticket, actor, replace(said, text=text), status=status)

    return _each(incidents, answer)


def close_all(problem: Ticket, actor: Who) -> Outcome:
    """Closes the problem and every open incident, without those that have open sub-tickets."""
    closed = status_of_kind(StatusKind.CLOSED)
    editable(problem, actor)

    def close(ticket: Ticket) -> None:
        nothing_left_behind(ticket, actor, closed)
        change(ticket, actor, status=closed)

    return _each([*_incidents(problem, actor), problem], close)
