"""Microsoft's word of new mail, originals as they came, and another try for what could not be sent."""

import hmac
import json
import re
from typing import Any

import structlog
from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from backend import config, files
from backend.auth import me, open_to, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.jobs import later
from backend.mail.actions import retry as send_again
from backend.mail.client_state import client_state
from backend.mail.models import Delivery, InboundMail, Mailbox, OutboundMail
from backend.tickets.models import Message, messages_visible_to
from backend.web import file_response

log = structlog.get_logger(__name__)
blueprint = Blueprint("mail", __name__)
_LARGEST = 1_000_000  # bytes; Microsoft sends far less
_MOST = 2_000  # notifications in one request
_LONGEST_TOKEN = 4_000
_SUBSCRIPTION = re.compile(r"[A-Za-z0-9._:=+/-]{1,200}")


def _handshake() -> Response | None:
    """Microsoft's question whether this address wants notifications, answered by what it asked."""
    token = request.args.get("validationToken")
    if token is None:
        return None
    if len(token) > _LONGEST_TOKEN:
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    response = make_response(token)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _notices() -> list[dict[str, Any]]:
    """The notifications in the request's body. Raises for a body that is too large or no list of them."""
    if (request.content_length or 0) > _LARGEST:
        raise RequestEntityTooLarge
    request.max_content_length = _LARGEST
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Invalid(_("This request could not be read. Please reload the page and try again.")) from error
    told = body.get("value") if isinstance(body, dict) else None
    if not isinstance(told, list):
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    return [one for one in told[:_MOST] if isinstance(one, dict)]


def _believed(notices: list[dict[str, Any]]) -> list[tuple[Mailbox, dict[str, Any]]]:
    """Those for a subscription of ours that bring its secret word. Nothing else in them is believed."""
    ids = {str(one.get("subscriptionId") or "") for one in notices}
    plain = [one for one in ids if _SUBSCRIPTION.fullmatch(one)]
    watched = session.scalars(select(Mailbox).where(Mailbox.subscription_id.in_(plain)))
    boxes = {box.subscription_id: box for box in watched}
    believed, doubted = [], 0
    for one in notices:
        box = boxes.get(str(one.get("subscriptionId") or ""))
        state = str(one.get("clientState") or "").encode(errors="replace")
        tenant = str(one.get("tenantId") or config.current().tenant_id).lower()
        if box is None or not hmac.compare_digest(state, client_state(box.address).encode()):
            doubted += 1
        elif tenant == config.current().tenant_id:
            believed.append((box, one))
    if doubted:
        log.warning("notifications were not believed", number=doubted)
    return believed


@blueprint.post("/microsoft/notifications")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True)
def notifications() -> ResponseReturnValue:
    """Something is new in a mailbox: a look at it is asked for, and Microsoft is answered at once."""
    handshake = _handshake()
    if handshake is not None:
        return handshake
    for box_id in {box.id for box, _notice in _believed(_notices())}:
        later("mail.fetch", once=f"mail.fetch:{box_id}", mailbox_id=box_id)
    return "", 202


@blueprint.post("/microsoft/lifecycle")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True)
def lifecycle() -> ResponseReturnValue:
    """A subscription needs care, has ended, or notifications were lost: it is seen to, and the mailbox looked at."""
    handshake = _handshake()
    if handshake is not None:
        return handshake
    for box_id in {box.id for box, _notice in _believed(_notices())}:
        later("mail.subscribe_mailbox", once=f"mail.subscribe:{box_id}", mailbox_id=box_id)
        later("mail.fetch", once=f"mail.fetch:{box_id}", mailbox_id=box_id)
    return "", 202


@blueprint.get("/mails/<int:mail_id>/original")
@requires("mail.read")
def original(mail_id: int) -> ResponseReturnValue:
    """An incoming mail byte by byte, to be saved."""
    key = session.scalar(select(InboundMail.original).where(InboundMail.id == mail_id))
    if not key:
        raise NotFound(_("There is no such mail."))
    return file_response(files.read(key), name=f"mail-{mail_id}.eml", content_type="message/rfc822")


@blueprint.post("/messages/<int:message_id>/retry")
@requires("mail.retry")
def retry(message_id: int) -> ResponseReturnValue:
    """Sends the mail of a reply after all."""
    message = session.scalar(messages_visible_to(me()).where(Message.id == message_id))
    if message is None:
        raise NotFound(_("This message is no longer there."))
    outbound = session.scalar(
        select(OutboundMail).where(OutboundMail.message_id == message_id).order_by(OutboundMail.id.desc()).limit(1)
    )
    if outbound is not None:
        send_again(outbound, me())
    elif message.delivery == Delivery.FAILED:  # there was no mailbox to send from
        message.delivery = Delivery.WAITING
        later("mail.reply", message_id=message_id)
    return "", 204
