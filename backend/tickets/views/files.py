"""Files that came with messages, and mails as they were received or sent."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import files
from backend.auth import FRAMED_DOORS, me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.mail import sanitise
from backend.mail.models import InboundMail
from backend.tickets.models import Attachment, Message, messages_visible_to
from backend.tickets.views.door import blueprint
from backend.web import file_response, pictures_policy


@blueprint.get("/attachments/<int:attachment_id>")
@requires("tickets.read")
def attachment(attachment_id: int) -> ResponseReturnValue:
    """A file of a message the person may read; plain pictures are shown, everything else is saved."""
    row = session.execute(
        messages_visible_to(me())
        .join(Attachment, Attachment.message_id == Message.id)
        .with_only_columns(Attachment.name, Attachment.content_type, Attachment.sha256)
        .where(Attachment.id == min(attachment_id, 2**62), Message.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound(_("This file is not there."))
    saved = "save" in request.args
    return file_response(files.read(row.sha256), name=row.name, content_type=row.content_type, inline=not saved)


@blueprint.get("/messages/<int:message_id>/pictures")
@requires("tickets.read")
def with_pictures(message_id: int) -> ResponseReturnValue:
    """A mail with the pictures of other servers, for a frame of the page on which somebody asked for them.

    Whoever opens the address elsewhere, by a link say, has not asked.
    """
    if request.headers.get("Sec-Fetch-Dest", "iframe") != "iframe":
        raise NotFound(_("Pictures are loaded on the ticket's page, when they are asked for there."))
    visible = messages_visible_to(me()).with_only_columns(Message.html).where(Message.id == min(message_id, 2**62))
    html = session.scalar(visible.where(Message.deleted_at.is_(None)))
    if not html:
        raise NotFound(_("This message is no longer there."))
    page = render_template("tickets/pictures.html", html=sanitise.with_pictures(html), theme=request.args.get("theme"))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = pictures_policy(framed=me().door in FRAMED_DOORS)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/messages/<int:message_id>/original")
@requires("mail.read")
def original(message_id: int) -> ResponseReturnValue:
    """The mail a message was made of, byte by byte, to be saved."""
    visible = messages_visible_to(me()).with_only_columns(Message.id).where(Message.id == min(message_id, 2**62))
    key = session.scalar(select(InboundMail.original).where(InboundMail.message_id.in_(visible)).limit(1))
    if not key:
        raise NotFound(_("There is no original of this message."))
    return file_response(files.read(key), name=f"message-{message_id}.eml", content_type="message/rfc822")
