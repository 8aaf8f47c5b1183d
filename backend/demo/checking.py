"""The checklists of the demo: templates for what Nordlicht IT does again and again, and tickets that carry some."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from backend.checklists.models import Checklist, ChecklistItem, ChecklistTemplate
from backend.db import session
from backend.demo.cast import Cast
from backend.demo.everyday import Everyday
from backend.people.models import Person
from backend.tickets.models import Activity, Ticket

_SEED = 1208


@dataclass(frozen=True)
class Template:
    """One template. `in_order`: an item can be ticked only after those before it."""

    name: str
    items: tuple[str, ...]
    in_order: bool = False


TEMPLATES: tuple[Template, ...] = (
    Template(
        "Neuer Arbeitsplatz",
        (
            "Gerät ausgepackt, Seriennummer und Inventarnummer im Ticket",
            "Windows eingerichtet, alle Aktualisierungen eingespielt",
            "Festplatte verschlüsselt, Schlüssel hinterlegt",
            "Virenschutz und Fernwartung installiert",
            "Konto angemeldet, Microsoft 365 eingerichtet",
            "Laufwerke, Drucker und Programme wie vereinbart",
            "Dockingstation, Monitore, Headset und Kamera geprüft",
            "Daten vom alten Gerät übernommen",
            "Einweisung gegeben, Lieferschein unterschrieben",
            "Altgerät mitgenommen oder Verbleib geklärt",
        ),
    ),
    Template(
        "Drucker einrichten",
        (
            "Standort, Strom und Netzwerkdose geprüft",
            "Feste Adresse vergeben und im Plan eingetragen",
            "Firmware aktualisiert, Kennwort der Verwaltung geändert",
            "Warteschlange auf dem Server angelegt",
            "Scannen in Ordner und an E-Mail eingerichtet",
            "Testseite von zwei Arbeitsplätzen gedruckt",
            "Zählerstand und Seriennummer notiert",
            "Aufkleber mit Name und Hotline angebracht",
        ),
    ),
    Template(
        "Einsatz vor Ort",
        (
            "Termin bestätigt, Ansprechpartner und Zugang geklärt",
            "Lieferschein erstellt und dabei",
            "Material und Leihgerät eingepackt",
            "Ankunft beim Ansprechpartner gemeldet",
            "Arbeit erledigt und gemeinsam geprüft",
            "Arbeitsplatz aufgeräumt, Altteile mitgenommen",
            "Lieferschein unterschrieben, Zeit gebucht",
        ),
    ),
    Template(
        "Eintritt: Konto und Zugänge",
        (
            "Freigabe der Personalabteilung liegt vor",
            "Konto nach Namensregel angelegt",
            "Lizenz zugewiesen",
            "Gruppen und Verteiler wie die Vorgängerin oder der Vorgänger",
            "Zweiter Faktor vorbereitet",
            "Telefonnummer und Durchwahl eingerichtet",
            "Startkennwort persönlich übergeben",
            "Einweisung in Datenschutz und Meldewege",
        ),
        True,
    ),
    Template(
        "Austritt: Konto und Geräte",
        (
            "Letzter Arbeitstag und Vertretung schriftlich bestätigt",
            "Anmeldung gesperrt, alle Sitzungen beendet",
            "Postfach umgewandelt, Abwesenheit und Weiterleitung gesetzt",
            "Dateien an die Vertretung übergeben",
            "Aus Gruppen, Verteilern und Drittsystemen entfernt",
            "Geräte, Schlüssel und Karten zurück, im Bestand gebucht",
            "Lizenz frei gemacht und dem Vertrieb gemeldet",
            "Löschtermin für Postfach und Daten eingetragen",
        ),
        True,
    ),
    Template(
        "Serverwartung",
        (
            "Wartungsfenster angekündigt",
            "Letzte Sicherung fertig und geprüft",
            "Momentaufnahme der virtuellen Maschinen erstellt",
            "Aktualisierungen eingespielt, neu gestartet",
            "Dienste, Freigaben und Datenbanken laufen",
            "Ereignisprotokolle und Platten geprüft",
            "Momentaufnahme entfernt",
            "Kunde informiert, Protokoll abgelegt",
        ),
        True,
    ),
    Template(
        "Datensicherung prüfen",
        (
            "Aufträge der letzten sieben Tage ohne Fehler",
            "Freier Platz auf dem Sicherungsspeicher reicht für 60 Tage",
            "Eine Datei und eine Datenbank probeweise zurückgelesen",
            "Auslagerung außer Haus aktuell",
            "Ergebnis an den Kunden gemeldet",
        ),
    ),
    Template(
        "Firewall tauschen",
        (
            "Regeln und Zertifikate der alten Firewall gesichert",
            "Lizenz aktiviert, Firmware aktuell",
            "Regeln übernommen und zu zweit durchgesehen",
            "Umschaltung mit dem Kunden abgestimmt",
            "Internet, VPN, Telefonie und Kassen geprüft",
            "Überwachung und Alarme eingerichtet",
            "Alte Firewall gelöscht und ausgetragen",
        ),
        True,
    ),
    Template(
        "Verdacht auf Schadsoftware",
        (
            "Gerät vom Netz getrennt, nicht ausgeschaltet",
            "Kennwörter der betroffenen Person geändert",
            "Anmeldungen und Weiterleitungsregeln geprüft",
            "Vollständige Prüfung gelaufen, Ergebnis im Ticket",
            "Geschäftsleitung und Datenschutz informiert",
            "Gerät neu aufgesetzt oder freigegeben",
        ),
        True,
    ),
)


@dataclass(frozen=True)
class Carried:
    """A checklist on a ticket: of which template, how many of its first items are ticked, by whom (empty: by its
    technician)."""

    about: str
    template: str
    done: int
    by: str = ""


CARRIED: tuple[Carried, ...] = (
    Carried("Neuer Kollege: Konto und Notebook zum Monatsersten", "Eintritt: Konto und Zugänge", 3, "aylin"),
    Carried("Notebooks einrichten, Lieferung 2 von 3", "Neuer Arbeitsplatz", 6, "piet"),
    Carried("Etikettendrucker an Rampe A: jedes fünfte Etikett weiß", "Einsatz vor Ort", 2, "piet"),
    Carried("Sicherung bricht seit zwei Nächten ab", "Datensicherung prüfen", 1, "marek"),
)


def _everyday(everyday: Everyday) -> Iterator[Carried]:
    """Checklists of what goes by one: ticked to the end where the work is done."""
    rng = random.Random(_SEED)
    items = {each.name: len(each.items) for each in TEMPLATES}
    for subject, case in everyday.cases.items():
        if case.checklist:
            most = items[case.checklist]
            yield Carried(subject, case.checklist, rng.randrange(1, most) if subject in everyday.unfinished else most)


def write_checklists(cast: Cast, everyday: Everyday) -> None:
    """Writes the templates down, and the lists that were made of them."""
    known = {each.name: each for each in TEMPLATES}
    session.add_all(
        ChecklistTemplate(name=each.name, in_order=each.in_order, items=list(each.items)) for each in TEMPLATES
    )
    staff = {person.id: person for person in cast.people.values()}
    for each in (*CARRIED, *_everyday(everyday)):
        ticket = cast.tickets[each.about]
        by = cast.people[each.by] if each.by else staff.get(ticket.assignee_id or 0)
        if by is not None:  # nobody else has had it in hand yet
            _carry(cast, ticket, known[each.template], each.done, by)
    cast.rows.write()


def _carry(cast: Cast, ticket: Ticket, template: Template, done: int, by: Person) -> None:
    at, rows = ticket.updated_at, cast.rows
    made = Checklist(
        id=rows.id(Checklist), ticket_id=ticket.id, name=template.name, in_order=template.in_order, removed_at=None
    )
    rows.add(made)
    _log(cast, ticket, by, "checklist_added", template.name, checklist=made.id)
    for position, text in enumerate(template.items, start=1):
        ticked = position <= done
        item = ChecklistItem(
            id=rows.id(ChecklistItem),
            checklist_id=made.id,
            position=position,
            text=text,
            done_at=at if ticked else None,
            done_by=by.name if ticked else "",
        )
        rows.add(item)
        if ticked:
            _log(cast, ticket, by, "checklist_item_ticked", text, checklist=made.id, item=item.id)


def _log(cast: Cast, ticket: Ticket, by: Person, verb: str, after: str, **data: int) -> None:
    cast.rows.add(
        Activity(
            ticket_id=ticket.id, verb=verb, actor_id=by.id, actor_name=by.name, after=after, data=data,
            at=ticket.updated_at,
        )
    )  # fmt: skip
