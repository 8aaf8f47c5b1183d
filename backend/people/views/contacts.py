"""A customer's contacts: one with the last tickets, a new one, and putting one right."""

from datetime import date, datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.changes.models import changes_of
from backend.db import session
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.i18n import _
from backend.people.actions import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_ATTRIBUTES,
    OptIn,
    put_contact,
    set_attributes,
    set_opt_in,
)
from backend.people.models import (
    Customer,
    EmailAddress,
    Person,
    Site,
    contacts_visible_to,
    customers_visible_to,
)
from backend.people.timeline import KINDS, origin, read_place, touchpoints, write_place
from backend.people.views.customers import last_tickets, the_customer
from backend.people.views.door import blueprint
from backend.people.words import OPT_INS, logged_name, logged_value
from backend.tickets.models import Ticket
from backend.ui.answers import go_to
from backend.ui.pairs import read_pairs
from backend.web import form_text


def _the_contact(number: int) -> Person:
    query = contacts_visible_to(me()) if not me().is_staff else select(Person)
    person = session.scalar(query.where(Person.id == min(number, 2**31 - 1)))
    if person is None:
        raise NotFound(_("There is no such contact."))
    return person


def _sites(customer: Customer | None) -> list[tuple[str, str]]:
    if customer is None:
        return [("", "–")]
    rows = session.execute(select(Site.id, Site.name).where(Site.customer_id == customer.id).order_by(Site.name))
    return [("", "–"), *((str(row.id), row.name) for row in rows)]


@blueprint.get("/contacts/<int:number>")
@requires("people.read")
def contact(number: int) -> ResponseReturnValue:
    """One contact: how to reach them, their last tickets, and the form to put them right."""
    person = _the_contact(number)
    customer = session.get(Customer, person.customer_id) if person.customer_id else None
    addresses = session.scalars(
        select(EmailAddress.address).where(EmailAddress.person_id == person.id).order_by(EmailAddress.address)
    )
    return render_template(
        "people/contact.html",
        person=person,
        customer=customer,
        sites=_sites(customer),
        others=[address for address in addresses if address != person.mail],
        tickets=last_tickets(me(), Ticket.contact_id == person.id),
        opt_ins=[(state, _(word)) for state, word in OPT_INS.items()],
        changes=[
            (row.actor_name, row.at, logged_name(row.data["what"]),
             logged_value(row.data["what"], row.before), logged_value(row.data["what"], row.after))
            for row in changes_of(person)
        ],
    )  # fmt: skip


@blueprint.get("/contacts/<int:number>/timeline")
@requires("people.read")
def timeline(number: int) -> ResponseReturnValue:
    """A page of the contact's touchpoints, the newest first; `ticket`: what that one began with stands before them."""
    person, who = _the_contact(number), me()
    place, asked = read_place(request.args.get("after", "")), request.args.get("ticket", "")
    began = None
    if asked.isascii() and asked.isdigit() and place is None:
        began = origin(who, person, min(int(asked[:12]), 2**31 - 1))
    found, more = touchpoints(who, person, place)
    return render_template(
        "people/_timeline.html",
        person=person,
        began=began,
        ticket_number=asked,
        touchpoints=found,
        first=place is None,
        more=write_place(more) if more is not None else "",
        kinds={kind: (_(name), glyph) for kind, (name, glyph) in KINDS.items()},
    )


@blueprint.get("/customers/<key>/contacts/new")
@requires("people.write")
def new_contact(key: str) -> ResponseReturnValue:
    """The form for a new contact of that customer."""
    customer = the_customer(key)
    return render_template("people/contact_form.html", customer=customer, sites=_sites(customer))


def _profile(person: Person) -> None:
    """Attributes and opt-in as the form says; what it does not show stays. Raises Invalid."""
    form, who = request.form, me()
    if "attribute_name" in form:
        names, values = form.getlist("attribute_name"), form.getlist("attribute_value")
        told = read_pairs(
            names, values, field="attribute_name", most=MOST_ATTRIBUTES, longest_name=LONGEST_NAME,
            longest_value=LONGEST_VALUE,
        )  # fmt: skip
        set_attributes(person, who, told)
    if "opt_in" in form:
        since = None
        if text := form_text(form, "opt_in_since"):
            try:
                since = date.fromisoformat(text)
            except ValueError as error:
                says = _("Please correct the marked fields.")
                raise Invalid(says, fields={"opt_in_since": _("Please give a date.")}) from error
        state = form_text(form, "opt_in")
        if state != person.opt_in and since == person.opt_in_since:
            since = None  # the form sends the day it showed along: that is when they said what they have taken back
        set_opt_in(person, who, OptIn(state, since, form_text(form, "opt_in_how")))


def _save(person: Person | None, customer: Customer | None) -> Person:
    form = request.form
    site = None
    if customer is not None and form_text(form, "site").isdecimal():
        site = session.scalar(
            select(Site).where(Site.customer_id == customer.id, Site.id == int(form_text(form, "site")[:9]))
        )
    saved, _new = put_contact(
        None,
        person=person,
        name=form_text(form, "name"),
        customer=customer,
        mail=form_text(form, "mail") or None,
        job_title=form_text(form, "job_title")[:120],
        phone=form_text(form, "phone")[:60],
        language=form_text(form, "language"),
        salutation=form_text(form, "salutation") if "salutation" in form else None,
        site=site,
    )
    return saved


@blueprint.post("/customers/<key>/contacts")
@requires("people.write")
def add_contact(key: str) -> ResponseReturnValue:
    """Takes a new contact in and leads to the customer."""
    customer = the_customer(key)
    _save(None, customer)
    return go_to(f"/customers/{customer.key}")


def _refuse_stale(person: Person) -> None:
    """Locks the contact. Raises Conflict when somebody has changed it since the form showed it."""
    session.refresh(person, with_for_update={"key_share": True})
    try:
        seen = datetime.fromisoformat(form_text(request.form, "version"))
    except ValueError:
        return
    if seen != person.updated_at:
        raise Conflict(_("Somebody has changed this meanwhile. What you have typed is still here; please look again."))


@blueprint.post("/contacts/<int:number>")
@requires("people.write")
def save_contact(number: int) -> ResponseReturnValue:
    """Puts a contact right; `customer` (a key) moves them to another customer. Refused when somebody else changed them
    since the form was shown (`version`).
    """
    person, key = _the_contact(number), form_text(request.form, "customer")
    if person.is_staff and not me().may("settings.write"):
        raise NotAllowed(_("You may not do this. If you should, ask an administrator for the right."))
    _refuse_stale(person)
    if key:
        customer = session.scalar(customers_visible_to(me()).where(Customer.key == key))
    else:
        customer = session.get(Customer, person.customer_id) if person.customer_id else None
    saved = _save(person, customer)
    _profile(saved)
    return go_to(f"/contacts/{saved.id}")
