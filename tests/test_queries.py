"""How many statements each page sends to PostgreSQL: written down, and the same with few rows and with many."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from sqlalchemy import Column, event, select, text

from backend import auth, db
from backend.db import plain_url, session
from backend.demo.seed import seed
from backend.people.models import Person
from tests.world import Browser, World

pytestmark = pytest.mark.slow

FEW, MANY = 60, 600
# Page: (address, statements at most). The sign-in's own is among them.
PAGES = {
    "list: mine": ("/tickets?view=mine", 5),
    "list: my teams": ("/tickets?view=teams", 5),
    "list: unassigned": ("/tickets?view=unassigned", 5),
    "list: waiting": ("/tickets?view=waiting", 5),
    "list: all open": ("/tickets?view=all", 5),
    "list: all": ("/tickets?view=all&status=any", 5),
    "list: filtered": ("/tickets?view=all&status=any&customer={customer}&assignee={technician}&type=incident", 6),
    "list: next page": ("/tickets?view=all&status=any&after=99999999999999999.1", 5),
    "list: by customer": ("/tickets?view=all&status=any&sort=customer", 5),
    "list: by priority, next page": ("/tickets?view=all&sort=-priority&after=2.99999999999999999.1", 5),
    "list: as a file": ("/tickets/export.csv?view=all&status=any", 6),
    "list: who is on which ticket": ("/presences", 2),
    "search: a common word": ("/tickets?view=all&q=Drucker", 7),
    "search: a word in one ticket of a hundred": ("/tickets?view=all&q=selten-003", 7),
    "search: no such word": ("/tickets?view=all&q=gibtesnicht", 7),
    "search: three words": ("/tickets?view=all&q=Drucker+Netz+selten-003", 7),
    "ticket": ("/tickets/{ticket}", 13),
    "ticket out of a search": ("/tickets/{ticket}?view=all&q=Drucker", 15),
    "activity": ("/tickets/{ticket}?tab=activity", 8),
    "preview": ("/tickets/{ticket}/preview", 2),
    "pane: a mail that is a ticket": ("/addin/item?{mail}", 9),
    "pane: another mail of a contact": ("/addin/item?{other_mail}", 9),
    "pane: a mail that names its ticket": ("/addin/item?{answer}", 10),
    "pane: somebody unknown": ("/addin/item?address=wer@fremd.example&message_id=x@y&subject=Hallo", 4),
    "pane: a ticket": ("/addin/tickets/{ticket}", 12),
    "chats": ("/chats", 3),
    "chat": ("/chats/{chat}", 7),
    "chats: the queue": ("/chats/queue?here={chat}", 3),
    "chats: number waiting": ("/chats/waiting", 2),
    "chats: beside": ("/tickets/{ticket}/about", 6),
    "board: a week": ("/board", 7),
    "board: a day of a team": ("/board?day=2030-03-04&team=1", 7),
    "board: unplanned": ("/board/unplanned", 3),
    "visit: the form": ("/visits/new?ticket={ticket}", 4),
    "timer": ("/timer", 4),
    "time: mine": ("/time", 6),
    "time: of everybody": ("/time?person=all&from=2020-01-01&to=2020-12-31", 6),
    "time: the form": ("/tickets/{ticket}/time/new", 5),
    "orders": ("/orders", 2),
    "order": ("/orders/{order}", 6),
    "customers": ("/customers", 2),
    "customer": ("/customers/{customer}", 8),
    "contact": ("/contacts/{contact}", 7),
    "api: tickets": ("/api/v1/tickets?limit=50", 3),
    "api: tickets with a word": ("/api/v1/tickets?limit=50&q=Drucker", 5),
    "api: ticket": ("/api/v1/tickets/{ticket}", 3),
    "api: time": ("/api/v1/time?limit=50", 3),
    "api: items": ("/api/v1/tickets/{ticket}/items", 4),
    "api: messages": ("/api/v1/tickets/{ticket}/messages", 5),
    "api: activity": ("/api/v1/tickets/{ticket}/activity", 4),
    "api: chats": ("/api/v1/chats?limit=50", 3),
    "api: customers": ("/api/v1/customers?limit=50", 5),
    "api: contacts": ("/api/v1/contacts?limit=50", 4),
    "api: orders": ("/api/v1/orders?limit=50", 5),
}


@dataclass
class Counted:
    """A seeded company with somebody to look at it."""

    world: World
    browser: Browser
    person: int
    token: str

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements sent inside; BEGIN and COMMIT are not among them."""
        sent: list[str] = []

        def note_down(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note_down)
        try:
            yield sent
        finally:
            event.remove(db.engine(), "before_cursor_execute", note_down)

    def count(self, address: str) -> list[str]:
        """The statements of the page at `address`."""
        headers = {"Authorization": f"Bearer {self.token}"} if address.startswith("/api") else {}
        with self.statements() as sent:
            answer = self.browser.get(address, headers=headers)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return sent

    def addresses(self) -> dict[str, str]:
        """The address of each page, with the newest ticket that has four messages and an order's customer."""
        query = text(
            "select t.number as ticket, c.key as customer, t.contact_id as contact, m.author_mail as address,"
            " m.author_name as name, m.internet_message_id as message_id,"
            " (select max(o.number) from orders o where o.customer_id = c.id) as order,"
            " (select max(id) from chats) as chat"
            " from tickets t join customers c on c.id = t.customer_id"
            " join messages m on m.ticket_id = t.id and not m.by_staff"
            " where exists (select from orders o where o.customer_id = c.id) order by t.id desc, m.id limit 1"
        )
        with self.world.rows():
            found = session.execute(query).one()._asdict()
        sender = {"address": found["address"], "name": found["name"]}
        values = found | {
            "technician": self.person,
            "mail": urlencode({**sender, "message_id": found["message_id"], "subject": "x"}),
            "other_mail": urlencode({**sender, "message_id": "<other@x.example>", "subject": "x"}),
            "answer": urlencode({**sender, "message_id": "<a@x.example>", "subject": f"AW: [#{found['ticket']}]"}),
        }
        return {name: address.format(**values) for name, (address, _most) in PAGES.items()}


def begin_chats(url: str, count: int) -> None:
    """`count` chats more, every second one answered, on the newest tickets that have none."""
    with psycopg.connect(plain_url(url)) as connection:
        connection.execute(
            "with t as (select id, contact_id, row_number() over (order by id desc) as n from tickets"
            " where contact_id is not null and id not in (select ticket_id from chats) order by id desc limit %s),"
            " c as (insert into teams_conversations (conversation_id, kind, service_url, tenant_id, user_id, object_id,"
            "  name, team_id, person_id, locale, state, created_at, updated_at)"
            "  select 'a:' || t.id, 'personal', 'https://x/', '', '', '', '', '', contact_id, '', 'open', now(), now()"
            "  from t returning id, conversation_id)"
            " insert into chats (ticket_id, conversation_id, contact_id, technician_id, state, waiting_since,"
            "  answered_at, matter_known)"
            " select t.id, c.id, t.contact_id, case when n %% 2 = 0 then (select min(id) from people where"
            "  'technician' = any (roles)) end, case when n %% 2 = 0 then 'open' else 'waiting' end,"
            "  now() - interval '1 year', case when n %% 2 = 0 then now() end, false"
            " from t join c on c.conversation_id = 'a:' || t.id",
            (count,),
        )


@pytest.fixture
def counted(world: World) -> Counted:
    """A company with few tickets."""
    url = world.settings.database_url
    seed(url, FEW, customers=2, number=1, say=lambda _line: None)
    with psycopg.connect(plain_url(url)) as connection:
        connection.execute("insert into team_members (team_id, person_id) select min(t.id), min(p.id) from teams t,"
                           " people p where 'technician' = any (p.roles)")  # fmt: skip
        # All open, so that every list has rows.
        connection.execute("update tickets set closed = false, status_id = (select min(id) from statuses)")
    begin_chats(url, 4)
    with world.rows():
        person = session.scalars(
            select(Person).where(Person.roles.contains(["technician"])).order_by(Person.id)
        ).first()
        assert person is not None
        token = auth.create_api_token("counting", "admin")
    return Counted(world, world.browser(person), person.id, token)


def test_no_page_asks_more_than_is_written_nor_more_with_many_rows(counted: Counted) -> None:
    few = {name: counted.count(address) for name, address in counted.addresses().items()}
    too_many = {name: sent for name, sent in few.items() if len(sent) > PAGES[name][1]}
    assert not too_many, "\n".join(
        f"{name}: {len(sent)} statements, {PAGES[name][1]} are written down\n  " + "\n  ".join(sent)
        for name, sent in too_many.items()
    )
    seed(counted.world.settings.database_url, MANY, customers=20, number=2, say=lambda _line: None)
    begin_chats(counted.world.settings.database_url, 60)
    many = {name: len(counted.count(address)) for name, address in counted.addresses().items()}
    assert {name: count for name, count in many.items() if count > max(len(few[name]), PAGES[name][1])} == {}


def test_the_written_numbers_are_not_higher_than_needed(counted: Counted) -> None:
    loose = {
        name: f"{PAGES[name][1]} are written down, {count} are sent"
        for name, address in counted.addresses().items()
        if (count := len(counted.count(address))) < PAGES[name][1] - 1
    }
    assert loose == {}


def _kept() -> int:
    """How many columns of statements there are in memory."""
    gc.collect()
    return sum(isinstance(one, Column) for one in gc.get_objects())


def test_what_is_kept_of_a_pages_statements_is_not_kept_for_each_reader_anew(counted: Counted) -> None:
    addresses = [address for address in counted.addresses().values() if not address.startswith("/api")]

    def read_by(person: Person) -> int:
        browser = counted.world.browser(person)
        assert {browser.get(address).status_code for address in addresses} == {200}
        return _kept()

    names = ("Piet Hagenauer", "Aylin Demirsoy", "Tomma Kielhorn", "Jonas Ullrich", "Callum Reddish")
    first, second, *others = [read_by(counted.world.staff(name, "technician")) for name in names]
    assert others[-1] <= second + 50, (first, second, others)
