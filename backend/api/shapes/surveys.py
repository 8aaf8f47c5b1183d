"""Answers to surveys."""

import datetime as dates
from typing import Annotated

from pydantic import AwareDatetime, Field

from backend.api.shapes.values import Data, Line, Name, Shape, Text, Word


class QuestionAnswer(Shape):
    """One question and what was answered."""

    question: Text
    answer: Text = ""


class SurveyAnswerIn(Shape):
    """The whole answer of one person."""

    survey: Name
    """The survey's name."""
    answer_id: Word = ""
    """What the survey's system calls the answer."""
    answered_at: AwareDatetime | None = None
    contact: Line = ""
    location: Line = ""
    quotas: Annotated[list[Line], Field(max_length=50)] = []
    answers: Annotated[list[QuestionAnswer], Field(max_length=500)] = []
    embedded: Data = {}


class SurveyAnswerOut(Shape):
    """The answer that stands on a ticket."""

    ticket: int
    survey: str
    answer_id: str
    answered_at: dates.datetime | None
    contact: str
    location: str
    quotas: list[str]
    answers: list[QuestionAnswer]
    embedded: Data
    updated_at: dates.datetime
