"""What was worked on a ticket that is to be deleted: what was billed stays, and what is not is not lost unawares."""

from sqlalchemy import func, or_, select

from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _, n_
from backend.worklog.actions import counted_on
from backend.worklog.models import TicketItem, TimeEntry, unbilled
from backend.worklog.words import duration


def check_work(ids: list[int], actor: Who, *, unbilled_too: bool) -> None:
    """Raises Refused once anything of these tickets was billed; but for `unbilled_too` also where some is to be.

    What a timer has counted and nobody has saved is to be billed, too.
    """
    billed = or_(
        select(TimeEntry.id).where(TimeEntry.ticket_id.in_(ids), TimeEntry.billed_at.is_not(None)).exists(),
        select(TicketItem.id).where(TicketItem.ticket_id.in_(ids), TicketItem.billed_at.is_not(None)).exists(),
    )
    minutes = select(func.sum(TimeEntry.minutes)).where(TimeEntry.ticket_id.in_(ids), unbilled())
    items = select(func.count()).where(
        TicketItem.ticket_id.in_(ids), TicketItem.billed_at.is_(None), TicketItem.deleted_at.is_(None)
    )
    found = session.execute(select(billed, minutes.scalar_subquery(), items.scalar_subquery())).one()
    if found[0]:
        raise Refused(
            _("Work on this ticket has been billed. Whoever asks about the invoice finds it here, so the ticket stays.")
        )
    worked = int(found[1] or 0) + counted_on(actor, ids) // 60
    said = [duration(worked)] if worked else []
    said += [n_("%(num)s item", "%(num)s items", int(found[2]))] if found[2] else []
    if said and not unbilled_too:
        sentence = _("Not billed yet and lost with it: %(work)s. Tick the box if it is to be deleted all the same.",
                     work=", ".join(said))  # fmt: skip
        raise Refused(sentence)
