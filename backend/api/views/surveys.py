"""Answers to surveys: the survey's system writes them beside the ticket it made."""

from backend.api import named
from backend.api.operation import Put, operation
from backend.api.shapes.surveys import QuestionAnswer, SurveyAnswerIn, SurveyAnswerOut
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.surveys.actions import Answer
from backend.surveys.actions import put_answer as put
from backend.surveys.models import SurveyAnswer


def _shape(number: int, kept: SurveyAnswer) -> SurveyAnswerOut:
    return SurveyAnswerOut(
        ticket=number,
        survey=kept.survey,
        answer_id=kept.answer_id,
        answered_at=kept.answered_at,
        contact=kept.contact,
        location=kept.location,
        quotas=kept.quotas,
        answers=[QuestionAnswer(**one) for one in kept.answers],
        embedded=kept.embedded,
        updated_at=kept.updated_at,
    )


@operation("GET", "/tickets/{number}/survey-answer", tag="surveys", answer=SurveyAnswerOut, problems=(404,))
@requires("surveys.read")
def get_survey_answer(number: int) -> SurveyAnswerOut:
    """The answer to a survey of which the ticket was made."""
    kept = session.get(SurveyAnswer, named.ticket(number).id)
    if kept is None:
        raise NotFound(_("This ticket has no answer to a survey."))
    return _shape(number, kept)


@operation(
    "PUT", "/tickets/{number}/survey-answer", tag="surveys", answer=SurveyAnswerOut, statuses=(200, 201),
    body=SurveyAnswerIn, problems=(404,),
)  # fmt: skip
@requires("surveys.write")
def put_survey_answer(number: int, body: SurveyAnswerIn) -> Put:
    """Keeps the whole answer with the ticket. The same twice changes nothing."""
    given = body.model_dump() | {"answers": [one.model_dump() for one in body.answers]}
    kept, new = put(named.ticket(number, lock=True), me(), Answer(**given))
    return Put(_shape(number, kept), created=new)
