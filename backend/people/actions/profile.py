"""What else is known of a contact: free attributes, and whether they want to hear of news. Each change is logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backend import clock, config
from backend.auth import Who
from backend.changes.actions import note_change
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.people.models import Person

MOST_ATTRIBUTES, LONGEST_NAME, LONGEST_VALUE = 50, 60, 1000
OPT_INS = ("", "yes", "no")  # empty: unknown


@dataclass(frozen=True)
class OptIn:
    """Whether somebody wants to hear of news, since when, and how they have said so."""

    state: str = ""
    since: date | None = None
    how: str = ""


def _told(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes without needless space. Raises Invalid."""
    told: dict[str, str] = {}
    wrong = ""
    for given, value in attributes.items():
        name = " ".join(given.replace("\x00", "").split())
        if name in told:
            wrong = _("“%(name)s” is there twice.", name=name)
        told[name] = value.replace("\x00", "").strip()
    if len(told) > MOST_ATTRIBUTES:
        wrong = _("At most %(count)s of them.", count=MOST_ATTRIBUTES)
    elif not all(told) or not all(told.values()):
        wrong = _("Both a name and a value are needed.")
    elif any(len(name) > LONGEST_NAME for name in told) or any(len(value) > LONGEST_VALUE for value in told.values()):
        wrong = _(
            "At most %(name)s characters for the name and %(value)s for the value.",
            name=LONGEST_NAME,
            value=LONGEST_VALUE,
        )
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields={"attributes": wrong})
    return told


def set_attributes(person: Person, actor: Who, attributes: Mapping[str, str]) -> None:
    """Exactly these attributes are known of `person`. Raises Invalid."""
    told, before = _told(attributes), dict(person.attributes)
    if told == before:
        return
    person.attributes, person.updated_at = told, clock.now()
    session.flush()
    for name in {**before, **told}:
        note_change(actor, person, f"attribute:{name}", before=before.get(name, ""), after=told.get(name, ""))


def set_opt_in(person: Person, actor: Who, said: OptIn) -> None:
    """Whether `person` wants to hear of news; without a day since today, where that is new. Raises Invalid."""
    today = clock.local(clock.now(), config.current().timezone).date()
    before = OptIn(person.opt_in, person.opt_in_since, person.opt_in_how)
    wrong = {}
    if said.state not in OPT_INS:
        wrong["opt_in"] = _("Choose one of the values offered.")
    if said.since is not None and not date(1970, 1, 1) <= said.since <= today + timedelta(days=366):
        wrong["opt_in_since"] = _("This day is too early, or still to come.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    after = OptIn()
    if said.state:
        known = before.since if before.state == said.state else today
        after = OptIn(said.state, said.since or known, " ".join(said.how.replace("\x00", "").split())[:200])
    if after == before:
        return
    person.opt_in, person.opt_in_since, person.opt_in_how = after.state, after.since, after.how
    person.updated_at = clock.now()
    session.flush()
    note_change(actor, person, "opt_in", before=before.state, after=after.state)
    note_change(actor, person, "opt_in_since", before=_day(before.since), after=_day(after.since))
    note_change(actor, person, "opt_in_how", before=before.how, after=after.how)


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
