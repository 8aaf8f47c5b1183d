"""Tickets that somebody has selected in the list, and what is said of those that could not be changed."""

from sqlalchemy import select

from backend.auth import Who
from backend.db import session
from backend.errors import Invalid, Refused
from backend.i18n import _, n_
from backend.tickets.models import Ticket, visible

MOST = 200
SHOWN = 3  # tickets that could not be changed, by name


def ids_of(numbers: list[str], who: Who) -> list[int]:
    """The ids of the tickets with these numbers (as a form says them) that `who` may see, in their order.

    Raises Invalid when none is named, Refused for too many.
    """
    wanted = {int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 10}
    if not wanted:
        raise Invalid(_("Please select tickets first."))
    if len(wanted) > MOST:
        raise Refused(_("At most %(count)s tickets at once.", count=MOST))
    return list(session.scalars(select(Ticket.id).where(visible(who), Ticket.number.in_(wanted)).order_by(Ticket.id)))


def left_out(refused: dict[int, str]) -> str:
    """The line that names the tickets that were left out, each with the reason; empty when there are none."""
    if not refused:
        return ""
    named = "; ".join(f"#{number}: {why}" for number, why in list(refused.items())[:SHOWN])
    more = len(refused) - SHOWN
    if more > 0:
        named += " " + n_("and %(num)s more ticket", "and %(num)s more tickets", more)
    return _("Not changed: %(tickets)s", tickets=named)
