"""The page of one ticket: conversation, activity, properties, contact, order."""

from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select, true, tuple_
from sqlalchemy.orm import aliased

from backend import clock, config
from backend.auth import Who, me, requires
from backend.chat.models import Chat, ChatState
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.orders.models import Order
from backend.people.models import Customer, Person, Site, Team
from backend.settings.models import setting
from backend.tickets import words
from backend.tickets.conversation import CHANGES, NEWEST, conversation, folded, messages_of, opened, said_at
from backend.tickets.models import (
    Activity,
    Status,
    Ticket,
    seen_by,
    statuses,
)
from backend.tickets.views.door import blueprint, the_ticket, within
from backend.tickets.views.filters import Filters, conditions
from backend.tickets.views.listing import default_view, view_names
from backend.tickets.views.recipients import answered, joined, own_addresses
from backend.visits.rows import visits_of_ticket
from backend.writing.models import participants_in
from backend.writing.rows import mails_of

LOGGED = 500
EARLIER = ("message_edited", "message_deleted", "reply_taken_back")  # verbs whose log keeps what was said
_contact, _assignee, _home, _site = aliased(Person), aliased(Person), aliased(Customer), aliased(Site)
_talker = aliased(Person)
# The chat that waits or is open on the ticket: a reply goes there.
_chat = (
    select(Chat.id, Chat.state, Chat.technician_id, _talker.name)
    .outerjoin(_talker, _talker.id == Chat.technician_id)
    .where(Chat.ticket_id == Ticket.id, Chat.state != ChatState.ENDED)
    .order_by(Chat.id.desc())
    .limit(1)
    .lateral("running")
)


_FACTS: Any = (
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
        _chat.c.id.label("chat_id"),
        _chat.c.state.label("chat_state"),
        _chat.c.technician_id.label("chat_technician_id"),
        _chat.c.name.label("chat_technician"),
        participants_in(Ticket.id).label("participants"),
    )
    .outerjoin(_home, _home.id == Ticket.customer_id)
    .outerjoin(_contact, _contact.id == Ticket.contact_id)
    .outerjoin(_site, _site.id == _contact.site_id)
    .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Order, Order.id == Ticket.order_id)
    .outerjoin(_chat, true())
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
    row = session.execute(seen_by(_FACTS, who), {"number": within(number)}).one_or_none()
    if row is None:
        raise NotFound(_("There is no ticket #%(number)s.", number=number))
    return row


def named(all_statuses: list[Status]) -> list[SimpleNamespace]:
    """Statuses with the name and look that menus show."""
    looks = [words.status_look(status.kind, status.name) for status in all_statuses]
    return [
        SimpleNamespace(key=status.key, name=words.status_name(status.key, status.name), kind=look, look=look)
        for status, look in zip(all_statuses, looks, strict=True)
    ]


def _neighbours(facts: Any, filters: Filters, who: Who) -> tuple[int | None, int | None]:
    """Numbers of the tickets above and below this one in the list it was opened from."""
    key, here = tuple_(Ticket.updated_at, Ticket.id), (facts.updated_at, facts.id)
    where = conditions(filters, who)
    above = select(Ticket.number).where(*where, key > here).order_by(Ticket.updated_at, Ticket.id).limit(1)
    below = (
        select(Ticket.number).where(*where, key < here).order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(1)
    )
    row = session.execute(select(above.scalar_subquery(), below.scalar_subquery())).one()
    return row[0], row[1]


def _last_tickets(facts: Any, who: Who) -> list[Any]:
    if facts.contact_id is None:
        return []
    return list(session.execute(seen_by(_LAST, who), {"contact": facts.contact_id, "ticket": facts.id}))


def _log(ticket_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Activity)
        .with_only_columns(
            Activity.verb, Activity.actor_name, Activity.before, Activity.after, Activity.data, Activity.at
        )
        .where(Activity.ticket_id == ticket_id)
        .order_by(Activity.id.desc())
        .limit(LOGGED)
    )
    return [
        {
            "actor": row.actor_name,
            "at": row.at,
            "happened": "" if row.verb in CHANGES else words.happened(row.verb, row.data, row.before, row.after),
            "earlier": row.before if row.verb in EARLIER else "",
            "to": row.after if row.verb == "chat_handed_over" else "",
            "name": words.property_name(row.verb),
            "before": words.value_name(row.verb, row.before),
            "after": words.value_name(row.verb, row.after),
        }
        for row in rows
    ]


def shown(number: int, who: Who, *, activity: bool = False) -> dict[str, Any]:
    """What every door shows of one ticket, as the templates want it. Raises NotFound."""
    facts = _facts(number, who)
    all_statuses = statuses()
    messages = [] if activity else messages_of(facts.id, who)
    talk = ([], []) if activity else answered(messages, facts, own_addresses())
    to, cc = joined(talk, facts.participants or []) if talk[0] else talk
    whole = len(messages) < NEWEST
    coming, gone = visits_of_ticket(who, facts.id, clock.now())
    early, late = folded([] if activity else conversation(facts.id, messages, whole=whole))
    return {
        "ticket": facts,
        "tab": "activity" if activity else "talk",
        "early": early,
        "late": late,
        "opened": opened(messages),
        "first": 0 if whole else messages[0].id,
        "named_statuses": named(all_statuses),
        "default_kind": "" if activity else setting("default_kind"),
        "categories": words.categories(),
        "status": next(status for status in all_statuses if status.id == facts.status_id),
        "last_tickets": _last_tickets(facts, who),
        "to": to,
        "cc": cc,
        "visits": coming,
        "visits_gone": gone,
        "mails": mails_of(facts.id, who),
        "own_zone": who.timezone or config.current().timezone,
    }


@blueprint.get("/tickets/<int:number>")
@requires("tickets.read")
def ticket(number: int) -> ResponseReturnValue:
    """The page; for htmx only the part inside the frame, which the page includes."""
    who = me()
    activity = request.args.get("tab") == "activity"
    page = shown(number, who, activity=activity)
    filters = Filters.read(request.args, default_view(who))
    newer, older = _neighbours(page["ticket"], filters, who)
    return render_template(
        "tickets/_ticket.html" if request.headers.get("HX-Request") else "tickets/ticket.html",
        **page,
        filters=filters,
        newer=newer,
        older=older,
        view_name=view_names()[filters.view],
        log=_log(page["ticket"].id) if activity else [],
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
