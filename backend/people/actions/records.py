"""Customers and their contacts: entered, changed, told apart by address."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import selectinload

from backend import clock, live
from backend.auth import Who
from backend.config import LANGUAGES
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.people.models import (
    PUBLIC_DOMAINS,
    Customer,
    CustomerDomain,
    EmailAddress,
    Person,
    Site,
    address_topic,
    customer_by_domain,
    normal_address,
    person_by_address,
)
from backend.renamed import renamed

_ADDRESS = re.compile(r"[^@\s,;<>\"()]{1,64}@[^@\s,;<>\"()]{1,189}\.[^@\s,;<>\"()]{2,63}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
MAX_NAME = 200
THEMES = ("", "light", "dark", "contrast")
SALUTATIONS = ("", "ms", "mr")


def checked_address(address: str, field: str = "mail") -> str:
    """`address` as it is stored. Raises Invalid when it cannot be an e-mail address."""
    address = normal_address(address)
    if not _ADDRESS.fullmatch(address):
        raise Invalid(
            _("Please correct the marked fields."),
            fields={field: _("This is not an e-mail address; it should look like name@example.com.")},
        )
    return address


def _checked_name(name: str, field: str = "name") -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Invalid(_("Please correct the marked fields."), fields={field: _("A name is needed.")})
    return name[:MAX_NAME]


def _set_domains(customer: Customer, domains: Iterable[str]) -> None:
    wanted = {domain.strip().lower().lstrip("@") for domain in domains if domain.strip()}
    for domain in wanted:
        if not _DOMAIN.fullmatch(domain):
            raise Invalid(
                _("Please correct the marked fields."),
                fields={"domains": _("%(domain)s is not a mail domain such as example.com.", domain=domain)},
            )
        if domain in PUBLIC_DOMAINS:
            raise Invalid(
                _("Please correct the marked fields."),
                fields={"domains": _("Anybody can have an address at %(domain)s.", domain=domain)},
            )
    taken = session.execute(
        select(CustomerDomain.domain, Customer.name)
        .join(Customer)
        .where(CustomerDomain.domain.in_(wanted), CustomerDomain.customer_id != customer.id)
    ).first()
    if taken:
        raise Conflict(
            _("%(domain)s belongs to %(customer)s already.", domain=taken.domain, customer=taken.name),
            fields={"domains": _("Belongs to another customer.")},
        )
    session.execute(
        delete(CustomerDomain).where(CustomerDomain.customer_id == customer.id, CustomerDomain.domain.not_in(wanted))
    )
    have = set(session.scalars(select(CustomerDomain.domain).where(CustomerDomain.customer_id == customer.id)))
    session.add_all(CustomerDomain(domain=domain, customer_id=customer.id) for domain in sorted(wanted - have))


def _set_sites(customer: Customer, sites: Iterable[Mapping[str, Any]]) -> None:
    have = {site.key: site for site in session.scalars(select(Site).where(Site.customer_id == customer.id))}
    for given in sites:
        site = have.get(given["key"])
        if site is None:
            site = Site(customer_id=customer.id, key=given["key"])
            session.add(site)
        site.name = _checked_name(given["name"], "sites")
        site.street, site.postcode = given.get("street") or "", given.get("postcode") or ""
        site.city = given.get("city") or ""


def put_customer(
    key: str,
    *,
    name: str,
    phone: str = "",
    domains: Iterable[str] | None = None,
    sites: Iterable[Mapping[str, Any]] | None = None,
) -> tuple[Customer, bool]:
    """Creates or changes the customer `key`; what is None stays as it is. Returns it and whether it is new.

    Raises Invalid or Conflict naming the field.
    """
    name, now = _checked_name(name), clock.now()
    customer = session.scalar(select(Customer).where(Customer.key == key).with_for_update())
    created = customer is None
    if customer is None:
        customer = Customer(key=key, created_at=now, updated_at=now)
        session.add(customer)
    before = customer.name
    if created or (before, customer.phone) != (name, phone):
        customer.name, customer.phone, customer.updated_at = name, phone, now
    session.flush()
    if domains is not None:
        _set_domains(customer, domains)
    if sites is not None:
        _set_sites(customer, sites)
    session.flush()
    if not created and before != name:
        renamed("customer", [customer.id])
    live.tell(f"customer:{customer.id}")
    return customer, created


def create_customer(name: str, *, phone: str = "", domains: Iterable[str] = ()) -> Customer:
    """A customer made by hand; its key is made of its name and can be used by the API from then on."""
    name = _checked_name(name)
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60] or "customer"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("customer:" + slug))))
    taken = set(session.scalars(select(Customer.key).where(Customer.key.startswith(slug))))
    key, number = slug, 1
    while key in taken:
        number += 1
        key = f"{slug}-{number}"
    return put_customer(key, name=name, phone=phone, domains=domains)[0]


def _claim_address(person: Person, address: str) -> None:
    owner = session.get(EmailAddress, address)
    if owner is None:
        session.add(EmailAddress(address=address, person_id=person.id))
    elif owner.person_id != person.id:
        name = session.scalar(select(Person.name).where(Person.id == owner.person_id))
        raise Conflict(
            _("%(address)s belongs to %(name)s already.", address=address, name=name),
            fields={"mail": _("Belongs to somebody else.")},
        )


def _known_language(language: str | None) -> None:
    if language and language not in LANGUAGES:
        known = _("Known languages are %(list)s.", list=", ".join(LANGUAGES))
        raise Invalid(_("Please correct the marked fields."), fields={"language": known})


def put_contact(
    key: str | None,
    *,
    name: str,
    customer: Customer | None,
    mail: str | None = None,
    other_mails: Iterable[str] = (),
    job_title: str = "",
    phone: str = "",
    language: str = "",
    salutation: str | None = None,
    site: Site | None = None,
    person: Person | None = None,
) -> tuple[Person, bool]:
    """Creates or changes a contact, found by `person` or else by `key`. Returns it and whether it is new.

    A person who had no key gets `key`; what is as it was is left alone; a salutation of None stays as it is.
    Raises Invalid or Conflict naming the field, Conflict also when the address is somebody else's.
    """
    name, now = _checked_name(name), clock.now()
    _known_language(language)
    address = checked_address(mail) if mail else None
    if person is None and key is not None:
        person = session.scalar(select(Person).where(Person.key == key).with_for_update())
    created = person is None
    if person is None:
        person = Person(key=key, name=name, roles=[], created_at=now, updated_at=now)
        session.add(person)
    before = (person.name, person.mail)
    person.key = person.key or key
    person.name, person.mail, person.job_title, person.phone = name, address, job_title, phone
    person.language = language
    if salutation is not None:
        person.salutation = salutation if salutation in SALUTATIONS else ""
    person.customer_id = customer.id if customer else None
    person.site_id = site.id if site else None
    if session.is_modified(person):
        person.updated_at = now
    session.flush()
    for each in filter(None, (address, *(checked_address(other, "other_mails") for other in other_mails))):
        _claim_address(person, each)
    session.flush()
    if not created and before != (name, address):
        renamed("person", [person.id])
    if customer:
        live.tell(f"customer:{customer.id}")
    return person, created


def contact_for(address: str, name: str) -> Person:
    """The person who writes from `address`: known, else made anew for the customer of its domain (or for none).

    Two mails from the same new address at once make one contact.
    """
    address = normal_address(address)
    person = person_by_address(address)
    if person is not None:
        return person
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("contact:" + address))))
    person = person_by_address(address)
    if person is not None:
        return person
    customer = customer_by_domain(address)
    shown = " ".join(name.replace("\x00", "").split())[:MAX_NAME] or address
    now = clock.now()
    person = Person(name=shown, mail=address, roles=[], created_at=now, updated_at=now)
    person.customer_id = customer.id if customer else None
    session.add(person)
    session.flush()
    session.add(EmailAddress(address=address, person_id=person.id))
    session.flush()
    return person


def remember_customer(address: str, name: str, customer: Customer) -> Person:
    """Somebody has said to which customer `address` belongs: its person becomes that customer's contact."""
    person = contact_for(checked_address(address), name)
    if person.is_staff:
        raise Conflict(_("%(name)s is one of us and cannot be a customer's contact.", name=person.name))
    person.customer_id, person.updated_at = customer.id, clock.now()
    session.flush()
    live.tell(f"customer:{customer.id}", address_topic(address))
    return person


def remember_address(address: str, person: Person) -> Person:
    """Somebody has said that `address` is a further one of `person`. Raises Conflict when it is another's.

    A contact that was only ever that address, with no customer, gives way to the real one.
    """
    address = checked_address(address)
    owner = session.get(EmailAddress, address)
    if owner is not None and owner.person_id != person.id:
        stranger = session.get_one(Person, owner.person_id)
        if stranger.customer_id is not None or stranger.is_staff:
            raise Conflict(_("%(address)s belongs to %(name)s already.", address=address, name=stranger.name))
        owner.person_id = person.id
    elif owner is None:
        session.add(EmailAddress(address=address, person_id=person.id))
    session.flush()
    live.tell(address_topic(address), f"customer:{person.customer_id}")
    return person


def customers_named(words: str, who: Who, limit: int = 8) -> list[Customer]:
    """Customers whose name begins with or contains `words`, best first; nothing for people who are not staff."""
    if not who.is_staff or not words.strip():
        return []
    pattern = words.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    name = func.lower(Customer.name)
    return list(
        session.scalars(
            select(Customer)
            .options(selectinload(Customer.domains))
            .where(name.like(f"%{pattern}%"))
            .order_by(name.like(f"{pattern}%").desc(), name)
            .limit(limit)
        )
    )


def choose(who: Who, *, theme: str | None = None, language: str | None = None) -> None:
    """`who` chooses how pages look to them ("" follows the system) and in which language. Raises Invalid."""
    if theme is not None and theme not in THEMES:
        raise Invalid(_("Please correct the marked fields."), fields={"theme": _("There is no such theme.")})
    if language is not None and language not in LANGUAGES:
        known = _("Known languages are %(list)s.", list=", ".join(LANGUAGES))
        raise Invalid(_("Please correct the marked fields."), fields={"language": known})
    chosen = {"theme": theme, "language": language}
    session.execute(
        update(Person).where(Person.id == who.person_id).values({k: v for k, v in chosen.items() if v is not None})
    )
