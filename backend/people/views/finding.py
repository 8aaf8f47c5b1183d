"""Answers for fields in which customers and people are found by typing."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from backend.auth import me, requires
from backend.db import session
from backend.mail.parse.headers import name_and_address
from backend.people.models import (
    Customer,
    Person,
    contacts_visible_to,
    customers_visible_to,
    staff,
    technicians,
)
from backend.people.offered import likeliest_first, told_apart
from backend.people.views.door import blueprint, pattern
from backend.tickets.models import Ticket, visible

OFFERED = 8


@blueprint.get("/customers/find")
@requires("people.read")
def find_customers() -> ResponseReturnValue:
    """Customers whose name holds `q`, those that begin with it first; the value is the key, or the id (`by=id`)."""
    asked, name = pattern(request.args.get("q", "")), func.lower(Customer.name)
    query = customers_visible_to(me()).with_only_columns(Customer.id, Customer.key, Customer.name)
    query = query.where(name.like(f"%{asked}%")).order_by(name.like(f"{asked}%").desc(), name).limit(OFFERED)
    by_id = request.args.get("by") == "id"
    found = [(row.id if by_id else row.key, row.name, row.key, row.id) for row in session.execute(query)]
    return render_template("people/_found.html", found=found)


def _nearest_customer() -> int:
    """The customer whose contacts are offered first: of the ticket in the address, or named by its id."""
    number, customer = request.args.get("ticket", type=int), request.args.get("customer", type=int)
    if number is not None and 0 <= number < 2**31:
        return session.scalar(select(Ticket.customer_id).where(visible(me()), Ticket.number == number)) or 0
    return customer if customer is not None and 0 <= customer < 2**31 else 0


@blueprint.get("/people/find")
@requires("people.read")
def find_people() -> ResponseReturnValue:
    """People whose name or address holds `q`. `for=assignee`: our own, `contact`: customers' (both by id),
    `mail`: everybody with an address, ready to be a recipient, `staff`: our own likewise, without whoever asks.
    """
    asked, purpose = pattern(request.args.get("q", "")), request.args.get("for", "contact")
    name = func.lower(Person.name)
    matching = or_(name.like(f"%{asked}%"), func.lower(Person.mail).like(f"%{asked}%"))
    columns: tuple[Any, ...] = (Person.id, Person.name, Person.mail, Person.customer_id)
    if purpose == "assignee":
        query = likeliest_first(technicians().with_only_columns(*columns).where(matching), me())
        likely = told_apart(session.execute(query.limit(OFFERED)), me())
        found: list[tuple[Any, ...]] = [(key, name, beside, key) for key, name, beside in likely]
        return render_template("people/_found.html", found=found, faces=True)
    if purpose == "staff":
        others = select(*columns).where(staff(), Person.active, Person.mail.is_not(None), Person.id != me().person_id)
        rows = session.execute(others.where(matching).order_by(Person.name).limit(OFFERED))
        found = [(name_and_address(row.name, row.mail), row.name, row.mail or "", row.id) for row in rows]
        return render_template("people/_found.html", found=found, faces=True)
    near = _nearest_customer()
    query = contacts_visible_to(me())
    if purpose == "mail":
        query = select(Person).where(Person.mail.is_not(None)) if me().is_staff else query
    people = session.execute(
        query.with_only_columns(*columns, Customer.name.label("customer"), Person.roles)
        .outerjoin(Customer, Customer.id == Person.customer_id)
        .where(matching, Person.active)
        .order_by((func.coalesce(Person.customer_id, 0) == near).desc(), name.like(f"{asked}%").desc(), name)
        .limit(OFFERED)
    ).all()
    # Whoever belongs to another customer than the ticket's is added to a mail only once that is confirmed.
    foreign = {row.id: row.customer for row in people if near and row.customer_id not in (None, near) and not row.roles}
    elsewhere = foreign if purpose == "mail" else {}
    found = [
        (
            name_and_address(row.name, row.mail) if purpose == "mail" else row.id,
            row.name,
            (row.customer or row.mail or "") if purpose == "contact" else row.mail,
            row.id,
        )
        for row in people
    ]
    return render_template("people/_found.html", found=found, faces=True, elsewhere=elsewhere)
