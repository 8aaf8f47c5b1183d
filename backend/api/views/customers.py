"""Customers and contacts: other systems write them, anybody of the desk reads them."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from backend.api import cursor, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.people import (
    ContactIn,
    ContactOut,
    ContactsQuery,
    CustomerIn,
    CustomerOut,
    CustomersQuery,
    OptInOut,
    SiteOut,
)
from backend.api.shapes.values import CustomerRef
from backend.auth import me, requires
from backend.db import session
from backend.errors import Conflict, NotFound, Refused
from backend.i18n import _
from backend.people import actions
from backend.people.models import (
    Customer,
    EmailAddress,
    Person,
    contacts_visible_to,
    customers_visible_to,
    person_by_address,
)
from backend.tickets.actions import customer_known

_FIELDS = {
    "mail": "email",
    "other_mails": "further_emails",
    "opt_in": "opt_in.state",
    "opt_in_since": "opt_in.since",
}  # as the action calls them: as the API does


def _customers(query: Select[Customer]) -> list[Customer]:
    loaded = query.options(selectinload(Customer.domains), selectinload(Customer.sites))
    return list(session.scalars(loaded.execution_options(populate_existing=True)))


def _customer_shape(customer: Customer) -> CustomerOut:
    return CustomerOut(
        key=customer.key,
        name=customer.name,
        phone=customer.phone,
        domains=sorted(each.domain for each in customer.domains),
        sites=[
            SiteOut(key=each.key, name=each.name, street=each.street, postcode=each.postcode, city=each.city)
            for each in customer.sites
        ],
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )


@operation("GET", "/customers", tag="customers", answer=CustomerOut, many=True, query=CustomersQuery)
@requires("people.read")
def list_customers(query: CustomersQuery) -> Listed:
    """Customers, oldest first."""
    wanted = customers_visible_to(me()).order_by(Customer.id).limit(query.limit + 1)
    if query.q:
        wanted = wanted.where(func.lower(Customer.name).like(named.like(query.q)))
    if query.updated_since:
        wanted = wanted.where(Customer.updated_at >= query.updated_since)
    if query.cursor:
        wanted = wanted.where(Customer.id > cursor.unseal("customers", query.cursor)[0])
    found = _customers(wanted)
    page = found[: query.limit]
    more = cursor.seal("customers", page[-1].id) if len(found) > len(page) else ""
    return Listed([_customer_shape(each) for each in page], more)


@operation("GET", "/customers/{key}", tag="customers", answer=CustomerOut, problems=(404,))
@requires("people.read")
def get_customer(key: str) -> CustomerOut:
    """One customer."""
    found = _customers(customers_visible_to(me()).where(Customer.key == key))
    if not found:
        raise NotFound(_("There is no customer with the key %(key)s.", key=key))
    return _customer_shape(found[0])


@operation(
    "PUT", "/customers/{key}", tag="customers", answer=CustomerOut, statuses=(200, 201), body=CustomerIn,
    problems=(409,),
)  # fmt: skip
@requires("people.write")
def put_customer(key: str, body: CustomerIn) -> Put:
    """Creates or changes a customer.

    The same request twice makes one customer and changes nothing the second time.
    """
    named.only_one(f"customer:{key}")
    if body.domains:
        named.only_one("customer domains")
    sites = None if body.sites is None else [site.model_dump() for site in body.sites]
    customer, created = actions.put_customer(key, name=body.name, phone=body.phone, domains=body.domains, sites=sites)
    return Put(_customer_shape(_customers(select(Customer).where(Customer.id == customer.id))[0]), created)


def _contact_shapes(query: Select[Person]) -> list[tuple[int, ContactOut]]:
    loaded = query.options(joinedload(Person.customer), joinedload(Person.site))
    people = list(session.scalars(loaded.execution_options(populate_existing=True)))
    return list(zip((each.id for each in people), _shaped(people), strict=True))


def _shaped(people: Sequence[Person]) -> list[ContactOut]:
    addresses: dict[int, list[str]] = {each.id: [] for each in people}
    for row in session.execute(
        select(EmailAddress.person_id, EmailAddress.address)
        .where(EmailAddress.person_id.in_(addresses))
        .order_by(EmailAddress.address)
    ):
        addresses[row.person_id].append(row.address)
    return [
        ContactOut(
            key=each.key,
            name=each.name,
            customer=CustomerRef(key=each.customer.key, name=each.customer.name),
            site=each.site.key if each.site else None,
            email=each.mail,
            further_emails=[address for address in addresses[each.id] if address != each.mail],
            job_title=each.job_title,
            phone=each.phone,
            language=each.language,
            salutation=each.salutation,
            attributes=each.attributes,
            opt_in=OptInOut(state=each.opt_in, since=each.opt_in_since, how=each.opt_in_how),
            created_at=each.created_at,
            updated_at=each.updated_at,
        )
        for each in people
        if each.customer is not None
    ]


@operation("GET", "/contacts", tag="contacts", answer=ContactOut, many=True, query=ContactsQuery)
@requires("people.read")
def list_contacts(query: ContactsQuery) -> Listed:
    """Contacts of customers, oldest first."""
    wanted = contacts_visible_to(me()).order_by(Person.id).limit(query.limit + 1)
    if query.customer:
        wanted = wanted.join(Customer, Customer.id == Person.customer_id).where(Customer.key == query.customer)
    if query.email:
        wanted = wanted.where(Person.id.in_(select(EmailAddress.person_id).where(EmailAddress.address == query.email)))
    if query.q:
        wanted = wanted.where(func.lower(Person.name).like(named.like(query.q)))
    if query.updated_since:
        wanted = wanted.where(Person.updated_at >= query.updated_since)
    if query.cursor:
        wanted = wanted.where(Person.id > cursor.unseal("contacts", query.cursor)[0])
    found = _contact_shapes(wanted)
    page = found[: query.limit]
    more = cursor.seal("contacts", page[-1][0]) if len(found) > len(page) else ""
    return Listed([shape for _id, shape in page], more)


@operation("GET", "/contacts/{key}", tag="contacts", answer=ContactOut, problems=(404,))
@requires("people.read")
def get_contact(key: str) -> ContactOut:
    """One contact, by key or e-mail address."""
    found = _contact_shapes(
        contacts_visible_to(me())
        .where(named.person_is(key))
        .order_by(func.coalesce(Person.key == key, False).desc())
        .limit(1)
    )
    if not found:
        raise NotFound(_("There is no contact with the key or address %(key)s.", key=key))
    return found[0][1]


def _met_before(key: str, body: ContactIn, customer: Customer) -> Person | None:
    """Who is meant: the person with that key, else somebody first met by mail, who has the address but no key.

    Raises Conflict when it is one of the provider's own people.
    """
    person = session.scalar(select(Person).where(Person.key == key).with_for_update())
    if person is None and body.email:
        by_mail = person_by_address(body.email)
        person = by_mail if by_mail is not None and by_mail.key is None else None
    if person is not None and person.is_staff:
        raise Conflict(
            _("%(name)s is one of us and cannot be a customer's contact.", name=person.name),
            fields={"email": _("Belongs to one of us.")},
        )
    if person is not None and person.customer_id is None and body.email:
        customer_known(me(), body.email, body.name, customer)
    return person


@operation(
    "PUT", "/contacts/{key}", tag="contacts", answer=ContactOut, statuses=(200, 201), body=ContactIn, problems=(409,)
)
@requires("people.write")
def put_contact(key: str, body: ContactIn) -> Put:
    """Creates or changes a contact of a customer.

    The same request twice makes one contact. Who wrote from this address before, and was kept without a key, is the
    same person and gets the key.
    """
    named.only_one(f"contact-key:{key}")
    addresses = sorted({*([body.email] if body.email else []), *body.further_emails})
    for address in addresses:
        named.only_one(f"contact:{address}")
    customer = named.customer(body.customer)
    site = named.site(customer, body.site)
    try:
        person, created = actions.put_contact(
            key,
            name=body.name,
            customer=customer,
            site=site,
            mail=body.email,
            other_mails=body.further_emails,
            job_title=body.job_title,
            phone=body.phone,
            language=body.language,
            salutation=body.salutation,
            person=_met_before(key, body, customer),
        )
        if body.attributes is not None:
            actions.set_attributes(person, me(), body.attributes)
        if body.opt_in is not None:
            actions.set_opt_in(person, me(), actions.OptIn(body.opt_in.state, body.opt_in.since, body.opt_in.how))
    except Refused as error:
        error.fields = {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
        raise
    return Put(_contact_shapes(select(Person).where(Person.id == person.id))[0][1], created)
