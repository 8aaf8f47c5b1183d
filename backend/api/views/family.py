"""Sub-tickets, and tickets linked to a problem."""

import json
from typing import Any

from sqlalchemy import ColumnElement

from backend.api import cursor, keyed, named
from backend.api import tickets as shown
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.family import AnswerAllIn, LinkIn, NotDone, OutcomeOut, SubTicketIn
from backend.api.shapes.tickets import TicketOut
from backend.api.shapes.values import PageQuery
from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.tickets import actions
from backend.tickets.actions import Said
from backend.tickets.models import Channel, Ticket


def _read(number: int) -> TicketOut:
    found = shown.one(number)
    if found is None:
        raise NotFound(_("There is no ticket #%(number)s.", number=number))
    return found


def _page(condition: ColumnElement[bool], query: PageQuery, purpose: str) -> Listed:
    wanted: Any = shown.wanted().where(condition).order_by(Ticket.number)
    if query.cursor:
        wanted = wanted.where(Ticket.number > cursor.unseal(purpose, query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    more = cursor.seal(purpose, page[-1].number) if len(rows) > len(page) else ""
    return Listed([shown.shape(row) for row in page], more)


@operation(
    "GET", "/tickets/{number}/sub-tickets", tag="tickets", answer=TicketOut, many=True, query=PageQuery, problems=(404,)
)
@requires("tickets.read")
def list_sub_tickets(number: int, query: PageQuery) -> Listed:
    """The sub-tickets of a ticket, oldest first."""
    ticket = named.ticket(number)
    return _page(Ticket.parent_id == ticket.id, query, f"sub-tickets of {ticket.id}")


@operation(
    "POST", "/tickets/{number}/sub-tickets", tag="tickets", answer=TicketOut, statuses=(201,), body=SubTicketIn,
    keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def create_sub_ticket(number: int, body: SubTicketIn) -> Put:
    """Opens a ticket below another one.

    With the header Idempotency-Key the same request sent again opens no second one.
    """
    parent = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is not None:
        return Put(_read(int(done)), created=True, replayed=True)
    named.one_of_team_and_group(body.team, body.group)
    made = actions.open_subticket(
        parent,
        me(),
        body.subject,
        priority=body.priority,
        status=named.status(body.status),
        assignee=named.assignee(body.assignee),
        team=named.team(body.team),
        group=named.group(body.group),
        comment=body.comment,
        source="api",
    )
    keyed.keep(str(made.number))
    return Put(_read(made.number), created=True)


@operation(
    "GET", "/tickets/{number}/linked", tag="tickets", answer=TicketOut, many=True, query=PageQuery, problems=(404,)
)
@requires("tickets.read")
def list_linked(number: int, query: PageQuery) -> Listed:
    """The tickets behind which a problem is, oldest first."""
    ticket = named.ticket(number)
    return _page(Ticket.problem_id == ticket.id, query, f"linked to {ticket.id}")


def _other(number: int) -> Ticket:
    try:
        return named.ticket(number, lock=True)
    except NotFound as error:
        raise Invalid(_("Please correct the marked fields."), fields={"ticket": error.message}) from error


@operation("POST", "/tickets/{number}/linked", tag="tickets", answer=TicketOut, body=LinkIn, problems=(404, 409))
@requires("tickets.write")
def link_ticket(number: int, body: LinkIn) -> TicketOut:
    """Links a ticket to a problem, and answers with that ticket. Linking it again changes nothing."""
    problem = named.ticket(number)
    actions.link(_other(body.ticket), me(), problem)
    return _read(body.ticket)


@operation("DELETE", "/tickets/{number}/linked/{ticket}", tag="tickets", answer=TicketOut, problems=(404, 409))
@requires("tickets.write")
def unlink_ticket(number: int, ticket: int) -> TicketOut:
    """Takes a link to a problem away, and answers with the ticket. Where there is none, nothing changes."""
    problem, linked = named.ticket(number), named.ticket(ticket, lock=True)
    if linked.problem_id == problem.id:
        actions.link(linked, me(), None)
    return _read(ticket)


@operation(
    "POST", "/tickets/{number}/linked/messages", tag="messages", answer=OutcomeOut, statuses=(201,), body=AnswerAllIn,
    keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def answer_linked(number: int, body: AnswerAllIn) -> Put:
    """Sends the customer of each open linked ticket the same reply, each in the thread of their own ticket.

    With the header Idempotency-Key the same request sent again sends nothing twice.
    """
    problem = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is not None:
        return Put(OutcomeOut.model_validate(json.loads(done)), created=True, replayed=True)
    said = Said(text=body.text, channel=Channel.API)
    outcome = actions.answer_all(problem, me(), said, status=named.status(body.status))
    answer = OutcomeOut(
        done=outcome.done,
        not_done=[NotDone(ticket=one, sentence=sentence) for one, sentence in outcome.not_done],
    )
    keyed.keep(answer.model_dump_json())
    return Put(answer, created=True)
