"""Closing a ticket whose sub-tickets are still open: whoever does so is told first."""

from typing import Any

from flask import Response, render_template, request

from backend.auth import me
from backend.checklists.models import open_items
from backend.settings.models import setting
from backend.tickets.family import open_children
from backend.tickets.models import Status, StatusKind, Ticket
from backend.ui.answers import looked_again
from backend.web import form_text


def asks_reason(ticket: Ticket) -> bool:
    """Whether closing `ticket` now asks for a reason."""
    return setting("checklist_at_closing") not in ("allow", "refuse") and bool(open_items(ticket.id))


def left_behind(ticket: Ticket, status: Status | None) -> list[Any]:
    """The open sub-tickets of a ticket that is about to be closed, unless it was said to do so anyway."""
    if status is None or status.kind != StatusKind.CLOSED or ticket.closed or request.form.get("anyway") == "1":
        return []
    return open_children(ticket, me())


def close_anyway(ticket: Ticket, status: Status, children: list[Any], *topics: str, said: str = "") -> Response:
    """A toast that names the open sub-tickets and closes the ticket all the same when told to."""
    answer = looked_again(f"ticket:{ticket.id}", *topics)
    answer.status_code = 200
    answer.set_data(
        render_template(
            "tickets/family/closing.html",
            ticket=ticket,
            status=status,
            children=children,
            said=said,
            asks=asks_reason(ticket),
            reason=form_text(request.form, "closing_reason"),
        )
    )
    return answer
