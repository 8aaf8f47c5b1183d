"""The page of one ticket: conversation, activity, properties, contact, order."""

from types import SimpleNamespace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, func, literal_column, select, true
from sqlalchemy.orm import aliased

from backend import clock, config
from backend.auth import Who, me, requires
from backend.chat.models import Chat, ChatState
from backend.checklists.models import any_of as any_checklist_of
from backend.checklists.models import checklists_of, progress
from backend.contracts.models import Contract
from backend.db import session
from backend.deletion.missing import missing
from backend.deletion.models import tombstone
from backend.devices.models import any_of as any_device_of
from backend.devices.models import connect_links, devices_of
from backend.errors import NotFound
from backend.fields.models import DEFINED, for_person
from backend.fields.rights import hidden_from
from backend.fields.rows import filled_in
from backend.orders.models import Order
from backend.people.models import Customer, Person, Site, Team
from backend.settings.models import setting
from backend.statuses.models import RootCause, has_causes
from backend.statuses.words import pending_offers, until_name
from backend.surveys.models import SurveyAnswer, answer_shown
from backend.tickets import words
from backend.tickets.conversation import NEWEST, conversation, folded, messages_of, opened, said_at
from backend.tickets.family import family_of, with_family
from backend.tickets.models import (
    Status,
    StatusKind,
    Ticket,
    seen_by,
    seer,
    statuses,
)
from backend.tickets.sorting import order_named
from backend.tickets.views.door import blueprint, the_ticket, within
from backend.tickets.views.filters import Filters, conditions
from backend.tickets.views.listing import default_view, view_names
from backend.tickets.views.log import log_of
from backend.tickets.views.recipients import answered, joined, own_addresses
from backend.tickets.views.rows import neighbours
from backend.ui.answers import go_to
from backend.visits.rows import visits_of_ticket
from backend.worklog.models import HAS_WORK
from backend.worklog.rows import worked_on
from backend.writing.models import participants_in
from backend.writing.rows import mails_of

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
        Contract.service_level.label("contract_level"),
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


def _facts(number: int, who: Who) -> Any:
    """All that head and rail say about the ticket, in one query. Raises NotFound."""
    row = session.execute(seen_by(_FACTS, who), {"number": within(number), "seer": seer(who)}).one_or_none()
    if row is None:
        raise missing(number, who)
    return row


def named(all_statuses: list[Status], offers: dict[str, str]) -> list[SimpleNamespace]:
    """Statuses with the name and look that menus show; a pending one with what `offers` says until when."""
    looks = [words.status_look(status.kind, status.name, status.key) for status in all_statuses]
    return [
        SimpleNamespace(
            key=status.key,
            name=words.status_name(status.key, status.name),
            kind=look,
            look=look,
            until=[(f"{status.key}@{one}", until_name(one), moment) for one, moment in offers.items()]
            if status.kind == StatusKind.PENDING
            else [],
        )
        for status, look in zip(all_statuses, looks, strict=True)
    ]


def _last_tickets(facts: Any, who: Who) -> list[Any]:
    if facts.contact_id is None:
        return []
    return list(session.execute(seen_by(_LAST, who), {"contact": facts.contact_id, "ticket": facts.id}))


def shown(number: int, who: Who, *, activity: bool = False) -> dict[str, Any]:
    """What every door shows of one ticket, as the templates want it. Raises NotFound."""
    facts = _facts(number, who)
    all_statuses, zone = statuses(), who.timezone or config.current().timezone
    offers = pending_offers(zone)
    messages = [] if activity else messages_of(facts.id, who)
    talk = ([], []) if activity else answered(messages, facts, own_addresses())
    to, cc = joined(talk, facts.participants or []) if talk[0] else talk
    whole = len(messages) < NEWEST
    coming, gone = visits_of_ticket(who, facts.id, clock.now())
    devices = devices_of(who, facts.contact_id) if facts.has_devices else []
    checklists = checklists_of(facts.id) if facts.has_checklists and who.is_staff else []
    early, late = folded([] if activity else conversation(facts.id, messages, whole=whole))
    return {
        "ticket": facts,
        "family": family_of(facts, who),
        "tab": "activity" if activity else "talk",
        "early": early,
        "late": late,
        "opened": opened(messages),
        "first": 0 if whole else messages[0].id,
        "named_statuses": named(all_statuses, offers),
        "pending_offers": offers,
        "default_kind": "" if activity else setting("default_kind"),
        "answer": answer_shown(facts.survey, who) if facts.survey and setting("answer_on_ticket") else None,
        "categories": words.categories(),
        "status": next(status for status in all_statuses if status.id == facts.status_id),
        "last_tickets": _last_tickets(facts, who),
        "to": to,
        "cc": cc,
        "visits": coming,
        "visits_gone": gone,
        "worked": worked_on(who, facts.id, anything=facts.has_work),
        "checklists": checklists,
        "ticked": progress(checklists),
        "fields": filled_in(for_person(facts.defined, who), facts.type, facts.fields),
        "hidden": hidden_from(who),
        "devices": devices,
        "links": connect_links() if devices else [],
        "mails": mails_of(facts.id, who),
        "own_zone": zone,
    }


@blueprint.get("/tickets/<int:number>")
@requires("tickets.read")
def ticket(number: int) -> ResponseReturnValue:
    """The page; for htmx only the part inside the frame, which the page includes."""
    who, refreshes = me(), "HX-Request" in request.headers
    filters = Filters.read(request.args, default_view(who))
    activity = request.args.get("tab") == "activity"
    try:
        page = shown(number, who, activity=activity)
    except NotFound:
        left = tombstone(number, who)
        if left is None:
            raise
        return go_to(f"/tickets/{number}") if refreshes else (render_template("deletion/page.html", left=left), 410)
    if page["ticket"].merged_into and not refreshes:  # an open page stays: somebody may be writing on it
        return redirect(filters.address(f"/tickets/{page['ticket'].merged_into}", merged=str(number)))
    newer, older = neighbours(page["ticket"], conditions(filters, who), order_named(filters.sort))
    return render_template(
        "tickets/_ticket.html" if request.headers.get("HX-Request") else "tickets/ticket.html",
        **page,
        filters=filters,
        newer=newer,
        older=older,
        view_name=view_names()[filters.view],
        log=log_of(page["ticket"], who) if activity else [],
    )


@blueprint.get("/tickets/<int:number>/about")
@requires("tickets.read")
def about(number: int) -> ResponseReturnValue:
    """Properties, contact and order alone, for a page that shows the ticket beside something else."""
    return render_template("tickets/_about.html", **shown(number, me(), activity=True))


@blueprint.get("/tickets/<int:number>/older")
@requires("tickets.read")
def older_messages(number: int) -> ResponseReturnValue:
    """Messages before the one named by `before`, folded."""
    ticket, before = the_ticket(number), max(0, min(request.args.get("before", type=int, default=0), 2**62))
    messages = messages_of(ticket.id, me(), before=before, limit=NEWEST)
    whole = len(messages) < NEWEST
    return render_template(
        "tickets/_older.html",
        ticket=ticket,
        items=conversation(ticket.id, messages, whole=whole, until=said_at(before)) if messages else [],
        first=0 if whole else messages[0].id,
        opened=frozenset(),
    )
