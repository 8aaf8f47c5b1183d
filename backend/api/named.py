"""What a request names by key, number or address, found among what its sender may see.

Each function raises Invalid that names the field when there is no such thing.
"""

from typing import NoReturn

from sqlalchemy import func, select, union
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import me
from backend.contracts.models import Contract, contracts_visible_to
from backend.db import session
from backend.deletion.missing import missing
from backend.errors import Invalid
from backend.i18n import _
from backend.merging.standing import going_on
from backend.orders.models import Order, orders_visible_to
from backend.people.models import (
    Customer,
    EmailAddress,
    Group,
    Person,
    Site,
    Team,
    contacts_visible_to,
    customers_visible_to,
    normal_address,
    technicians,
)
from backend.statuses.models import RootCause
from backend.tickets.models import Status, Ticket, statuses, tickets_visible_to

_NAMED = aliased(Person)


def _unknown(field: str, sentence: str) -> NoReturn:
    raise Invalid(_("Please correct the marked fields."), fields={field: sentence})


def only_one(name: str) -> None:
    """Waits until nobody else in this installation works on `name`, so that two equal requests make one thing."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def like(words: str) -> str:
    """A LIKE pattern for lower-case columns that contain `words`."""
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def person_is(reference: str) -> ColumnElement[bool]:
    """The condition that a Person has `reference` as key or e-mail address; each is found by its index."""
    named = select(_NAMED.id).where(_NAMED.key == reference)
    owner = select(EmailAddress.person_id).where(EmailAddress.address == normal_address(reference))
    return Person.id.in_(union(named, owner))


def customer(key: str, field: str = "customer") -> Customer:
    """The customer with that key."""
    found = session.scalar(customers_visible_to(me()).where(Customer.key == key))
    return found or _unknown(field, _("There is no customer with the key %(key)s.", key=key))


def site(of: Customer, key: str | None, field: str = "site") -> Site | None:
    """The site of that customer; None for None."""
    if key is None:
        return None
    found = session.scalar(select(Site).where(Site.customer_id == of.id, Site.key == key))
    return found or _unknown(field, _("This customer has no site with the key %(key)s.", key=key))


def contact(reference: str | None, field: str = "contact", *, of: Customer | None = None) -> Person | None:
    """The contact (of the customer `of`) with that key, else with that address; None for None."""
    if reference is None:
        return None
    query = contacts_visible_to(me()).where(person_is(reference))
    if of is not None:
        query = query.where(Person.customer_id == of.id)
    found = session.scalar(query.order_by(func.coalesce(Person.key == reference, False).desc()).limit(1))
    return found or _unknown(field, _("There is no contact with the key or address %(key)s.", key=reference))


def assignee(address: str | None, field: str = "assignee") -> Person | None:
    """The member of staff with that address to whom tickets can be given; None for None."""
    if address is None:
        return None
    owner = select(EmailAddress.person_id).where(EmailAddress.address == normal_address(address))
    found = session.scalar(technicians().where(Person.id.in_(owner)))
    return found or _unknown(field, _("None of us has the address %(address)s.", address=address))


def team(name: str | None, field: str = "team") -> Team | None:
    """The team of that name; None for None."""
    if name is None:
        return None
    found = session.scalar(select(Team).where(Team.name == name))
    return found or _unknown(field, _("There is no team named %(name)s.", name=name))


def group(name: str | None, field: str = "group") -> Group | None:
    """The group of teams of that name; None for None."""
    if name is None:
        return None
    found = session.scalar(select(Group).where(Group.name == name))
    return found or _unknown(field, _("There is no group named %(name)s.", name=name))


def one_of_team_and_group(team: str | None, group: str | None) -> None:
    """A ticket is a team's or a group's."""
    if team is not None and group is not None:
        _unknown("group", _("A ticket is given to a team or to a group, not to both."))


def order(number: str | None, field: str = "order") -> Order | None:
    """The order with that number; None for None."""
    if number is None:
        return None
    found = session.scalar(orders_visible_to(me()).where(Order.number == number))
    return found or _unknown(field, _("There is no order with the number %(number)s.", number=number))


def contract(number: str | None, field: str = "contract") -> Contract | None:
    """The contract with that number; None for None."""
    if number is None:
        return None
    found = session.scalar(contracts_visible_to(me()).where(Contract.number == number))
    return found or _unknown(field, _("There is no contract with the number %(number)s.", number=number))


def status(key: str | None, field: str = "status") -> Status | None:
    """The status with that key; None for None."""
    if key is None:
        return None
    known = statuses()
    found = next((each for each in known if each.key == key), None)
    return found or _unknown(field, _("Choose one of %(list)s.", list=", ".join(each.key for each in known)))


def root_cause(name: str | None, field: str = "root_cause") -> RootCause | None:
    """The root cause of that name; None for None."""
    if name is None:
        return None
    found = session.scalar(select(RootCause).where(RootCause.name == name))
    return found or _unknown(field, _("There is no root cause named %(name)s.", name=name))


def ticket(number: int, *, lock: bool = False) -> Ticket:
    """The ticket with that number; `lock`: it is going to be changed. Raises NotFound, Conflict (merged)."""
    query = tickets_visible_to(me()).where(Ticket.number == number)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise missing(number, me())
    return going_on(found) if lock else found
