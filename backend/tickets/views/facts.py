"""What head and rail of a ticket's page say, in one query."""

from typing import Any

from sqlalchemy import bindparam, case, func, literal_column, select, true
from sqlalchemy.orm import aliased

from backend.auth import Who
from backend.chat.models import Chat, ChatState
from backend.checklists.models import any_of as any_checklist_of
from backend.contracts.models import AGREED, Contract
from backend.db import session
from backend.deletion.missing import missing
from backend.devices.models import any_of as any_device_of
from backend.fields.models import DEFINED
from backend.orders.models import Order
from backend.people.models import Customer, Person, Site, Team
from backend.statuses.models import RootCause, has_causes
from backend.surveys.models import SurveyAnswer
from backend.tickets.family import with_family
from backend.tickets.found import within
from backend.tickets.models import Status, Ticket, seen_by, seer
from backend.worklog.models import HAS_WORK
from backend.writing.models import participants_in

_contact, _assignee, _home, _site = aliased(Person), aliased(Person), aliased(Customer), aliased(Site)
_talker = aliased(Person)
_earlier, _later = aliased(Ticket), aliased(Ticket)
# The chat that waits or is open on the ticket: a reply goes there.
_chat = (
    select(Chat.id, Chat.state, Chat.technician_id, _talker.name)
    .outerjoin(_talker, _talker.id == Chat.technician_id)
    .where(Chat.ticket_id == Ticket.id, Chat.state != ChatState.ENDED)
    .order_by(Chat.id.desc())
    .limit(1)
    .lateral("running")
)
_goes_on, _other = aliased(Ticket), aliased(Ticket)
# The numbers of the tickets that are merged into this one.
_merged = func.array(
    select(_other.number).where(_other.merged_into_id == Ticket.id).order_by(_other.number).scalar_subquery()
)

# The answer of which it was made, as one value: no other statement asks for it.
_survey = (
    select(func.to_jsonb(literal_column("survey_answers")))
    .select_from(SurveyAnswer)
    .where(SurveyAnswer.ticket_id == Ticket.id)
    .correlate(Ticket)
    .scalar_subquery()
)
_FACTS: Any = with_family(
    select(
        Ticket.id,
        Ticket.number,
        Ticket.subject,
        Ticket.closed,
        Ticket.activity_status,
        Ticket.priority,
        Ticket.impact,
        Ticket.type,
        Ticket.category,
        Ticket.product_family,
        Ticket.messages_count,
        Ticket.created_at,
        Ticket.updated_at,
        Ticket.summary,
        Ticket.data,
        Ticket.status_id,
        Ticket.pending_until,
        RootCause.name.label("root_cause"),
        has_causes().label("has_causes"),
        _earlier.number.label("follows"),
        select(func.max(_later.number)).where(_later.follows_id == Ticket.id).scalar_subquery().label("followed_by"),
        Ticket.contact_id,
        Ticket.assignee_id,
        Ticket.team_id,
        _home.id.label("customer_id"),
        _home.key.label("customer_key"),
        _home.name.label("customer"),
        _contact.name.label("contact"),
        _contact.mail.label("contact_mail"),
        _contact.phone.label("contact_phone"),
        _contact.job_title.label("contact_job"),
        _site.name.label("contact_site"),
        _assignee.name.label("assignee"),
        Team.name.label("team"),
        Order.number.label("order_number"),
        Order.title.label("order_title"),
        Order.total.label("order_total"),
        Order.currency.label("order_currency"),
        Order.status.label("order_status"),
        _survey.label("survey"),
        Contract.name.label("contract"),
        case((Contract.id.is_not(None), AGREED)).label("agreed"),
        HAS_WORK.label("has_work"),
        _chat.c.id.label("chat_id"),
        _chat.c.state.label("chat_state"),
        _chat.c.technician_id.label("chat_technician_id"),
        _chat.c.name.label("chat_technician"),
        _goes_on.number.label("merged_into"),
        _merged.label("merged"),
        any_checklist_of(Ticket.id).label("has_checklists"),
        any_device_of(Ticket.contact_id).label("has_devices"),
        Ticket.fields,
        DEFINED.label("defined"),
        participants_in(Ticket.id).label("participants"),
    )
    .outerjoin(RootCause, RootCause.id == Ticket.root_cause_id)
    .outerjoin(_earlier, _earlier.id == Ticket.follows_id)
    .outerjoin(_home, _home.id == Ticket.customer_id)
    .outerjoin(_contact, _contact.id == Ticket.contact_id)
    .outerjoin(_site, _site.id == _contact.site_id)
    .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Order, Order.id == Ticket.order_id)
    .outerjoin(Contract, Contract.id == Ticket.contract_id)
    .outerjoin(_chat, true())
    .outerjoin(_goes_on, _goes_on.id == Ticket.merged_into_id)
    .where(Ticket.number == bindparam("number"))
)
_LAST: Any = (
    select(Ticket.number, Ticket.subject, Ticket.priority, Ticket.closed, Ticket.updated_at, Status.kind)
    .join(Status, Status.id == Ticket.status_id)
    .where(Ticket.contact_id == bindparam("contact"), Ticket.id != bindparam("ticket"))
    .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
    .limit(5)
)


def facts_of(number: int, who: Who) -> Any:
    """All that head and rail say about the ticket, in one query. Raises NotFound."""
    row = session.execute(seen_by(_FACTS, who), {"number": within(number), "seer": seer(who)}).one_or_none()
    if row is None:
        raise missing(number, who)
    return row


def last_tickets(facts: Any, who: Who) -> list[Any]:
    """The five latest other tickets of the contact that `who` may see."""
    if facts.contact_id is None:
        return []
    given = {"contact": facts.contact_id, "ticket": facts.id, "seer": seer(who)}
    return list(session.execute(seen_by(_LAST, who), given))
