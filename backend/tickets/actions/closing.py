"""What stands in the way of closing a ticket."""

from backend.auth import Who
from backend.checklists.models import open_items
from backend.errors import Refused
from backend.i18n import n_
from backend.settings.models import setting
from backend.tickets.family import open_children
from backend.tickets.models import Status, StatusKind, Ticket

MAX_REASON = 500


def nothing_left_behind(ticket: Ticket, actor: Who, status: Status | None) -> None:
    """Where many tickets get a status at once and nobody is asked singly.

    Raises Refused when it closes the ticket while sub-tickets of it are open.
    """
    if status is None or status.kind != StatusKind.CLOSED or ticket.closed:
        return
    if count := len(open_children(ticket, actor)):
        raise Refused(n_("%(num)s sub-ticket is still open", "%(num)s sub-tickets are still open", count))


def checked_reason(ticket: Ticket, reason: str) -> str:
    """The reason to be kept when `ticket` is closed now: "" where none of its checklists has an open item.

    Raises Refused where the installation does not allow it, or asks for a reason and there is none.
    """
    mode, reason = setting("checklist_at_closing"), " ".join(reason.replace("\x00", "").split())[:MAX_REASON]
    count = open_items(ticket.id) if mode != "allow" else 0
    if not count:
        return ""
    if mode == "refuse":
        says = n_(
            "%(num)s item of the checklists is open. Tick it or remove it, then close the ticket.",
            "%(num)s items of the checklists are open. Tick or remove them, then close the ticket.",
            count,
        )
        raise Refused(says, fields={"status": says})
    if not reason:
        says = n_(
            "%(num)s item of the checklists is open. Write why the ticket is closed all the same.",
            "%(num)s items of the checklists are open. Write why the ticket is closed all the same.",
            count,
        )
        raise Refused(says, fields={"closing_reason": says})
    return reason
