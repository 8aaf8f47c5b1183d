"""How mail programs announce what they quote, in the languages that occur."""

from typing import Final

# Labels of the header block that Outlook and others put above a quoted mail.
_FROM = "from von de da van från fra od от lähettäjä kimden gönderen nadawca 发件人 差出人 寄件者"
_DATE = (
    "sent|date|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviado em|fecha|inviato"
    "|data|verzonden|skickat|sendt|dato|wysłano|wysłane|odesláno|дата|отправлено|发送时间|送信日時|tarih"
)
_TO = "to an à a para aan till til do komu per кому 收件人 宛先 pour kime"
_CC = "cc kopie copie copia cópia kopia bcc ccn cci кому 抄送"
_SUBJECT = (
    "subject betreff objet asunto oggetto onderwerp ämne emne temat předmět assunto тема konu 主题 件名 sujet aihe"
)
LABELS: Final = {
    **dict.fromkeys(_CC.split(), "cc"),
    **dict.fromkeys([*_FROM.split(), "de la part de"], "from"),
    **dict.fromkeys(_DATE.split("|"), "date"),
    **dict.fromkeys(_TO.split(), "to"),
    **dict.fromkeys(_SUBJECT.split(), "subject"),
}

# First words of "On … wrote:", and the verbs that end it.
OPENERS: Final = frozenset("on am den um le el il op em no på w dnia vào dne в".split())
VERBS: Final = (
    "wrote", "writes", "sent", "schrieb", "geschrieben", "schreibt", "a écrit", "écrit", "escribió", "escribio",
    "ha scritto", "scrisse", "schreef", "het volgende geschreven", "escreveu", "skrev", "napisał", "napisała",
    "napisał(a)", "pisze", "napsal", "skriver", "đã viết", "kirjoitti", "пишет", "написал", "написала",
    "wrote the following", "写道",
)  # fmt: skip
OWN_WORDS: Final = (
    "i wrote", "we wrote", "i sent", "we sent", "schrieb ich", "schrieben wir", "habe ich", "haben wir",
    "j'ai écrit", "nous avons écrit", "ho scritto", "abbiamo scritto", "he escrito", "hemos escrito",
)  # fmt: skip

ORIGINAL: Final = frozenset(
    {
        "original message", "original appointment", "reply message", "original-nachricht", "originalnachricht",
        "ursprüngliche nachricht", "urspruengliche nachricht", "urspr. nachricht", "urspr. nachr",
        "antwort nachricht", "ursprünglicher termin", "message d'origine", "message original", "message initial",
        "rendez-vous d'origine", "mensaje original", "cita original", "messaggio originale",
        "appuntamento originale", "messaggio orig.", "oorspronkelijk bericht", "originalmeddelande",
        "ursprungligt meddelande", "opprinnelig melding", "oprindelig meddelelse", "mensagem original",
        "wiadomość oryginalna", "původní zpráva", "alkuperäinen viesti", "исходное сообщение", "元のメッセージ",
    }
)  # fmt: skip
FORWARDED: Final = frozenset(
    {
        "forwarded message", "forwarded mail", "begin forwarded message", "weitergeleitete nachricht",
        "weitergeleitete mail", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail",
        "message transféré", "message transmis", "début du message transféré", "début du message réexpédié",
        "mensaje reenviado", "inicio del mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato",
        "inizio del messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht",
        "vidarebefordrat meddelande", "videresendt melding", "mensagem encaminhada",
        "wiadomość przekazana dalej", "пересылаемое сообщение", "ende der weitergeleiteten nachricht",
    }
)  # fmt: skip

# The line above which desks ask to answer.
ABOVE: Final = (
    "reply above this line", "type your reply above", "write above this line", "oberhalb dieser zeile",
    "oberhalb dieser linie", "über dieser zeile antworten", "au-dessus de cette ligne", "por encima de esta línea",
    "sopra questa riga", "sopra questa linea", "boven deze regel", "boven deze lijn", "powyżej tej linii",
    "acima desta linha",
)  # fmt: skip

# Words by which people say that their answers stand inside the quoted mail.
INLINE: Final = (
    "see inline", "answers inline", "inline below", "comments inline", "see below", "answers below",
    "comments below", "my answers in", "in red", "siehe unten", "s. unten", "s.u.", "antworten unten",
    "meine antworten", "antworten im text", "in rot", "unten im text", "inline beantwortet", "voir ci-dessous",
    "réponses ci-dessous", "mes réponses", "en rouge", "dans le texte", "ver abajo", "mis respuestas",
    "respuestas abajo", "en rojo", "más abajo", "vedi sotto", "risposte sotto", "mie risposte", "in rosso",
    "qui sotto",
)  # fmt: skip

# "Sent from …": the first word, the one after it; a few words more name the program or device.
SENT: Final = frozenset(
    "sent gesendet versendet envoyé enviado enviada inviato inviata verstuurd verzonden wysłane wysłano skickat sendt"
    " odesláno lähetetty".split()
)
BY: Final = frozenset(
    "from with via using by on von vom mit aus über via de du avec depuis desde con do pelo pela da dal dall vanaf met"
    " z från fra".split()
)
MOBILE: Final = (
    "sent from my", "sent from outlook", "sent from mail for", "sent from yahoo", "sent via", "sent using",
    "get outlook for", "sent from a mobile", "sent from samsung", "sent on the go", "von meinem", "von meiner",
    "gesendet von", "gesendet mit", "diese nachricht wurde von", "holen sie sich outlook", "outlook für",
    "mobil gesendet", "envoyé de mon", "envoyé depuis", "envoyé à partir de", "envoyé via", "obtenez outlook",
    "télécharger outlook", "obtenir outlook", "enviado desde", "enviado con", "obtener outlook",
    "obtenga outlook", "descargar outlook", "inviato da", "inviato dal", "inviato con", "ottieni outlook",
    "scarica outlook", "verstuurd vanaf", "verzonden vanaf", "skickat från", "sendt fra", "wysłane z",
)  # fmt: skip
GREETINGS: Final = (
    "mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen gruessen", "mit besten grüßen",
    "freundliche grüße", "viele grüße", "beste grüße", "herzliche grüße", "liebe grüße", "schöne grüße",
    "mfg", "vg", "lg", "besten gruß", "viele gruesse", "hochachtungsvoll", "kind regards", "best regards",
    "regards", "warm regards", "with kind regards", "yours sincerely", "sincerely", "cheers", "best wishes",
    "many thanks", "cordialement", "bien cordialement", "bien à vous", "salutations", "meilleures salutations",
    "sincères salutations", "saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente",
    "cordiali saluti", "distinti saluti", "un cordiale saluto", "saluti", "mit freundlichen grüssen",
    "freundlichen gruß", "freundlicher gruß", "freundliche grüsse", "freundliche gruesse", "schönen gruß",
    "liebe gruesse", "danke und gruß", "vielen dank und", "beste gruesse", "grüße aus", "gruß aus", "kindest regards",
    "warmest regards", "yours faithfully", "with best wishes", "thanks and regards", "thanks & regards",
    "thanks and best", "sentiments distingués", "bien amicalement", "reciba un cordial", "un cordial saludo",
    "un abrazo", "un caro saluto", "met vriendelijke groet", "vriendelijke groet", "met vriendelijke groeten",
    "hartelijke groet", "groeten", "pozdrawiam", "z poważaniem", "serdecznie pozdrawiam", "atenciosamente",
    "cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "med vänliga hälsningar",
    "med vänlig hälsning", "med venlig hilsen", "vennlig hilsen", "s pozdravem",
)  # fmt: skip
# These begin other sentences too, so they count alone on their line only.
SHORT_GREETINGS: Final = frozenset(
    {"best", "all the best", "thanks", "thank you", "many thanks", "danke", "vielen dank", "gruß", "grüße", "grüsse"}
    | {"gruss", "merci", "gracias", "grazie", "bedankt", "dzięki", "obrigado", "obrigada", "tack", "take care"}
)
CONTACT: Final = (
    "tel", "fon", "mobil", "fax", "phone", "www.", "http", "@", "gmbh", " ag", " kg", "e.k.", "ltd", "inc.",
    "s.r.l", "s.p.a", "sarl", "s.l.", "handelsregister", "geschäftsführer", "siret", "p.iva", "+49", "+43",
    "+41", "+33", "+34", "+39", "+44", "+31", "+48", "+351", "+1 ", " b.v", " bv", "sp. z o.o", "lda", " llc", " plc",
    " s.a", " sas", " ohg", " e.v", " mbb",
)  # fmt: skip

# How a company's small print begins: each with what else has to be said in it.
SMALL_PRINT: Final = (
    "confidential", "vertraulich", "confidencial", "confidentiel", "riservat", "privileged", "intended", "poufn",
    "vertrouwelijk", "destinatario", "destinataire", "empfänger", "adressat", "geadresseerde", "destinatário",
)  # fmt: skip
SMALL_PRINT_BEGINS: Final = (
    "confidentiality", "disclaimer", "legal notice", "legal disclaimer", "privileged", "this e-mail", "this email",
    "this message", "this communication", "the information in", "the information contained", "the contents of this",
    "notice:", "important:", "important notice", "diese e-mail", "diese email", "diese mail", "diese nachricht",
    "der inhalt dieser", "die information", "wichtiger hinweis", "hinweis:", "vertraulich", "haftungsausschluss",
    "rechtlicher hinweis", "dieses dokument", "ce message", "ce courriel", "cet e-mail", "ce mail", "les informations",
    "avertissement", "confidentialité", "avis de confid", "aviso legal", "aviso de confid", "este mensaje",
    "este correo", "la información", "advertencia", "confidencialidad", "le informazioni", "questo messaggio",
    "questa e-mail", "questa email", "il contenuto", "avviso di riserv", "avvertenza", "ai sensi", "dit bericht",
    "deze e-mail", "de informatie", "esta mensagem", "este e-mail", "aviso:", "ta wiadomość", "niniejsza wiadomość",
)  # fmt: skip
PRINTING: Final = (
    "before printing", "print this e", "vor dem ausdruck", "bevor sie diese", "an die umwelt", "l'environnement",
    "antes de imprimir", "medio ambiente", "prima di stampare", "rispetta l'ambiente", "denk aan het milieu",
)  # fmt: skip
