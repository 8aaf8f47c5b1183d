"""Keeping the answer to a survey with its ticket."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.surveys.models import SurveyAnswer
from backend.tickets.actions import index_head, record
from backend.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody answered; `answers` are {"question": …, "answer": …} in the survey's order."""

    survey: str
    answer_id: str = ""
    answered_at: datetime | None = None
    contact: str = ""
    location: str = ""
    quotas: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    embedded: dict[str, Any] = field(default_factory=dict)


def put_answer(ticket: Ticket, actor: Who, answer: Answer) -> tuple[SurveyAnswer, bool]:
    """The ticket's answer, as it is to be, and whether it is new. The same twice changes nothing."""
    kept = session.get(SurveyAnswer, ticket.id, with_for_update=True)
    said = {one.name: getattr(answer, one.name) for one in fields(answer)}
    if kept is not None and {name: getattr(kept, name) for name in said} == said:
        return kept, False
    new = kept is None
    if kept is None:
        kept = SurveyAnswer(ticket_id=ticket.id, **said, updated_at=clock.now())
        session.add(kept)
    for name, value in said.items():
        setattr(kept, name, value)
    kept.updated_at = clock.now()
    record(ticket, actor, "survey_answered", after=answer.survey)
    session.flush()
    index_head(ticket)
    return kept, new
