"""A large made-up company by COPY, to measure with: `deskside seed --tickets N`, or `python -m backend.demo.seed`.

All of it is one transaction: it is there as a whole or not at all. The tables are locked against other writers
meanwhile, and where the seed outweighs what is there, also against readers, since its indexes are made anew.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql

from backend import clock, config
from backend.db import plain_url
from backend.demo.crowd import Crowd, Plan, Staff, spans
from backend.tickets.models import SEARCH_CONFIGS

BATCH = 5_000  # tickets, contacts or orders whose rows are in memory at a time
DEFAULT_SEED = 1
_LOCK = 0x73656564
_STAFF_MADE = 8
_COLUMNS: dict[str, str] = {
    "customers": "id, key, name, phone, created_at, updated_at",
    "customer_domains": "domain, customer_id",
    "sites": "id, customer_id, key, name, street, postcode, city",
    "people": "id, key, name, mail, job_title, phone, roles, customer_id, site_id, language, timezone, theme, active, "
    "created_at, updated_at",
    "email_addresses": "address, person_id",
    "orders": "id, number, customer_id, site_id, contact_id, title, ordered_on, status, currency, total, created_at, "
    "updated_at",
    "order_lines": "id, order_id, position, sku, description, quantity, unit, price, delivered, due_on",
    "tickets": "id, number, subject, status_id, closed, activity_status, priority, impact, type, category, "
    "product_family, customer_id, contact_id, assignee_id, team_id, order_id, summary, data, messages_count, "
    "created_at, updated_at, source",
    "messages": 'id, ticket_id, kind, channel, by_staff, author_id, author_name, author_mail, "to", cc, subject, text, '
    "quoted, html, internet_message_id, delivery, sent_at",
    "activities": "id, ticket_id, verb, actor_id, actor_name, before, after, data, at",
}
_TABLES = (*_COLUMNS, "ticket_search")
_CONFIG = "case language {} else 'simple'::regconfig end".format(
    " ".join(f"when '{language}' then '{name}'::regconfig" for language, name in SEARCH_CONFIGS.items())
)
# The same vectors as tickets/actions/index.py makes: every word as written, and its stem in the contact's language.
_HEADS = f"""
insert into ticket_search (ticket_id, part, size, public, internal)
select id, 0, 0, to_tsvector('simple', words) || to_tsvector({_CONFIG}, words),
       to_tsvector('simple', own) || to_tsvector({_CONFIG}, own)
from (select t.id, p.language, concat_ws(' ', t.number, t.subject, c.name, p.name, p.mail) as words,
             concat_ws(' ', c.key, t.category, t.product_family, a.name, m.name, o.number, o.title) as own
      from tickets t join people p on p.id = t.contact_id join customers c on c.id = t.customer_id
      left join people a on a.id = t.assignee_id left join teams m on m.id = t.team_id
      left join orders o on o.id = t.order_id
      where t.id between %(first)s and %(last)s) as heads
"""
_TALKS = f"""
insert into ticket_search (ticket_id, part, size, public, internal)
select ticket_id, 1, size,
       to_tsvector('simple', said) || to_tsvector({_CONFIG}, said),
       to_tsvector('simple', noted) || to_tsvector({_CONFIG}, noted)
from (select m.ticket_id, p.language, sum(octet_length(m.author_name) + octet_length(m.text) + 3) as size,
             coalesce(string_agg(m.author_name || ' ' || m.text, ' ') filter (where m.kind <> 'note'), '') as said,
             coalesce(string_agg(m.author_name || ' ' || m.text, ' ') filter (where m.kind = 'note'), '') as noted
      from messages m join tickets t on t.id = m.ticket_id join people p on p.id = t.contact_id
      where m.id between %(first)s * 4 + %(offset)s and %(last)s * 4 + 3 + %(offset)s
      group by m.ticket_id, p.language) as talks
"""


class SeedError(Exception):
    """It cannot be loaded; the message says why, for a person."""


@dataclass
class Progress:
    """What has been loaded, and how long it took in all (seconds)."""

    rows: int = 0
    seconds: float = 0.0


def _reserve(connection: Connection, sequence: str, count: int) -> int:
    """Takes `count` numbers of `sequence` and returns the first; its table is locked by the caller."""
    row = connection.execute(
        "select setval(name, start + %(count)s - 1) - %(count)s + 1 from"
        " (select nextval(name) as start, name from (select %(name)s::regclass as name)) as taken",
        {"count": max(count, 1), "name": sequence},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _ids(connection: Connection, table: str, count: int) -> int:
    row = connection.execute("select pg_get_serial_sequence(%s, 'id')", (table,)).fetchone()
    assert row is not None
    return _reserve(connection, row[0], count)


def _staff(connection: Connection, seed: int) -> tuple[Staff, ...]:
    """Technicians there are; where there are none, some are made up."""
    found = "select id, name, coalesce(mail, '') from people where active and 'technician' = any (roles) order by id"
    if connection.execute(found).fetchone() is None:
        connection.execute(
            "insert into people (key, name, mail, job_title, phone, roles, language, timezone, theme, active,"
            " created_at, updated_at) select format('seed-%%s-t-%%s', %(seed)s::int, n), format('Technik %%s', n),"
            " format('technik-%%s@seed-%%s.example', n, %(seed)s::int), '', '', '{technician}', 'de', '', '', true,"
            " now(), now() from generate_series(1, %(count)s) as n",
            {"seed": seed, "count": _STAFF_MADE},
        )
    return tuple(Staff(*row) for row in connection.execute(found))


def _teams(connection: Connection) -> tuple[int, ...]:
    if connection.execute("select 1 from teams limit 1").fetchone() is None:
        connection.execute("insert into teams (name) values ('Hotline'), ('Netz'), ('Vor Ort')")
    return tuple(row[0] for row in connection.execute("select id from teams order by id"))


def _plan(connection: Connection, tickets: int, customers: int, seed: int) -> Plan:
    contacts, orders = max(customers, tickets // 4), tickets // 5
    counts = {
        "customers": customers,
        "sites": customers,
        "people": contacts,
        "orders": orders,
        "order_lines": 4 * orders,
        "tickets": tickets,
        "messages": 4 * tickets,
        "activities": 6 * tickets,
    }
    staff, teams = _staff(connection, seed), _teams(connection)
    first = {table: _ids(connection, table, count) for table, count in counts.items()}
    first["numbers"] = _reserve(connection, "ticket_numbers", tickets)
    rows = connection.execute("select distinct on (kind) kind, id, coalesce(nullif(name, ''), key) from statuses"
                              " order by kind, position")  # fmt: skip
    desk = connection.execute("select name, address from mailboxes where import_mode = 'ticket' order by id").fetchone()
    return Plan(
        seed=seed,
        tickets=tickets,
        customers=customers,
        contacts=contacts,
        orders=orders,
        until=clock.now().timestamp(),
        first=first,
        staff=staff,
        teams=teams,
        statuses={kind: (number, name) for kind, number, name in rows},
        desk=desk or ("Service", "service@desk.example"),
    )


def _refuse_twice(connection: Connection, seed: int) -> None:
    pattern = f"seed-{seed}-%"
    if connection.execute("select 1 from customers where key like %s limit 1", (pattern,)).fetchone():
        raise SeedError(f"Seed number {seed} has been loaded into this database already; choose another with --seed.")


def _unhindered(connection: Connection) -> None:
    """Leaves foreign keys unchecked where the role may: each of our rows follows from a plan that holds them."""
    try:
        with connection.transaction():
            connection.execute("set local session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return


def _drop_indexes(connection: Connection) -> list[str]:
    """Drops every index of our tables that no constraint needs; returns the statements that make them again."""
    rows = connection.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
        " where i.indrelid = any (%s::regclass[])"
        " and not exists (select from pg_constraint where conindid = i.indexrelid) order by 1",
        (list(_TABLES),),
    ).fetchall()
    for name, _statement in rows:
        connection.execute(sql.SQL("drop index {}").format(sql.SQL(name)))
    return [statement for _name, statement in rows]


def _copy(connection: Connection, table: str, text: str) -> int:
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), sql.SQL(_COLUMNS[table]))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as into:
            into.write(text)
        return cursor.rowcount


def _batches(crowd: Crowd) -> Iterator[tuple[Callable[[int, int], dict[str, str]], int, int]]:
    plan = crowd.plan
    for make, total in (
        (crowd.customers, plan.customers),
        (crowd.contacts, plan.contacts),
        (crowd.orders, plan.orders),
        (crowd.tickets, plan.tickets),
    ):
        for start, stop in spans(total, BATCH):
            yield make, start, stop


def _fill(connection: Connection, crowd: Crowd, say: Callable[[str], None]) -> int:
    """Copies all rows; the next batch is made while PostgreSQL takes in the last. Returns how many there are."""
    first, rows, told = crowd.plan.first, 0, time.monotonic()
    with ThreadPoolExecutor(1) as ahead:
        waiting = _batches(crowd)
        make, start, stop = next(waiting)
        made = ahead.submit(make, start, stop)
        while True:
            blocks, done = made.result(), (make, start, stop)
            following = next(waiting, None)
            if following is not None:
                make, start, stop = following
                made = ahead.submit(make, start, stop)
            for table, text in blocks.items():
                rows += _copy(connection, table, text)
            if "tickets" in blocks:
                row = first["tickets"]
                offset = first["messages"] - 4 * row
                where = {"first": row + done[1], "last": row + done[2] - 1, "offset": offset}
                rows += connection.execute(_HEADS, where).rowcount + connection.execute(_TALKS, where).rowcount
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    say(f"{done[2]:,} of {crowd.plan.tickets:,} tickets, {rows:,} rows")
            if following is None:
                return rows


def _outweighs(connection: Connection, tickets: int) -> bool:
    """Whether making the indexes anew is less work than adding to them row by row."""
    row = connection.execute("select count(*) from (select from tickets limit %s)", (tickets,)).fetchone()
    return row is not None and row[0] < tickets


def seed(
    url: str,
    tickets: int,
    customers: int | None = None,
    number: int = DEFAULT_SEED,
    say: Callable[[str], None] = print,
) -> Progress:
    """Loads `tickets` tickets of `customers` customers (else one per 200 tickets) into the database at `url`.

    The same `number` gives the same company. `say` hears how it goes. Raises SeedError.
    """
    if tickets < 1 or (customers is not None and not 1 <= customers <= tickets):
        raise SeedError("At least one ticket is needed, and not more customers than tickets.")
    if number < 0:
        raise SeedError("The seed number must not be negative.")
    began = time.monotonic()
    with psycopg.connect(plain_url(url)) as connection:
        connection.execute("set local timezone = utc; set local synchronous_commit = off")
        connection.execute("set local maintenance_work_mem = '256MB'; set local work_mem = '64MB'; set local jit = off")
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        _refuse_twice(connection, number)
        connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(
            sql.SQL(", ").join(map(sql.Identifier, _TABLES))
        ))  # fmt: skip
        plan = _plan(connection, tickets, customers or max(1, tickets // 200), number)
        _unhindered(connection)
        indexes = _drop_indexes(connection) if _outweighs(connection, tickets) else []
        rows = _fill(connection, Crowd(plan), say)
        say(f"{rows:,} rows copied in {time.monotonic() - began:.0f} s; now {len(indexes)} indexes")
        for statement in indexes:
            connection.execute(statement.encode())
        connection.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(map(sql.Identifier, _TABLES))))
    seconds = time.monotonic() - began
    say(f"{tickets:,} tickets, {rows:,} rows in {seconds:.1f} s: {rows / seconds:,.0f} rows/s")
    return Progress(rows, seconds)


def main(arguments: list[str] | None = None) -> None:
    """The command. Ends with status 1 and a sentence when it cannot."""
    parser = argparse.ArgumentParser(prog="deskside seed", description="Load a large made-up company.")
    parser.add_argument("--tickets", type=int, required=True, help="how many tickets, each with four messages")
    parser.add_argument("--customers", type=int, help="how many customers; one per 200 tickets when not given")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same number gives the same company")
    given = parser.parse_args(arguments)
    try:
        seed(config.current().database_url, given.tickets, given.customers, given.seed)
    except (SeedError, config.ConfigError, psycopg.OperationalError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
