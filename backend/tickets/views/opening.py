"""A new ticket by hand: somebody called, or something was noticed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import receipts
from backend.auth import me, requires
from backend.db import session
from backend.drafts.actions import forget
from backend.errors import Invalid, Refused
from backend.fields.actions import read_values
from backend.fields.models import definitions
from backend.fields.values import from_text
from backend.i18n import _
from backend.people.actions import put_contact
from backend.people.models import Customer, Person, contacts_visible_to, customers_visible_to
from backend.tickets import categories
from backend.tickets.actions import Said, call, enclosures, note, open_ticket, reply
from backend.tickets.models import Impact, Kind, Priority, Status, Ticket, TicketType, visible
from backend.tickets.views.changing import linked
from backend.tickets.views.door import blueprint
from backend.ui.answers import go_to
from backend.ui.pairs import read_pairs
from backend.web import form_text

_FIELDS = (
    "subject", "customer", "contact", "category", "text", "type", "priority", "impact", "assignee", "kind",
    "new_name", "new_mail", "new_phone", "product_family",
)  # fmt: skip
OPEN_SHOWN = 5
MAX_FACTS, MAX_FACT_NAME, MAX_FACT = 20, 60, 1000


@blueprint.get("/tickets/new")
@requires("tickets.write")
def new_ticket() -> ResponseReturnValue:
    """The form; `customer` (its key) and `contact` (id) in the address fill it."""
    customer = contact = None
    number = request.args.get("contact", type=int)
    if number is not None and 0 <= number < 2**31:
        contact = session.scalar(contacts_visible_to(me()).where(Person.id == number))
    key = request.args.get("customer", "")
    if contact is not None:
        customer = session.get(Customer, contact.customer_id)
    elif key:
        customer = session.scalar(customers_visible_to(me()).where(Customer.key == key))
    return render_template(
        "tickets/new.html",
        customer=customer,
        contact=contact,
        open_tickets=_open_tickets(contact.id) if contact is not None else [],
        definitions=definitions(me()),
    )


@blueprint.get("/tickets/new/categories")
@requires("tickets.write")
def offered_categories() -> ResponseReturnValue:
    """Main categories that hold `q`, those used for `customer` (its id) or most often first."""
    customer = request.args.get("customer", type=int)
    within = customer if customer is not None and 0 <= customer < 2**31 else None
    found = categories.offered(me(), request.args.get("q", "")[:100], within)
    return render_template("tickets/_categories.html", found=found)


def _fields(ticket_type: TicketType) -> dict[str, Any]:
    """The fields of the installation's own that the form fills in. Raises Invalid."""
    given = {name[6:]: form_text(request.form, name) for name in request.form if name.startswith("field-")}
    values = read_values(me(), ticket_type, given, from_text, prefix="field-", opening=True)
    return {definition.key: value for definition, value in values if value is not None}


def _facts() -> dict[str, str]:
    """What is to stand on top of the ticket. Raises Invalid."""
    names, values = request.form.getlist("fact_name"), request.form.getlist("fact_value")
    return read_pairs(
        names, values, field="fact_name", most=MAX_FACTS, longest_name=MAX_FACT_NAME, longest_value=MAX_FACT
    )


def _missing(form: dict[str, str]) -> dict[str, str]:
    needed = {
        "customer": _("Choose the customer."),
        "contact": _("Choose who called, or add somebody new."),
        "subject": _("A title is needed."),
        "type": _("Choose the type."),
        "category": _("Choose the main category."),
        "text": _("Write down what it is about."),
    }
    given = {**form, "contact": form["contact"] or form["new_name"]}
    return {name: sentence for name, sentence in needed.items() if not given[name]}


def _new_contact(form: dict[str, str], customer: Customer) -> Person:
    """Whoever called for the first time, as a contact of `customer`. Raises Invalid or Conflict naming the field."""
    try:
        return put_contact(
            None, name=form["new_name"], customer=customer, mail=form["new_mail"] or None, phone=form["new_phone"][:60]
        )[0]
    except Refused as error:
        error.fields = {f"new_{name}": sentence for name, sentence in error.fields.items()}
        raise


def _people(form: dict[str, str]) -> dict[str, Any]:
    """Customer, contact and technician, as chosen. Raises Invalid naming the field."""
    chosen: dict[str, Any] = {name: linked(name, form[name]) for name in ("customer", "contact", "assignee")}
    if chosen["contact"] is None:
        if not me().may("people.write"):
            raise Invalid(_("Please correct the marked fields."), fields={"contact": _("Choose who called.")})
        chosen["contact"] = _new_contact(form, chosen["customer"])
    elif chosen["contact"].customer_id not in (None, chosen["customer"].id):
        raise Invalid(
            _("Please correct the marked fields."), fields={"contact": _("This contact belongs to another customer.")}
        )
    return chosen


@blueprint.post("/tickets")
@requires("tickets.write")
def create() -> ResponseReturnValue:
    """Opens the ticket with its first message and leads to it; the same form sent twice opens one.

    A gap of a text module that is left in the text stays there, but no mail goes out with it.
    """
    form = {name: form_text(request.form, name) for name in _FIELDS}
    who, token = me(), form_text(request.form, "token")[:64]
    ticket_type = TicketType(form["type"]) if form["type"] in set(TicketType) else TicketType.INCIDENT
    missing = _missing(form)
    if missing:
        raise Invalid(_("Please correct the marked fields."), fields=missing)
    source = f"desk.open.{who.person_id}"
    earlier = receipts.earlier(source, token) if token else None
    if earlier is not None:
        return go_to(f"/tickets/{earlier}")
    ticket = open_ticket(
        who,
        form["subject"],
        **_people(form),
        type=ticket_type,
        priority=Priority(form["priority"]) if form["priority"] in set(Priority) else Priority.MEDIUM,
        impact=Impact(form["impact"]) if form["impact"] in set(Impact) else Impact.PERSON,
        category=form["category"][:100],
        product_family=form["product_family"][:100],
        fields=_fields(ticket_type),
        summary=_facts(),
    )
    said = Said(text=form["text"], enclosures=enclosures(request.files.getlist("files")))
    verbs = {Kind.REPLY: reply, Kind.NOTE: note}
    verbs.get(Kind(form["kind"]) if form["kind"] in set(Kind) else Kind.CALL, call)(ticket, who, said)
    forget(who, "new-ticket")
    if token:
        receipts.keep(source, token, str(ticket.number))
    return go_to(f"/tickets/{ticket.number}")


def _open_tickets(contact_id: int) -> list[Any]:
    """The newest open tickets of that contact."""
    rows = session.execute(
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.updated_at,
            Status.key.label("status_key"),
            Status.name.label("status_name"),
            Status.kind.label("status_kind"),
            Status.tone.label("status_tone"),
            Person.name.label("assignee"),
        )
        .join(Status, Status.id == Ticket.status_id)
        .outerjoin(Person, Person.id == Ticket.assignee_id)
        .where(visible(me()), Ticket.contact_id == contact_id, ~Ticket.closed)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(OPEN_SHOWN)
    )
    return list(rows)


@blueprint.get("/tickets/new/open")
@requires("tickets.write")
def open_of_contact() -> ResponseReturnValue:
    """What is open already of the contact who was chosen, so that nobody opens a second ticket for the same matter."""
    number = request.args.get("contact", type=int, default=0)
    found = _open_tickets(number) if 0 < number < 2**31 else []
    return render_template("tickets/_open_already.html", open_tickets=found)


@blueprint.get("/tickets/new/contact")
@requires("tickets.write")
def caller() -> ResponseReturnValue:
    """The customer (id and name) of whoever was chosen before a customer was; the form fills it in."""
    number = request.args.get("contact", type=int, default=0)
    found = session.execute(
        contacts_visible_to(me())
        .join(Customer, Customer.id == Person.customer_id)
        .with_only_columns(Customer.id, Customer.name)
        .where(Person.id == (number if 0 <= number < 2**31 else 0))
    ).one_or_none()
    return {"value": found.id, "shown": found.name} if found is not None else {}
