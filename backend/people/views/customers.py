"""Customers: the list, one with all that belongs to it, and putting it right."""

import re
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from backend import clock, config
from backend.auth import Who, me, requires
from backend.contracts.models import AGREED, Contract, contracts_visible_to, runs_on
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.orders.models import Order, orders_visible_to
from backend.people.actions import create_customer, put_customer
from backend.people.models import Customer, CustomerDomain, Person, Site, customers_visible_to
from backend.people.views.door import blueprint, pattern
from backend.tickets.models import Status, Ticket, visible
from backend.ui.answers import go_to
from backend.web import form_text

PAGE = 50
FEW = 10
_SEPARATORS = re.compile(r"[\s,;]+")


def the_customer(key: str) -> Customer:
    """The customer with that key, if the person may know of it. Raises NotFound."""
    customer = session.scalar(customers_visible_to(me()).where(Customer.key == key))
    if customer is None:
        raise NotFound(_("There is no customer %(key)s.", key=key))
    return customer


@blueprint.get("/customers")
@requires("people.read")
def customers() -> ResponseReturnValue:
    """All customers by name, or those whose name, domain or contact holds the words of `q`."""
    asked, after = pattern(request.args.get("q", "")), request.args.get("after", "")
    name = func.lower(Customer.name)
    page = customers_visible_to(me()).with_only_columns(Customer.id, Customer.key, Customer.name, Customer.phone)
    if asked:
        contact = exists().where(
            Person.customer_id == Customer.id,
            or_(func.lower(Person.name).like(f"%{asked}%"), func.lower(Person.mail).like(f"%{asked}%")),
        )
        domain = exists().where(CustomerDomain.customer_id == Customer.id, CustomerDomain.domain.like(f"%{asked}%"))
        page = page.where(or_(name.like(f"%{asked}%"), Customer.key.ilike(asked), contact, domain))
    if after:
        last_name, _bar, last_id = after.rpartition("|")
        number = int(last_id[:9]) if last_id.isascii() and last_id.isdigit() else 0
        page = page.where(tuple_(name, Customer.id) > (last_name, number))
    some = page.order_by(name, Customer.id).limit(PAGE + 1).subquery()
    contacts = select(func.count()).where(Person.customer_id == some.c.id, Person.active).scalar_subquery()
    tickets = select(func.count()).where(Ticket.customer_id == some.c.id, ~Ticket.closed).scalar_subquery()
    domains = (
        select(func.string_agg(CustomerDomain.domain, ", ")).where(CustomerDomain.customer_id == some.c.id)
    ).scalar_subquery()
    rows = list(
        session.execute(
            select(some, contacts.label("contacts"), tickets.label("tickets"), domains.label("domains")).order_by(
                func.lower(some.c.name), some.c.id
            )
        )
    )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return render_template(
        "people/customers.html",
        rows=rows[:PAGE],
        asked=request.args.get("q", ""),
        older=f"{more.name.lower()}|{more.id}" if more is not None else "",
    )


def last_tickets(who: Who, *where: Any) -> list[Any]:
    """The newest tickets under that condition, open ones first, as columns."""
    assignee = aliased(Person)
    return list(
        session.execute(
            select(
                Ticket.number,
                Ticket.subject,
                Ticket.priority,
                Ticket.closed,
                Ticket.updated_at,
                Ticket.assignee_id,
                Status.key.label("status_key"),
                Status.name.label("status_name"),
                Status.kind.label("status_kind"),
                Status.tone.label("status_tone"),
                assignee.name.label("assignee"),
            )
            .join(Status, Status.id == Ticket.status_id)
            .outerjoin(assignee, assignee.id == Ticket.assignee_id)
            .where(visible(who), *where)
            .order_by(Ticket.closed, Ticket.updated_at.desc(), Ticket.id.desc())
            .limit(FEW)
        )
    )


@blueprint.get("/customers/<key>")
@requires("people.read")
def customer(key: str) -> ResponseReturnValue:
    """One customer with contacts, sites, orders and tickets; for htmx only the part inside the frame."""
    found, who = the_customer(key), me()
    orders = orders_visible_to(who).with_only_columns(
        Order.number, Order.title, Order.ordered_on, Order.status, Order.total, Order.currency
    )
    people = select(Person.id, Person.name, Person.mail, Person.phone, Person.job_title, Site.name.label("site"))
    return render_template(
        "people/_customer.html" if request.headers.get("HX-Request") else "people/customer.html",
        customer=found,
        domains=list(
            session.scalars(
                select(CustomerDomain.domain).where(CustomerDomain.customer_id == found.id).order_by("domain")
            )
        ),
        sites=list(session.scalars(select(Site).where(Site.customer_id == found.id).order_by(Site.name))),
        contacts=list(
            session.execute(
                people.outerjoin(Site, Site.id == Person.site_id)
                .where(Person.customer_id == found.id, Person.active)
                .order_by(func.lower(Person.name))
                .limit(200)
            )
        ),
        orders=list(
            session.execute(
                orders.where(Order.customer_id == found.id)
                .order_by(Order.ordered_on.desc(), Order.id.desc())
                .limit(FEW)
            )
        ),
        tickets=last_tickets(who, Ticket.customer_id == found.id),
        contracts=_contracts(found, who),
    )


def _contracts(customer: Customer, who: Who) -> list[Any]:
    """The customer's contracts, those that run today first."""
    runs = runs_on(clock.local(clock.now(), who.timezone or config.current().timezone).date()).label("runs")
    columns = (Contract.id, Contract.number, Contract.name, Contract.service_level, AGREED.label("agreed"), runs)
    found = contracts_visible_to(who).with_only_columns(*columns).where(Contract.customer_id == customer.id)
    return list(session.execute(found.order_by(runs.desc(), Contract.starts_on.desc(), Contract.id.desc()).limit(50)))


@blueprint.get("/customers/new")
@requires("people.write")
def new_customer() -> ResponseReturnValue:
    """The form for a customer that is not known yet."""
    return render_template("people/customer_form.html", customer=None, domains=[])


@blueprint.get("/customers/<key>/edit")
@requires("people.write")
def edit_customer(key: str) -> ResponseReturnValue:
    """The form for name, telephone and mail domains."""
    found = the_customer(key)
    query = select(CustomerDomain.domain).where(CustomerDomain.customer_id == found.id)
    return render_template(
        "people/customer_form.html", customer=found, domains=list(session.scalars(query.order_by("domain")))
    )


def _domains() -> list[str]:
    return [part for part in _SEPARATORS.split(form_text(request.form, "domains")) if part]


@blueprint.post("/customers")
@requires("people.write")
def add_customer() -> ResponseReturnValue:
    """Takes a new customer in and leads to it."""
    form = request.form
    made = create_customer(form_text(form, "name"), phone=form_text(form, "phone")[:60], domains=_domains())
    return go_to(f"/customers/{made.key}")


@blueprint.post("/customers/<key>")
@requires("people.write")
def save_customer(key: str) -> ResponseReturnValue:
    """Puts name, telephone and domains right and leads back to the customer."""
    form, found = request.form, the_customer(key)
    put_customer(found.key, name=form_text(form, "name"), phone=form_text(form, "phone")[:60], domains=_domains())
    return go_to(f"/customers/{found.key}")
