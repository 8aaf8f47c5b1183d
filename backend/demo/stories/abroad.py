"""Customers who write English, French, Italian and Spanish."""

from backend.demo.talk import File, Story, call, mail, note, put, reply

STORIES: tuple[Story, ...] = (
    Story(
        "Laptop in the yard office drops off Wi-Fi",
        "owen",
        (
            mail(
                "owen",
                "-2 10:12",
                """
                Hello,

                the laptop in the yard office loses Wi-Fi every time the crane moves. Everyone laughs, but it is true:
                crane over slip 2, no connection. Rest of the yard is fine.

                Kind regards
                Owen Prentice
                """,
            ),
            put("aylin", "-2 10:30", "assignee=marek"),
            put("aylin", "-2 10:30", "team=Netz und Sicherheit"),
            reply(
                "marek",
                "-2 11:20",
                """
                Hello Owen,

                nobody is laughing here: the crane's remote control shares the 2.4 GHz band. I have told the laptop and
                the access point above slip 2 to use 5 GHz only. Could you run a lift today and tell me what happens?

                Marek Ostwald
                """,
            ),
            mail(
                "owen",
                "3h25m",
                """
                Two lifts, no drop. The new tablets should do the same from the start, please, they are due this week.

                Owen
                """,
                quoted="> Could you run a lift today and tell me what happens?",
            ),
        ),
        category="Netzwerk",
        family="WLAN",
        order="A-20425",
    ),
    Story(
        "Shared mailbox for supplier invoices",
        "imogen",
        (
            mail(
                "imogen",
                "-15 09:30",
                """
                Good morning,

                could we have one mailbox for supplier invoices that Owen and I both see? At the moment they go to me
                and wait when I am away.

                Thank you
                Imogen Farrar
                """,
            ),
            put("tomma", "-15 09:50", "assignee=tomma"),
            reply(
                "tomma",
                "-15 11:05",
                """
                Good morning Imogen,

                the mailbox is there and appears in Outlook for both of you within the hour. Replies go out with its own
                address. Shall I move the invoices of this month into it?

                Tomma Kielhorn
                """,
                status="pending",
            ),
            mail(
                "imogen",
                "-14 10:00",
                "Yes please, that would be lovely.\n\nImogen",
                quoted="> Shall I move the invoices of this month into it?",
            ),
            reply("tomma", "-14 10:40", "Done, 63 mails moved, nothing lost.\n\nTomma Kielhorn", status="resolved"),
            put("tomma", "-8 08:00", "status=closed"),
        ),
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "New starter on Monday: account and phone",
        "owen",
        (
            mail(
                "owen",
                "-6 15:45",
                """
                Hello,

                Ruth Penhallow joins the yard on Monday as planner. Same rights as the last planner, please.

                Owen Prentice
                """,
            ),
            put("lena", "-6 16:00", "assignee=aylin"),
            note(
                "aylin",
                "-5 08:30",
                """
                Group “Yard planning” copied from the last planner, without the old supplier portal. @Lena Brandis
                licence is free, no order needed.
                """,
            ),
            reply(
                "aylin",
                "-5 09:10",
                """
                Hello Owen,

                Ruth's account is ready. The first password comes to you by text message; she chooses her own when she
                signs in. Her phone sets itself up with the same account.

                Aylin Demirsoy
                """,
                status="resolved",
            ),
            mail("owen", "-5 09:30", "Perfect, thank you."),
        ),
        type="request",
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Sauvegarde de Limoges : deux disques manquent",
        "camille",
        (
            mail(
                "camille",
                "-4 14:10",
                """
                Bonjour,

                nous avons bien reçu le stockage, mais quatre disques seulement au lieu de six. Pouvons-nous déjà le
                mettre en service ?

                Cordialement
                Camille Bressoud
                """,
            ),
            put("lena", "-4 14:30", "assignee=tomma"),
            put("lena", "-4 14:30", "team=Außendienst"),
            reply(
                "tomma",
                "-4 15:20",
                """
                Bonjour Madame Bressoud,

                oui, quatre disques suffisent pour commencer ; les deux autres s'ajoutent plus tard sans interruption.
                Le fabricant les annonce pour la semaine prochaine. Je vous propose l'installation à distance demain
                à 10 heures.

                Tomma Kielhorn
                """,
                status="manufacturer",
            ),
            mail(
                "camille",
                "-3 09:05",
                "Dix heures me convient, merci.\n\nCamille Bressoud",
                quoted="> Je vous propose l'installation à distance demain à 10 heures.",
            ),
            note(
                "tomma",
                "-3 11:30",
                """
                Speicher läuft mit vier Platten, erste Sicherung heute Nacht. Wartet nur noch auf die zwei Platten aus
                A-20409.
                """,
            ),
        ),
        type="request",
        category="Sicherung",
        family="Server und Sicherung",
        order="A-20409",
    ),
    Story(
        "Messagerie bloquée après un changement de mot de passe",
        "camille",
        (
            mail(
                "camille",
                "-23 08:40",
                """
                Bonjour,

                depuis que j'ai changé mon mot de passe, Outlook le redemande sans cesse. Le site web fonctionne.

                Camille Bressoud
                """,
            ),
            call(
                "aylin",
                "-23 09:00",
                """
                Madame Bressoud rappelée. Ancien mot de passe encore enregistré dans le coffre de l'ordinateur, supprimé
                ensemble. Outlook s'ouvre normalement.
                """,
                status="resolved",
            ),
            mail("camille", "-23 09:15", "C'est parfait, merci beaucoup !\n\nCamille"),
            put("aylin", "-17 08:00", "status=closed"),
        ),
        category="Konto und Zugang",
        family="Microsoft 365",
    ),
    Story(
        "Lo scanner non viene trovato dal PC",
        "davide",
        (
            mail(
                "davide",
                "-1 17:30",
                """
                Buonasera,

                da questo pomeriggio il PC del laboratorio non trova più lo scanner. Ho già provato un altro cavo e a
                riavviare tutto.

                Cordiali saluti
                Davide Morbegno
                """,
                File("errore.png", "SCANNER NON\nTROVATO  E-12", "image/png"),
            ),
            put("tomma", "5h40m", "assignee=tomma"),
            reply(
                "tomma",
                "5h30m",
                """
                Buongiorno signor Morbegno,

                grazie per le prove. Ieri il PC ha ricevuto un aggiornamento che ha sostituito il driver. Posso
                collegarmi oggi tra le 14 e le 15 per rimettere quello giusto?

                Tomma Kielhorn
                """,
            ),
            mail("davide", "40m", "Alle 14 va benissimo. Lascio il PC acceso.\n\nDavide Morbegno"),
        ),
        category="Hardware",
        family="Drucker und Etiketten",
        order="A-20339",
    ),
    Story(
        "El horno no envía sus datos al ordenador",
        "nuria",
        (
            mail(
                "nuria",
                "-28 12:20",
                """
                Buenos días:

                el horno 2 ya no envía la curva de temperatura al ordenador desde el viernes. Los otros dos sí.

                Un saludo
                Nuria Salvatierra
                """,
            ),
            put("marek", "-28 12:50", "assignee=marek"),
            reply(
                "marek",
                "-28 13:30",
                """
                Buenos días, señora Salvatierra:

                el horno 2 había cambiado de dirección en la red tras el corte de luz. Le he dado una fija y los datos
                llegan de nuevo desde las 13:20. ¿Lo ve usted también?

                Marek Ostwald
                """,
                status="pending",
            ),
            mail("nuria", "-28 16:45", "Sí, todo correcto. ¡Muchas gracias!\n\nNuria"),
            put("marek", "-27 08:30", "status=closed"),
        ),
        category="Netzwerk",
        family="Server und Sicherung",
    ),
)
