"""Root causes: their names and order, the lists on which they are offered, and what each status says of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select

from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _, n_
from backend.renamed import renamed
from backend.settings.actions import log_change
from backend.statuses.models import LISTS, CauseRule, RootCause, RootCauseOffer, causes_on
from backend.statuses.names import new, wrong
from backend.statuses.words import list_name, rule_name
from backend.tickets import words
from backend.tickets.models import Status, Ticket

MOST_AT_ONCE = 1000


def _alone() -> list[RootCause]:
    """All root causes in their order; nobody else changes them before this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("root-causes"))))
    ordered = select(RootCause).order_by(RootCause.position, RootCause.id)
    return list(session.scalars(ordered.execution_options(populate_existing=True)))


def _the(there: Iterable[RootCause], cause_id: int) -> RootCause:
    found = next((one for one in there if one.id == cause_id), None)
    if found is None:
        raise Refused(_("This root cause is not there any more. Please reload the page."))
    return found


def add_causes(actor: Who, names: Sequence[str], lists: Iterable[str]) -> list[RootCause]:
    """Adds root causes behind the others, and to these lists (see LISTS). Raises Invalid."""
    there = _alone()
    if not names or len(names) > MOST_AT_ONCE:
        wrong("names", _("A name is needed.") if not names else _("At most %(number)s at once.", number=MOST_AT_ONCE))
    taken, checked = [one.name for one in there], list[str]()
    for each in names:
        checked.append(new(each, "names", [*taken, *checked]))
    last = there[-1].position if there else 0
    added = [RootCause(name=name, position=last + number) for number, name in enumerate(checked, 1)]
    session.add_all(added)
    session.flush()
    chosen = [one for one in LISTS if one in set(lists)]
    if chosen:
        offers = [{"offered_for": one, "cause_id": cause.id} for one in chosen for cause in added]
        session.execute(insert(RootCauseOffer), offers)
    said = ", ".join(checked) if len(checked) <= 3 else f"{', '.join(checked[:3])} … ({len(checked)})"
    log_change(actor, _("the root causes"), after=said)
    return added


def rename_cause(actor: Who, cause_id: int, name: str) -> bool:
    """Gives the root cause another name, on all tickets that have it. False: it was so. Raises Invalid."""
    there = _alone()
    cause = _the(there, cause_id)
    before, cause.name = cause.name, new(name, "name", (one.name for one in there if one.id != cause_id))
    if before == cause.name:
        return False
    renamed("root_cause", [cause.id])
    log_change(actor, _("the name of a root cause"), before=before, after=cause.name)
    return True


def move_cause(actor: Who, cause_id: int, step: int) -> bool:
    """Moves the root cause up (-1) or down (1) by one. False: it stands at the end already."""
    there = _alone()
    at = there.index(_the(there, cause_id))
    if not 0 <= at + step < len(there):
        return False
    _put(actor, there, at, at + step)
    return True


def put_cause(actor: Who, cause_id: int, place: int) -> int:
    """Puts the root cause at `place` (1: the top; beyond the end: the end). Returns the place it had until now."""
    there = _alone()
    at, to = there.index(_the(there, cause_id)), min(place, len(there)) - 1
    if at != to:
        _put(actor, there, at, to)
    return at + 1


def _put(actor: Who, there: list[RootCause], at: int, to: int) -> None:
    cause = there.pop(at)
    there.insert(to, cause)
    for position, one in enumerate(there, 1):
        if one.position != position:
            one.position = position
    log_change(
        actor,
        _("the place of the root cause “%(name)s”", name=cause.name),
        before=str(at + 1),
        after=str(to + 1),
    )


def remove_cause(actor: Who, cause_id: int) -> None:
    """Removes a root cause that no ticket has. Raises Refused for one that a ticket has: it can leave all lists."""
    cause = _the(_alone(), cause_id)
    session.execute(select(RootCause.id).where(RootCause.id == cause_id).with_for_update())
    number = session.scalar(select(func.count()).select_from(Ticket).where(Ticket.root_cause_id == cause_id)) or 0
    if number:
        raise Refused(
            n_(
                "%(num)s ticket has this root cause. Take it off its lists instead, then it is offered no more.",
                "%(num)s tickets have this root cause. Take it off its lists instead, then it is offered no more.",
                number,
            )
        )
    log_change(actor, _("the root causes"), before=cause.name)
    session.delete(cause)


def set_list(actor: Who, offered_for: str, cause_ids: Iterable[int]) -> bool:
    """Says which root causes stand on a list; with none there is no list. False: it was so."""
    there, wanted = _alone(), set(cause_ids)
    before = causes_on(offered_for)
    after = [one for one in there if one.id in wanted]
    if {one.id for one in before} == {one.id for one in after}:
        return False
    session.execute(delete(RootCauseOffer).where(RootCauseOffer.offered_for == offered_for))
    if after:
        session.execute(insert(RootCauseOffer), [{"offered_for": offered_for, "cause_id": one.id} for one in after])
    said = [n_("%(num)s root cause", "%(num)s root causes", len(some)) if some else "" for some in (before, after)]
    log_change(actor, _("the list “%(name)s”", name=list_name(offered_for)), before=said[0], after=said[1])
    return True


def set_rule(actor: Who, status: Status, rule: str) -> bool:
    """Says whether tickets in `status` must have a root cause, may, or cannot be given one. False: it was so."""
    if rule not in set(CauseRule):
        wrong("value", _("Choose one of the values offered."))
    before = status.root_cause
    if before == rule:
        return False
    status.root_cause = rule
    name = words.status_name(status.key, status.name)
    what = _("root causes while a ticket is “%(status)s”", status=name)
    log_change(actor, what, before=rule_name(before), after=rule_name(rule))
    return True
