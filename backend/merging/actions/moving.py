"""Moving the rows of a conversation from ticket to ticket, and making both whole again."""

from typing import Any

from sqlalchemy import Integer, Table, bindparam, delete, func, insert, literal, select, update
from sqlalchemy import text as sql

from backend import clock, live
from backend.chat.actions.telling import refresh
from backend.chat.models import Chat, ChatState
from backend.db import Base, session
from backend.drafts.models import Draft
from backend.jobs import later
from backend.merging.models import FOLLOWING, MOVED, MovedRow, TicketMerge
from backend.tickets.models import Message, Ticket, TicketSearch
from backend.visits.models import Visit, VisitState
from backend.worklog.actions.timers import topic
from backend.worklog.models import Timer


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _rows(merge: TicketMerge, name: str) -> Any:
    return select(MovedRow.row_id).where(MovedRow.merge_id == merge.id, MovedRow.table_name == name)


def take_along(merge: TicketMerge, source: Ticket, target: Ticket) -> None:
    """Moves all of the conversation of `source` to `target`, and writes down what that was."""
    for name, column in MOVED:
        table = _table(name)
        moved = (
            update(table)
            .where(table.c[column] == source.id)
            .values({column: target.id})
            .returning(table.c.id)
            .cte(f"moved_{name}")
        )
        noted = select(literal(merge.id, Integer), literal(name), moved.c.id)
        session.execute(insert(MovedRow).from_select(["merge_id", "table_name", "row_id"], noted))
    _follow(merge)


def bring_back(merge: TicketMerge, source: Ticket, survivor: Ticket) -> None:
    """What `merge` has moved and is on `survivor` still goes back to `source`; later merges have not moved it then."""
    for name, column in MOVED:
        table = _table(name)
        session.execute(
            update(table)
            .where(table.c[column] == survivor.id, table.c.id.in_(_rows(merge, name)))
            .values({column: source.id})
        )
        back = select(table.c.id).where(table.c[column] == source.id)
        later_ones = MovedRow.merge_id > merge.id, MovedRow.table_name == name
        session.execute(delete(MovedRow).where(*later_ones, MovedRow.row_id.in_(back)))
    _follow(merge)


def _follow(merge: TicketMerge) -> None:
    """The mails of what was moved stand where their messages stand."""
    for name in FOLLOWING:
        table = _table(name)
        session.execute(
            update(table)
            .where(
                table.c.message_id == Message.id,
                table.c.ticket_id.is_distinct_from(Message.ticket_id),
                Message.id.in_(_rows(merge, "messages")),
            )
            .values(ticket_id=Message.ticket_id)
        )


def make_whole(*tickets: Ticket) -> None:
    """Each is counted anew by what it holds now, and known to have changed."""
    for ticket in tickets:
        said = select(func.count()).where(Message.ticket_id == ticket.id).scalar_subquery()
        session.execute(
            update(Ticket).where(Ticket.id == ticket.id).values(messages_count=said, updated_at=clock.now())
        )
    session.flush()
    session.expire_all()


def hand_words_over(source: Ticket, target: Ticket) -> None:
    """What was said on `source` is found on `target`: its parts are put behind the other's."""
    last = select(func.coalesce(func.max(TicketSearch.part), 0)).where(TicketSearch.ticket_id == target.id)
    session.execute(
        update(TicketSearch)
        .where(TicketSearch.ticket_id == source.id, TicketSearch.part > 0)
        .values(ticket_id=target.id, part=TicketSearch.part + last.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def hand_drafts_over(source: Ticket, target: Ticket) -> None:
    """What somebody has begun to write for `source` waits on `target`, unless they have begun something there too."""
    there = select(Draft.person_id).where(Draft.key == f"ticket:{target.number}")
    session.execute(
        update(Draft)
        .where(Draft.key == f"ticket:{source.number}", Draft.person_id.not_in(there))
        .values(key=f"ticket:{target.number}")
        .execution_options(synchronize_session=False)
    )


def show(merge: TicketMerge) -> None:
    """What stands outside and names the ticket names the right one: cards of running chats, visits to come, timers."""
    chats = select(Chat).where(Chat.id.in_(_rows(merge, "chats")), Chat.state != ChatState.ENDED)
    for chat in session.scalars(chats):
        refresh(chat)
        live.tell("chats", f"chat:{chat.id}")
    coming = select(Visit.id).where(
        Visit.id.in_(_rows(merge, "visits")), Visit.state == VisitState.PLANNED, Visit.ends_at > clock.now()
    )
    for visit_id in session.scalars(coming):
        later("visits.publish", once=f"visits.publish:{visit_id}", visit_id=visit_id)
    live.tell("board")
    counting = select(Timer.person_id).where(Timer.id.in_(_rows(merge, "timers")), Timer.ended_at.is_(None)).distinct()
    live.tell(*(topic(person_id) for person_id in session.scalars(counting)))


def below(ticket_id: int) -> list[int]:
    """The tickets that are merged into that one by merges of their own, by whichever steps."""
    found = session.execute(
        sql(
            "with recursive below (id) as (select source_id from ticket_merges where target_id = :top "
            "and undone_at is null union select m.source_id from ticket_merges m join below b on m.target_id = b.id "
            "where m.undone_at is null) select id from below"
        ).bindparams(bindparam("top", ticket_id))
    )
    return [row[0] for row in found]
