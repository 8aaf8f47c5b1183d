"""What kind of mail it is: written by a person, or by a machine that must not be answered.

Header rules first (RFC 3834, RFC 3464, RFC 8098, RFC 2919, Microsoft's and others' own headers), words
only where a machine is the sender or a subject says it outright.
"""

import re
from dataclasses import dataclass
from typing import Final

from backend.mail import bounce
from backend.mail.bounce import Bounced
from backend.mail.parse import Mail
from backend.mail.problems import N_

_AUTO_HEADERS: Final = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-auto-reply-from", "x-autoreply-from",
    "x-mail-autoreply", "autorespond", "x-vacation", "x-ooo", "x-ms-exchange-inbox-rules-loop",
)  # fmt: skip
_DAEMONS: Final = re.compile(
    r"^(?:mailer-?daemon|po{1,2}stmaster|mail-?daemon|bounces?|mdaemon|mmdf|double-bounce)\b",
)
_DAEMON_NAMES: Final = re.compile(
    r"mail delivery|mailer.?daemon|postmaster|delivery subsystem|ndr administrator|microsoft exchange"
)
_SILENT: Final = re.compile(
    r"^(?:no-?_?reply|do-?not-?reply|donotreply|nicht-?antworten|keine-?antwort|ne-?pas-?repondre|nepasrepondre"
    r"|no-?responder|non-?rispondere|noreply[.+_-].*|notifications?|newsletter|mailer|alerts?|unattended)(?:[+._-]|$)"
)
_UNDELIVERED: Final = (
    "undeliver", "unzustellbar", "unzustellbarkeit", "nicht zustellbar", "nicht zugestellt", "zustellung fehl",
    "zustellungsfehl", "delivery status", "delivery failure", "delivery failed", "delivery notification",
    "delivery report", "delivery has failed", "mail delivery", "message delivery", "failure notice",
    "failed mail", "mail failure", "returned mail", "mail system error", "returned to sender",
    "could not be delivered", "not delivered", "non-delivery", "postmaster notify", "delayed", "nondeliverable",
    "non remis", "échec de la remise", "non distribué", "no se puede entregar", "no entregado",
    "error de entrega", "non recapitabile", "mancata consegna", "impossibile recapitare", "consegna non riuscita",
    "недоставлен", "не доставлено", "onbestelbaar", "niet bezorgd", "mail status report", "complaint about message",
)  # fmt: skip
# People ask an IT desk about out-of-office replies, so that a subject alone needs the colon that only
# machines set; with a header that says "automatic" the words do.
_AWAY: Final = re.compile(
    r"^(?:automatische antwort|automatic reply|automatic response|autom\. antwort|abwesenheits\w{1,20}|abwesend"
    r"|ich bin nicht im (?:büro|haus)|out of (?:the )?office(?: auto-?reply)?|ooo|i am away|away until"
    r"|réponse automatique|absence du bureau|absent du bureau|respuesta automática|fuera de (?:la )?oficina"
    r"|risposta automatica|fuori (?:sede|ufficio)|automatisch antwoord|afwezig\w{0,12}|autosvar"
    r"|automatiskt svar|automatisk svar|vacation (?:reply|response|message)|on vacation|holiday message)"
    r"(?P<colon> ?:|$)?"
)
_AUTO_SUBJECT: Final = re.compile(
    r"^auto(?:mated|matic)?[ -]?(?:reply|response|respuesta|risposta|answer|antwort)(?: ?:|$)"
)
_REACTIONS: Final = (
    "reacted to your message", "hat auf ihre nachricht reagiert", "hat auf deine nachricht reagiert",
    "a réagi à votre message", "reaccionó a tu mensaje", "ha reaccionado a su mensaje",
    "ha reagito al tuo messaggio", "ha aggiunto una reazione al tuo messaggio",
)  # fmt: skip
_METHOD: Final = re.compile(rb"^METHOD:(REPLY|COUNTER|DECLINECOUNTER)\s*$", re.MULTILINE | re.IGNORECASE)

_LOOP = N_("It was sent by this desk and has come back.")
_BOUNCE = N_("It reports that a mail could not be delivered.")
_RECEIPT = N_("It confirms that a mail was delivered or opened.")
_OUT_OF_OFFICE = N_("It is an out-of-office reply.")
_AUTO_REPLY = N_("It is an automatic reply.")
_NOTIFICATION = N_("It was sent by a program.")
_LIST = N_("It came through a mailing list or newsletter.")
_REACTION = N_("It is a reaction to a mail, without a message of its own.")
_MEETING = N_("It answers an invitation to a meeting.")
_NULL_PATH = N_("Its sender does not take answers.")
_SUPPRESSED = N_("Its sender asks not to be answered automatically.")
_NO_SENDER = N_("It does not say who sent it.")
_PERSON = N_("It was written by a person.")


@dataclass(frozen=True, slots=True)
class Kind:
    """`name`: normal, auto-reply, bounce, list, loop, receipt or notification.

    `answerable` says whether an acknowledgement may be sent; `opens` whether such a mail may begin a ticket, as a
    monitoring system's alert may and a thumbs-up may not; `reason` is a sentence (catalogue key); `bounced` has what
    a bounce says of the mail that failed.
    """

    name: str
    answerable: bool
    reason: str
    out_of_office: bool = False
    bounced: Bounced | None = None
    opens: bool = True


def kind(mail: Mail, *, installation: str = "") -> Kind:
    """What kind `mail` is. `installation` is the key this Deskside writes in X-Deskside-Loop."""
    if installation and installation in mail.headers.get("x-deskside-loop", ()):
        return Kind("loop", False, _LOOP)
    report = _report(mail)
    if report:
        return report
    automatic = _automatic(mail)
    if automatic:
        return automatic
    return _impersonal(mail) or _personal(mail)


def _report(mail: Mail) -> Kind | None:
    types = {one.content_type for one in mail.attachments}
    if "disposition-notification" in mail.content_type or "message/disposition-notification" in types:
        return Kind("receipt", False, _RECEIPT)
    is_report = mail.content_type.startswith("multipart/report") or mail.content_type.startswith("message/")
    machine = _is_daemon(mail) or _null_path(mail) or mail.from_ is None
    subject = mail.subject.lower()
    says_so = any(one in subject for one in _UNDELIVERED)
    if (bounce.has_report(mail) and (is_report or machine)) or "report-type=delivery-status" in mail.content_type:
        found = bounce.read(mail)
        if found.action in ("delivered", "relayed", "expanded"):
            return Kind("receipt", False, _RECEIPT, bounced=found)
        return Kind("bounce", False, _BOUNCE, bounced=found)
    if mail.header("x-failed-recipients") or (says_so and machine) or _is_complaint(mail, subject):
        return Kind("bounce", False, _BOUNCE, bounced=bounce.read(mail))
    return None


def _is_complaint(mail: Mail, subject: str) -> bool:
    """A provider that passes on its users' click on "junk", in the form from before feedback reports."""
    copied = any(one.content_type == "message/rfc822" for one in mail.attachments)
    return copied and subject.startswith("complaint about message from") and not (mail.text or "").strip()


def _is_daemon(mail: Mail) -> bool:
    if mail.from_ is None:
        return False
    local = mail.from_.address.partition("@")[0]
    return bool(_DAEMONS.match(local) or _DAEMON_NAMES.search(mail.from_.name.lower()))


def _null_path(mail: Mail) -> bool:
    paths = mail.headers.get("return-path", ())
    return any(path.strip().lower() in ("<>", "<mailer-daemon>", "<null>") for path in paths)


def _automatic(mail: Mail) -> Kind | None:
    subject = mail.subject.lower()
    submitted = (mail.header("auto-submitted") or "no").lower().partition(";")[0].strip()
    precedence = (mail.header("precedence") or "").lower().strip()
    marked = any((mail.header(name) or "no").lower() not in ("no", "false", "") for name in _AUTO_HEADERS)
    replied = submitted.startswith("auto-replied") or marked or precedence in ("auto_reply", "auto-reply")
    machine = replied or submitted not in ("no", "")
    words = _AWAY.match(subject)
    vacation = "vacation" in (mail.header("x-apple-action") or "").lower()
    if vacation or (words and (machine or words["colon"] is not None)):
        return Kind("auto-reply", False, _OUT_OF_OFFICE, out_of_office=True)
    if replied or _AUTO_SUBJECT.match(subject):
        return Kind("auto-reply", False, _AUTO_REPLY)
    return Kind("notification", False, _NOTIFICATION) if machine else None


def _impersonal(mail: Mail) -> Kind | None:
    precedence = (mail.header("precedence") or "").lower().strip()
    if mail.header("list-id") or mail.header("list-post") or mail.header("mailing-list") or precedence == "list":
        return Kind("list", False, _LIST)
    if precedence in ("bulk", "junk"):
        return Kind("list" if mail.header("list-unsubscribe") else "notification", False, _NOTIFICATION)
    if mail.header("list-unsubscribe"):
        return Kind("list", False, _LIST)
    types = {one.content_type for one in mail.attachments}
    if "text/vnd.google.email-reaction+json" in types or _is_reaction(mail):
        return Kind("notification", False, _REACTION, opens=False)
    if any(one.content_type == "text/calendar" and _METHOD.search(one.data[:50_000]) for one in mail.attachments):
        return Kind("notification", False, _MEETING, opens=False)
    if mail.from_ is not None and nobody_reads(mail.from_.address):
        return Kind("notification", False, _NOTIFICATION)
    return None


def nobody_reads(address: str) -> bool:
    """Whether `address` says by its name that a machine writes from it and nobody reads what comes to it."""
    local = address.lower().partition("@")[0]
    return bool(_SILENT.match(local) or _DAEMONS.match(local))


def _is_reaction(mail: Mail) -> bool:
    said = " ".join((mail.text or mail.html or "")[:4_000].lower().split())
    return len(mail.text or "") < 1_500 and any(one in said[:600] for one in _REACTIONS)


def _personal(mail: Mail) -> Kind:
    """A person's mail; not every one may be answered by a machine."""
    if mail.from_ is None or not mail.from_.address:
        return Kind("normal", False, _NO_SENDER)
    if _null_path(mail):
        return Kind("normal", False, _NULL_PATH)
    suppressed = (mail.header("x-auto-response-suppress") or "").lower().replace(" ", "").split(",")
    if {"all", "oof", "autoreply"} & set(suppressed):
        return Kind("normal", False, _SUPPRESSED)
    return Kind("normal", True, _PERSON)
