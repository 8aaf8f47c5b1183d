"""People, and the customers they belong to."""

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, Text, TextClause, func, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.auth import PERMISSIONS, Role, Who
from backend.db import Base, session

# Addresses at these belong to anybody: they never tell which customer writes.
PUBLIC_DOMAINS = frozenset(
    """gmail.com googlemail.com outlook.com outlook.de hotmail.com hotmail.de live.com live.de msn.com yahoo.com
    yahoo.de yahoo.fr yahoo.es yahoo.it icloud.com me.com mac.com aol.com aol.de gmx.de gmx.net gmx.com gmx.at
    gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com orange.fr wanadoo.fr
    free.fr sfr.fr laposte.net libero.it virgilio.it tiscali.it alice.it telefonica.net terra.es arcor.de
    1und1.de online.de mail.com mail.ru yandex.ru zoho.com fastmail.com bluewin.ch""".split()
)

_STAFF = "roles <> '{}'"  # written out, as the partial index of staff is


def normal_address(address: str) -> str:
    """`address` as it is compared and stored: without surrounding space, in lower case."""
    return address.strip().lower()


def address_topic(address: str) -> str:
    """The live topic of an address: told when somebody has said to whom it belongs."""
    return "address:" + hashlib.sha256(normal_address(address).encode()).hexdigest()[:16]


class Customer(Base):
    """A company the provider works for."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column()
    phone: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    domains: Mapped[list["CustomerDomain"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    sites: Mapped[list["Site"]] = relationship(lazy="raise", order_by="Site.name")
    contacts: Mapped[list["Person"]] = relationship(lazy="raise", order_by="Person.name", viewonly=True)
    __table_args__ = (Index("ix_customers_lower_name", func.lower(name)),)


class CustomerDomain(Base):
    """A mail domain whose unknown addresses belong to a customer."""

    __tablename__ = "customer_domains"
    domain: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)


class Site(Base):
    """A place of a customer."""

    __tablename__ = "sites"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    key: Mapped[str]
    name: Mapped[str]
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index(None, "customer_id", "key", unique=True),)


class Person(Base):
    """Somebody: staff (with roles), a contact of a customer, or both."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column()
    mail: Mapped[str | None] = mapped_column()
    job_title: Mapped[str] = mapped_column(default="")
    salutation: Mapped[str] = mapped_column(default="", server_default="")  # ms, mr; empty: not known
    phone: Mapped[str] = mapped_column(default="")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    language: Mapped[str] = mapped_column(default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # name: value, as told
    opt_in: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # whether they want news: yes, no; empty: unknown
    opt_in_since: Mapped[date | None]
    opt_in_how: Mapped[str] = mapped_column(default="", server_default="")  # by a form, on the telephone
    timezone: Mapped[str] = mapped_column(default="")
    theme: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    customer: Mapped[Customer | None] = relationship(lazy="raise", overlaps="contacts")
    site: Mapped[Site | None] = relationship(lazy="raise")
    __table_args__ = (
        Index("ix_people_lower_name", func.lower(name)),
        Index("ix_people_lower_mail", func.lower(mail)),
        Index("ix_people_staff", "name", postgresql_where=sql(_STAFF)),
    )

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the provider's own people."""
        return bool(self.roles)

    def who(self) -> Who:
        """This person as the one who acts."""
        return Who(
            person_id=self.id,
            name=self.name,
            mail=self.mail or "",
            roles=frozenset(Role(role) for role in self.roles),
            customer_id=self.customer_id,
            language=self.language,
            timezone=self.timezone,
        )


class EmailAddress(Base):
    """An address of a person; the same address never belongs to two."""

    __tablename__ = "email_addresses"
    address: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class Identity(Base):
    """A person's account in a Microsoft 365 tenant; the only thing a sign-in is tied to."""

    __tablename__ = "identities"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class Team(Base):
    """A group of staff that tickets are given to."""

    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class TeamMember(Base):
    """Who belongs to which team."""

    __tablename__ = "team_members"
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)


class Group(Base):
    """A set of teams that tickets are given to together."""

    __tablename__ = "team_groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class GroupTeam(Base):
    """Which teams a group is made of."""

    __tablename__ = "team_group_teams"
    group_id: Mapped[int] = mapped_column(ForeignKey("team_groups.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True)


def person_by_address(address: str) -> Person | None:
    """The person with that e-mail address, if one is known."""
    return session.scalar(
        select(Person)
        .join(EmailAddress, EmailAddress.person_id == Person.id)
        .where(EmailAddress.address == normal_address(address))
    )


def person_by_account(tenant_id: str, object_id: str) -> Person | None:
    """The person this account belongs to. Accounts are never recognised by name or e-mail address."""
    return session.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.tenant_id == tenant_id, Identity.object_id == object_id)
    )


def customer_by_domain(address: str) -> Customer | None:
    """The customer to whose domain (or a domain above it) `address` belongs; never by a public mail provider."""
    domain = normal_address(address).rpartition("@")[2]
    parts = domain.split(".")
    candidates = [".".join(parts[i:]) for i in range(len(parts) - 1)]
    candidates = [c for c in candidates if c not in PUBLIC_DOMAINS]
    if not candidates:
        return None
    return session.scalar(
        select(Customer)
        .join(CustomerDomain, CustomerDomain.customer_id == Customer.id)
        .where(CustomerDomain.domain.in_(candidates))
        .order_by(func.length(CustomerDomain.domain).desc())
        .limit(1)
    )


def staff() -> TextClause:
    """The condition on `Person` under which somebody is one of the provider's own."""
    return sql(_STAFF)


def technicians() -> Select[Person]:
    """Staff to whom tickets can be given, by name."""
    return (
        select(Person)
        .where(sql(_STAFF), Person.active, Person.roles.overlap(sorted(PERMISSIONS["tickets.own"])))
        .order_by(Person.name)
    )


def members(*, team: int | None = None, group: int | None = None) -> Select[Person]:
    """Those of `technicians` who are in that team, or in any team of that group; all where neither is named."""
    teams = select(TeamMember.person_id)
    if team is not None:
        return technicians().where(Person.id.in_(teams.where(TeamMember.team_id == team)))
    if group is not None:
        of_group = teams.join(GroupTeam, GroupTeam.team_id == TeamMember.team_id).where(GroupTeam.group_id == group)
        return technicians().where(Person.id.in_(of_group))
    return technicians()


def customers_visible_to(who: Who) -> Select[Customer]:
    """The customers `who` may know of: staff all, a contact the own one, anybody else none."""
    query = select(Customer)
    return query if who.is_staff else query.where(Customer.id == (who.customer_id or 0))


def contacts_visible_to(who: Who) -> Select[Person]:
    """The contacts `who` may know of: staff all, a contact only themselves."""
    query = select(Person).where(Person.customer_id.is_not(None))
    return query if who.is_staff else query.where(Person.id == (who.person_id or 0))
