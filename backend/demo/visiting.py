"""The visits of the demo: two weeks behind, this week and the next, so that the board shows a desk at work."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from backend import clock, config
from backend.db import session
from backend.demo.cast import Cast
from backend.demo.everyday import Everyday
from backend.jobs import later
from backend.people.models import Person, Site
from backend.tickets.models import Activity, Ticket
from backend.visits import times
from backend.visits.actions import tellable
from backend.visits.models import Published, Response, Visit, VisitEvent, VisitKind, VisitState


@dataclass(frozen=True)
class Plan:
    """One visit. `day`: working days from this week's Monday; `about`: the ticket's subject, "" for a block alone."""

    day: int
    start: str
    end: str
    who: str
    about: str
    kind: VisitKind = VisitKind.ON_SITE
    place: str = ""  # empty: the contact's site
    note: str = ""
    customer_note: str = ""
    zone: str = ""
    response: str = ""
    state: VisitState = VisitState.PLANNED


_SEED = 8850
# Of what is not done yet or was done lately, some is seen to by appointment, at the customer's where hands are needed.
_LATELY, _SHARE, _BY_HAND = timedelta(days=10), 0.3, ("Hardware", "Netzwerk", "Telefonie", "Sicherung")
_LIMOGES = "Sauvegarde de Limoges : deux disques manquent"
_REMOTE, _BLOCK = VisitKind.REMOTE, VisitKind.BLOCK
PLANS: tuple[Plan, ...] = (
    Plan(-8, "10:30", "13:00", "piet", "Handscanner im Lager Nord verliert die Verbindung", note="Mit Hubsteiger."),
    Plan(-7, "09:00", "11:30", "marek", "Firewall: Regel für die neue Waage", _REMOTE),
    Plan(-6, "14:00", "16:00", "tomma", "Dockingstation lädt das Notebook nicht mehr", note="Mit Leihgerät L-07."),
    Plan(-4, "08:00", "09:30", "aylin", "New starter on Monday: account and phone", _REMOTE, zone="Europe/London"),
    Plan(-3, "10:00", "11:00", "tomma", _LIMOGES, _REMOTE, zone="Europe/Paris"),
    Plan(-2, "13:00", "15:00", "marek", "VPN von zu Hause trennt sich ständig", state=VisitState.CANCELLED),
    Plan(0, "09:30", "11:00", "tomma", "Kassenabschluss im Hofladen bleibt hängen", note="Kasse ist montags zu."),
    Plan(0, "13:00", "15:30", "piet", "Notebooks einrichten, Lieferung 2 von 3", response=Response.ACCEPTED),
    Plan(1, "09:00", "10:30", "aylin", "Praxissoftware braucht beim Öffnen der Akte eine Minute", _REMOTE),
    Plan(1, "13:00", "16:00", "piet", "Notebooks einrichten, Lieferung 2 von 3", note="Noch fünf Geräte, Raum 2.14."),
    Plan(2, "08:00", "12:00", "marek", "Sicherung bricht seit zwei Nächten ab", note="Platte 5 tauschen."),
    Plan(2, "13:30", "15:00", "tomma", "Drucker im Empfang umbenennen", note="Auch die Aufkleber tauschen."),
    Plan(
        3, "08:30", "10:30", "piet", "Etikettendrucker an Rampe A: jedes fünfte Etikett weiß",
        note="Druckkopf aus Fach C4 mitnehmen.", customer_note="Bitte halten Sie Rampe A bis 10:30 Uhr frei.",
        response=Response.ACCEPTED,
    ),
    Plan(3, "11:30", "12:30", "piet", "Bondrucker im Hofladen druckt blass", note="Heizstreifen mitnehmen."),
    Plan(3, "13:00", "14:00", "aylin", "Zertifikat für das Kundenportal läuft ab", _REMOTE),
    Plan(3, "14:00", "15:00", "tomma", "Lo scanner non viene trovato dal PC", _REMOTE, zone="Europe/Rome"),
    Plan(
        4, "09:00", "11:00", "piet", "WLAN in Gewächshaus 3 fällt aus", note="Leiter 4 m, zwei Zugangspunkte.",
        customer_note="Bitte sorgen Sie für Zugang zum Technikraum.",
    ),
    Plan(4, "13:30", "15:30", "aylin", "Neuer Kollege: Konto und Notebook zum Monatsersten"),
    Plan(4, "15:00", "17:00", "lena", "", _BLOCK, place="Lager", note="Inventur Leihgeräte"),
    Plan(5, "10:00", "12:00", "marek", "Laptop in the yard office drops off Wi-Fi", zone="Europe/London"),
    Plan(5, "09:00", "12:00", "piet", "Warenwirtschaft nicht erreichbar aus Werk 2", note="Zweite Strecke messen."),
    Plan(6, "09:30", "10:30", "tomma", "Zweiter Monitor für den Empfang", response=Response.TENTATIVE),
    Plan(6, "13:00", "14:30", "aylin", "Telefonanlage: Ansage für Feiertage ändern", _REMOTE),
    Plan(7, "08:00", "16:00", "piet", "Angebot: größerer Sicherungsspeicher für das Labor", note="Einbau im Labor."),
    Plan(7, "13:00", "15:00", "marek", "", _BLOCK, note="Zertifikate erneuern"),
    Plan(8, "10:00", "11:00", "tomma", _LIMOGES, _REMOTE, zone="Europe/Paris"),
    Plan(9, "09:00", "10:30", "piet", "Lieferscheine werden ohne Logo gedruckt", state=VisitState.DECLINED),
)  # fmt: skip


class Free:
    """When technicians have time: no two visits of one overlap."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        for plan in PLANS:
            self._taken[plan.who, plan.day].append((_minute(plan.start), _minute(plan.end)))

    def find(self, who: str, day: int, minutes: int, rng: random.Random) -> tuple[str, str] | None:
        """From and until when `who` is free for that long on `day` of `Plan`, which is theirs from now on."""
        starts = list(range(8 * 60, 16 * 60, 30))
        rng.shuffle(starts)
        for start in starts:
            end = start + minutes
            if all(end <= begin or start >= until for begin, until in self._taken[who, day]):
                self._taken[who, day].append((start, end))
                return _wall(start), _wall(end)
        return None


def _minute(wall: str) -> int:
    hours, minutes = wall.split(":")
    return int(hours) * 60 + int(minutes)


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def everyday_visits(cast: Cast, everyday: Everyday, monday: datetime) -> Iterator[Plan]:
    """Visits for tickets that need one: of what is done in the past, of what is not on one of the next days."""
    rng, free = random.Random(_SEED), Free()
    nicks = {person.id: nick for nick, person in cast.people.items()}
    for subject, case in everyday.cases.items():
        ticket, open_ = cast.tickets[subject], subject in everyday.unfinished
        minutes, on_site = case.visit or case.remote, bool(case.visit)
        if not minutes and (open_ or cast.now - ticket.updated_at < _LATELY) and rng.random() < _SHARE:
            minutes, on_site = rng.choice((30, 60, 60, 90)), case.language == "de" and case.category in _BY_HAND
        if not minutes or ticket.assignee_id is None:
            continue
        at = cast.now if open_ else ticket.created_at + (ticket.updated_at - ticket.created_at) * 0.4
        weeks, weekday = divmod((at.date() - monday.date()).days, 7)
        day = 5 * weeks + min(weekday, 4) + (rng.randrange(1, 9) if open_ else 0)
        found = free.find(nicks[ticket.assignee_id], day, -(-minutes // 30) * 30, rng)
        if found is not None:
            kind = VisitKind.ON_SITE if on_site else VisitKind.REMOTE
            yield Plan(day, *found, nicks[ticket.assignee_id], subject, kind)


def plan_visits(cast: Cast, everyday: Everyday) -> None:
    """Writes the visits down; what is still to come is put into the technicians' calendars, and nobody gets mail."""
    zone = config.current().timezone
    today = clock.local(cast.now, zone).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time())
    for plan in (*PLANS, *everyday_visits(cast, everyday, monday)):
        _plan(cast, plan, monday, cast.tickets.get(plan.about), plan.zone or zone)
    session.flush()


def _plan(cast: Cast, plan: Plan, monday: datetime, ticket: Ticket | None, zone: str) -> None:
    technician = cast.person(plan.who)
    contact = session.get(Person, ticket.contact_id) if ticket is not None and ticket.contact_id else None
    day = monday + timedelta(days=plan.day + 2 * (plan.day // 5))
    start, end = (datetime.combine(day.date(), time.fromisoformat(at)) for at in (plan.start, plan.end))
    written = ticket.updated_at if ticket is not None else cast.now
    visit = Visit(
        ticket_id=ticket.id if ticket is not None else None,
        technician_id=technician.id,
        kind=plan.kind.value,
        start=start,
        end=end,
        timezone=zone,
        starts_at=times.moment(start, zone),
        ends_at=times.moment(end, zone),
        place=plan.place or (_site(contact) if plan.kind == VisitKind.ON_SITE else ""),
        note=plan.note,
        customer_note=plan.customer_note,
        state=plan.state.value,
        customer_response=plan.response,
        created_at=written,
        updated_at=written,
    )
    session.add(visit)
    session.flush()
    visit.told = tellable(visit, technician, contact)
    visit.told_at = written if visit.told else None
    if visit.state != VisitState.PLANNED or visit.ends_at <= cast.now:
        visit.published = Published.PUBLISHED.value
        return
    session.add(VisitEvent(visit_id=visit.id, person_id=technician.id, mailbox=technician.mail or ""))
    later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    if ticket is not None:
        _log(visit, ticket, technician, cast)


def _log(visit: Visit, ticket: Ticket, technician: Person, cast: Cast) -> None:
    lena = cast.person("lena")
    after = f"{visit.start:%Y-%m-%d %H:%M}–{visit.end:%H:%M} {visit.timezone}, {technician.name}"
    session.add(
        Activity(
            ticket_id=ticket.id,
            verb="visit_planned",
            actor_id=lena.id,
            actor_name=lena.name,
            after=after,
            data={"visit_id": visit.id, "kind": visit.kind},
            at=ticket.updated_at,
        )
    )


def _site(contact: Person | None) -> str:
    if contact is None:
        return ""
    site = session.get(Site, contact.site_id) if contact.site_id else None
    if site is None:
        site = session.scalar(select(Site).where(Site.customer_id == contact.customer_id).order_by(Site.id).limit(1))
    return f"{site.name}, {site.street}, {site.postcode} {site.city}" if site is not None else ""
