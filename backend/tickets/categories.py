"""Main categories as they are offered: those used for a customer, those used at all, and those nobody has used yet."""

from collections import Counter
from typing import Any

from sqlalchemy import Select, select

from backend.auth import Who
from backend.db import session
from backend.tickets import words
from backend.tickets.models import Ticket, visible

LATELY, LATELY_HERE = 1000, 200  # tickets that are counted, so that it takes the same time in the tenth year


def _most_used(query: Select[Any]) -> list[str]:
    return [name for name, _count in Counter(session.scalars(query)).most_common()]


def offered(who: Who, asked: str, customer: int | None, most: int = 8) -> list[str]:
    """Categories that hold `asked`, those of `customer` first, each once."""
    used = select(Ticket.category).where(visible(who), Ticket.category != "")
    here = used.where(Ticket.customer_id == customer).order_by(Ticket.updated_at.desc()).limit(LATELY_HERE)
    lately = used.order_by(Ticket.id.desc()).limit(LATELY)
    known = [*(_most_used(here) if customer else []), *_most_used(lately), *words.categories()]
    asked = asked.strip().casefold()
    found: dict[str, str] = {}
    for name in known:
        if asked in name.casefold():
            found.setdefault(name.casefold(), name)
    return list(found.values())[:most]
