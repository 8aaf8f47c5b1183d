"""The text modules of the demo: what Nordlicht IT writes often, in German and in the languages of its customers."""

from dataclasses import dataclass
from datetime import timedelta

from backend.db import session
from backend.demo.cast import Cast
from backend.demo.talk import tidy
from backend.textmodules.models import ModuleKind, TextModule

_REPLY, _NOTE, _NEW, _TIME = ModuleKind.REPLY, ModuleKind.NOTE, ModuleKind.NEW_TICKET, ModuleKind.TIME_ENTRY
_FORWARD, _FOLLOW_UP = ModuleKind.FORWARD, ModuleKind.FOLLOW_UP


@dataclass(frozen=True)
class Module:
    """One text module. `owner`: whose own it is; empty: everybody's."""

    name: str
    text: str
    kind: ModuleKind = _REPLY
    category: str = ""
    shortcut: str = ""
    words: str = ""
    language: str = "de"
    owner: str = ""


MODULES: tuple[Module, ...] = (
    Module(
        "Eingang bestätigen",
        """
        {{contact.greeting}},

        vielen Dank für Ihre Nachricht. Ihr Anliegen „{{ticket.subject}}“ ist bei uns unter der Nummer
        {{ticket.number}} erfasst. Wir melden uns bis {{? wann}} bei Ihnen.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Allgemein", shortcut=";eingang", words="Bestätigung Empfang",
    ),
    Module(
        "Rückfrage zur Störung",
        """
        {{contact.greeting}},

        damit wir die Ursache rasch finden, brauchen wir noch drei Angaben von Ihnen:

        1. Seit wann tritt die Störung auf, und geschieht sie jedes Mal?
        2. Wie lautet die Meldung auf dem Bildschirm? Ein Foto genügt.
        3. Sind auch andere Arbeitsplätze betroffen?

        {{? weitere Frage}}

        Freundliche Grüße
        {{me.name}}
        """,
        category="Allgemein", shortcut=";frage", words="Fehlermeldung Angaben Screenshot",
    ),
    Module(
        "Fernwartung vorschlagen",
        """
        {{contact.greeting}},

        das können wir aus der Ferne beheben. Passt es Ihnen am {{? Tag}} um {{? Uhrzeit}}? Es dauert etwa {{?
        Minuten}} Minuten; bitte schließen Sie vorher Ihre offenen Dateien. Ich rufe Sie unter {{contact.phone}}
        an.

        Freundliche Grüße
        {{me.name}}
        {{me.phone}}
        """,
        category="Termine", shortcut=";fern", words="remote TeamViewer Quick Assist",
    ),
    Module(
        "Termin vor Ort bestätigen",
        """
        {{contact.greeting}},

        {{visit.technician}} kommt am {{visit.date}} um {{visit.time}} Uhr zu Ihnen ({{visit.place}}). Bitte
        sorgen Sie dafür, dass {{? Raum oder Gerät}} zugänglich ist.

        Sollte der Termin nicht passen, antworten Sie einfach auf diese Nachricht.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Termine", shortcut=";termin", words="Besuch Einsatz Anfahrt",
    ),
    Module(
        "Drucker: bitte zuerst prüfen",
        """
        {{contact.greeting}},

        bitte prüfen Sie am Drucker {{? welcher}} kurz Folgendes; oft ist es damit schon behoben:

        1. Gerät für zehn Sekunden ausschalten und wieder einschalten.
        2. Papier, Klappen und Toner oder Farbband prüfen.
        3. Eine Testseite am Gerät selbst drucken, nicht vom Rechner aus.

        Druckt die Testseite, liegt es am Rechner oder am Netz, und ich schalte mich auf. Druckt sie nicht,
        kommen wir vorbei.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Drucker", shortcut=";drucker", words="Etikettendrucker Papierstau Toner",
    ),
    Module(
        "Kennwort zurückgesetzt",
        """
        {{contact.greeting}},

        das Kennwort für {{? Konto}} ist zurückgesetzt. Das vorläufige Kennwort nenne ich Ihnen nur am Telefon;
        bitte rufen Sie mich unter {{me.phone}} an. Bei der ersten Anmeldung vergeben Sie ein eigenes mit
        mindestens 14 Zeichen.

        Wir fragen Sie nie per E-Mail nach Ihrem Kennwort.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Konten", shortcut=";kennwort", words="Passwort Anmeldung gesperrt",
    ),
    Module(
        "Verdächtige E-Mail",
        """
        {{contact.greeting}},

        gut, dass Sie gefragt haben. Bitte öffnen Sie in der Nachricht von {{? Absender}} weder Links noch
        Anhänge und löschen Sie sie nicht; wir prüfen sie.

        Haben Sie bereits etwas angeklickt oder ein Kennwort eingegeben? Dann rufen Sie uns bitte sofort an:
        {{me.phone}}.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Sicherheit", shortcut=";phishing", words="Spam Betrug Anhang Virus",
    ),
    Module(
        "Liegt beim Hersteller",
        """
        {{contact.greeting}},

        wir haben die Störung dem Hersteller gemeldet (Vorgang {{? Nummer beim Hersteller}}). Er antwortet in
        der Regel innerhalb von {{? Tagen}} Werktagen. Bis dahin hilft Ihnen: {{? Umgehung}}.

        Ihr Ticket {{ticket.number}} bleibt bei uns offen; wir melden uns von selbst.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Allgemein", shortcut=";hersteller", words="Garantie Support RMA",
    ),
    Module(
        "Stand der Lieferung",
        """
        {{contact.greeting}},

        zu Ihrer Bestellung {{order.number}} vom {{order.date}} ({{order.title}}): {{? was geliefert ist und was
        noch fehlt}}. Der Rest kommt voraussichtlich am {{? Tag}}.

        Den Termin für die Einrichtung stimmen wir mit Ihnen ab, sobald alles da ist.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Bestellungen", shortcut=";lieferung", words="Auftrag Lieferschein Rückstand",
    ),
    Module(
        "Erledigt, bitte prüfen",
        """
        {{contact.greeting}},

        „{{ticket.subject}}“ ist erledigt: {{? was getan wurde}}.

        Bitte prüfen Sie es in Ruhe. Antworten Sie auf diese Nachricht, wenn noch etwas fehlt; sonst schließen
        wir das Ticket in einigen Tagen.

        Freundliche Grüße
        {{me.name}}
        """,
        category="Abschluss", shortcut=";fertig", words="gelöst Lösung behoben",
    ),
    Module(
        "Received, working on it",
        """
        {{contact.greeting}},

        thank you for your message. We have logged “{{ticket.subject}}” as ticket {{ticket.number}} and will be
        in touch by {{? when}}.

        Kind regards
        {{me.name}}
        """,
        category="Allgemein", shortcut=";received", language="en", words="Eingang Englisch",
    ),
    Module(
        "Solved, please check",
        """
        {{contact.greeting}},

        “{{ticket.subject}}” is solved: {{? what was done}}. Please give it a try. Just answer this message if
        anything is still not right.

        Kind regards
        {{me.name}}
        """,
        category="Abschluss", shortcut=";solved", language="en", words="erledigt Englisch",
    ),
    Module(
        "Bien reçu",
        """
        {{contact.greeting}},

        merci de votre message. Votre demande « {{ticket.subject}} » porte chez nous le numéro
        {{ticket.number}}. Nous revenons vers vous d’ici {{? quand}}.

        Cordialement
        {{me.name}}
        """,
        category="Allgemein", shortcut=";recu", language="fr", words="Eingang Französisch",
    ),
    Module(
        "C’est résolu",
        """
        {{contact.greeting}},

        « {{ticket.subject}} » est résolu : {{? ce qui a été fait}}. Merci de vérifier et de répondre à ce
        message s’il reste un problème.

        Cordialement
        {{me.name}}
        """,
        category="Abschluss", shortcut=";resolu", language="fr", words="erledigt Französisch",
    ),
    Module(
        "Richiesta ricevuta",
        """
        {{contact.greeting}},

        grazie per il Suo messaggio. La richiesta «{{ticket.subject}}» è registrata con il numero
        {{ticket.number}}. La ricontatteremo entro {{? quando}}.

        Cordiali saluti
        {{me.name}}
        """,
        category="Allgemein", shortcut=";ricevuta", language="it", words="Eingang Italienisch",
    ),
    Module(
        "Hemos recibido su solicitud",
        """
        {{contact.greeting}}:

        gracias por su mensaje. Su solicitud «{{ticket.subject}}» tiene el número {{ticket.number}}. Le
        responderemos antes de {{? cuándo}}.

        Un saludo
        {{me.name}}
        """,
        category="Allgemein", shortcut=";recibido", language="es", words="Eingang Spanisch",
    ),
    Module(
        "Übergabe an die nächste Schicht",
        """
        Stand: {{? was getan ist}}
        Offen: {{? was fehlt}}
        Als Nächstes: {{? Schritt}}, bis {{? wann}}
        Erreichbar: {{contact.name}}, {{contact.phone}}
        """,
        _NOTE, "Intern", ";uebergabe", "Hotline Spätdienst",
    ),
    Module(
        "Anruf: Störung",
        """
        {{contact.name}} ({{customer.name}}) ruft an.

        Was geht nicht: {{? Gerät oder Programm}}
        Seit wann: {{? Zeitpunkt}}
        Meldung auf dem Bildschirm: {{? Wortlaut}}
        Wer ist betroffen: {{? eine Person, Abteilung, alle}}
        Kann gearbeitet werden: {{? ja, eingeschränkt, nein}}
        Rückruf unter: {{? Telefonnummer}}
        """,
        _NEW, "Telefon", ";anruf", "Störung Telefonat Aufnahme",
    ),
    Module(
        "Anruf: neuer Arbeitsplatz",
        """
        {{contact.name}} ({{customer.name}}) wünscht einen neuen Arbeitsplatz.

        Für wen: {{? Name und Abteilung}}
        Ab wann: {{? erster Arbeitstag}}
        Standort und Raum: {{? Standort}}
        Gerät: {{? Notebook oder PC, Monitore}}
        Programme und Laufwerke: {{? wie wessen Arbeitsplatz}}
        Wer gibt frei: {{? Name}}
        """,
        _NEW, "Telefon", ";anrufneu", "Eintritt Onboarding Mitarbeiter",
    ),
    Module(
        "Anruf: Drucker",
        """
        {{contact.name}} ({{customer.name}}) meldet einen Drucker.

        Gerät und Standort: {{? Inventarnummer, Raum}}
        Was geschieht: {{? Streifen, Stau, druckt nicht}}
        Testseite am Gerät: {{? druckt, druckt nicht}}
        Ersatz in der Nähe: {{? ja, nein}}
        """,
        _NEW, "Telefon", ";anrufdrucker", "Etikettendrucker",
    ),
    Module(
        "Phone call: fault",
        """
        {{contact.name}} ({{customer.name}}) calls.

        What does not work: {{? device or program}}
        Since when: {{? time}}
        Message on screen: {{? wording}}
        Who is affected: {{? one person, a department, everybody}}
        Call back on: {{? number}}
        """,
        _NEW, "Telefon", ";call", "Anruf Englisch", "en",
    ),
    Module(
        "Fernwartung",
        "Fernwartung mit {{contact.name}}: {{? was getan wurde}}. Ergebnis: {{? Ergebnis}}.",
        _TIME, "Arbeitszeit", ";zfern", "remote",
    ),
    Module(
        "Einsatz vor Ort",
        "Einsatz bei {{customer.name}}, {{visit.place}}: {{? Arbeiten}}. Geprüft mit {{contact.name}}.",
        _TIME, "Arbeitszeit", ";zvorort", "Besuch Anfahrt",
    ),
    Module(
        "Wartung Server",
        "Wartung: Aktualisierungen eingespielt, Ereignisse und Platten geprüft, Sicherung von {{? Datum}} "
        "zurückgelesen. Auffällig: {{? nichts oder was}}.",
        _TIME, "Arbeitszeit", ";zwartung", "Patch Update",
    ),
    Module(
        "Bitte übernehmen",
        """
        Hallo {{? Name}},

        bitte übernimm das Ticket {{ticket.number}} („{{ticket.subject}}“, {{customer.name}}), Priorität
        {{ticket.priority}}.

        Bisher: {{? was getan ist}}
        Zugesagt: {{? was und bis wann}}

        Danke
        {{me.name}}
        """,
        _FORWARD, "Intern", ";weiter", "Kollege Weiterleitung",
    ),
    Module(
        "An den Hersteller",
        """
        Guten Tag,

        wir bitten um Unterstützung zu {{? Gerät und Seriennummer}}.

        Störung: {{ticket.subject}}
        Aufgetreten seit: {{ticket.opened}}
        Bereits geprüft: {{? Schritte}}

        Bitte nennen Sie uns Ihre Vorgangsnummer. Unser Zeichen ist {{ticket.number}}.

        Freundliche Grüße
        {{me.name}}, Nordlicht IT
        {{me.phone}}
        """,
        _FORWARD, "Hersteller", ";anhersteller", "Garantie Support RMA",
    ),
    Module(
        "Erinnerung: uns fehlt Ihre Antwort",
        """
        {{contact.greeting}},

        zu Ihrem Anliegen „{{ticket.subject}}“ (Ticket {{ticket.number}}) fehlt uns noch: {{? was}}. Sobald wir
        es haben, geht es weiter.

        Hat es sich erledigt? Dann genügt ein kurzes Wort.

        Freundliche Grüße
        {{me.name}}
        """,
        _FOLLOW_UP, "Nachfassen", ";erinnern", "Rückmeldung warten",
    ),
    Module(
        "Läuft alles?",
        """
        {{contact.greeting}},

        vor einigen Tagen haben wir „{{ticket.subject}}“ für Sie gelöst. Läuft seitdem alles, wie es soll? {{?
        eigene Frage}}

        Freundliche Grüße
        {{me.name}}
        """,
        _FOLLOW_UP, "Nachfassen", ";laeuft", "Zufriedenheit Nachfrage",
    ),
    Module(
        "Reminder: we need your answer",
        """
        {{contact.greeting}},

        about “{{ticket.subject}}” (ticket {{ticket.number}}): we still need {{? what}} to go on. If it has
        settled itself, a short word is enough.

        Kind regards
        {{me.name}}
        """,
        _FOLLOW_UP, "Nachfassen", ";remind", "Erinnerung Englisch", "en",
    ),
    Module(
        "Druckkopf: Reinigung und Tausch",
        """
        {{contact.greeting}},

        ich bringe einen neuen Druckkopf mit. Bis dahin: bitte den Kopf bei kaltem Gerät mit dem Reinigungsstift
        abwischen, immer in eine Richtung, und die Andruckkraft auf {{? Stufe}} stellen.

        Viele Grüße
        Piet Hagenauer
        """,
        category="Drucker", shortcut=";kopf", words="Etiketten Streifen weiß", owner="piet",
    ),
    Module(
        "Bin unterwegs",
        "Bin bis {{? Uhrzeit}} bei {{? Kunde}}, danach hier weiter. Dringendes bitte an die Hotline.",
        _NOTE, "Intern", ";unterwegs", owner="piet",
    ),
    Module(
        "Rückruf vereinbart",
        "Mit {{contact.name}} Rückruf am {{? Tag}} um {{? Uhrzeit}} unter {{contact.phone}} vereinbart.",
        _NOTE, "Telefon", ";rueckruf", owner="aylin",
    ),
    Module(
        "Netz: Neustart der Strecke",
        "Strecke {{? welche}} neu gestartet, Laufzeit danach {{? ms}} ms, kein Verlust über {{? Minuten}} Minuten.",
        _TIME, "Arbeitszeit", ";zstrecke", owner="marek",
    ),
)  # fmt: skip


def write_modules(cast: Cast) -> None:
    """Writes the text modules down, as if they had been there for a year."""
    since = cast.now - timedelta(days=365)
    for given in MODULES:
        session.add(
            TextModule(
                owner_id=cast.people[given.owner].id if given.owner else None,
                name=given.name,
                kind=given.kind,
                language=given.language,
                text=tidy(given.text),
                category=given.category,
                words=given.words,
                shortcut=given.shortcut,
                created_at=since,
                updated_at=since,
            )
        )
