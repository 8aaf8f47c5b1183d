"""Merging from the ticket's page: into which one, and taking it back."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _, n_
from backend.merging.actions import merge, merge_many, undo
from backend.people.models import Customer, Person
from backend.tickets.found import the_ticket
from backend.tickets.models import Status, Ticket, tickets_visible_to
from backend.tickets.selected import ids_of, left_out
from backend.ui.answers import changed, go_to
from backend.web import form_text

blueprint = Blueprint("merging", __name__, template_folder="templates")
OFFERED = 8


def _matching(typed: str, ticket: Ticket) -> ColumnElement[bool]:
    """What was typed: a number, or words of title, customer or contact. Closed ones of others only by their number."""
    if not typed:
        return ~Ticket.closed
    if typed.isascii() and typed.isdigit() and len(typed) < 10:
        return Ticket.number == int(typed)
    pattern = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (Ticket.subject, Customer.name, Person.name)
    found = or_(*(func.lower(column).like(pattern) for column in columns))
    return and_(found, or_(~Ticket.closed, Ticket.customer_id == (ticket.customer_id or 0)))


@blueprint.get("/tickets/<int:number>/merge")
@requires("tickets.write")
def targets(number: int) -> ResponseReturnValue:
    """Options of the search for the ticket to merge into: first open ones of the same contact, then the customer."""
    ticket = the_ticket(number)
    typed = request.args.get("q", "").replace("\x00", "").strip().lstrip("#").lower()[:100]
    query = (
        tickets_visible_to(me())
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Person, Person.id == Ticket.contact_id)
        .join(Status, Status.id == Ticket.status_id)
        .with_only_columns(
            Ticket.number,
            Ticket.subject,
            Customer.name.label("customer"),
            Person.name.label("contact"),
            Status.key.label("status_key"),
            Status.name.label("status_name"),
            Status.kind.label("status_kind"),
            Status.tone.label("status_tone"),
        )
        .where(Ticket.id != ticket.id, Ticket.merged_into_id.is_(None), _matching(typed, ticket))
        .order_by(
            Ticket.closed,
            (Ticket.contact_id == (ticket.contact_id or 0)).desc().nulls_last(),
            (Ticket.customer_id == (ticket.customer_id or 0)).desc().nulls_last(),
            Ticket.updated_at.desc(),
            Ticket.id.desc(),
        )
        .limit(OFFERED)
    )
    return render_template("merging/_targets.html", found=session.execute(query).all())


@blueprint.post("/tickets/<int:number>/merge")
@requires("tickets.write")
def merge_into(number: int) -> ResponseReturnValue:
    """Merges the ticket into another one and leads there, where it can be undone."""
    source, into = the_ticket(number), form_text(request.form, "into").strip().lstrip("#")
    if not (into.isascii() and into.isdigit() and len(into) < 10):
        raise Invalid(_("Please correct the marked fields."), fields={"into": _("Choose a ticket.")})
    target = session.scalar(tickets_visible_to(me()).where(Ticket.number == int(into)))
    if target is None:
        sentence = _("There is no ticket #%(number)s.", number=into)
        raise Invalid(_("Please correct the marked fields."), fields={"into": sentence})
    survivor = merge(source.id, target.id, me(), confirmed=form_text(request.form, "confirmed") == "1")
    return go_to(f"/tickets/{survivor.number}?merged={number}")


@blueprint.post("/tickets/<int:number>/unmerge")
@requires("tickets.write")
def unmerge(number: int) -> ResponseReturnValue:
    """Takes back that the ticket was merged; what came since stays where it is."""
    ticket = the_ticket(number)
    into = session.scalar(select(Ticket.id).where(Ticket.id == (ticket.merged_into_id or 0)))
    undo(ticket.id, me())
    said = _("#%(number)s is a ticket of its own again.", number=number)
    topics = f"ticket:{into or ticket.id}", f"ticket:{ticket.id}", "tickets", f"timer:{me().person_id}"
    return changed(said, *topics, detail=ticket.subject)


@blueprint.get("/tickets/merge")
@requires("tickets.write")
def survivors() -> ResponseReturnValue:
    """Items of a menu of the list: which of the selected tickets goes on."""
    ids = ids_of(request.args.getlist("number"), me())
    query = select(Ticket.number, Ticket.subject).where(Ticket.id.in_(ids)).order_by(Ticket.number)
    return render_template("merging/_survivors.html", found=session.execute(query).all())


@blueprint.post("/tickets/merge")
@requires("tickets.write")
def merge_selected() -> ResponseReturnValue:
    """Merges the selected tickets into one of them; the toast says how many, and takes it back."""
    who = me()
    goes_on = the_ticket(request.form.get("into", type=int, default=0))
    sources = [one for one in ids_of(request.form.getlist("number"), who) if one != goes_on.id]
    if not sources:
        raise Invalid(_("Please select the other tickets too."))
    done, refused = merge_many(sources, goes_on.id, who)
    said = n_(
        "%(num)s ticket merged into #%(into)s", "%(num)s tickets merged into #%(into)s", len(done), into=goes_on.number
    )
    return changed(
        said if done else _("Nothing was changed."),
        "tickets",
        f"ticket:{goes_on.id}",
        detail=left_out(refused),
        undo="/tickets/merge/back" if done else "",
        undo_fields={"numbers": " ".join(str(ticket.number) for ticket in done)},
    )


@blueprint.post("/tickets/merge/back")
@requires("tickets.write")
def take_merges_back() -> ResponseReturnValue:
    """Takes back that several tickets were merged at once."""
    who = me()
    ids = ids_of(form_text(request.form, "numbers").split(), who)
    for ticket_id in ids:
        undo(ticket_id, who)
    said = n_("%(num)s ticket is as before", "%(num)s tickets are as before", len(ids))
    return changed(said, "tickets")
