"""Finding tickets by words: in subject, number, customer, contact and everything that was said.

PostgreSQL's planner cannot know how many tickets hold a word that is not among the commonest, and a wrong guess walks
through every ticket. So it is looked first: of a rare word the tickets are taken from the index, for a common one the
newest tickets are walked until a page is full. Neither grows with the number of tickets.
"""

import re
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from backend import config as settings
from backend.auth import Who
from backend.db import session
from backend.tickets.models import SEARCH_CONFIGS, Ticket, TicketSearch

FEW = 2000  # a word in at most so many parts of tickets is rare
_SAMPLE = 300  # the newest parts of tickets, in which a word is counted first
_COMMON = _SAMPLE // 50
_MOST_WORDS = 8  # that are looked up each for itself
_OPERATOR = re.compile(r"-|or$", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_MINUSES = re.compile(r"(?:^|\s)-[-\s]+")


def _asked(words: str, language: str) -> list[Any]:
    """Pairs of (question, whether it says anything in that language) for `words`."""
    config = SEARCH_CONFIGS.get(language or settings.current().language, "simple")
    parts = words.split()
    each = len(parts) <= _MOST_WORDS and '"' not in words and not any(_OPERATOR.match(part) for part in parts)
    pairs = []
    for number, part in enumerate(parts if each else [words], start=1):
        stems = func.websearch_to_tsquery(config, part)
        question = func.websearch_to_tsquery("simple", part).op("||")(stems)
        if each and number == len(parts) and _WORD.fullmatch(part):
            question = question.op("||")(func.to_tsquery("simple", f"'{part}':*"))
        pairs += [cast(question, Text), func.numnode(stems) > 0]
    return pairs


def questions(words: str, language: str) -> list[str]:
    """`words` as text-search questions, each to be answered by any part of a ticket.

    Every word is one: as written, or as a stem of the reader's language; the last one may be only begun. Words that
    say nothing in that language (the, and) do not count beside others. With quotes, OR or - it is one question.
    """
    # A row of minus signs is no question, and too deep for PostgreSQL.
    asked = _asked(_MINUSES.sub(" -", words.replace("\x00", "")), language)
    if not asked:
        return []
    row = session.execute(select(*asked)).one()
    pairs = list(zip(row[::2], row[1::2], strict=True))
    return [question for question, says in pairs if says] or [question for question, _says in pairs]


def _answers(who: Who, part: Any, question: str) -> ColumnElement[bool]:
    """The condition on a row of `TicketSearch`; internal notes are searched for staff only."""
    asked = literal(question, TSQUERY)
    public: ColumnElement[bool] = part.public.op("@@")(asked)
    return or_(public, part.internal.op("@@")(asked)) if who.is_staff else public


def _look(who: Who, asked: list[str]) -> list[list[int] | None]:
    """For each question the tickets with an answer, or None where there are many."""
    newest = (
        select(TicketSearch.public, TicketSearch.internal)
        .order_by(TicketSearch.ticket_id.desc(), TicketSearch.part.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    looks = []
    for question in asked:
        seen = select(func.count()).select_from(newest).where(_answers(who, newest.c, question)).scalar_subquery()
        some = select(TicketSearch.ticket_id).where(_answers(who, TicketSearch, question)).limit(FEW + 1).subquery()
        found = select(func.coalesce(func.array_agg(some.c.ticket_id), literal([], ARRAY(Integer)))).scalar_subquery()
        looks.append(case((seen > _COMMON, null()), else_=found))
    return [ids if ids is not None and len(ids) <= FEW else None for ids in session.execute(select(*looks)).one()]


def matches(who: Who, words: str) -> ColumnElement[bool]:
    """The condition on `Ticket` that its words (subject, conversation, customer, contact) or number match."""
    asked = questions(words, who.language)
    if not asked:
        return Ticket.id.is_(None)
    looked = list(zip(asked, _look(who, asked), strict=True))
    many = [question for question, ids in looked if ids is None]
    few = [set(ids) for _question, ids in looked if ids is not None]
    conditions: list[ColumnElement[bool]] = []
    if few:
        conditions.append(Ticket.id == any_(literal(sorted(set.intersection(*few)), ARRAY(Integer))))
    for question in many:
        answered = select(TicketSearch.ticket_id).where(_answers(who, TicketSearch, question))
        if few or len(many) == 1:
            # With an offset PostgreSQL keeps it as it is: asked of each ticket in turn, until the page is full.
            conditions.append(exists(answered.where(TicketSearch.ticket_id == Ticket.id).offset(0)))
        else:
            conditions.append(Ticket.id.in_(answered))
    return and_(*conditions)
