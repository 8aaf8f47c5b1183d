"""Deleting a ticket: it and all on it leave the desk at once, and can be brought back for a while."""

from typing import Any

from sqlalchemy import Integer, case, cast, func, or_, select, update
from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import IntegrityError

from backend import clock, live
from backend.auth import Who
from backend.chat.models import Chat, ChatState, PostState, TeamsPost
from backend.db import session
from backend.deletion.actions.contents import leave_contents
from backend.deletion.actions.vault import put_away, put_back
from backend.deletion.actions.work import check_work
from backend.deletion.models import KEPT, DeletedRow, DeletedTicket
from backend.errors import Conflict, Refused
from backend.i18n import _
from backend.mail.models import Delivery, InboundMail, OutboundMail, Outcome
from backend.tickets.actions import index_heads, locked, record
from backend.tickets.models import Activity, Message, Ticket
from backend.visits.models import Visit, VisitEvent, VisitState
from backend.worklog.actions import leave

_UNDER_WAY = (Delivery.WAITING, Delivery.DRAFTED)
# What is kept of the log of a ticket that is gone for good: who did what and when, no words.
_WORDS = ("before", "after", "data")
_IDS = ("messages", "visits")  # of these other systems were told the ids


def delete(ticket_id: int, actor: Who, *, unbilled_too: bool = False) -> DeletedTicket:
    """`actor` deletes a ticket, and those that are merged into it, with all that stands on them.

    Its number and the receipts of its mails stay, so that no mail of it is taken in again. Raises Refused for one that
    is merged itself or has sub-tickets, while a chat, a mail or a visit of it is under way, once anything of it was
    billed, and, but for `unbilled_too`, while work on it is still to be billed.
    """
    running = select(Chat.id).where(Chat.ticket_id == ticket_id, Chat.state != ChatState.ENDED)
    session.execute(running.with_for_update(key_share=True)).all()
    with_it = select(Ticket.id).where(or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id))
    for one_id in session.scalars(with_it.order_by(Ticket.id)).all():
        locked(one_id)
    ticket = session.get_one(Ticket, ticket_id)
    if ticket.merged_into_id is not None:
        into = session.get_one(Ticket, ticket.merged_into_id).number
        raise Refused(_("This ticket is merged into #%(into)s. Delete that one, or undo the merge first.", into=into))
    tickets = [ticket, *session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.id))]
    ids = [one.id for one in tickets]
    _check_below(ids)
    _check(ids)
    check_work(ids, actor, unbilled_too=unbilled_too)
    record(ticket, actor, "deleted")
    now, numbers = clock.now(), [one.number for one in tickets]
    for one in tickets:
        session.add(
            DeletedTicket(
                number=one.number,
                with_number=ticket.number,
                deleted_by_id=actor.person_id,
                deleted_by=actor.name,
                deleted_at=now,
            )
        )
    _log(actor, "ticket_deleted", ticket.number)
    session.flush()
    mails = select(InboundMail.id).where(
        or_(
            InboundMail.ticket_id.in_(ids),
            InboundMail.message_id.in_(select(Message.id).where(Message.ticket_id.in_(ids))),
        )
    )
    mail_ids = list(session.scalars(mails))
    leave(ids)
    put_away(ticket.number, ids)
    session.execute(update(InboundMail).where(InboundMail.id.in_(mail_ids)).values(outcome=Outcome.DELETED))
    live.tell("tickets", "board", *(f"ticket:{one}" for one in ids))
    return session.get_one(DeletedTicket, numbers[0])


def _check_below(ids: list[int]) -> None:
    """A sub-ticket that lost its parent would be shown to the customer, who never sees one."""
    # From now on nobody puts one below: what was about to be is waited for.
    session.execute(select(Ticket.id).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()).all()
    below = select(Ticket.number).where(Ticket.parent_id.in_(ids), Ticket.id.not_in(ids)).order_by(Ticket.number)
    numbers = session.scalars(below).all()
    if numbers:
        listed = ", ".join(f"#{number}" for number in numbers)
        sentence = _(
            "This ticket has sub-tickets (%(list)s). Delete them or make them tickets of their own first.", list=listed
        )
        raise Refused(sentence)


def _check(ids: list[int]) -> None:
    """Nothing may be on its way: it would arrive without its ticket, or stand in a calendar for ever."""
    posts = (
        select(TeamsPost.id)
        .join(Message, Message.id == TeamsPost.message_id)
        .where(Message.ticket_id.in_(ids), TeamsPost.state.in_((PostState.WAITING, PostState.SENDING)))
    )
    under_way = (
        (
            select(Chat.id).where(Chat.ticket_id.in_(ids), Chat.state != ChatState.ENDED),
            _("A chat is running on this ticket. Please end it first."),
        ),
        (
            select(OutboundMail.id).where(OutboundMail.ticket_id.in_(ids), OutboundMail.state.in_(_UNDER_WAY)),
            _("An e-mail of this ticket is about to be sent. Please wait a moment."),
        ),
        (
            select(Message.id).where(Message.ticket_id.in_(ids), Message.delivery.in_(_UNDER_WAY)),
            _("An e-mail of this ticket is about to be sent. Please wait a moment."),
        ),
        (posts, _("A message of this ticket is about to be sent. Please wait a moment.")),
        (
            select(Visit.id).where(
                Visit.ticket_id.in_(ids), Visit.state == VisitState.PLANNED, Visit.ends_at > clock.now()
            ),
            _("A visit is planned for this ticket. Please cancel it first."),
        ),
        (
            select(VisitEvent.id)
            .join(Visit, Visit.id == VisitEvent.visit_id)
            .where(Visit.ticket_id.in_(ids), ~VisitEvent.wanted, ~VisitEvent.gone, VisitEvent.event_id.is_not(None)),
            _("A visit of this ticket is being taken out of the calendar. Please wait a moment."),
        ),
    )
    for found, sentence in under_way:
        if session.scalar(found.limit(1)) is not None:
            raise Refused(sentence)


def restore(number: int, actor: Who) -> Ticket | None:
    """`actor` brings a deleted ticket back with all that stood on it; None when it is not deleted.

    Raises Conflict when it is too late.
    """
    row = session.get(DeletedTicket, number)
    if row is None:
        return None
    root = session.get(DeletedTicket, row.with_number, with_for_update=True, populate_existing=True)
    if root is None:
        return None
    if root.emptied_at is not None:
        raise Conflict(_("This ticket was deleted too long ago to be brought back."))
    root_number = root.number
    try:
        put_back(root_number)
    except IntegrityError as error:
        raise Conflict(_("Something that this ticket needs is gone. It cannot be brought back.")) from error
    session.execute(sql_delete(DeletedTicket).where(DeletedTicket.with_number == root_number))
    session.expire_all()
    ticket = session.scalars(select(Ticket).where(Ticket.number == root_number)).one()
    merged = session.scalars(select(Ticket.id).where(Ticket.merged_into_id == ticket.id)).all()
    index_heads([ticket.id, *merged])  # what their names are called today
    leave([ticket.id, *merged])
    record(ticket, actor, "undeleted")
    _log(actor, "ticket_undeleted", root_number)
    live.tell("board")
    session.flush()
    return ticket


def _log(actor: Who, verb: str, number: int) -> None:
    """In the log of the installation: the ticket's own goes and comes with it."""
    session.add(
        Activity(
            ticket_id=None,
            verb=verb,
            actor_id=actor.person_id,
            actor_name=actor.name,
            after=f"#{number}",
            data={"number": number},
            at=clock.now(),
        )
    )


def empty_old() -> None:
    """Destroys for good what was deleted longer ago than it is kept; the number and the receipts of mails stay."""
    old = select(DeletedTicket.number).where(
        DeletedTicket.emptied_at.is_(None), DeletedTicket.deleted_at < clock.now() - KEPT
    )
    numbers = list(session.scalars(old.with_for_update(skip_locked=True)))
    if not numbers:
        return
    mine = DeletedRow.number.in_(numbers)
    mails = select(cast(DeletedRow.row["id"].astext, Integer)).where(
        mine, DeletedRow.table_name == "inbound_mails", DeletedRow.named_only
    )
    leave_contents(numbers, mails)
    session.execute(
        update(InboundMail)
        .where(InboundMail.id.in_(mails), InboundMail.outcome == Outcome.DELETED)
        .values(from_address="", from_name="", subject="", reason="", original="")
        .execution_options(synchronize_session=False)
    )
    session.execute(sql_delete(DeletedRow).where(mine, DeletedRow.table_name.not_in(("activities", *_IDS))))
    kept: Any = DeletedRow.row
    for name in _WORDS:
        kept = kept.op("-")(name)
    only_id = func.jsonb_build_object("id", DeletedRow.row["id"])
    session.execute(
        update(DeletedRow)
        .where(mine)
        .values(row=case((DeletedRow.table_name == "activities", kept), else_=only_id))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(DeletedTicket)
        .where(DeletedTicket.number.in_(numbers))
        .values(emptied_at=clock.now())
        .execution_options(synchronize_session=False)
    )
