"""Sub-tickets, and incidents linked to a problem, from a ticket's page."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from backend import receipts
from backend.auth import me, requires
from backend.db import session
from backend.drafts import actions as drafts
from backend.errors import Invalid, Refused
from backend.i18n import _, n_
from backend.people.models import Customer, Group, Person, Team, technicians
from backend.textmodules.filling import Filling
from backend.textmodules.gaps import named_in
from backend.tickets import words
from backend.tickets.actions import Outcome, Said, answer_all, close_all, enclosures, link, open_subticket, put_below
from backend.tickets.family import linkable, relatives
from backend.tickets.models import Priority, Status, Ticket, tickets_visible_to
from backend.tickets.views.assigning import team_or_group
from backend.tickets.views.door import blueprint, the_ticket, within
from backend.tickets.views.talking import status_named
from backend.ui.answers import changed, looked_again
from backend.web import form_text

OFFERED = 8


@blueprint.get("/tickets/<int:number>/sub-tickets/new")
@requires("tickets.write")
def new_subticket(number: int) -> ResponseReturnValue:
    """The form for a sub-ticket."""
    return render_template("tickets/family/subticket_form.html", ticket=the_ticket(number), **_offered())


def _offered() -> dict[str, Any]:
    known = session.scalars(select(Status).order_by(Status.position))
    return {
        "offered_statuses": [(one.key, words.status_name(one.key, one.name)) for one in known],
        "offered_priorities": [(level.value, words.priority_name(level)) for level in reversed(Priority)],
    }


@blueprint.post("/tickets/<int:number>/sub-tickets")
@requires("tickets.write")
def create_subticket(number: int) -> ResponseReturnValue:
    """Makes a sub-ticket; the same form sent twice makes one."""
    names = ("subject", "priority", "status", "assignee", "team", "comment")
    form, who = {name: form_text(request.form, name) for name in names}, me()
    token, source = form_text(request.form, "token")[:64], f"desk.subticket.{who.person_id}"
    parent = the_ticket(number, lock=True)
    if token and receipts.earlier(source, token) is not None:
        return looked_again(f"ticket:{parent.id}")
    owner = team_or_group(form["team"])
    made = open_subticket(
        parent,
        who,
        form["subject"],
        priority=Priority(form["priority"]) if form["priority"] in set(Priority) else Priority.MEDIUM,
        status=status_named(form["status"]).get("status"),
        assignee=_technician(form["assignee"]),
        comment=form["comment"],
        team=owner if isinstance(owner, Team) else None,
        group=owner if isinstance(owner, Group) else None,
    )
    if token:
        receipts.keep(source, token, str(made.number))
    said = _("Sub-ticket #%(number)s", number=made.number)
    return changed(said, f"ticket:{parent.id}", "tickets", detail=made.subject)


def _technician(value: str) -> Person | None:
    if not value:
        return None
    found = None
    if value.isdecimal() and len(value) < 10:
        found = session.scalar(technicians().where(Person.id == int(value)))
    if found is None:
        sentence = _("It is not there any more.")
        raise Invalid(_("Please correct the marked fields."), fields={"assignee": sentence})
    return found


def _numbered(value: str) -> Ticket | None:
    """The ticket with the number a field posts; None for the empty one. Raises NotFound."""
    digits = value.strip().lstrip("#")
    return the_ticket(int(digits) if digits.isdecimal() and len(digits) < 10 else 0) if digits else None


@blueprint.post("/tickets/<int:number>/parent")
@requires("tickets.write")
def set_parent(number: int) -> ResponseReturnValue:
    """Makes the ticket one of its own (`value` empty), or takes that back (the number it stood below)."""
    ticket, parent = the_ticket(number, lock=True), _numbered(form_text(request.form, "value"))
    before = session.get(Ticket, ticket.parent_id) if ticket.parent_id else None
    put_below(ticket, me(), parent)
    if before is parent:
        return looked_again(f"ticket:{ticket.id}")
    said = _("Sub-ticket of #%(number)s", number=parent.number) if parent else _("A ticket of its own")
    topics = [f"ticket:{one.id}" for one in (ticket, before, parent) if one is not None]
    undo = {"value": str(before.number) if before else ""}
    return changed(said, *topics, detail=f"#{ticket.number}", undo=f"/tickets/{ticket.number}/parent", undo_fields=undo)


def _linked(ticket: Ticket, problem: Ticket | None) -> ResponseReturnValue:
    before = session.get(Ticket, ticket.problem_id) if ticket.problem_id else None
    link(ticket, me(), problem)
    if before is problem:
        return looked_again(f"ticket:{ticket.id}")
    said = _("Linked to #%(number)s", number=problem.number) if problem else _("Not linked any more")
    topics = [f"ticket:{one.id}" for one in (ticket, before, problem) if one is not None]
    undo = {"value": str(before.number) if before else ""}
    return changed(
        said, *topics, detail=f"#{ticket.number}", undo=f"/tickets/{ticket.number}/problem", undo_fields=undo
    )


@blueprint.post("/tickets/<int:number>/problem")
@requires("tickets.write")
def set_problem(number: int) -> ResponseReturnValue:
    """Says which problem (its number as `value`) is behind the ticket; empty: none."""
    return _linked(the_ticket(number, lock=True), _numbered(form_text(request.form, "value")))


@blueprint.post("/tickets/<int:number>/linked")
@requires("tickets.write")
def link_incident(number: int) -> ResponseReturnValue:
    """Says that the problem is behind the ticket with the number `value`."""
    problem, value = the_ticket(number), form_text(request.form, "value").strip().lstrip("#")
    incident = the_ticket(int(value) if value.isdecimal() and len(value) < 10 else 0, lock=True)
    return _linked(incident, problem)


@blueprint.get("/tickets/find")
@requires("tickets.read")
def find_tickets() -> ResponseReturnValue:
    """Open tickets whose number, title or customer holds `q`, for a link: `for=problem`, or those of a problem."""
    typed = request.args.get("q", "").replace("\x00", "").strip().lstrip("#").lower()[:100]
    pattern = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = (Ticket.number, Ticket.subject, Customer.name.label("customer"))
    query: Any = select(*columns).select_from(Ticket).outerjoin(Customer, Customer.id == Ticket.customer_id)
    query = linkable(me(), query, problems=request.args.get("for") == "problem")
    if typed.isdecimal() and len(typed) < 10:
        query = query.where(Ticket.number == within(int(typed)))
    elif typed:
        query = query.where(func.lower(Ticket.subject).like(pattern) | func.lower(Customer.name).like(pattern))
    rows = session.execute(query.order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(OFFERED))
    return render_template("tickets/family/found.html", found=rows.all())


@blueprint.get("/tickets/<int:number>/linked/answer")
@requires("tickets.write")
def answer_form(number: int) -> ResponseReturnValue:
    """The form for one answer to the customers of all open incidents."""
    problem = the_ticket(number)
    to = [row for row in relatives(problem.id, me()) if row.problem_id == problem.id and not row.closed]
    answered = drafts.done(me(), f"linked:{number}")
    return render_template("tickets/family/answer_form.html", ticket=problem, to=to, answered=answered, **_offered())


def _chosen() -> set[int] | None:
    """The tickets that are ticked in the form; None: it does not ask, and all are meant."""
    ticked = {int(one) for one in request.form.getlist("incident") if one.isdecimal() and len(one) < 10}
    return ticked if "chosen" in request.form else None


@blueprint.post("/tickets/<int:number>/linked/preview")
@requires("tickets.write")
def preview_answer(number: int) -> ResponseReturnValue:
    """What the posted text becomes for the first of them, and for whom a value is missing; nothing without either."""
    problem, who = the_ticket(number), me()
    text, language = form_text(request.form, "text")[:60_000], form_text(request.form, "language")
    if not named_in(text):
        return ""
    rows, chosen = relatives(problem.id, who), _chosen()
    rows = [row for row in rows if row.problem_id == problem.id and not row.closed]
    rows = [row for row in rows if chosen is None or row.number in chosen]
    tickets = {one.id: one for one in session.scalars(tickets_visible_to(who).where(Ticket.problem_id == problem.id))}
    each = [(row, Filling(who, ticket=tickets[row.id]).parts(text, language)) for row in rows if row.id in tickets]
    lacking = [(row, [part.text for part in parts if part.kind == "missing"]) for row, parts in each]
    return render_template(
        "tickets/family/answer_preview.html",
        first=each[0] if each else None,
        lacking=[one for one in lacking if one[1]],
    )


def _told(problem: Ticket, title: str, outcome: Outcome) -> ResponseReturnValue:
    page = render_template("tickets/family/outcome.html", title=title, outcome=outcome)
    answer = looked_again(f"ticket:{problem.id}", "tickets")
    answer.status_code = 200
    answer.set_data(page)
    return answer


@blueprint.post("/tickets/<int:number>/linked/messages")
@requires("tickets.write")
def answer_incidents(number: int) -> ResponseReturnValue:
    """One reply to the customer of each open incident; the same form sent twice sends it once."""
    problem, who = the_ticket(number, lock=True), me()
    token, source = form_text(request.form, "token")[:64], f"desk.answer_all.{who.person_id}"
    if token and receipts.earlier(source, token) is not None:
        return looked_again(f"ticket:{problem.id}")
    status = status_named(form_text(request.form, "status")).get("status")
    said = Said(text=form_text(request.form, "text"), enclosures=enclosures(request.files.getlist("files")))
    language, draft = form_text(request.form, "language"), f"linked:{problem.number}"
    outcome = answer_all(problem, who, said, status=status, language=language, only=_chosen())
    if not outcome.done:  # the text stays where it was written
        raise Refused(" ".join(f"#{one}: {why}" for one, why in outcome.not_done[:5]))
    if outcome.not_done:  # they can still be sent what the others have
        drafts.keep(who, draft, said.text, {"done": sorted({*drafts.done(who, draft), *outcome.done})})
    else:
        drafts.forget(who, draft)
    if token:
        receipts.keep(source, token, str(problem.number))
    count = len(outcome.done)
    return _told(problem, n_("%(num)s customer answered", "%(num)s customers answered", count), outcome)


@blueprint.post("/tickets/<int:number>/linked/close")
@requires("tickets.write")
def close_incidents(number: int) -> ResponseReturnValue:
    """Closes the problem with every open incident."""
    problem = the_ticket(number, lock=True)
    outcome = close_all(problem, me())
    return _told(problem, n_("%(num)s ticket closed", "%(num)s tickets closed", len(outcome.done)), outcome)
