"""A company of a given size to measure with, and what is asked of it."""

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from backend import config, migrate
from backend.demo import load, seed

SMALL = 40  # the demo company has so many tickets; larger ones are seeded
CLIENTS = 8
_PATHS = 40


@dataclass
class Page:
    """One kind of page: its addresses, and what each answer holds."""

    name: str
    paths: list[str]
    expect: list[str]


@dataclass
class Company:
    """A database with its pages and sessions."""

    tickets: int
    url: str
    cookies: list[str] = field(default_factory=list)
    token: str = ""
    contact: str = ""
    pages: list[Page] = field(default_factory=list)


def settings(url: str, data: Path, port: int = 8000) -> dict[str, str]:
    """The environment of Deskside and of the limit app."""
    return {
        "DESKSIDE_DATA": str(data),
        "DATABASE_URL": url,
        "PORT": str(port),
        "PUBLIC_URL": f"http://localhost:{port}",
        "SECRET_KEY": "a key that signs nothing but measurements",
        "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
        "CLIENT_ID": "22222222-bbbb-4bbb-8bbb-000000000001",
        "CLIENT_SECRET": "none",
        "DESK_MAILBOXES": "service@nordlicht-it.example",
        "LANGUAGE": "de",
    }


def fill(url: str, data: Path, tickets: int) -> None:
    """Fills the empty database at `url`."""
    migrate.upgrade(url)
    config.use(config.load(settings(url, data)))
    if tickets == SMALL:
        load.main()
    else:
        seed.seed(url, tickets)


def _sessions(connection: psycopg.Connection, company: Company) -> None:
    staff = connection.execute("select id from people where 'technician' = any (roles) order by id").fetchall()
    for number in range(CLIENTS):
        secret = secrets.token_urlsafe(32)
        connection.execute(
            "insert into sessions (id, person_id, door, created_at, expires_at)"
            " values (%s, %s, 'browser', now(), now() + interval '1 day')",
            (hashlib.sha256(secret.encode()).hexdigest(), staff[number % len(staff)][0]),
        )
        company.cookies.append(f"__Host-deskside={secret}")
    company.token = "dsk_" + secrets.token_urlsafe(32)
    connection.execute(
        "insert into api_tokens (name, hash, scope, created_at) values ('load', %s, 'admin', now())",
        (hashlib.sha256(company.token.encode()).hexdigest(),),
    )


def _pane(connection: psycopg.Connection) -> list[str]:
    mails = connection.execute(
        "select m.author_mail, m.author_name, m.internet_message_id, m.subject from messages m"
        " join email_addresses e on e.address = m.author_mail join people p on p.id = e.person_id"
        " where not m.by_staff and p.customer_id is not null and m.internet_message_id is not null"
        " order by m.id desc limit %s",
        (_PATHS,),
    )
    names = ("address", "name", "message_id", "subject")
    return ["/addin/item?" + urlencode(dict(zip(names, mail, strict=True))) for mail in mails]


def ready(url: str, tickets: int) -> Company:
    """Signs clients in at the company in the database at `url`, and says what can be asked of it."""
    company = Company(tickets, url)
    with psycopg.connect(url) as connection:
        _sessions(connection, company)
        newest = [row[0] for row in connection.execute(
            "select number from tickets where not closed order by updated_at desc, id desc limit %s", (_PATHS,)
        )]  # fmt: skip
        contact = connection.execute("select mail from people where customer_id is not null order by id").fetchone()
        assert contact is not None
        company.contact = contact[0]
        company.pages = [
            Page("list", ["/tickets?view=all"], ['id="list"', f'id="t{newest[0]}"', f'id="t{newest[-1]}"']),
            Page("ticket", [f"/tickets/{number}?view=all" for number in newest], ['id="conversation"', 'id="rail"']),
            Page("search", [f"/tickets?view=all&q={'Drucker' if tickets == SMALL else 'selten-003'}"], ["data-row"]),
            Page("pane", _pane(connection), ['class="mt-title"', 'class="ticketlist"']),
        ]
    return company
