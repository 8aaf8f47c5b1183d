"""Files that a technician sent into a chat: the customer opens them by the link that came with the line."""

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import files, limits
from backend.auth import open_to
from backend.chat.links import opens
from backend.chat.views.door import blueprint
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.limits import FREE
from backend.tickets.models import Attachment, Kind, Message
from backend.web import file_response


@blueprint.get("/chats/files/<int:attachment_id>/<int:until>/<mark>")
@open_to("the link is signed, for one file and two weeks; customers in Teams have no session here", door=FREE)
def sent_file(attachment_id: int, until: int, mark: str) -> ResponseReturnValue:
    """A file of a line of ours that has not been deleted."""
    if not opens(attachment_id, until, mark):
        # Whoever has a good link may come as often as they like: Teams fetches for all its people.
        limits.spend("strangers", limits.client())
        raise NotFound(_("This link is no longer good. Please ask for the file again."))
    row = session.execute(
        select(Attachment.name, Attachment.content_type, Attachment.sha256)
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Attachment.id == min(attachment_id, 2**62),
            Message.by_staff,
            Message.kind == Kind.REPLY,
            Message.deleted_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(_("This file is not there."))
    return file_response(files.read(row.sha256), name=row.name, content_type=row.content_type, inline=True)
