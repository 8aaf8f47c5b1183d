"""Outages of what the business runs on, deliveries, invoices, and a letter from a stranger."""

from backend.demo.talk import File, Story, call, mail, note, put, reply

STORIES: tuple[Story, ...] = (
    Story(
        "Warenwirtschaft nicht erreichbar aus Werk 2",
        "henner",
        (
            mail(
                "henner",
                "3h2m",
                """
                Die Warenwirtschaft ist aus Werk 2 nicht zu erreichen, „Server antwortet nicht“. Telefon und Internet
                gehen. 14 Leute stehen.

                Brockdorf
                """,
                cc=("jana",),
            ),
            put("lena", "2h58m", "priority=critical"),
            put("lena", "2h58m", "team=Netz und Sicherheit"),
            put("lena", "2h57m", "assignee=marek"),
            call(
                "marek",
                "2h50m",
                """
                Herrn Brockdorf angerufen: betroffen ist nur Werk 2, Werk 1 arbeitet. Alle 30 Minuten neuer Stand per
                E-Mail zugesagt.
                """,
            ),
            note(
                "marek",
                "2h20m",
                """
                Strecke zwischen den Werken ist unten, Anbieter bestätigt Störung an der Verteilstation. @Piet Hagenauer
                bereite bitte die Ersatzstrecke über Funk vor.
                """,
            ),
            reply(
                "marek",
                "2h15m",
                """
                Guten Morgen Herr Brockdorf,

                Zwischenstand: Die Leitung zwischen den Werken ist beim Anbieter gestört, die Störung ist bestätigt. Wir
                schalten gerade die Ersatzstrecke über Funk, sie trägt die Warenwirtschaft, aber keine Videos.

                Nächster Stand in 30 Minuten.
                Marek Ostwald
                """,
            ),
            note(
                "piet",
                "1h48m",
                """
                Ersatzstrecke steht, 38 Mbit/s, Warenwirtschaft aus Werk 2 geprüft: geht.
                """,
                channel="pane",
            ),
            reply(
                "marek",
                "1h45m",
                """
                Herr Brockdorf,

                die Ersatzstrecke ist aktiv, bitte melden Sie sich an der Warenwirtschaft neu an.

                Marek Ostwald
                """,
            ),
            mail(
                "henner",
                "12m",
                """
                Geht wieder, aber die Pickliste braucht eine Minute zum Öffnen. Bleibt das so?

                Brockdorf
                """,
            ),
        ),
        impact="site",
        category="Software",
        family="Warenwirtschaft",
    ),
    Story(
        "Notebooks einrichten, Lieferung 2 von 3",
        "jana",
        (
            mail(
                "jana",
                "-5 11:30",
                """
                Guten Tag,

                die zwölf Notebooks sind angekommen, von den Docks aber nur vier. Können Sie schon anfangen einzurichten
                oder warten wir auf den Rest?

                Jana Wiedekind
                """,
            ),
            put("lena", "-5 13:00", "assignee=tomma"),
            put("lena", "-5 13:00", "team=Außendienst"),
            note(
                "tomma",
                "-4 09:10",
                """
                @Renate Sattelkamp wann kommen die acht Docks? Ich würde vier Plätze vorziehen.
                """,
            ),
            note(
                "renate",
                "-4 09:45",
                """
                @Tomma Kielhorn Lieferant sagt morgen oder übermorgen, Termin steht im Auftrag.
                """,
            ),
            reply(
                "tomma",
                "2h20m",
                """
                Guten Tag Frau Wiedekind,

                wir richten vier Plätze gleich ein, die anderen acht, sobald die Docks da sind (angekündigt für morgen).
                Nennen Sie mir bitte die vier Personen, die zuerst drankommen?

                Tomma Kielhorn
                """,
                File(
                    "Ablauf.txt",
                    "1. Daten sichern\n2. Notebook anmelden\n3. Warenwirtschaft, Drucker\n4. Altgerät mitnehmen\n",
                ),
                status="pending",
            ),
        ),
        impact="group",
        type="request",
        category="Beschaffung",
        family="Arbeitsplatz",
        order="A-20417",
    ),
    Story(
        "Rechnung doppelt erhalten",
        "wiebke",
        (
            mail(
                "wiebke",
                "-19 10:15",
                """
                Guten Tag,

                die Rechnung R-31126 über die zwei Monitore kam am Montag und heute noch einmal. Ist die zweite nur eine
                Kopie?

                Wiebke Stralau
                Buchhaltung
                """,
            ),
            put("lena", "-19 10:30", "assignee=renate"),
            reply(
                "renate",
                "-19 11:00",
                """
                Guten Tag Frau Stralau,

                ja, die zweite ist versehentlich noch einmal verschickt worden. Bitte legen Sie sie weg, gebucht ist sie
                nur einmal. Entschuldigen Sie die Umstände.

                Renate Sattelkamp
                """,
                status="closed",
            ),
        ),
        type="request",
        category="Beschaffung",
        family="Arbeitsplatz",
        order="A-20291",
    ),
    Story(
        "Kanzleisoftware startet nach dem Update nicht",
        "lindhagen",
        (
            mail(
                "lindhagen",
                "-40 06:55",
                """
                Seit dem Update heute Nacht startet die Kanzleisoftware nicht, Meldung im Anhang. Um neun Uhr
                Fristablauf!

                Lindhagen
                """,
                File("Meldung.png", "FEHLER 0x80\nDATENBANK-VERSION", "image/png"),
            ),
            put("aylin", "-40 07:02", "priority=critical"),
            put("aylin", "-40 07:02", "assignee=marek"),
            call(
                "marek",
                "-40 07:10",
                """
                Update lief, während die Sicherung die Datenbank hielt: halb umgestellt. Stand von 23 Uhr zurückgeholt,
                Kanzlei arbeitet seit 07:48.
                """,
            ),
            reply(
                "marek",
                "-40 08:05",
                """
                Sehr geehrter Herr Dr. Lindhagen,

                Sie arbeiten auf dem Stand von gestern 23 Uhr, danach war niemand mehr angemeldet. Das Update holen wir
                am Samstag mit dem Hersteller nach.

                Marek Ostwald
                """,
                status="pending",
            ),
            mail("lindhagen", "-40 09:20", "Frist gehalten. Danke.\n\nLindhagen"),
            note(
                "marek",
                "-36 10:00",
                """
                Update am Samstag sauber durchgelaufen. Sicherung und Updates liegen jetzt zwei Stunden auseinander.
                """,
                status="closed",
            ),
        ),
        impact="company",
        category="Software",
        family="Server und Sicherung",
    ),
    Story(
        "Kassenabschluss im Hofladen bleibt hängen",
        "merle",
        (
            mail(
                "merle",
                "-5 18:15",
                """
                Hallo, der Kassenabschluss dreht sich seit einer halben Stunde, ich kann nicht zumachen.

                Merle
                """,
            ),
            put("aylin", "-5 18:18", "priority=high"),
            put("aylin", "-5 18:18", "assignee=aylin"),
            call(
                "aylin",
                "-5 18:25",
                """
                Per Fernhilfe drauf: Der Bondrucker hatte kein Papier und die Kasse wartet stumm darauf. Rolle
                gewechselt, Abschluss durch.
                """,
            ),
            reply(
                "aylin",
                "-5 18:35",
                """
                Liebe Frau Quastner,

                falls es wieder hängt: zuerst nach der Papierrolle sehen. Wir haben den Kassenhersteller gebeten, das
                anzuzeigen.

                Aylin Demirsoy
                """,
                status="resolved",
            ),
        ),
        category="Software",
        family="Warenwirtschaft",
    ),
    Story(
        "Praxissoftware braucht beim Öffnen der Akte eine Minute",
        "ilka",
        (
            mail(
                "ilka",
                "-4 08:20",
                """
                Guten Morgen, seit Montag dauert das Öffnen einer Akte fast eine Minute, an allen Plätzen.

                Ilka Marwede
                """,
            ),
            put("tomma", "-4 08:45", "assignee=marek"),
            put("tomma", "-4 08:45", "team=Netz und Sicherheit"),
            reply(
                "marek",
                "-3 10:30",
                """
                Guten Tag Frau Marwede,

                wir haben gemessen: Der Server sucht in einem Archiv, das seit Montag auf dem langsamen Speicher liegt.
                Ich möchte es heute nach Praxisschluss zurücklegen. Ist ab 18 Uhr niemand mehr im System?

                Marek Ostwald
                """,
            ),
            mail(
                "ilka",
                "-3 11:05",
                """
                Ab 18:30 Uhr, vorher laufen noch Abrechnungen.

                Ilka Marwede
                """,
                quoted="> Ist ab 18 Uhr niemand mehr im System?",
            ),
            note(
                "marek",
                "-3 19:40",
                """
                Archiv liegt wieder auf dem schnellen Speicher, Akte öffnet in 2 s. Eine Woche beobachten, Ursache
                (falsche Regel im Aufräumlauf) mit dem Hersteller klären.
                """,
            ),
            put("marek", "-3 19:41", "type=problem"),
        ),
        impact="site",
        category="Software",
        family="Server und Sicherung",
    ),
    Story(
        "Angebot: größerer Sicherungsspeicher für das Labor",
        "fabian",
        (
            mail(
                "fabian",
                "-6 13:00",
                """
                Guten Tag,

                mit dem neuen Scanner wachsen unsere Daten um etwa 200 GB im Monat. Reicht der Sicherungsspeicher noch,
                und was würde eine Erweiterung kosten?

                Fabian Ruttloff
                """,
            ),
            put("lena", "-6 13:20", "assignee=renate"),
            note(
                "renate",
                "-5 09:30",
                """
                @Marek Ostwald vier Schächte frei? Dann biete ich vier Platten an statt eines neuen Geräts.
                """,
            ),
            note("marek", "-5 09:50", "@Renate Sattelkamp ja, vier frei. Reicht dann für gut drei Jahre."),
            reply(
                "renate",
                "-4 11:00",
                """
                Guten Tag Herr Ruttloff,

                Ihr Gerät hat noch vier freie Schächte. Vier Platten zu 329,00 € netto und zwei Technikerstunden genügen
                für etwa drei Jahre. Soll ich das so bestellen?

                Renate Sattelkamp
                """,
                status="pending",
            ),
        ),
        type="request",
        category="Beschaffung",
        family="Server und Sicherung",
        order="A-20003",
    ),
    Story(
        "Lieferscheine werden ohne Logo gedruckt",
        "bastian",
        (
            mail(
                "bastian",
                "1h20m",
                """
                Moin, seit heute kommen die Lieferscheine ohne unser Logo raus, ein Kunde hat schon gefragt. Muster
                hängt an.

                Voigtländer, Lager Nord
                """,
                File("Lieferschein-Muster.txt", "LIEFERSCHEIN 77120\n(hier fehlt das Logo)\nEmpfaenger: Muster\n"),
            ),
        ),
        category="Software",
        family="Warenwirtschaft",
    ),
    Story(
        "Praktikum im Frühjahr?",
        "Mira Tollkien <mira.tollkien@werkstatt-ohlsen.example>",
        (
            mail(
                "Mira Tollkien <mira.tollkien@werkstatt-ohlsen.example>",
                "2h5m",
                """
                Guten Tag,

                ich mache gerade meine Ausbildung und suche für das Frühjahr ein Praktikum von vier Wochen in der IT.
                Haben Sie einen Platz?

                Mit freundlichen Grüßen
                Mira Tollkien
                """,
            ),
        ),
        type="request",
    ),
)
