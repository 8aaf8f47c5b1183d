"""The job that fetches a file somebody sent in a chat: Teams gives an address, not the file."""

import structlog

from backend.chat.actions import file_came, file_missing
from backend.chat.commands import SentFile, files
from backend.chat.models import TeamsActivity, conversation_of
from backend.db import session
from backend.jobs import job
from backend.mail.parse.names import safe_name
from backend.microsoft import teams
from backend.receipts import earlier, keep
from backend.tickets.actions import Enclosure

log = structlog.get_logger(__name__)


def _asked(activity_id: int, number: int) -> tuple[TeamsActivity, SentFile] | None:
    line = session.get(TeamsActivity, activity_id)
    sent = files(line.payload) if line is not None else []
    return (line, sent[number]) if line is not None and number < len(sent) else None


def _give_up(activity_id: int, number: int, error: str) -> None:
    asked = _asked(activity_id, number)
    if asked is not None:
        log.warning("a file of a chat could not be fetched", activity_id=activity_id, error=error)
        file_missing(asked[0], asked[1].name)


@job("chat.fetch_file", gave_up=_give_up)
def fetch_file(activity_id: int, number: int) -> None:
    """Fetches the `number`th file of a line and keeps it with its message; run twice it is there once."""
    asked = _asked(activity_id, number)
    if asked is None:
        return
    line, sent = asked
    conversation = conversation_of(line.conversation_id)
    service_url = conversation.service_url if conversation is not None else str(line.payload.get("serviceUrl") or "")
    try:
        content, content_type = teams.fetch(service_url, sent.url, plain=sent.plain)
    except (teams.Gone, teams.Blocked, teams.TooLarge, teams.TeamsRefused) as error:
        _give_up(activity_id, number, str(error))
        return
    if earlier("chat.file", f"{activity_id}:{number}") is not None:
        return
    kind = (sent.content_type if sent.content_type not in ("", "image/*") else content_type) or content_type
    file_came(line, Enclosure(safe_name(sent.name, kind, number + 1), kind, content))
    keep("chat.file", f"{activity_id}:{number}", "kept")
