"""A name that stands on many tickets has changed: they are put together anew, a batch at a time."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, true

from backend.db import session
from backend.jobs import checkpoint, later
from backend.tickets.actions.index import index_heads
from backend.tickets.models import Ticket

_READ = 5_000  # ids that one job looks up
_BATCH = 200  # tickets in one transaction: as long as it lasts nobody can change them


def _named(what: str, of: Sequence[int]) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "customer": Ticket.customer_id.in_(of),
        "person": or_(Ticket.contact_id.in_(of), Ticket.assignee_id.in_(of)),
        "team": Ticket.team_id.in_(of),
        "group": Ticket.group_id.in_(of),
        "order": Ticket.order_id.in_(of),
        "contract": Ticket.contract_id.in_(of),
        "ticket": Ticket.id.in_(of),
        "root_cause": Ticket.root_cause_id.in_(of),
        "all": true(),
    }
    return conditions[what]


def find_anew(what: str, of: Sequence[int], after: int) -> None:
    """Puts the words of all tickets of these customers (person, team …) together anew, those beyond the id `after`.

    It goes on in a job of its own after some thousand, so that one that is killed does not begin from the start.
    """
    query = select(Ticket.id).where(_named(what, of), Ticket.id > after).order_by(Ticket.id).limit(_READ)
    ids = list(session.scalars(query))
    checkpoint()
    for start in range(0, len(ids), _BATCH):
        index_heads(ids[start : start + _BATCH], lock=True)
        checkpoint()
    if len(ids) == _READ:
        later("tickets.find_anew", what=what, of=list(of), after=ids[-1])
