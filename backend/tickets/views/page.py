"""The page of one ticket: conversation, activity, properties, contact, order."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from backend import clock, config
from backend.auth import Who, me, requires
from backend.chat.models import ChatState
from backend.checklists.models import checklists_of, progress
from backend.deletion.models import tombstone
from backend.devices.models import connect_links, devices_of
from backend.errors import NotFound
from backend.fields.models import for_person
from backend.fields.rights import hidden_from
from backend.fields.rows import filled_in
from backend.settings.models import setting
from backend.statuses.words import pending_offers, until_name
from backend.surveys.models import answer_shown
from backend.tickets import words
from backend.tickets.conversation import NEWEST, conversation, folded, messages_of, opened, said_at
from backend.tickets.family import family_of
from backend.tickets.models import (
    Status,
    StatusKind,
    statuses,
)
from backend.tickets.sorting import order_named
from backend.tickets.views.door import blueprint, the_ticket
from backend.tickets.views.facts import facts_of, last_tickets
from backend.tickets.views.filters import Filters, conditions, of_teams
from backend.tickets.views.listing import default_view, view_names
from backend.tickets.views.log import log_of
from backend.tickets.views.recipients import answered, joined, own_addresses
from backend.tickets.views.rows import neighbours
from backend.ui.answers import go_to
from backend.visits.rows import visits_of_ticket
from backend.worklog.rows import worked_on
from backend.writing.rows import mails_of


def named(all_statuses: list[Status], offers: dict[str, str]) -> list[SimpleNamespace]:
    """Statuses with the name and look that menus show; a pending one with what `offers` says until when."""
    looks = [words.status_look(status.kind, status.name, status.key, status.tone) for status in all_statuses]
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


def running_chat(facts: Any, who: Who) -> dict[str, Any] | None:
    """The chat that waits or is open on the ticket, as the composer wants it."""
    if facts.chat_id is None:
        return None
    own = facts.chat_technician_id == who.person_id
    return {
        "id": facts.chat_id,
        "state": facts.chat_state,
        "mine": facts.chat_state == ChatState.OPEN and own,
        "speaks": facts.chat_state == ChatState.WAITING or own,
        "technician": facts.chat_technician,
        "customer": facts.contact,
    }


def shown(number: int, who: Who, *, activity: bool = False) -> dict[str, Any]:
    """What every door shows of one ticket, as the templates want it. Raises NotFound."""
    facts = facts_of(number, who)
    all_statuses, zone = statuses(), who.timezone or config.current().timezone
    offers = pending_offers(zone)
    messages = [] if activity else messages_of(facts.id, who)
    talk = ([], []) if activity else answered(messages, facts, own_addresses())
    to, cc = joined(talk, facts.participants or []) if talk[0] else talk
    whole = len(messages) < NEWEST
    coming, gone = visits_of_ticket(who, facts.id, clock.now())
    devices = devices_of(who, facts.contact_id) if facts.has_devices else []
    checklists = checklists_of(facts.id) if facts.has_checklists and who.is_staff else []
    status = next(status for status in all_statuses if status.id == facts.status_id)
    early, late = folded([] if activity else conversation(facts.id, who, messages, whole=whole))
    return {
        "ticket": facts,
        "here": f"/tickets/{facts.number}",
        "chat": running_chat(facts, who),
        "status": status,
        "status_word": words.status_name(status.key, status.name),
        "look": words.status_look(status.kind, status.name, status.key, status.tone),
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
        "last_tickets": last_tickets(facts, who),
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
    tells = request.args.get("tab") == "activity"
    try:
        page = shown(number, who, activity=tells)
    except NotFound:
        left = tombstone(number, who)
        if left is None:
            raise
        return go_to(f"/tickets/{number}") if refreshes else (render_template("deletion/page.html", left=left), 410)
    if page["ticket"].merged_into and not refreshes:  # an open page stays: somebody may be writing on it
        return redirect(filters.address(f"/tickets/{page['ticket'].merged_into}", merged=str(number)))
    log, logged = log_of(page["ticket"], who) if tells else ([], 0)
    if "view" not in request.args and filters.view == "teams" and not of_teams(page["ticket"], who):
        filters = replace(filters, view="all")  # it was made, linked or found: it is none of that list
    newer, older = neighbours(page["ticket"], conditions(filters, who), order_named(filters.sort))
    return render_template(
        "tickets/_ticket.html" if request.headers.get("HX-Request") else "tickets/ticket.html",
        **page,
        filters=filters,
        newer=newer,
        older=older,
        view_name=view_names()[filters.view],
        log=log,
        logged=logged,
    )


@blueprint.get("/tickets/<int:number>/about")
@requires("tickets.read")
def about(number: int) -> ResponseReturnValue:
    """Properties, contact and order alone, for a page that shows the ticket beside something else."""
    return render_template("tickets/_about.html", **shown(number, me(), activity=True))


@blueprint.get("/tickets/<int:number>/activity")
@requires("tickets.read")
def activity(number: int) -> ResponseReturnValue:
    """What happened on the ticket, alone: the pane asks for it once somebody wants to see it.

    `before`: what happened before that event, which is asked for under what stands there already.
    """
    facts, before = facts_of(number, me()), max(0, min(request.args.get("before", type=int, default=0), 2**62))
    log, logged = log_of(facts, me(), before)
    part = "tickets/_activity.html" if before else "tickets/_activity_alone.html"
    return render_template(part, ticket=facts, log=log, logged=logged)


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
        items=conversation(ticket.id, me(), messages, whole=whole, until=said_at(before)) if messages else [],
        first=0 if whole else messages[0].id,
        opened=frozenset(),
    )
