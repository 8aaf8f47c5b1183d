"""What an own status looks like and what it means. Those that came with the desk keep both: everybody knows them."""

from sqlalchemy import ARRAY, Integer, and_, any_, func, insert, literal, select, update
from sqlalchemy import text as sql
from sqlalchemy.sql.elements import ColumnElement

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _
from backend.jobs import later
from backend.settings.actions import choose, log_change
from backend.settings.declared import BY_KEY
from backend.settings.models import setting
from backend.statuses.actions.arranging import alone, name_of, the_status
from backend.statuses.names import wrong
from backend.statuses.words import kind_name, tone_name
from backend.tickets import words
from backend.tickets.actions import turn_again
from backend.tickets.models import Activity, Status, StatusKind, StatusTone, Ticket

AT_ONCE = 500  # tickets that follow within a request; more follow in a job
_COLUMNS = ["ticket_id", "verb", "actor_id", "actor_name", "before", "after", "data", "at"]


def _own(key: str) -> tuple[list[Status], Status]:
    there = alone()
    status = the_status(there, key)
    if words.built_in(status.key):
        raise Refused(
            _("A status that came with the desk keeps its look and its meaning. Add one of your own instead.")
        )
    return there, status


def set_tone(actor: Who, key: str, tone: str) -> bool:
    """Gives an own status that colour and sign. False: it was so. Raises Invalid, and Refused for a built-in one."""
    _there, status = _own(key)
    if tone not in {"", *StatusTone}:
        wrong("tone", _("Choose one of the values offered."))
    if tone == status.tone:
        return False
    before, status.tone = status.tone, tone
    said = f"{name_of(status)}: {tone_name(tone)}"
    log_change(actor, _("the colour of a status"), before=f"{name_of(status)}: {tone_name(before)}", after=said)
    live.tell("tickets")
    return True


def set_kind(actor: Who, key: str, kind: str) -> str:
    """Has an own status mean something else; its tickets follow: they are closed, or opened again, and say so.

    Says "same" where it was so, "done", or "later" where so many tickets have it that a job does it.
    Raises Invalid, and Refused where no open status would be left or the last one would not close any more.
    """
    there, status = _own(key)
    if kind not in set(StatusKind):
        wrong("kind", _("Choose one of the values offered."))
    if kind == status.kind:
        return "same"
    _check(there, status)
    few = select(Ticket.id).where(Ticket.status_id == status.id).limit(AT_ONCE + 1).subquery()
    if (session.scalar(select(func.count()).select_from(few)) or 0) > AT_ONCE:
        later("statuses.change_kind", key=key, kind=kind, person_id=actor.person_id)
        return "later"
    _apply(actor, there, status, StatusKind(kind))
    return "done"


def change_kind(actor: Who, key: str, kind: str) -> None:
    """What `set_kind` has put off: done unless the status has gone or cannot be changed so any more."""
    there = alone()
    status = next((one for one in there if one.key == key and one.kind != kind), None)
    if status is not None:
        _check(there, status)
        _apply(actor, there, status, StatusKind(kind))


def _check(there: list[Status], status: Status) -> None:
    if status is there[-1]:
        raise Refused(_("The last status always closes tickets and stays the last."))
    if status.kind == StatusKind.OPEN and sum(one.kind == StatusKind.OPEN for one in there) == 1:
        raise Refused(_("New tickets need an open status, and this is the only one."))


def _apply(actor: Who, there: list[Status], status: Status, kind: StatusKind) -> None:
    before = status.kind
    # Tickets first, then the status: whoever changes a ticket locks them in this order too.
    _follow(actor, status, kind, there[-1])
    session.execute(select(Status.id).where(Status.id == status.id).with_for_update())
    _follow(actor, status, kind, there[-1])
    status.kind = kind
    if kind == StatusKind.CLOSED and setting("inbound_status") == f"status:{status.key}":
        choose(actor, "inbound_status", BY_KEY["inbound_status"].standard())
    session.flush()
    name = name_of(status)
    what = _("the meaning of a status")
    log_change(actor, what, before=f"{name}: {kind_name(before)}", after=f"{name}: {kind_name(kind)}")
    live.tell("tickets")


def _follow(actor: Who, status: Status, kind: StatusKind, last: Status) -> None:
    """The tickets of `status` become what `kind` says, in a few statements however many they are."""
    ids = select(Ticket.id).where(Ticket.status_id == status.id).order_by(Ticket.id).with_for_update()
    found = list(session.scalars(ids))
    if not found:
        return
    theirs, now = Ticket.id == any_(literal(found, ARRAY(Integer))), clock.now()
    if kind != StatusKind.CLOSED:  # what was merged stays closed, whatever its status comes to mean
        _set(and_(theirs, Ticket.merged_into_id.is_not(None)), {"status_id": last.id})
        theirs = and_(theirs, Ticket.merged_into_id.is_(None))
    closes = kind == StatusKind.CLOSED
    turned = and_(theirs, Ticket.closed.is_not(closes))
    name = name_of(status)
    _record(actor, turned, "kind_closed" if closes else "kind_opened", name)
    _set(turned, {"closed": closes, "closed_at": now if closes else None, "updated_at": now})
    if kind != StatusKind.PENDING:
        laid_aside = and_(theirs, Ticket.pending_until.is_not(None))
        _set(laid_aside, {"pending_until": None, "activity_status": turn_again()})


def _record(actor: Who, tickets: ColumnElement[bool], verb: str, name: str) -> None:
    entry = select(
        Ticket.id,
        literal(verb),
        literal(actor.person_id),
        literal(actor.name),
        literal(""),
        literal(name),
        sql("'{}'::jsonb"),
        literal(clock.now()),
    ).where(tickets)
    session.execute(insert(Activity).from_select(_COLUMNS, entry))


def _set(tickets: ColumnElement[bool], values: dict[str, object]) -> None:
    session.execute(update(Ticket).where(tickets).values(values).execution_options(synchronize_session="fetch"))
