"""Fills the search rows in the transaction of what they are about.

PostgreSQL refuses a vector of more than a megabyte and the character NUL, so words are cut and cleaned first; a
part of a ticket ends at 200 KB and the next one begins.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from backend import config
from backend.contracts.models import Contract
from backend.db import session
from backend.orders.models import Order
from backend.people.models import Customer, Group, Person, Team
from backend.statuses.models import RootCause
from backend.surveys.models import SurveyAnswer
from backend.tickets.models import SEARCH_CONFIGS, Kind, Message, Ticket, TicketSearch

PART_BYTES = 200_000
_HEAD = 0
_LONG_RUN = re.compile(r"\S{200,}")


def clean(said: str) -> str:
    """`said` as it can be indexed: no NUL, no endless words (encoded data), at most PART_BYTES long."""
    said = _LONG_RUN.sub(" ", said.replace("\x00", " "))
    return said.encode("utf-8", "replace")[:PART_BYTES].decode("utf-8", "ignore")


def vector(said: str, language: str) -> ColumnElement[str]:
    """`said` as a search vector: every word as written, and its stem in `language` (two letters)."""
    stems = SEARCH_CONFIGS.get(language or config.current().language, "simple")
    words = clean(said)
    return func.to_tsvector("simple", words).op("||")(func.to_tsvector(stems, words))


def _language(ticket: Ticket) -> str:
    found = session.scalar(select(Person.language).where(Person.id == ticket.contact_id)) if ticket.contact_id else ""
    return found or ""


_Contact, _Assignee = aliased(Person), aliased(Person)
# What every customer sees of the own tickets, then what only staff is sure to see: which fields customers may see can
# change any time, and so can what other systems write.
_PUBLIC = (Ticket.number, Ticket.subject, Customer.name, _Contact.name, _Contact.mail)
_INTERNAL = (
    Customer.key, Ticket.category, Ticket.product_family, _Assignee.name, Team.name, Group.name, Order.number,
    Order.title, Contract.number, Contract.name, RootCause.name, SurveyAnswer.survey, SurveyAnswer.answers,
    Ticket.fields,
)  # fmt: skip
_FACTS = (Ticket.summary, Ticket.data)  # of which the names are found too
_HEADS: Any = (
    select(Ticket.id, _Contact.language, *_PUBLIC, *_INTERNAL, *_FACTS)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(_Contact, _Contact.id == Ticket.contact_id)
    .outerjoin(_Assignee, _Assignee.id == Ticket.assignee_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Group, Group.id == Ticket.group_id)
    .outerjoin(Order, Order.id == Ticket.order_id)
    .outerjoin(Contract, Contract.id == Ticket.contract_id)
    .outerjoin(RootCause, RootCause.id == Ticket.root_cause_id)
    .outerjoin(SurveyAnswer, SurveyAnswer.ticket_id == Ticket.id)
    .order_by(Ticket.id)
)
# What is so already is not written again: the index has less to do.
_PUT = text("""
insert into ticket_search (ticket_id, part, size, public, internal)
select id, 0, 0, to_tsvector('simple', public) || to_tsvector(stems::regconfig, public),
       to_tsvector('simple', internal) || to_tsvector(stems::regconfig, internal)
from unnest(cast(:ids as integer[]), cast(:stems as text[]), cast(:public as text[]), cast(:internal as text[]))
    as heads (id, stems, public, internal)
on conflict (ticket_id, part) do update set public = excluded.public, internal = excluded.internal
where (ticket_search.public, ticket_search.internal) is distinct from (excluded.public, excluded.internal)
""")


def _said(value: Any, *, named: bool) -> Iterator[str]:
    """The words of a value, with the names of what it holds where `named`; yes and no are none."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if named:
                yield str(name)
            yield from _said(inner, named=named)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner, named=named)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _words(values: Sequence[Any], facts: Sequence[Any] = ()) -> str:
    words = [*_said(list(values), named=False), *_said(list(facts), named=True)]
    return clean(" ".join(words))


def index_heads(ids: Sequence[int], *, lock: bool = False) -> None:
    """Part 0 of these tickets: number, title, names and fields as they are now; earlier ones are forgotten.

    `lock`: nobody changes them meanwhile, for whoever does not hold them yet.
    """
    if lock:  # by itself: where it waits, PostgreSQL would keep the names that belong to the ticket as it was before
        session.execute(select(Ticket.id).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update(read=True))
    rows = session.execute(_HEADS.where(Ticket.id.in_(ids))).all()
    standard = config.current().language
    public, internal = 2 + len(_PUBLIC), 2 + len(_PUBLIC) + len(_INTERNAL)
    said = {
        "ids": [row.id for row in rows],
        "stems": [SEARCH_CONFIGS.get(row.language or standard, "simple") for row in rows],
        "public": [_words(row[2:public]) for row in rows],
        "internal": [_words(row[public:internal], row[internal:]) for row in rows],
    }
    if rows:
        session.execute(_PUT, said)


def index_head(ticket: Ticket) -> None:
    """The same for one ticket that the caller holds, and whose changes are flushed."""
    index_heads([ticket.id])


def index_message(ticket: Ticket, message: Message, names: list[str]) -> None:
    """Adds the words of `message` and of its files' `names` to the ticket's last part, or begins the next one."""
    said = " ".join([message.author_name, message.text, message.quoted, *names])
    size = min(len(said.encode("utf-8", "replace")), PART_BYTES)
    words = vector(said, _language(ticket))
    none = func.to_tsvector("simple", "")
    public, internal = (none, words) if message.kind == Kind.NOTE else (words, none)
    last = session.execute(
        select(TicketSearch.part, TicketSearch.size)
        .where(TicketSearch.ticket_id == ticket.id, TicketSearch.part > _HEAD)
        .order_by(TicketSearch.part.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and last.size + size <= PART_BYTES:
        session.execute(
            update(TicketSearch)
            .where(TicketSearch.ticket_id == ticket.id, TicketSearch.part == last.part)
            .values(
                size=last.size + size,
                public=TicketSearch.public.op("||")(public),
                internal=TicketSearch.internal.op("||")(internal),
            )
        )
        return
    part = last.part + 1 if last else _HEAD + 1
    session.execute(
        insert(TicketSearch).values(ticket_id=ticket.id, part=part, size=size, public=public, internal=internal)
    )
