"""Which sub-tickets are hidden from whom: whoever owns one of a ticket's sub-tickets does not see the others.

It is not the whole rule of who sees a ticket (`tickets.models.visible`), and takes the mapped class as an argument so
that the rule there can be made of it.
"""

from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Integer, all_, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement


@cache
def _twice(ticket: Any) -> tuple[Any, Any]:
    """Made once: an alias of tickets has all their columns, and takes as long to make as the rest of a statement."""
    return aliased(ticket), aliased(ticket)


def others_parents(ticket: Any, me: ColumnElement[int]) -> ColumnElement[Any]:
    """The ids, as an array, of the tickets that are not `me`'s and of which `me` owns a sub-ticket."""
    mine, parent = _twice(ticket)
    others = (
        select(mine.parent_id)
        .join(parent, parent.id == mine.parent_id)
        .where(mine.assignee_id == me, mine.parent_id.is_not(None), parent.assignee_id.is_distinct_from(me))
    )
    return func.array(others.correlate(None).scalar_subquery(), type_=ARRAY(Integer))


def siblings_hidden(
    ticket: Any, me: ColumnElement[int], others: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """The condition on `ticket` under which the member of staff `me` (an id) sees it; `others` is `others_parents`,
    where the statement has it already.

    A sub-ticket is hidden from whoever owns another sub-ticket of the same ticket, and neither this one nor that
    ticket. An owner's own parents are few and looked up once per statement, and only when a sub-ticket comes along;
    tickets without a parent cost nothing.
    """
    known = others if others is not None else others_parents(ticket, me)
    return or_(ticket.parent_id.is_(None), ticket.assignee_id == me, ticket.parent_id != all_(known))
