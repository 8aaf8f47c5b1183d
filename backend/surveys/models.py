"""Answers to surveys of other systems, on the tickets that were made of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base


class SurveyAnswer(Base):
    """The whole answer of one person, as the survey's system told it. A ticket has one at most."""

    __tablename__ = "survey_answers"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    survey: Mapped[str]
    answer_id: Mapped[str] = mapped_column(default="")  # as the survey's system calls it
    answered_at: Mapped[datetime | None]
    contact: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    quotas: Mapped[list[str]] = mapped_column(default=list)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # {"question", "answer"}, in their order
    embedded: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime]


def answer_shown(row: dict[str, Any], who: Who) -> dict[str, Any]:
    """What `who` may see of an answer (a row as jsonb): without the right to see surveys, the words alone."""
    if not who.may("surveys.read"):
        return {"survey": row["survey"], "answers": row["answers"]}
    answered_at = row["answered_at"]
    return row | {"answered_at": datetime.fromisoformat(answered_at) if answered_at else None}
