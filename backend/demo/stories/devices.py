"""Printers, screens, scanners."""

from backend.demo.talk import File, Story, call, mail, note, put, reply

PRINTER_LOG = """\
07:31:04  Rampe A  Start, Firmware 4.18
07:31:09  Rampe A  Medium erkannt: 100 x 150 mm
07:44:52  Rampe A  Kopfwiderstand Zone 3: 1412 Ohm (Soll 620 bis 760)
07:44:52  Rampe A  WARNUNG Kopf pruefen
07:45:10  Rampe A  Auftrag 00417 gedruckt, 12 Etiketten
07:52:37  Rampe A  WARNUNG Kopf pruefen
"""

STORIES: tuple[Story, ...] = (
    Story(
        "Etikettendrucker an Rampe A: jedes fünfte Etikett weiß",
        "henner",
        (
            mail(
                "henner",
                "-2 07:58",
                """
                Guten Morgen,

                der Etikettendrucker an Rampe A in Halle 1 wirft seit heute früh zwischendurch leere Etiketten aus,
                ungefähr jedes fünfte. Wir kleben die guten und werfen die weißen weg, auf Dauer geht das nicht.

                Freundliche Grüße
                Henner Brockdorf
                Möbelwerk Tressow GmbH, Werkleitung
                """,
            ),
            put("aylin", "-2 08:11", "assignee=piet"),
            reply(
                "piet",
                "-2 08:24",
                """
                Guten Morgen Herr Brockdorf,

                bitte schalten Sie den Drucker einmal ganz aus und nach einer Minute wieder ein. Wenn danach immer
                noch weiße Etiketten kommen, drucken Sie bitte die Testseite (Taste Vorschub beim Einschalten halten)
                und schicken mir ein Foto davon.

                Viele Grüße
                Piet Hagenauer
                """,
            ),
            mail(
                "henner",
                "-2 10:40",
                """
                Nach dem Neustart lief er eine Stunde gut. Ich melde mich, wenn es wiederkommt.

                Henner Brockdorf
                """,
                quoted="""
                Nordlicht IT Service schrieb um 08:24 Uhr:
                > Guten Morgen Herr Brockdorf,
                > bitte schalten Sie den Drucker einmal ganz aus und nach einer Minute wieder ein.
                """,
            ),
            note(
                "piet",
                "-1 16:35",
                """
                Im Protokoll vom Druckserver steigt der Kopfwiderstand in Zone 3. Sieht nach dem Druckkopf aus, erst
                aber Rolle und Farbband ausschließen.
                """,
                File("Protokoll-Drucker.txt", PRINTER_LOG),
            ),
            mail(
                "henner",
                "5h11m",
                """
                Guten Morgen,

                der Drucker an Rampe A wirft wieder nur weiße Etiketten aus, seit Schichtbeginn kein einziges lesbares.

                Henner Brockdorf
                """,
            ),
            reply(
                "piet",
                "4h40m",
                """
                Guten Morgen Herr Brockdorf,

                bitte setzen Sie einmal eine neue Rolle ein, die Farbseite muss nach außen zeigen. Ich sehe mir
                inzwischen das Protokoll an.

                Piet Hagenauer
                """,
            ),
            put("piet", "4h39m", "priority=high"),
            put("piet", "4h39m", "team=Außendienst"),
            note(
                "tomma",
                "2h32m",
                """
                @Piet Hagenauer Ersatz für den Druckkopf liegt im Lager, Fach C4, zwei Stück. Nimm einen am Donnerstag
                mit, dann reicht eine Anfahrt.
                """,
            ),
            note(
                "piet",
                "1h50m",
                """
                @Tomma Kielhorn danke, ist auf A-20452 gebucht. Bis dahin leite ich die Warteschlange auf Rampe B um.
                """,
                channel="pane",
            ),
            mail(
                "henner",
                "13m",
                """
                Guten Tag Herr Hagenauer,

                die neue Rolle ist drin, der Drucker zieht ein, das Etikett bleibt aber weiß. Auf dem Display steht
                „Kopf prüfen“, ein Foto hängt an. Ab 15 Uhr stehen die ersten Paletten, bitte melden Sie sich vorher
                kurz.

                Freundliche Grüße
                Henner Brockdorf
                Möbelwerk Tressow GmbH, Werkleitung
                """,
                File("Display.png", "KOPF PRUEFEN\nZONE 3  E-27", "image/png"),
                quoted="""
                Nordlicht IT Service schrieb heute:
                > Guten Morgen Herr Brockdorf,
                >
                > bitte setzen Sie einmal eine neue Rolle ein, die Farbseite muss nach außen zeigen. Ich sehe mir
                > inzwischen das Protokoll an.
                >
                > Piet Hagenauer
                """,
                cc=("jana",),
            ),
        ),
        impact="site",
        category="Hardware",
        family="Drucker und Etiketten",
        order="A-20452",
    ),
    Story(
        "Drucker im Empfang umbenennen",
        "ilka",
        (
            mail(
                "ilka",
                "-3 09:31",
                """
                Guten Tag,

                seit dem Umbau stehen zwei Drucker im Empfang und beide heißen „Empfang“. Könnten Sie den am Fenster
                bitte in „Empfang Fenster“ umbenennen? Es eilt nicht.

                Danke und Grüße
                Ilka Marwede
                """,
            ),
            put("tomma", "-2 14:05", "assignee=tomma"),
            put("tomma", "-2 14:06", "priority=low"),
            note(
                "tomma",
                "-2 14:10",
                """
                Mache ich beim nächsten Besuch mit, dann kann ich gleich die Aufkleber tauschen.
                """,
            ),
        ),
        type="change",
        category="Hardware",
        family="Drucker und Etiketten",
    ),
    Story(
        "Bondrucker im Hofladen druckt blass",
        "merle",
        (
            mail(
                "merle",
                "-2 11:15",
                """
                Hallo,

                der Bondrucker an der Kasse druckt seit ein paar Tagen so blass, dass man die Preise kaum lesen kann.
                Eine neue Rolle hat nichts geändert.

                LG Merle Quastner
                """,
            ),
            put("aylin", "-2 11:40", "assignee=piet"),
            reply(
                "piet",
                "-1 09:20",
                """
                Hallo Frau Quastner,

                vermutlich liegt die Rolle mit der falschen Seite nach oben: Nur eine Seite nimmt die Wärme an. Bitte
                drehen Sie die Rolle einmal um. Bleibt es blass, ist der Heizstreifen verbraucht; dann bringe ich am
                Donnerstag einen mit.

                Viele Grüße
                Piet Hagenauer
                """,
                status="pending",
            ),
        ),
        category="Hardware",
        family="Drucker und Etiketten",
        team="Außendienst",
    ),
    Story(
        "Zweiter Monitor für den Empfang",
        "merle",
        (
            mail(
                "merle",
                "-8 08:12",
                """
                Hallo zusammen,

                für den Platz am Eingang hätten wir gern einen zweiten Monitor, gleiche Größe wie der erste. Was kostet
                das, und wie schnell geht es?

                LG Merle Quastner
                """,
            ),
            put("lena", "-8 08:40", "priority=low"),
            note("lena", "-8 08:42", "@Renate Sattelkamp magst du ein Angebot machen? 27 Zoll, mit Anschluss vor Ort."),
            reply(
                "renate",
                "-7 10:02",
                """
                Guten Tag Frau Quastner,

                ein Monitor mit 27 Zoll kostet 194,95 € netto, der Anschluss vor Ort 85,00 €. Das Gerät ist am Lager;
                wenn Sie bis Freitag bestellen, bringen wir es in der Woche darauf mit.

                Mit freundlichen Grüßen
                Renate Sattelkamp
                Vertrieb
                """,
                status="pending",
            ),
            put("lena", "-6 09:00", "assignee=lena"),
        ),
        type="request",
        category="Beschaffung",
        family="Arbeitsplatz",
        team="Außendienst",
    ),
    Story(
        "Monitor flackert im Besprechungsraum",
        "henner",
        (
            mail(
                "henner",
                "-16 13:20",
                """
                Moin, der große Monitor im Besprechungsraum flackert, sobald jemand sein Notebook ansteckt. Morgen um
                zehn sitzen Kunden davor.

                Henner Brockdorf
                """,
            ),
            call(
                "aylin",
                "-16 13:45",
                """
                Mit Herrn Brockdorf telefoniert: Flackert nur am langen Kabel unter dem Tisch. Mit dem kurzen Kabel
                direkt am Gerät ist das Bild ruhig. Für morgen reicht das, neues Kabel kommt mit der Post.
                """,
                status="pending",
            ),
            mail("henner", "-13 09:10", "Kabel ist da, Bild steht. Danke!\n\nHenner Brockdorf"),
            put("aylin", "-13 09:30", "status=resolved"),
            put("aylin", "-9 08:00", "status=closed"),
        ),
        impact="group",
        category="Hardware",
        family="Arbeitsplatz",
    ),
    Story(
        "Dockingstation lädt das Notebook nicht mehr",
        "svea",
        (
            mail(
                "svea",
                "-6 10:25",
                """
                Guten Tag,

                die neue Dockingstation von Frau Lehnhoff lädt das Notebook seit gestern nicht mehr. Bild und Netz
                gehen, nur der Akku wird leer. Anderes Netzteil haben wir probiert.

                Mit freundlichen Grüßen
                Svea Grootmann
                Büroleitung
                """,
            ),
            put("tomma", "-6 10:50", "assignee=tomma"),
            reply(
                "tomma",
                "-6 11:05",
                """
                Guten Tag Frau Grootmann,

                danke für die Vorarbeit. Dann ist vermutlich der Ladeteil der Dockingstation defekt. Ich habe sie beim
                Hersteller angemeldet, der Austausch dauert etwa eine Woche. Ein Leihgerät ist heute Nachmittag bei
                Ihnen.

                Tomma Kielhorn
                """,
                status="manufacturer",
            ),
            note(
                "tomma",
                "-5 16:20",
                """
                Leihgerät Nr. L-07 steht bei Frau Lehnhoff. RMA 5519-204 beim Hersteller, Abholung läuft.
                """,
            ),
            mail(
                "svea",
                "-1 15:10",
                """
                Hallo Frau Kielhorn, gibt es schon etwas Neues? Das Leihgerät hat nur einen Monitoranschluss.

                Svea Grootmann
                """,
                quoted="> Ein Leihgerät ist heute Nachmittag bei Ihnen.",
            ),
        ),
        category="Hardware",
        family="Arbeitsplatz",
        team="Außendienst",
        order="A-20396",
    ),
    Story(
        "Handscanner im Lager Nord verliert die Verbindung",
        "bastian",
        (
            mail(
                "bastian",
                "-11 06:50",
                """
                Morgen, die drei neuen Tablets am Tor 4 fliegen mitten in der Buchung raus. Weiter vorne in der Halle
                geht alles. Wir schreiben gerade auf Papier.

                Voigtländer, Lager Nord
                """,
                html="""
                <p>Morgen, die drei neuen Tablets am Tor&nbsp;4 fliegen mitten in der Buchung raus. Weiter vorne in der
                Halle geht alles. Wir schreiben gerade <b>auf Papier</b>.</p>
                <p>Voigtländer, Lager Nord</p>
                """,
            ),
            put("lena", "-11 07:05", "priority=high"),
            put("lena", "-11 07:05", "assignee=piet"),
            put("lena", "-11 07:06", "team=Außendienst"),
            note(
                "piet",
                "-11 08:15",
                """
                Am Tor 4 nur -82 dBm, das Regal dort ist neu. Fahre hin und hänge den Zugangspunkt um.
                """,
            ),
            reply(
                "piet",
                "-11 13:30",
                """
                Hallo Herr Voigtländer,

                der Zugangspunkt hing hinter dem neuen Hochregal. Er hängt jetzt an der Stütze zwischen Tor 3 und Tor 4,
                gemessen sind überall mehr als genug. Bitte buchen Sie eine Schicht lang und geben mir Bescheid.

                Piet Hagenauer
                """,
                status="pending",
            ),
            mail("bastian", "-10 14:05", "Läuft, zwei Schichten ohne Abbruch. Top.\n\nVoigtländer"),
            put("piet", "-10 14:20", "status=resolved"),
        ),
        impact="group",
        category="Netzwerk",
        family="WLAN",
        order="A-20215",
    ),
)
