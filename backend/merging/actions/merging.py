"""Merging a ticket into another one: one conversation, and each ticket keeps its number and its log."""

from sqlalchemy import select, update
from sqlalchemy import text as sql

from backend import clock
from backend.auth import Who
from backend.chat.models import Chat, ChatState
from backend.db import session
from backend.errors import Conflict, Invalid, NotFound, Refused
from backend.i18n import _
from backend.mail.actions import write_reply
from backend.merging.actions.family import draw_in, lock_all, relatives_of, take_family_along
from backend.merging.actions.moving import hand_drafts_over, hand_words_over, make_whole, show, take_along
from backend.merging.models import TicketMerge
from backend.orders.models import Order
from backend.tickets.actions import change, editable, record, stand_in
from backend.tickets.models import ActivityStatus, Kind, Message, StatusKind, Ticket, status_of_kind, tickets_visible_to

_OUR_TURN = (ActivityStatus.UNREAD, ActivityStatus.WAITING_TECHNICIAN)


def merge(source_id: int, target_id: int, actor: Who, *, confirmed: bool = False) -> Ticket:
    """`actor` merges one ticket into another one, or into what that one is merged into; returns the one that goes on.

    Mails and chats of both go on there. Doing it twice does nothing. Raises Refused for a ticket and itself, Conflict
    when it is merged already, Invalid naming `confirmed` when the customers differ and nobody says that it is meant.
    """
    aim = session.get_one(Ticket, target_id)
    survivor_id = aim.merged_into_id or aim.id
    if session.scalar(tickets_visible_to(actor).where(Ticket.id == survivor_id)) is None:
        raise NotFound(_("This ticket is no longer there."))
    if source_id in (target_id, survivor_id):
        raise _circle(session.get_one(Ticket, source_id), aim)
    if session.scalar(select(Ticket.merged_into_id).where(Ticket.id == source_id)) == survivor_id:
        return session.get_one(Ticket, survivor_id)
    _hold_chats(source_id, survivor_id)
    lock_all(source_id, survivor_id, *(relatives_of(source_id)))
    source, target = session.get_one(Ticket, source_id), session.get_one(Ticket, survivor_id)
    if source.merged_into_id == target.id:
        return target
    for ticket in (source, target):
        editable(ticket, actor)
    _check(source, target, confirmed=confirmed)
    _write_what_waits(source)
    row = _written_down(source, target, actor)
    _turn(source, target)
    take_along(row, source, target)
    hand_words_over(source, target)
    hand_drafts_over(source, target)
    session.execute(
        update(Ticket)
        .where((Ticket.id == source.id) | (Ticket.merged_into_id == source.id))
        .values(merged_into_id=target.id)
        .execution_options(synchronize_session=False)
    )
    make_whole(source, target)
    _log(row, source, target, actor)
    take_family_along(row, source, target, actor)
    draw_in(row, source, target)
    show(row)
    return target


def _written_down(source: Ticket, target: Ticket, actor: Who) -> TicketMerge:
    """The merge, with what undoing it gives back to the source."""
    row = TicketMerge(
        source_id=source.id,
        target_id=target.id,
        actor_id=actor.person_id,
        actor_name=actor.name,
        at=clock.now(),
        status_id=source.status_id,
        activity_status=source.activity_status,
        pending_until=source.pending_until,
    )
    session.add(row)
    session.flush()
    return row


def merge_many(source_ids: list[int], target_id: int, actor: Who) -> tuple[list[Ticket], dict[int, str]]:
    """`actor` merges each of these tickets into the same one: (those that are merged now, why others could not be).

    What one of them refuses does not hold up the rest. The reasons are sentences, by the number of the ticket.
    """
    _hold_chats(*source_ids, target_id)
    below = [one for source_id in source_ids for one in relatives_of(source_id)]
    lock_all(target_id, *source_ids, *below)
    done, refused = [], {}
    for source in (session.get_one(Ticket, source_id) for source_id in source_ids):
        if source.merged_into_id is not None:
            refused[source.number] = _("It is merged already.")
            continue
        try:
            with session.begin_nested():
                merge(source.id, target_id, actor)
                done.append(source)
        except Refused as error:
            session.refresh(source)
            refused[source.number] = next(iter(error.fields.values()), error.message)
    return done, refused


def _circle(source: Ticket, aim: Ticket) -> Refused:
    if source.id == aim.id:
        return Refused(_("A ticket cannot be merged into itself."))
    return Refused(
        _("#%(other)s is merged into #%(number)s already. Undo that first.", other=aim.number, number=source.number)
    )


def _hold_chats(*ticket_ids: int) -> None:
    """Running chats are locked before their tickets, by every verb."""
    running = select(Chat.id).where(Chat.ticket_id.in_(ticket_ids), Chat.state != ChatState.ENDED)
    session.execute(running.order_by(Chat.id).with_for_update(key_share=True)).all()


def _check(source: Ticket, target: Ticket, *, confirmed: bool) -> None:
    if target.merged_into_id == source.id:
        raise _circle(source, target)
    for ticket in (source, target):
        if ticket.merged_into_id is not None:
            into = session.get_one(Ticket, ticket.merged_into_id).number
            raise Conflict(_("#%(number)s is merged into #%(into)s already.", number=ticket.number, into=into))
    _check_family(source, target)
    running = select(Chat.ticket_id).where(Chat.ticket_id.in_((source.id, target.id)), Chat.state != ChatState.ENDED)
    if len(set(session.scalars(running))) > 1:
        raise Conflict(_("A chat is running on both tickets. Please end one of them first."))
    if source.customer_id != target.customer_id and not confirmed:
        sentence = _("The tickets belong to different customers. Please confirm that they are to be merged.")
        raise Invalid(_("Please correct the marked fields."), fields={"confirmed": sentence})


def _check_family(source: Ticket, target: Ticket) -> None:
    """What a customer sees does not become part of what they never see, nor the other way."""
    for above, below in ((source, target), (target, source)):
        if below.parent_id == above.id:
            raise Refused(
                _("#%(number)s is a sub-ticket of #%(parent)s. A ticket and its sub-ticket cannot be merged.",
                  number=below.number, parent=above.number)
            )  # fmt: skip
        if below.parent_id is not None and above.parent_id is None:
            raise Refused(
                _("#%(number)s is a sub-ticket. It can be merged with another sub-ticket only.", number=below.number)
            )
    if target.problem_id == source.id:
        raise Refused(
            _("#%(problem)s is the problem behind #%(number)s. Merge #%(number)s into the problem instead.",
              problem=source.number, number=target.number)
        )  # fmt: skip


def _write_what_waits(source: Ticket) -> None:
    """A reply whose mail is not written yet is written now: it answers its own thread, not one of the other ticket's.

    The job that was to write it waits for the lock and finds it.
    """
    waiting = (
        select(Message)
        .where(
            Message.ticket_id == source.id,
            Message.kind == Kind.REPLY,
            Message.by_staff,
            Message.delivery == "waiting",
            Message.to != sql("'[]'::jsonb"),
        )
        .order_by(Message.id)
        .with_for_update(key_share=True)
    )
    for message in session.scalars(waiting).all():
        write_reply(message)
    session.flush()


def _turn(source: Ticket, target: Ticket) -> None:
    """What waited for us on the one waits for us on the other."""
    if not source.closed and source.activity_status in _OUR_TURN and target.activity_status not in _OUR_TURN:
        target.activity_status = ActivityStatus.WAITING_TECHNICIAN
    source.activity_status = ActivityStatus.READ
    session.flush()


def _log(row: TicketMerge, source: Ticket, target: Ticket, actor: Who) -> None:
    if source.order_id is not None and target.order_id is None and source.customer_id == target.customer_id:
        row.order_id = source.order_id
        change(target, actor, order=session.get_one(Order, source.order_id))
    editable(source, actor)
    stand_in(source, actor, status_of_kind(StatusKind.CLOSED))
    record(source, actor, "merged", after=f"#{target.number}", merge_id=row.id)
    record(target, actor, "merged_from", before=f"#{source.number}", merge_id=row.id)
    session.flush()
