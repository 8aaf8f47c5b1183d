"""Mails of a ticket that answer nobody: forwards, and follow-up mails from their small window."""

import re

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend import receipts
from backend.auth import me, requires
from backend.db import session
from backend.drafts.actions import forget
from backend.fields.models import FieldKind, definitions
from backend.i18n import _
from backend.mail.parse.headers import name_and_address
from backend.people.models import Person
from backend.tickets.actions import enclosures
from backend.tickets.models import Channel, Ticket
from backend.tickets.views.door import blueprint, the_ticket
from backend.tickets.views.recipients import parsed
from backend.ui.answers import changed, looked_again
from backend.web import form_text
from backend.writing.actions import acknowledgement, files_to_pass_on, follow_up, forward, quotable

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


def _channel() -> Channel:
    return Channel.PANE if me().door == "pane" else Channel.DESK


def _said_already(what: str) -> bool:
    """Whether this form was sent before."""
    token = form_text(request.form, "token")[:64]
    return bool(token) and receipts.earlier(f"desk.{what}.{me().person_id}", token) is not None


def _keep(what: str, message_id: int) -> None:
    token = form_text(request.form, "token")[:64]
    if token:
        receipts.keep(f"desk.{what}.{me().person_id}", token, str(message_id))


@blueprint.get("/tickets/<int:number>/forward")
@requires("tickets.write")
def forward_form(number: int) -> ResponseReturnValue:
    """The form of a forward: of the whole conversation, or of the message named by `message`."""
    ticket = the_ticket(number)
    messages = quotable(ticket)
    one = request.args.get("message", type=int)
    return render_template(
        "writing/_forward.html",
        ticket=ticket,
        messages=messages,
        one=one if one in {message.id for message in messages} else None,
        files=files_to_pass_on(messages),
        tell=acknowledgement(ticket, me()),
    )


@blueprint.post("/tickets/<int:number>/forward")
@requires("tickets.write")
def forward_it(number: int) -> ResponseReturnValue:
    """Passes the matter on; the same form sent twice passes it on once."""
    ticket, form = the_ticket(number, lock=True), request.form
    if _said_already("forward"):
        return looked_again(f"ticket:{ticket.id}")
    messages, quote = quotable(ticket), form.get("quote", "")
    chosen = set(form.getlist("pass_on"))
    message = forward(
        ticket,
        me(),
        form_text(form, "text"),
        parsed(form.getlist("forward_to"), "forward_to"),
        quoted=messages if quote == "all" else [each for each in messages if str(each.id) == quote],
        files=[each for each in files_to_pass_on(messages) if str(each.id) in chosen],
        enclosures=enclosures(request.files.getlist("files")),
        channel=_channel(),
        tell=form_text(form, "tell_text") if form.get("tell") else "",
    )
    forget(me(), f"forward:{ticket.number}")
    _keep("forward", message.id)
    names = ", ".join(each["name"] or each["address"] for each in message.to)
    return changed(_("Forwarded to %(names)s.", names=names), f"ticket:{ticket.id}", detail=f"#{ticket.number}")


@blueprint.get("/tickets/<int:number>/follow-up")
@requires("tickets.write")
def follow_up_form(number: int) -> ResponseReturnValue:
    """The small window of a follow-up mail: to the ticket's contact at first, or to the address it tells of."""
    ticket = the_ticket(number)
    return render_template("writing/_follow_up.html", ticket=ticket, to=_contact(ticket) or _told_of(ticket))


@blueprint.post("/tickets/<int:number>/follow-up")
@requires("tickets.write")
def follow_up_it(number: int) -> ResponseReturnValue:
    """Sends a follow-up mail; the same form sent twice sends one."""
    ticket, form = the_ticket(number, lock=True), request.form
    if _said_already("follow-up"):
        return looked_again(f"ticket:{ticket.id}")
    message = follow_up(
        ticket,
        me(),
        form_text(form, "text"),
        parsed(form.getlist("mail_to"), "mail_to"),
        form_text(form, "subject"),
        enclosures=enclosures(request.files.getlist("files")),
        channel=_channel(),
    )
    forget(me(), f"mail:{ticket.number}")
    _keep("follow-up", message.id)
    to = message.to[0]["name"] or message.to[0]["address"]
    return changed(_("Mail to %(name)s is on its way.", name=to), f"ticket:{ticket.id}", detail=f"#{ticket.number}")


def _contact(ticket: Ticket) -> list[tuple[str, str]]:
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    return [(name_and_address(contact.name, contact.mail), contact.name)] if contact and contact.mail else []


def _told_of(ticket: Ticket) -> list[tuple[str, str]]:
    """The first e-mail address among what a survey, another system or somebody wrote into the ticket's fields."""
    texts = [each.key for each in definitions(me()) if each.kind == FieldKind.TEXT]
    told = [*ticket.data.values(), *ticket.summary.values(), *(ticket.fields.get(key) for key in texts)]
    for value in told:
        found = _ADDRESS.search(value) if isinstance(value, str) else None
        if found:
            return [(found[0], found[0])]
    return []
