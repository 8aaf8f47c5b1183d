"""Fills the search rows in the transaction of what they are about.

PostgreSQL refuses a vector of more than a megabyte and the character NUL, so words are cut and cleaned first; a
part of a ticket ends at 200 KB and the next one begins.
"""

import re

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from backend import config
from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.models import SEARCH_CONFIGS, Kind, Message, Ticket, TicketSearch

PART_BYTES = 200_000
_HEAD = 0
_LONG_RUN = re.compile(r"\S{200,}")


def clean(text: str) -> str:
    """`text` as it can be indexed: no NUL, no endless words (encoded data), at most PART_BYTES long."""
    text = _LONG_RUN.sub(" ", text.replace("\x00", " "))
    return text.encode("utf-8", "replace")[:PART_BYTES].decode("utf-8", "ignore")


def vector(text: str, language: str) -> ColumnElement[str]:
    """`text` as a search vector: every word as written, and its stem in `language` (two letters)."""
    stems = SEARCH_CONFIGS.get(language or config.current().language, "simple")
    words = clean(text)
    return func.to_tsvector("simple", words).op("||")(func.to_tsvector(stems, words))


def _language(ticket: Ticket) -> str:
    found = session.scalar(select(Person.language).where(Person.id == ticket.contact_id)) if ticket.contact_id else ""
    return found or ""


def index_head(ticket: Ticket) -> None:
    """Part 0: number, subject, customer, contact and fields as they are now; earlier ones are forgotten."""
    names = [str(ticket.number), ticket.subject]
    if ticket.customer_id:
        names.append(session.scalar(select(Customer.name).where(Customer.id == ticket.customer_id)) or "")
    if ticket.contact_id:
        contact = session.execute(select(Person.name, Person.mail).where(Person.id == ticket.contact_id)).one()
        names += [contact.name, contact.mail or ""]
    language = _language(ticket)
    words = vector(" ".join(names), language)
    # Which fields customers may see can change any time: they are found by staff alone.
    filled = " ".join(str(value) for value in ticket.fields.values() if not isinstance(value, bool))
    internal = vector(filled, language) if filled else func.to_tsvector("simple", "")
    statement = insert(TicketSearch).values(ticket_id=ticket.id, part=_HEAD, size=0, public=words, internal=internal)
    now = {"public": words, "internal": internal}
    session.execute(statement.on_conflict_do_update(index_elements=["ticket_id", "part"], set_=now))


def index_message(ticket: Ticket, message: Message, names: list[str]) -> None:
    """Adds the words of `message` and of its files' `names` to the ticket's last part, or begins the next one."""
    text = " ".join([message.author_name, message.text, message.quoted, *names])
    size = min(len(text.encode("utf-8", "replace")), PART_BYTES)
    words = vector(text, _language(ticket))
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
