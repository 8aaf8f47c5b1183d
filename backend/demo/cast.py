"""The people of the demo as rows: staff with their accounts, customers, sites, contacts, teams."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.contracts.models import Contract
from backend.db import session
from backend.demo.company import CUSTOM_STATUS, STAFF_PHONES, TEAMS, customers
from backend.demo.rows import Rows
from backend.mail.actions.mailboxes import desk_mailboxes, mailbox_of
from backend.mail.models import Mailbox
from backend.orders.models import Order
from backend.people.actions import contact_for, put_contact, put_customer
from backend.people.models import Customer, EmailAddress, Identity, Person, Site, Team, TeamMember, person_by_address
from backend.sandbox import people as tenant
from backend.sandbox import teams_people as guests
from backend.tickets.models import Status, Ticket

SALES_MAILBOX = f"vertrieb@{tenant.HOME_DOMAIN}"
# Those of the tenant's customers whom the desk does not know when the demo begins.
STRANGERS = frozenset({"buero@quastner.example", "kolja.ahrend@spedition-holmrath.example"})


@dataclass
class Cast:
    """Everybody and everything the stories name, by the short names they use."""

    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    sites: dict[int, Site] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    contracts: dict[int, Contract] = field(default_factory=dict)  # by their customer
    tickets: dict[str, Ticket] = field(default_factory=dict)  # by subject
    rows: Rows = field(default_factory=Rows)
    mailbox: Mailbox | None = None

    def person(self, nick: str) -> Person:
        """Who is called `nick`; "Name <address>" is somebody from outside, made known without a customer."""
        if nick not in self.people:
            name, address = parseaddr(nick)
            self.people[nick] = contact_for(address, name)
        return self.people[nick]


def _staff(cast: Cast) -> None:
    long_ago = cast.now - timedelta(days=900)
    for account in tenant.PEOPLE:
        if not account.roles:
            continue
        person = person_by_address(account.mail)
        if person is None:
            person = Person(name=account.name, mail=account.mail, created_at=long_ago, updated_at=long_ago)
            session.add(person)
            session.flush()
            session.add(EmailAddress(address=account.mail, person_id=person.id))
        nick = account.mail.partition(".")[0]
        person.roles, person.job_title, person.language = list(account.roles), account.title, account.language
        person.phone = STAFF_PHONES[nick]
        session.merge(Identity(tenant_id=account.tenant, object_id=account.id, person_id=person.id))
        cast.people[nick] = person


def _teams(cast: Cast) -> None:
    for name, members in TEAMS.items():
        team = session.scalar(select(Team).where(Team.name == name))
        if team is None:
            team = Team(name=name)
            session.add(team)
            session.flush()
        for nick in members:
            session.merge(TeamMember(team_id=team.id, person_id=cast.people[nick].id))
        cast.teams[name] = team


def _statuses(cast: Cast) -> None:
    key, name, kind, position = CUSTOM_STATUS
    row = insert(Status).values(key=key, name=name, kind=kind, position=position)
    session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
    cast.statuses = {status.key: status for status in session.scalars(select(Status))}


def _customers(cast: Cast) -> None:
    since = cast.now - timedelta(days=800)
    for given in customers():
        customer, _created = put_customer(
            given.key,
            name=given.name,
            phone=given.phone,
            domains=given.domains,
            sites=[vars(site) for site in given.sites],
        )
        customer.created_at = customer.updated_at = since
        cast.customers[customer.id] = customer
        sites = {site.key: site for site in session.scalars(select(Site).where(Site.customer_id == customer.id))}
        cast.sites |= {site.id: site for site in sites.values()}
        for row in given.contacts:
            contact, _created = put_contact(
                f"{given.key}-{row.nick}",
                name=row.name,
                customer=customer,
                mail=row.mail,
                other_mails=row.other_mails,
                job_title=row.job,
                phone=row.phone,
                language=row.language,
                salutation=row.salutation,
                site=sites.get(row.site),
                person=person_by_address(row.mail),
            )
            contact.created_at = contact.updated_at = since
            cast.people[row.nick] = contact
            account = tenant.by_mail(row.mail)
            if account is not None:
                session.merge(Identity(tenant_id=account.tenant, object_id=account.id, person_id=contact.id))
                # As a guest of the home tenant, somebody has an account there too; whoever has the bot is known by it.
                there = (guests.tenant(account), guests.object_id(account))
                if account.mail in guests.KNOWN:
                    session.merge(Identity(tenant_id=there[0], object_id=there[1], person_id=contact.id))


def _mailboxes(cast: Cast) -> None:
    cast.mailbox = next(iter(desk_mailboxes()), None)
    for mailbox in (*desk_mailboxes(), mailbox_of(SALES_MAILBOX)):
        account = tenant.by_mail(mailbox.address)
        mailbox.name = mailbox.name or (account.name if account else "")
    session.flush()


def assemble(now: datetime) -> Cast:
    """Makes all rows that are there before the first order and the first ticket, and returns them."""
    cast = Cast(now)
    _mailboxes(cast)
    _staff(cast)
    _teams(cast)
    _statuses(cast)
    _customers(cast)
    return cast
