"""The large seed: as many rows as it says, found by search, the same from the same number."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection
from sqlalchemy import func, select

from backend.auth import SYSTEM
from backend.db import plain_url, session
from backend.demo.load import load
from backend.demo.seed import SeedError, seed
from backend.tickets.actions import index_head, index_message
from backend.tickets.models import Message, Ticket, TicketSearch
from backend.tickets.search import matches
from tests.world import World

pytestmark = pytest.mark.slow

_TICKETS = 400


@pytest.fixture
def seeded(world: World) -> Iterator[Connection]:
    seed(world.settings.database_url, _TICKETS, number=7, say=lambda sentence: None)
    with psycopg.connect(plain_url(world.settings.database_url)) as connection:
        yield connection


def _one(connection: Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_there_is_as_much_of_everything_as_promised(seeded: Connection) -> None:
    counts = {
        table: _one(seeded, f"select count(*) from {table}")
        for table in ("customers", "tickets", "messages", "orders", "order_lines", "ticket_search")
    }
    assert counts == {
        "customers": 2, "tickets": 400, "messages": 1600, "orders": 80, "order_lines": 320, "ticket_search": 800,
    }  # fmt: skip
    assert _one(seeded, "select count(*) from people where customer_id is not null") == 100
    assert _one(seeded, "select count(distinct language) from people where customer_id is not null") >= 1


def test_its_rows_keep_the_invariants(seeded: Connection) -> None:
    assert _one(seeded, "select count(*) from tickets where messages_count <> 4") == 0
    assert _one(seeded, "select count(*) from tickets t join statuses s on s.id = t.status_id"
                        " where t.closed <> (s.kind = 'closed')") == 0  # fmt: skip
    assert _one(seeded, "select count(*) from tickets t where updated_at <> (select max(sent_at) from messages m"
                        " where m.ticket_id = t.id)") == 0  # fmt: skip
    assert _one(seeded, "select count(*) from orders o where total <> (select sum(quantity * price) from order_lines l"
                        " where l.order_id = o.id)") == 0  # fmt: skip
    assert _one(seeded, "select count(*) from tickets t join people p on p.id = t.contact_id"
                        " where p.customer_id <> t.customer_id") == 0  # fmt: skip
    assert _one(seeded, "select count(*) from activities where verb = 'opened'") == _TICKETS


def test_foreign_keys_and_indexes_are_as_before(seeded: Connection) -> None:
    assert _one(seeded, "select count(*) from pg_indexes where indexname = 'ix_ticket_search_public'") == 1
    keys = seeded.execute(
        "select conrelid::regclass::text, a.attname, confrelid::regclass::text from pg_constraint"
        " join pg_attribute a on a.attrelid = conrelid and a.attnum = conkey[1]"
        " where contype = 'f' and conrelid::regclass::text not like 'procrastinate%'"
    ).fetchall()
    assert len(keys) > 20
    for table, column, other in keys:
        known = f'"{column}" is null or "{column}" in (select id from {other})'
        dangling = f"select count(*) from {table} where not ({known})"
        assert _one(seeded, dangling) == 0, (table, column)


def test_new_rows_get_numbers_of_their_own(seeded: Connection, world: World) -> None:
    with world.rows():
        load_before = session.scalar(select(func.max(Ticket.number)))
        connection = session.connection()
        after = connection.exec_driver_sql("select nextval('ticket_numbers')").scalar_one()
        assert load_before is not None
        assert after == load_before + 1
        highest = connection.exec_driver_sql("select max(id) from messages").scalar_one()
        assert connection.exec_driver_sql("select nextval('messages_id_seq')").scalar_one() == highest + 1


def test_a_rare_word_is_found_in_one_ticket_of_a_hundred(seeded: Connection, world: World) -> None:
    with world.rows():
        found = session.scalars(select(Ticket).where(matches(SYSTEM, "selten-003"))).all()
    assert len(found) == _TICKETS // 100


def test_search_rows_are_those_the_desk_would_make(seeded: Connection, world: World) -> None:
    with world.rows():
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        query = select(func.tsvector_to_array(TicketSearch.public), func.tsvector_to_array(TicketSearch.internal))
        query = query.where(TicketSearch.ticket_id == ticket.id).order_by(TicketSearch.part)
        seeded_words = [(set(row[0]), set(row[1])) for row in session.execute(query)]
        session.query(TicketSearch).filter(TicketSearch.ticket_id == ticket.id).delete()
        index_head(ticket)
        for message in session.scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)):
            index_message(ticket, message, [])
        assert [(set(row[0]), set(row[1])) for row in session.execute(query)] == seeded_words


def test_the_same_number_is_refused_and_another_taken_in_beside_the_demo(seeded: Connection, world: World) -> None:
    with pytest.raises(SeedError, match="Seed number 7 has been loaded"):
        seed(world.settings.database_url, 10, number=7)
    said: list[str] = []
    progress = seed(world.settings.database_url, 10, number=70, say=said.append)
    assert progress.rows > 100
    assert "rows/s" in said[-1]
    assert _one(seeded, "select count(*) from tickets") == _TICKETS + 10


def test_the_same_number_gives_the_same_words(world: World, seeded: Connection) -> None:
    query = "select md5(string_agg(text, '' order by id)) from messages"
    before = seeded.execute(query).fetchone()
    seeded.execute("truncate customers, people, tickets, orders restart identity cascade")
    seeded.commit()
    seed(world.settings.database_url, _TICKETS, number=7, say=lambda sentence: None)
    assert seeded.execute(query).fetchone() == before


@pytest.mark.soak
def test_it_lies_beside_the_demo_company(world: World) -> None:
    with world.rows():
        load()
    seed(world.settings.database_url, 20, say=lambda sentence: None)
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 675
        assert session.scalar(select(func.count(func.distinct(Ticket.number)))) == 675


@pytest.mark.parametrize(("tickets", "customers", "number"), [(0, None, 1), (5, 6, 1), (5, 0, 1), (5, None, -1)])
def test_what_makes_no_sense_is_refused(database: str, tickets: int, customers: int | None, number: int) -> None:
    with pytest.raises(SeedError):
        seed(database, tickets, customers, number)
