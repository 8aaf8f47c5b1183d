"""What the staff's calendars hold at the first start and after a reset: two weeks from this Monday on."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.sandbox import calendar_zones, calendars, meetings
from backend.sandbox.people import HOME_DOMAIN, Person, by_mail
from backend.sandbox.store import Tx

# Working day counted from this Monday (0 to 9), from, to, subject, and what differs from an ordinary appointment.
Plan = tuple[int, str, str, str, dict[str, Any]]
_PRIVATE = {"sensitivity": "private"}
_FOCUS = {"categories": ["Fokuszeit"], "reminderMinutesBeforeStart": 0, "isReminderOn": False}
_AWAY = {"showAs": "oof"}
_PLANS: dict[str, tuple[Plan, ...]] = {
    "piet.hagenauer": (
        (0, "13:00", "14:30", "Werkstatt: Leihgeräte aufsetzen", {}),
        (1, "09:00", "11:00", "Fokuszeit: Dokumentation Serverumzug", _FOCUS),
        (2, "16:00", "17:00", "Zahnarzt", {**_PRIVATE, **_AWAY}),
        (4, "08:00", "10:00", "Wartungsfenster Spedition Holmrath", {"place": "Remote"}),
        (6, "14:00", "15:30", "Schulung Backup-Konsole", {"place": "Besprechungsraum Elbe"}),
        (8, "07:30", "09:00", "Leitungstausch Brauhaus Kettwin", {"place": "Kettwin, Am Malzspeicher 4"}),
    ),
    "aylin.demirsoy": (
        (0, "10:30", "12:00", "Telefonat mit dem Leitungsanbieter", {}),
        (1, "15:30", "16:30", "Elternabend vorbereiten", _PRIVATE),
        (3, "09:00", "12:00", "Fokuszeit: Skripte für die Softwareverteilung", _FOCUS),
        (5, "13:00", "14:00", "Physiotherapie", {**_PRIVATE, **_AWAY}),
        (7, "", "", "Urlaub", {**_AWAY, "days": 3}),
    ),
    "tomma.kielhorn": (
        (0, "08:00", "08:30", "Übergabe Bereitschaft", {}),
        (2, "09:30", "11:30", "Abnahme Netzwerkschrank Zahnzentrum Erlenau", {"place": "Erlenau, Lindenplatz 2"}),
        (3, "", "", "Homeoffice", {"showAs": "workingElsewhere"}),
        (4, "13:00", "15:00", "Fokuszeit: Lehrgangsunterlagen", _FOCUS),
        (9, "11:00", "12:00", "Fahrzeug in die Werkstatt", {"showAs": "tentative"}),
    ),
    "marek.ostwald": (
        (0, "14:00", "15:00", "Rechte und Konten: Quartalsprüfung", {}),
        (1, "11:00", "12:00", "Vorstellungsgespräch", _PRIVATE),
        (4, "", "", "Überstundenausgleich", _AWAY),
        (6, "09:00", "12:00", "Fokuszeit: Zertifikate erneuern", _FOCUS),
    ),
    "lena.brandis": (
        (0, "09:00", "09:30", "Wochenplanung Einsätze", {}),
        (5, "09:00", "09:30", "Wochenplanung Einsätze", {}),
        (2, "14:00", "15:00", "Abstimmung mit dem Vertrieb", {"place": "Besprechungsraum Elbe"}),
        (6, "", "", "Urlaub", {**_AWAY, "days": 1}),
    ),
    "renate.sattelkamp": (
        (1, "10:00", "11:30", "Angebotstermin Kanzlei Lindhagen", {"place": "Kanzlei Lindhagen"}),
        (3, "13:30", "14:30", "Jahresgespräch Möbelwerk Tressow", {"place": "Tressow"}),
        (5, "15:00", "16:00", "Fokuszeit: Angebote nachfassen", _FOCUS),
        (8, "09:00", "10:00", "Arzttermin", {**_PRIVATE, **_AWAY}),
    ),
    "callum.reddish": (
        (0, "15:00", "16:00", "Call with the line provider", {"place": "Remote"}),
        (2, "10:00", "12:00", "Focus: onboarding checklists in English", _FOCUS),
        (7, "13:00", "14:00", "Dentist", {**_PRIVATE, **_AWAY}),
    ),
    "maelle.quintrec": (
        (1, "14:00", "15:00", "Point mensuel Orvelle Céramique", {"place": "Remote"}),
        (3, "09:00", "10:30", "Rédaction : modèles de réponse", _FOCUS),
        (8, "", "", "Congé", {**_AWAY, "days": 2}),
    ),
    "iker.zubeldia": (
        (0, "11:00", "12:00", "Formación: copias de seguridad", {}),
        (4, "09:00", "10:00", "Médico", {**_PRIVATE, **_AWAY}),
        (6, "10:00", "11:30", "Inventario de portátiles de préstamo", {}),
    ),
    "ginevra.altobello": (
        (2, "14:00", "15:30", "Aggiornamento firewall, prova in laboratorio", {}),
        (5, "", "", "Lavoro da casa", {"showAs": "workingElsewhere"}),
    ),
    "femke.oosterhuis": (
        (1, "09:00", "09:30", "Wochenplanung mit Lena", {}),
        (4, "15:00", "16:00", "Fahrzeuge und Leihgeräte", {}),
    ),
    "solveig.marquard": (
        (2, "10:00", "11:00", "Angebotstermin Stadtwerke Holmstede", {"place": "Holmstede"}),
        (6, "14:00", "15:00", "Fokuszeit: Verlängerungen zum Jahresende", _FOCUS),
    ),
}
_ROUND = ("Technikrunde", "08:30", "09:00", (1, 6))
_ROUND_OF = ("piet.hagenauer", "aylin.demirsoy", "tomma.kielhorn", "marek.ostwald")


def _staff(name: str) -> Person:
    person = by_mail(f"{name}@{HOME_DOMAIN}")
    if person is None:
        raise LookupError(name)
    return person


def _monday(tx: Tx) -> datetime:
    today = tx.store.now().astimezone(ZoneInfo(calendar_zones.HOME)).replace(tzinfo=None)
    return datetime.combine(today.date() - timedelta(days=today.weekday()), time())


def _doc(person: Person, monday: datetime, plan: Plan) -> dict[str, Any]:
    number, start, end, subject, differs = plan
    day = monday + timedelta(days=number + 2 * (number // 5))
    changes = {name: value for name, value in differs.items() if name not in ("place", "days")}
    doc = {**calendars.empty(), **changes, "organizer": {"name": person.name, "address": person.mail}}
    doc["subject"] = subject
    if start:
        begins, ends = (datetime.combine(day.date(), time.fromisoformat(clock)) for clock in (start, end))
    else:
        begins, ends = day, day + timedelta(days=differs.get("days", 1))
        doc |= {"isAllDay": True, "isReminderOn": False}
    doc |= {"start": begins.isoformat(), "end": ends.isoformat()}
    doc |= dict.fromkeys(("zone", "endZone"), calendar_zones.HOME)
    doc |= dict.fromkeys(("startCalled", "endCalled"), calendar_zones.HOME_WINDOWS)
    if place := differs.get("place"):
        doc["locations"] = [
            {"displayName": place, "locationType": "default", "uniqueId": place, "uniqueIdType": "private"}
        ]
    return doc


def load(tx: Tx) -> None:
    """Puts the appointments above into the staff's calendars; nobody gets mail."""
    monday = _monday(tx)
    for name, plans in _PLANS.items():
        person = _staff(name)
        for plan in plans:
            calendars.add(tx, person, _doc(person, monday, plan))
    subject, start, end, days = _ROUND
    lena = _staff("lena.brandis")
    for number in days:
        doc = _doc(lena, monday, (number, start, end, subject, {"place": "Besprechungsraum Elbe"}))
        doc["attendees"] = [
            {"type": "required", "name": one.name, "address": one.mail, "response": "none", "time": calendars.NEVER}
            for one in map(_staff, _ROUND_OF)
        ]
        meetings.spread(tx, calendars.add(tx, lena, doc), doc["attendees"])
