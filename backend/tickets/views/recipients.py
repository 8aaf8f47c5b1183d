"""To whom an answer goes: as mail programs do with "reply to all", without the desk's own addresses."""

from collections.abc import Callable, Iterable, Sequence
from email.utils import getaddresses
from typing import Any

from sqlalchemy import false, func, or_, select, union_all

from backend import config
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.mail import machine
from backend.mail.models import Mailbox
from backend.mail.parse.headers import decode_words, name_and_address
from backend.people.actions import checked_address
from backend.people.models import CustomerDomain, EmailAddress, Person
from backend.tickets.models import Kind

MOST = 50
LONGEST = 20_000  # letters of all together; reading addresses takes the square of it
Chip = tuple[str, str]  # (address as it is posted, name as it is shown)
Chips = tuple[list[Chip], list[Chip]]  # To, Cc
Known = Callable[[set[str], int | None], set[str]]


def own_addresses() -> set[str]:
    """The desk's own addresses: nobody writes to them from here."""
    mailboxes = set(session.scalars(select(Mailbox.address)))
    return {address.lower() for address in mailboxes | set(config.current().desk_mailboxes)}


def _chips(people: Iterable[dict[str, Any]], leave_out: set[str]) -> list[Chip]:
    chips: dict[str, Chip] = {}
    for person in people:
        address = str(person.get("address") or "").lower()
        if address and address not in leave_out and address not in chips:
            name = str(person.get("name") or "")
            chips[address] = (name_and_address(name, address), name or address)
    return list(chips.values())


def _address_of(chip: Chip) -> str:
    """The bare address of a chip."""
    return chip[0].rpartition("<")[2].rstrip(">").lower()


def known(addresses: set[str], customer_id: int | None) -> set[str]:
    """Those of `addresses` that are of staff or the customer's people, and those of their domains it owns."""
    domains = {address.rpartition("@")[2] for address in addresses}
    own = (Person.customer_id == customer_id) if customer_id is not None else false()
    people = (
        select(EmailAddress.address)
        .join(Person, Person.id == EmailAddress.person_id)
        .where(EmailAddress.address.in_(addresses), Person.active, or_(func.cardinality(Person.roles) > 0, own))
    )
    companies = select(CustomerDomain.domain).where(
        CustomerDomain.domain.in_(domains), CustomerDomain.customer_id == (customer_id or 0)
    )
    return set(session.scalars(union_all(people, companies)))


def _familiar(addresses: set[str], customer_id: int | None, messages: Sequence[Any], ask: Known) -> set[str]:
    """Those of `addresses` that are ours or the customer's, or to whom we have written on this ticket.

    Anybody can put anybody into the Cc of a mail with a forged sender; a stranger is answered only when somebody
    says so.
    """
    written = {
        str(one.get("address") or "").lower() for m in messages if m.by_staff for one in [*(m.to or []), *(m.cc or [])]
    }
    asked = addresses - written
    if not asked:
        return addresses & written
    found = ask(asked, customer_id)
    return {one for one in addresses if one in written or one in found or one.rpartition("@")[2] in found}


def answered(messages: Sequence[Any], facts: Any, own: set[str], ask: Known = known) -> tuple[list[Chip], list[Chip]]:
    """(To, Cc) of an answer: who wrote last or was written to last, with the ticket's contact, who asked, among them.

    Robots that nobody reads are not answered.

    `messages` are rows with by_staff, kind, author_name, author_mail, to, cc; `facts` has contact, contact_mail,
    customer_id; `own` are the addresses of the desk; `ask` is as `known`.
    """
    last = next((m for m in reversed(messages) if _answerable(m)), None)
    if last is None:
        to = _chips([{"name": facts.contact, "address": facts.contact_mail}], own)
        return to, []
    if last.by_staff:
        to = _chips(last.to, own)
    else:
        to = _chips([{"name": last.author_name, "address": last.author_mail}], own)
    shown = {_address_of(chip) for chip in to}
    if last.by_staff:
        return to, _chips(last.cc, own | shown)[: MOST - len(to)]
    asker = _chips([{"name": facts.contact, "address": facts.contact_mail}], own | shown)
    others = _chips([*last.cc, *last.to], own | shown | {_address_of(chip) for chip in asker})
    familiar = _familiar({_address_of(chip) for chip in others}, facts.customer_id, messages, ask)
    others = asker + [chip for chip in others if _address_of(chip) in familiar]
    return to, others[: MOST - len(to)]


def joined(chips: Chips, participants: Sequence[dict[str, Any]]) -> Chips:
    """(To, Cc) with everybody who takes part in the ticket among them."""
    to, cc = chips
    shown = {_address_of(chip) for chip in [*to, *cc]}
    return to, [*cc, *_chips(participants, shown)][: MOST - len(to)]


def _answerable(message: Any) -> bool:
    if message.kind != Kind.REPLY or getattr(message, "mailed_as", "") or not (message.author_mail or message.to):
        return False
    return bool(message.by_staff) or not machine.nobody_reads(message.author_mail)


def parsed(values: Iterable[str], field: str) -> list[dict[str, Any]]:
    """Posted recipients as {"name", "address"}. Raises Invalid naming the one that is no address."""
    people: dict[str, dict[str, Any]] = {}
    typed = [value.replace("\n", " ").replace("\r", " ") for value in values if value.strip()]
    too_many = Invalid(
        _("Please correct the marked fields."), fields={field: _("At most %(count)s recipients.", count=MOST)}
    )
    if sum(map(len, typed)) > LONGEST:
        raise too_many
    try:
        found = getaddresses(typed)
    except RecursionError:  # groups in groups (RFC 5322, 3.4), which no mail program writes
        found = [("", "")]
    for name, address in found:
        checked = checked_address(address, field)
        people.setdefault(checked, {"name": decode_words(name)[:200], "address": checked})
    if len(people) > MOST:
        raise too_many
    return list(people.values())
