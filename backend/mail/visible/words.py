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
OPENERS: Final = frozenset("on am den um le el il op em på w dnia vào dne в".split())
VERBS: Final = (
    "wrote", "writes", "sent", "schrieb", "geschrieben", "schreibt", "a écrit", "écrit", "escribió", "escribio",
    "ha scritto", "scrisse", "schreef", "het volgende geschreven", "escreveu", "skrev", "napisał", "napisała",
    "napisał(a)", "napsal", "đã viết", "kirjoitti", "пишет", "написал", "написала", "wrote the following", "写道",
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

# Words by which people say that their answers stand inside the quoted mail.
INLINE: Final = (
    "see inline", "answers inline", "inline below", "comments inline", "see below", "answers below",
    "comments below", "my answers in", "in red", "siehe unten", "s. unten", "s.u.", "antworten unten",
    "meine antworten", "antworten im text", "in rot", "unten im text", "inline beantwortet", "voir ci-dessous",
    "réponses ci-dessous", "mes réponses", "en rouge", "dans le texte", "ver abajo", "mis respuestas",
    "respuestas abajo", "en rojo", "más abajo", "vedi sotto", "risposte sotto", "mie risposte", "in rosso",
    "qui sotto",
)  # fmt: skip

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
    "cordiali saluti", "distinti saluti", "un cordiale saluto", "saluti",
)  # fmt: skip
CONTACT: Final = (
    "tel", "fon", "mobil", "fax", "phone", "www.", "http", "@", "gmbh", " ag", " kg", "e.k.", "ltd", "inc.",
    "s.r.l", "s.p.a", "sarl", "s.l.", "handelsregister", "geschäftsführer", "siret", "p.iva", "+49", "+43",
    "+41", "+33", "+34", "+39", "+44",
)  # fmt: skip
