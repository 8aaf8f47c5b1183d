"""Accounts, rights, mailboxes."""

from backend.demo.talk import File, Story, call, mail, note, put, reply

STORIES: tuple[Story, ...] = (
    Story(
        "Neuer Kollege: Konto und Notebook zum Monatsersten",
        "elif",
        (
            mail(
                "elif",
                "-1 16:40",
                """
                Liebe Nordlichter,

                wie besprochen die Angaben für das Konto:

                Name: Paul Ingwersen
                Abteilung: Einkauf, Werk 2
                Start: zum Ersten des nächsten Monats
                Braucht: Postfach, Warenwirtschaft (Rechte wie Frau Wiedekind, ohne Freigaben), Notebook mit Dock

                Herzliche Grüße
                Elif Mertoglu
                Personal
                """,
                File(
                    "Eintritt-Ingwersen.csv",
                    "Feld;Wert\nName;Paul Ingwersen\nAbteilung;Einkauf\nStandort;Werk 2\nTelefon;-151\n",
                    "text/csv",
                ),
            ),
            put("lena", "4h20m", "assignee=lena"),
            note(
                "lena",
                "4h15m",
                """
                @Renate Sattelkamp von A-20417 sind zwölf Notebooks da, geht eines davon ab? Sonst bitte nachbestellen.
                """,
            ),
        ),
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
        order="A-20417",
    ),
    Story(
        "Zugriff auf Ordner „Notariat“ fehlt",
        "svea",
        (
            mail(
                "svea",
                "-1 11:47",
                """
                Hallo zusammen,

                seit heute früh fehlt mir der Ordner „Notariat“ auf dem gemeinsamen Laufwerk. Gestern war er
                noch da, Dr. Lindhagen sieht ihn weiterhin.

                Mit freundlichen Grüßen
                Svea Grootmann
                """,
            ),
            put("aylin", "-1 12:02", "priority=high"),
            put("aylin", "-1 12:02", "assignee=piet"),
            reply(
                "piet",
                "-1 13:15",
                """
                Guten Tag Frau Grootmann,

                der Ordner ist da, nur Ihr Recht darauf ist gestern mit dem alten Projekt ausgelaufen. Ich darf es
                nur mit Zustimmung von Dr. Lindhagen wieder eintragen und habe ihn gefragt.

                Piet Hagenauer
                """,
                status="pending",
            ),
            mail(
                "svea",
                "1h5m",
                """
                Dr. Lindhagen ist bis morgen Abend bei Gericht, hat mir aber eben mündlich zugestimmt. Genügt Ihnen
                das? Das Grundbuchamt wartet auf die Unterlagen.

                Svea Grootmann
                """,
                quoted="""
                > der Ordner ist da, nur Ihr Recht darauf ist gestern mit dem alten Projekt ausgelaufen. Ich darf es
                > nur mit Zustimmung von Dr. Lindhagen wieder eintragen und habe ihn gefragt.
                """,
            ),
            put("piet", "1h", "status=open"),
        ),
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Postfach „Bewerbung“ für drei Personen",
        "torben",
        (
            mail(
                "torben",
                "-3 15:30",
                """
                Servus,

                für die Saison bräuchten wir eine Adresse bewerbung@…, die Nadja, unsere Restaurantleitung und ich
                gemeinsam lesen können. Antworten sollen auch von dieser Adresse kommen.

                Torben Lasch
                """,
            ),
            put("piet", "-2 09:05", "assignee=piet"),
            reply(
                "piet",
                "-1 17:20",
                """
                Guten Tag Herr Lasch,

                das Postfach ist angelegt, Sie und Frau Petrescu sehen es spätestens morgen früh in Outlook. Wie heißt
                die Restaurantleitung genau, und hat sie schon ein Konto bei Ihnen?

                Piet Hagenauer
                """,
            ),
            mail("torben", "6h30m", "Corinna Halbritter, Konto hat sie: c.halbritter. Danke!\n\nTorben Lasch"),
        ),
        impact="group",
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Kalenderfreigabe für die Werkleitung",
        "henner",
        (
            mail(
                "henner",
                "-7 07:40",
                """
                Moin, ich möchte die Kalender der drei Meister sehen, nicht bearbeiten. Die wissen Bescheid.

                H. Brockdorf
                """,
            ),
            put("tomma", "-6 08:30", "priority=low"),
            put("tomma", "-6 08:30", "assignee=tomma"),
            reply(
                "tomma",
                "-6 08:55",
                """
                Moin Herr Brockdorf,

                die drei Kalender stehen bei Ihnen jetzt unter „Meister“, nur lesend. Die Meister haben eine kurze
                Nachricht bekommen, dass Sie mitlesen.

                Tomma Kielhorn
                """,
                status="resolved",
            ),
        ),
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Anmeldung am Empfang gesperrt",
        "ilka",
        (
            mail(
                "ilka",
                "-21 07:31",
                """
                Bitte dringend: Am Empfang kommt „Konto gesperrt“, das Wartezimmer ist voll und wir kommen nicht an
                die Termine.

                Ilka Marwede
                """,
            ),
            put("aylin", "-21 07:34", "priority=critical"),
            put("aylin", "-21 07:34", "assignee=aylin"),
            call(
                "aylin",
                "-21 07:41",
                """
                Frau Marwede zurückgerufen und an der hinterlegten Nummer erkannt. Konto entsperrt, Anmeldung geht
                wieder. Grund: altes Kennwort im Diensthandy, das alle Minute neu versucht.
                """,
            ),
            reply(
                "aylin",
                "-21 08:10",
                """
                Liebe Frau Marwede,

                damit es nicht wiederkommt, haben wir das alte Kennwort aus dem Diensthandy entfernt. Bitte melden Sie
                sich dort einmal neu an.

                Aylin Demirsoy
                """,
                status="resolved",
            ),
            put("aylin", "-15 08:00", "status=closed"),
        ),
        impact="site",
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Verdächtige E-Mail mit angeblicher Mahnung",
        "wiebke",
        (
            mail(
                "wiebke",
                "-18 09:12",
                """
                Guten Morgen,

                ich habe eine Mahnung von einem Lieferanten bekommen, den wir nicht haben, mit einem Link „Rechnung
                ansehen“. Ich habe nicht geklickt. Was soll ich tun?

                Wiebke Stralau
                """,
                File(
                    "Kopfzeilen.txt",
                    "Return-Path: <mahnung@rechnung-hinweis.example>\n"
                    "Received: from unbekannt\nX-Hinweis: abgeschrieben\n",
                ),
            ),
            put("marek", "-18 09:15", "assignee=marek"),
            put("marek", "-18 09:15", "priority=high"),
            put("marek", "-18 09:16", "team=Netz und Sicherheit"),
            reply(
                "marek",
                "-18 09:40",
                """
                Guten Morgen Frau Stralau,

                genau richtig gemacht. Das ist ein Versuch, an Kennwörter zu kommen. Ich habe den Absender gesperrt
                und die E-Mail aus allen Postfächern bei Ihnen entfernt; neun Personen hatten sie bekommen, niemand hat
                den Link geöffnet.

                Marek Ostwald
                """,
                status="resolved",
            ),
            note(
                "marek",
                "-18 10:05",
                """
                @Lena Brandis bitte den Hinweis an alle Kunden vorbereiten, gleiche Welle auch bei Holmrath.
                """,
            ),
            mail("wiebke", "-18 10:30", "Vielen Dank für die schnelle Hilfe!\n\nWiebke Stralau"),
            put("marek", "-12 08:00", "status=closed"),
        ),
        impact="company",
        category="Sicherheit",
        family="Microsoft 365",
    ),
    Story(
        "Konto eines ausgeschiedenen Fahrers sperren",
        "gesche",
        (
            mail(
                "gesche",
                "-25 17:55",
                """
                Guten Abend,

                Herr Riedinger hat uns zum heutigen Tag verlassen. Bitte Konto und Handy heute noch sperren, sein
                Postfach soll Herr Ahrend lesen können.

                Gesche Holmrath
                """,
            ),
            call(
                "marek",
                "-25 18:05",
                """
                Bei Frau Holmrath unter der bekannten Nummer zurückgefragt, Auftrag bestätigt.
                """,
            ),
            put("marek", "-25 18:06", "assignee=marek"),
            reply(
                "marek",
                "-25 18:30",
                """
                Guten Abend Frau Holmrath,

                Konto und Handy sind gesperrt, alle Anmeldungen beendet. Das Postfach ist umgewandelt, Herr Ahrend sieht
                es ab morgen früh.

                Marek Ostwald
                """,
                status="closed",
            ),
        ),
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
        team="Netz und Sicherheit",
    ),
    Story(
        "Neues Handy, Anmeldung verlangt das alte",
        "lindhagen",
        (
            mail(
                "lindhagen",
                "-4 19:20",
                """
                Sehr geehrte Damen und Herren,

                ich habe ein neues Telefon. Die Anmeldung zeigt weiterhin eine Zahl, die ich auf dem alten bestätigen
                soll, das ich nicht mehr habe. Morgen früh muss ich an meine Akten.

                Lindhagen
                """,
            ),
            put("aylin", "-3 07:35", "priority=high"),
            put("aylin", "-3 07:35", "assignee=aylin"),
            call(
                "aylin",
                "-3 07:42",
                """
                Mit Dr. Lindhagen über die Kanzleinummer gesprochen, Frau Grootmann hat ihn bestätigt. Befristeten
                Zugang gegeben, neues Handy gemeinsam eingerichtet.
                """,
            ),
            reply(
                "aylin",
                "-3 08:00",
                """
                Sehr geehrter Herr Dr. Lindhagen,

                Ihr neues Telefon ist eingetragen, das alte gelöscht. Der befristete Zugang endet heute um zwölf Uhr von
                selbst.

                Mit freundlichen Grüßen
                Aylin Demirsoy
                """,
                status="resolved",
            ),
        ),
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
)
