"""To whom an answer goes: as mail programs do with "reply to all", without the desk's own addresses."""

from collections.abc import Iterable, Sequence
from email.utils import formataddr, getaddresses
from typing import Any

from sqlalchemy import select

from backend import config
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.mail.models import Mailbox
from backend.people.actions import checked_address
from backend.tickets.models import Kind

MOST = 50
Chip = tuple[str, str]  # (address as it is posted, name as it is shown)


def own_addresses() -> set[str]:
    """The desk's own addresses: nobody writes to them from here."""
    known = set(session.scalars(select(Mailbox.address)))
    return {address.lower() for address in known | set(config.current().desk_mailboxes)}


def _chips(people: Iterable[dict[str, Any]], leave_out: set[str]) -> list[Chip]:
    chips: dict[str, Chip] = {}
    for person in people:
        address = str(person.get("address") or "").lower()
        if address and address not in leave_out and address not in chips:
            name = str(person.get("name") or "")
            chips[address] = (formataddr((name, address)) if name else address, name or address)
    return list(chips.values())


def answered(messages: Sequence[Any], facts: Any, own: set[str]) -> tuple[list[Chip], list[Chip]]:
    """(To, Cc) of an answer: who wrote last or was written to last; else the ticket's contact.

    `messages` are rows with by_staff, kind, author_name, author_mail, to, cc; `facts` has contact, contact_mail;
    `own` are the addresses of the desk.
    """
    last = next((m for m in reversed(messages) if m.kind == Kind.REPLY and (m.author_mail or m.to)), None)
    if last is None:
        to = _chips([{"name": facts.contact, "address": facts.contact_mail}], own)
        return to, []
    if last.by_staff:
        to = _chips(last.to, own)
    else:
        to = _chips([{"name": last.author_name, "address": last.author_mail}], own)
    shown = {address for _value, address in to} | {value.rpartition("<")[2].rstrip(">").lower() for value, _n in to}
    others = [*last.cc, *([] if last.by_staff else last.to)]
    return to, _chips(others, own | shown)


def parsed(values: Iterable[str], field: str) -> list[dict[str, Any]]:
    """Posted recipients as {"name", "address"}. Raises Invalid naming the one that is no address."""
    people: dict[str, dict[str, Any]] = {}
    for name, address in getaddresses(
        [value.replace("\n", " ").replace("\r", " ") for value in values if value.strip()]
    ):
        checked = checked_address(address, field)
        people.setdefault(checked, {"name": name[:200], "address": checked})
    if len(people) > MOST:
        raise Invalid(
            _("Please correct the marked fields."), fields={field: _("At most %(count)s recipients.", count=MOST)}
        )
    return list(people.values())
