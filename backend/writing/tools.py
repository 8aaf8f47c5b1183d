"""What a person can do with a message, as the page offers it; the verbs decide again."""

from typing import Any

from backend.auth import Who
from backend.tickets.models import Channel, Kind


def waits_for(message: Any, who: Who) -> bool:
    """Whether `who` can take the reply back: it is theirs and its mail has not been written."""
    if message.author_id != who.person_id or message.kind != Kind.REPLY or message.delivery != "waiting":
        return False
    theirs = message.channel == Channel.TEAMS or message.by_mail_because or message.mailed_as
    return bool(message.to) and not theirs and message.outbound_id is None


def own_tools(message: Any, who: Who) -> frozenset[str]:
    """Of edit, delete, restore, forward, those that `message` (a row of the conversation) is open to; "sent" of an own
    reply that its reader has, which therefore stays.
    """
    if not who.may("tickets.write"):
        return frozenset()
    free = message.kind in (Kind.NOTE, Kind.CALL) and message.by_staff
    free = free and message.channel != Channel.MAIL and not message.mailed_as
    own = message.author_id is not None and message.author_id == who.person_id
    if message.deleted_at is not None:
        return frozenset({"restore"} if free and (own or who.may("settings.write")) else ())
    found = {"edit"} if own and (free or waits_for(message, who)) else set()
    if own and message.by_staff and message.kind == Kind.REPLY and message.delivery != "failed" and not found:
        found.add("sent")
    if free and (own or who.may("settings.write")):
        found.add("delete")
    if message.kind != Kind.NOTE:
        found.add("forward")
    return frozenset(found)
