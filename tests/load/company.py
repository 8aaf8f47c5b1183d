"""A company of a given size to measure with, and what is asked of it."""

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from backend import config, migrate
from backend.demo import load, seed

SMALL = 0  # stands for the demo company, whatever it has; larger ones are seeded
CLIENTS = 8
_PATHS = 40
_CHAT = (
    "insert into teams_conversations (conversation_id, kind, service_url, tenant_id, user_id, object_id, name, team_id,"
    " locale, state, created_at, updated_at) values (%(place)s, 'personal', '', '', '', '', '', '', '', 'open', now(),"
    " now())",
    "insert into chats (ticket_id, conversation_id, contact_id, technician_id, state, waiting_since, answered_at,"
    " matter_known) select t.id, c.id, t.contact_id, %(technician)s, 'open', now(), now(), true"
    " from tickets t, teams_conversations c where t.id = %(ticket)s and c.conversation_id = %(place)s",
    "insert into activities (ticket_id, verb, actor_id, actor_name, before, after, data, at)"
    " select %(ticket)s, verb, id, name, '', case verb when 'chat_handed_over' then name else '' end, '{}', now()"
    " from people, unnest(array['chat_began', 'chat_handed_over']) as verb where id = %(technician)s",
    "update messages set edited_at = now() where id = (select max(id) from messages where ticket_id = %(ticket)s)",
    "insert into mentions (message_id, person_id, told, replies, created_at)"
    " select max(id), %(technician)s, 'teams', 0, now() from messages where ticket_id = %(ticket)s"
    " on conflict do nothing",
)
_VISIT = """
insert into visits (key, ticket_id, technician_id, kind, start, "end", timezone, starts_at, ends_at, place, note,
                    customer_note, state, published, error, sequence, told, customer_response, created_at, updated_at)
select gen_random_uuid(), %(ticket)s, %(technician)s, 'on-site', hour at time zone 'Europe/Berlin',
       (hour + interval '1 hour') at time zone 'Europe/Berlin', 'Europe/Berlin', hour, hour + interval '1 hour',
       'Rampe A', '', '', %(state)s, %(published)s, %(error)s, 1, '{}', %(response)s, now(), now()
from (select date_trunc('hour', now()) + make_interval(days => %(days)s) as hour) as times
"""


@dataclass
class Page:
    """One kind of page: its addresses, and what each answer holds."""

    name: str
    paths: list[str]
    expect: list[str]
    first: list[str] = field(default_factory=list)  # what the first of them holds besides


@dataclass
class Company:
    """A database with its pages and sessions."""

    tickets: int
    url: str
    cookies: list[str] = field(default_factory=list)
    token: str = ""
    contact: str = ""
    technician: str = ""
    pages: list[Page] = field(default_factory=list)


def sizes(given: str) -> list[int]:
    """The numbers of tickets in `given`, such as `demo,100000`."""
    return [SMALL if size == "demo" else int(size) for size in given.split(",")]


def said(size: int, mark: str = ",") -> str:
    """The size in words, thousands parted by `mark`."""
    return "demo" if size == SMALL else f"{size:{mark}}"


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


def _mails(connection: psycopg.Connection) -> list[tuple[int, str]]:
    """The newest mails of customers: the ticket each is on, and the address of the pane's fragment beside it."""
    mails = connection.execute(
        "select m.ticket_id, m.author_mail, m.author_name, m.internet_message_id, m.subject from messages m"
        " join email_addresses e on e.address = m.author_mail join people p on p.id = e.person_id"
        " where not m.by_staff and p.customer_id is not null and m.internet_message_id is not null"
        " order by m.id desc limit %s",
        (_PATHS,),
    )
    names = ("address", "name", "message_id", "subject")
    return [(ticket, "/addin/item?" + urlencode(dict(zip(names, mail, strict=True)))) for ticket, *mail in mails]


def _chat(connection: psycopg.Connection, ticket: int, technician: int) -> None:
    """An open chat on that ticket, with what it leaves in the conversation: events, a changed line, a mention."""
    values = {"ticket": ticket, "technician": technician, "place": secrets.token_hex(8)}
    for statement in _CHAT:
        connection.execute(statement, values)


def _visit(connection: psycopg.Connection, ticket: int, technician: int, days: int, **differing: str) -> None:
    """A visit for that ticket so many days from now, which is on time, published and unanswered if nothing differs."""
    told = {"state": "planned", "published": "published", "error": "", "response": ""} | differing
    connection.execute(_VISIT, {"ticket": ticket, "technician": technician, "days": days} | told)


def _chats_and_visits(connection: psycopg.Connection, ticket: int, mail_ticket: int) -> None:
    """What a page may show of chats, mentions and visits stands on the first ticket and beside the first e-mail.

    Pages are compared byte for byte: who forgets one of these answers something else.
    """
    staff = connection.execute("select id from people where 'technician' = any (roles) order by id").fetchall()
    technician = staff[1 % len(staff)][0]  # not the first client, whose page names the one who is in the chat
    beside = connection.execute(
        # Rather a ticket that the e-mail is not on: the fragment names it then.
        "select t.id from tickets t join tickets m on m.customer_id = t.customer_id where m.id = %s"
        " order by t.id = m.id, t.id limit 1",
        (mail_ticket,),
    ).fetchone()
    assert beside is not None
    _chat(connection, ticket, technician)
    _visit(connection, ticket, technician, 2, published="failed", error="The calendar could not be reached.")
    _visit(connection, ticket, technician, 3, state="declined")
    _visit(connection, ticket, technician, -4)
    _visit(connection, beside[0], technician, 1, response="accepted")


def ready(url: str, tickets: int) -> Company:
    """Signs clients in at the company in the database at `url`, and says what can be asked of it."""
    company = Company(tickets, url)
    with psycopg.connect(url) as connection:
        _sessions(connection, company)
        newest_ids, newest = zip(*connection.execute(
            "select id, number from tickets where not closed order by updated_at desc, id desc limit %s", (_PATHS,)
        ), strict=True)  # fmt: skip
        mails = _mails(connection)
        _chats_and_visits(connection, newest_ids[0], mails[0][0])
        for who, which in (("contact", "customer_id is not null"), ("technician", "'technician' = any (roles)")):
            found = connection.execute(f"select mail from people where {which} order by id").fetchone()
            assert found is not None
            setattr(company, who, found[0])
        connection.execute(  # by which the REST API knows them; seeded staff has none
            "insert into email_addresses (address, person_id) select mail, id from people where mail = %s"
            " on conflict do nothing", (company.technician,)
        )  # fmt: skip
        company.pages = [
            Page("list", ["/tickets?view=all"], ['id="list"', f'id="t{newest[0]}"', f'id="t{newest[-1]}"']),
            Page("ticket", [f"/tickets/{number}?view=all" for number in newest], ['id="conversation"', 'id="rail"'],
                 ['name="into"', 'class="visit"', 'id="visits-gone"', 'class="told"']),
            Page("search", [f"/tickets?view=all&q={'Drucker' if tickets == SMALL else 'selten-003'}"], ["data-row"]),
            Page("pane", [path for _ticket, path in mails], ['class="mt-title"', 'class="ticketlist"'],
                 ['class="visit"']),
        ]  # fmt: skip
    return company
