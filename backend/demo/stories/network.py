"""VPN, firewalls, backups, certificates, telephones."""

from backend.demo.talk import File, Story, call, mail, note, put, reply

BACKUP_LOG = """\
Auftrag: HOLMRATH-ERP, Vollsicherung
Start  01:00:02
Lese   ERP01  412,6 GB
FEHLER 02:41:17  Ziel NAS-KN: Schreibfehler, Block 0x1f3a90, Datentraeger 5
Ende   02:41:18  abgebrochen
"""

STORIES: tuple[Story, ...] = (
    Story(
        "VPN von zu Hause trennt sich ständig",
        "wiebke",
        (
            mail(
                "wiebke",
                "-7 18:40",
                """
                Guten Abend,

                von zu Hause trennt sich die VPN-Verbindung immer nach ungefähr zehn Minuten. Ich muss mich dann neu
                anmelden, die angefangene Buchung ist weg. Im Büro ist nichts.

                Wiebke Stralau
                """,
            ),
            put("piet", "-6 08:20", "assignee=piet"),
            reply(
                "piet",
                "-6 08:45",
                """
                Guten Morgen Frau Stralau,

                könnten Sie mir heute Abend das Protokoll schicken? Im VPN-Fenster unter „Hilfe“, „Protokoll
                speichern“. Und welchen Anschluss haben Sie zu Hause, Kabel oder DSL?

                Piet Hagenauer
                """,
                status="pending",
            ),
            mail(
                "svea",
                "-5 19:05",
                "Kabelanschluss, das Protokoll hängt an.\n\nWiebke Stralau",
                File(
                    "vpn.log", "18:31:02 verbunden\n18:41:03 keine Antwort der Gegenstelle (DPD)\n18:41:03 getrennt\n"
                ),
                quoted="> könnten Sie mir heute Abend das Protokoll schicken?",
            ),
            note(
                "marek",
                "-4 09:30",
                """
                @Piet Hagenauer genau 600 s, das ist die Sitzungstabelle ihres Routers. Keepalive auf 120 s stellen.
                """,
            ),
            reply(
                "piet",
                "-4 10:00",
                """
                Guten Morgen Frau Stralau,

                Ihr Router zu Hause vergisst die Verbindung nach zehn Minuten ohne Verkehr. Ich habe unsere Seite so
                eingestellt, dass sie sich alle zwei Minuten meldet. Bitte probieren Sie es heute Abend und schreiben
                mir, ob es hält.

                Piet Hagenauer
                """,
            ),
        ),
        category="Netzwerk",
        family="Firewall und VPN",
        team="Netz und Sicherheit",
    ),
    Story(
        "Firewall: Regel für die neue Waage",
        "nadja",
        (
            mail(
                "nadja",
                "-9 08:50",
                """
                Guten Morgen,

                die neue Malzwaage soll ihre Werte an die Sudhaussteuerung schicken. Der Hersteller sagt: TCP 4001 von
                der Waage zur Steuerung. Geht das bis Ende der Woche?

                Nadja Petrescu
                """,
                File(
                    "Waage-Netz.txt",
                    "Waage      10.20.7.31\nSteuerung  10.20.5.10  TCP 4001\nRichtung   Waage -> Steuerung\n",
                ),
            ),
            put("marek", "-9 09:30", "assignee=marek"),
            note(
                "marek",
                "-8 11:10",
                """
                Regel 118 vorbereitet, eng auf die beiden Adressen. Freigabe von Herrn Lasch steht aus.
                """,
            ),
            mail("torben", "-7 09:00", "Freigegeben. Lasch"),
            reply(
                "marek",
                "-7 12:40",
                """
                Guten Tag Frau Petrescu,

                die Regel ist aktiv, die Waage meldet sich seit 12:31 Uhr bei der Steuerung. Alles andere bleibt
                zwischen den beiden Netzen zu.

                Marek Ostwald
                """,
                status="resolved",
            ),
        ),
        type="change",
        category="Netzwerk",
        family="Firewall und VPN",
        team="Netz und Sicherheit",
    ),
    Story(
        "Sicherung bricht seit zwei Nächten ab",
        "gesche",
        (
            mail(
                "gesche",
                "-3 07:45",
                """
                Guten Morgen,

                der Bericht meldet seit zwei Nächten „abgebrochen“. Nach dem letzten Jahr möchte ich das nicht
                liegen lassen.

                Gesche Holmrath
                """,
                File("Bericht.txt", BACKUP_LOG),
            ),
            put("marek", "-3 08:00", "assignee=marek"),
            put("marek", "-3 08:00", "priority=high"),
            reply(
                "marek",
                "-3 08:30",
                """
                Guten Morgen Frau Holmrath,

                Datenträger 5 im Sicherungsspeicher schreibt nicht mehr zuverlässig. Der Rest ist in Ordnung. Ich habe
                die Sicherung heute früh auf den Zweitspeicher umgeleitet, sie ist eben vollständig durchgelaufen:
                Sie sind also gedeckt. Die Platte wird vom Hersteller auf Garantie getauscht.

                Marek Ostwald
                """,
                status="manufacturer",
            ),
            note(
                "marek",
                "-2 10:15",
                """
                Hersteller schickt Ersatz, Sendung angekündigt. @Lena Brandis bitte Termin in Köln, eine Stunde reicht.
                """,
            ),
            note("lena", "-2 10:40", "Donnerstag früh ginge, Piet ist ohnehin im Lager Nord."),
            reply(
                "marek",
                "-1 09:57",
                """
                Guten Morgen Frau Holmrath,

                die Ersatzplatte ist unterwegs. Passt Ihnen Donnerstag zwischen acht und neun? Während des Tauschs
                läuft alles weiter.

                Marek Ostwald
                """,
            ),
        ),
        impact="company",
        category="Sicherung",
        family="Server und Sicherung",
        team="Netz und Sicherheit",
    ),
    Story(
        "Zertifikat für das Kundenportal läuft ab",
        "gesche",
        (
            mail(
                "gesche",
                "-2 09:15",
                """
                Guten Tag,

                ein Kunde schreibt uns, der Browser warne vor unserem Portal, das Zertifikat laufe in wenigen Tagen ab.
                Kümmern Sie sich darum?

                Gesche Holmrath
                """,
            ),
            put("marek", "-2 09:40", "team=Netz und Sicherheit"),
            reply(
                "piet",
                "-2 11:00",
                """
                Guten Tag Frau Holmrath,

                ja. Das Zertifikat kommt von Ihrem früheren Dienstleister, deshalb erneuert es sich nicht von selbst.
                Wer kann bei Ihnen die Einträge der Domäne ändern?

                Piet Hagenauer
                """,
            ),
            mail(
                "gesche",
                "4h50m",
                """
                Die Zugangsdaten dafür habe ich, ich gebe sie Ihnen am Telefon.

                Gesche Holmrath
                """,
            ),
            put("aylin", "4h30m", "assignee=piet"),
        ),
        impact="company",
        type="change",
        category="Sicherheit",
        family="Server und Sicherung",
    ),
    Story(
        "WLAN in Gewächshaus 3 fällt aus",
        "ansgar",
        (
            mail(
                "ansgar",
                "-1 14:20",
                """
                Hallo, in Haus 3 ist das WLAN seit mittags weg, die Lüftungssteuerung meldet „offline“. In Haus 1 und 2
                geht es.

                Ansgar
                """,
                html="""
                <p>Hallo, in Haus 3 ist das WLAN seit mittags weg, die Lüftungssteuerung meldet „offline“.</p>
                <ul><li>Haus 1: geht</li><li>Haus 2: geht</li><li>Haus 3: <b>nichts</b></li></ul><p>Ansgar</p>
                """,
            ),
            put("tomma", "-1 14:31", "assignee=tomma"),
            put("tomma", "-1 14:31", "priority=high"),
            call(
                "tomma",
                "-1 14:40",
                """
                Ansgar hat den Stecker am Verteiler gezogen und gesteckt, Zugangspunkt ist wieder da. Ursache offen:
                vermutlich Feuchte in der Dose.
                """,
            ),
            note(
                "tomma",
                "3h10m",
                """
                Zwei der sechs Zugangspunkte aus A-20371 fehlen noch, beim Einbau die Dose in Haus 3 gleich mit
                abdichten.
                """,
            ),
        ),
        impact="group",
        category="Netzwerk",
        family="WLAN",
        team="Außendienst",
        order="A-20371",
    ),
    Story(
        "Internet am Vormittag sehr langsam",
        "fabian",
        (
            mail(
                "fabian",
                "-30 10:05",
                """
                Guten Morgen,

                jeden Vormittag zwischen neun und elf braucht das Hochladen der Scans ewig. Nachmittags geht es in
                Sekunden.

                Fabian Ruttloff
                Labor
                """,
            ),
            put("marek", "-30 10:30", "assignee=marek"),
            note(
                "marek",
                "-29 11:20",
                """
                Auslastung der Leitung 09:10 bis 10:50 bei 98 %, Quelle: die Sicherung der Praxis läuft in den Vormittag
                hinein.
                """,
            ),
            reply(
                "marek",
                "-29 11:45",
                """
                Guten Tag Herr Ruttloff,

                die nächtliche Sicherung der Praxis war noch nicht fertig, wenn Sie anfangen. Sie startet ab heute zwei
                Stunden früher und darf tagsüber nur noch ein Zehntel der Leitung nehmen.

                Marek Ostwald
                """,
                status="resolved",
            ),
            mail("fabian", "-27 09:40", "Seit zwei Tagen alles flott, vielen Dank.\n\nFabian Ruttloff"),
            put("marek", "-22 08:00", "status=closed"),
        ),
        impact="site",
        type="problem",
        category="Netzwerk",
        family="Server und Sicherung",
        team="Netz und Sicherheit",
    ),
    Story(
        "Sicherungsbericht des letzten Monats",
        "torben",
        (
            mail(
                "torben",
                "-12 09:02",
                """
                Servus, könnt ihr mir für die Prüferin den Sicherungsbericht vom letzten Monat schicken?

                Torben Lasch
                """,
            ),
            reply(
                "aylin",
                "-12 09:25",
                """
                Guten Morgen Herr Lasch,

                anbei der Bericht, alle Läufe in Ordnung. Die Probe-Rücksicherung vom Monatsersten steht auf der letzten
                Zeile.

                Aylin Demirsoy
                """,
                File(
                    "Sicherungsbericht.csv",
                    "Lauf;Ergebnis;GB\nWoche 1;in Ordnung;212\nWoche 2;in Ordnung;213\nWoche 3;in Ordnung;215\n"
                    "Woche 4;in Ordnung;215\nProbe;zurückgesichert in 41 min;212\n",
                    "text/csv",
                ),
                status="closed",
            ),
        ),
        type="request",
        category="Sicherung",
        family="Server und Sicherung",
    ),
    Story(
        "Telefonanlage: Ansage für Feiertage ändern",
        "ilka",
        (
            mail(
                "ilka",
                "3h38m",
                """
                Guten Morgen,

                könnten Sie bitte die Ansage für die Feiertage umstellen? Wir haben zwischen den Jahren zu, der
                Notdienst ist über die Zentrale in der Stadt erreichbar. Den Text schicke ich gern als Datei.

                Ilka Marwede
                """,
            ),
        ),
        type="change",
        category="Telefonie",
        family="Telefonie",
    ),
    Story(
        "Telefone im Gasthaus klingeln nicht",
        "torben",
        (
            mail(
                "torben",
                "-34 17:10",
                """
                Im Gasthaus klingelt kein Telefon mehr, Reservierungen laufen ins Leere!

                Lasch
                """,
            ),
            put("aylin", "-34 17:12", "assignee=aylin"),
            put("aylin", "-34 17:12", "priority=critical"),
            call(
                "aylin",
                "-34 17:20",
                """
                Rufumleitung vom Ruhetag war noch aktiv. Zusammen ausgeschaltet, Probeanruf kommt an.
                """,
                status="resolved",
            ),
            put("aylin", "-28 08:00", "status=closed"),
        ),
        impact="site",
        category="Telefonie",
        family="Telefonie",
    ),
)
