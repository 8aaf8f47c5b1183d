"""What the ticket's states and properties are called, in the reader's language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from backend.checklists.words import HAPPENED as CHECKLISTS
from backend.devices.words import HAPPENED as DEVICES
from backend.fields import words as fields
from backend.i18n import N_, _, day_of, exact
from backend.mail import log
from backend.visits.words import logged
from backend.worklog import words as worklog

_STATUSES = {"open": N_("Open"), "pending": N_("Pending"), "resolved": N_("Resolved"), "closed": N_("Closed")}
_PRIORITIES = {"critical": N_("Critical"), "high": N_("High"), "medium": N_("Medium"), "low": N_("Low")}
_IMPACTS = {"person": N_("One person"), "group": N_("Several people"), "site": N_("Site"), "company": N_("Company")}
_TYPES = {"incident": N_("Incident"), "problem": N_("Problem"), "request": N_("Request"), "change": N_("Change")}
_TURNS = {
    "unread": N_("Unread"),
    "read": N_("Read"),
    "waiting-for-contact": N_("Waits for customer"),
    "waiting-for-technician": N_("Waits for us"),
}
_OURS = ("unread", "waiting-for-technician")
_BY_MAIL = {
    "blocked": N_("Reached by e-mail, because the customer has blocked the bot in Teams."),
    "gone": N_("Reached by e-mail, because the bot was removed from the customer's Teams."),
    "refused": N_("Reached by e-mail, because Teams did not take this."),
    "down": N_("Reached by e-mail, because Teams could not be reached for a long time."),
}
_PROPERTIES = {
    "status": N_("Status"),
    "priority": N_("Priority"),
    "impact": N_("Impact"),
    "type": N_("Type"),
    "category": N_("Category"),
    "product_family": N_("Product family"),
    "subject": N_("Title"),
    "customer": N_("Customer"),
    "contact": N_("Contact"),
    "assignee": N_("Technician"),
    "team": N_("Team"),
    "group": N_("Group"),
    "parent": N_("Parent ticket"),
    "problem": N_("Problem"),
    "order": N_("Order"),
    "contract": N_("Contract"),
    "root_cause": N_("Root cause"),
    "pending_until": N_("Pending until"),
}
_OPENED = {
    "mail": N_("opened the ticket by e-mail"),
    "pane": N_("opened the ticket from an e-mail in Outlook"),
    "api": N_("opened the ticket by another system"),
    "teams": N_("opened the ticket by a chat in Teams"),
}
_HAPPENED = {
    "reply": N_("wrote a reply"),
    "note": N_("wrote an internal note"),
    "call": N_("noted a call"),
    "mentioned": N_("notified"),
    "read": N_("read the ticket"),
    "chat_began": N_("began a chat in Teams"),
    "chat_answered": N_("answered the chat"),
    "chat_handed_over": N_("handed the chat over"),
    "chat_moved": N_("moved the chat to this ticket"),
    "chat_ended": N_("ended the chat"),
    "split_off": N_("made a ticket of its own of a mail: %(after)s"),
    "split_from": N_("made this ticket of a mail on %(before)s"),
    "follows": N_("wrote again after %(before)s had been closed"),
    "followed_by": N_("wrote again; the answer became %(after)s, because this ticket had been closed long ago"),
    "pending_due": N_("brought the ticket back: it was pending until %(before)s"),
    "closed_unanswered": N_("closed the ticket: nobody has answered since %(before)s"),
    "kind_closed": N_("closed the ticket: its status “%(after)s” closes tickets now"),
    "kind_opened": N_("opened the ticket again: its status “%(after)s” does not close tickets any more"),
    "merged": N_("merged this ticket into %(after)s"),
    "merged_from": N_("merged %(before)s into this ticket"),
    "unmerged": N_("undid the merge into %(before)s"),
    "unmerged_from": N_("undid the merge of %(before)s"),
    "deleted": N_("deleted the ticket"),
    "undeleted": N_("brought the deleted ticket back"),
    "message_edited": N_("changed a message"),
    "message_deleted": N_("deleted a message"),
    "survey_answered": N_("brought an answer to the survey %(after)s"),
    "message_restored": N_("brought a deleted message back"),
    "drawn_in": N_("drew %(after)s into the ticket"),
    "left_out": N_("took %(before)s out of the ticket"),
    "reply_taken_back": N_("took a reply back before it was sent"),
    "forward": N_("forwarded the matter to %(after)s"),
    "follow-up": N_("wrote an e-mail of its own to %(after)s"),
    "file_missing": N_("sent a file that could not be fetched from Teams"),
}
_HAPPENED |= CHECKLISTS | DEVICES


_VISITS = {
    "visit_planned": N_("planned a visit: %(after)s"),
    "visit_moved": N_("moved the visit from %(before)s to %(after)s"),
    "visit_changed": N_("changed the visit: %(after)s"),
    "visit_cancelled": N_("cancelled the visit: %(before)s"),
    "visit_declined": N_("declined the visit: %(before)s"),
    "visit_restored": N_("planned the visit again: %(after)s"),
    "visit_not_told": N_("could not tell the customer of the visit"),
    "visit_tried_again": N_("had the visit put into the calendar once more: %(after)s"),
}
_VISITS_IN_OUTLOOK = {
    "visit_moved": N_("moved the visit in Outlook from %(before)s to %(after)s"),
    "visit_cancelled": N_("took the visit out of the calendar in Outlook: %(before)s"),
    "visit_declined": N_("declined the visit in Outlook: %(before)s"),
}
_VISIT_TOLD = {
    "REQUEST": N_("sent the customer the invitation to the visit"),
    "CANCEL": N_("told the customer that the visit does not take place"),
}
_VISIT_ANSWERED = {
    "accepted": N_("accepted the visit"),
    "declined": N_("declined the visit"),
    "tentative": N_("accepted the visit with reservation"),
}


def _named(known: dict[str, str], value: str) -> str:
    return str(_(known[value])) if value in known else value


def status_name(key: str, name: str = "") -> str:
    """A status by its own name, or a built-in one by its key."""
    return name or _named(_STATUSES, key)


def built_in(key: str) -> bool:
    """Whether the status came with the desk."""
    return key in _STATUSES


def status_look(kind: str, name: str = "", key: str = "", tone: str = "") -> str:
    """The look of a status: the tone chosen for it, else its kind, or `custom` for one the installation has added (not
    only renamed).
    """
    own = name and kind in ("open", "pending") and not built_in(key)
    return tone or ("custom" if own else kind)


def priority_name(value: str) -> str:
    """A priority's name."""
    return _named(_PRIORITIES, value)


def impact_name(value: str) -> str:
    """Who is held up, in a word."""
    return _named(_IMPACTS, value)


def type_name(value: str) -> str:
    """The ITIL type's name."""
    return _named(_TYPES, value)


def turn_name(value: str) -> str:
    """The activity status: whose turn it is."""
    return _named(_TURNS, value)


def turn_said(value: str, until: datetime | None) -> str:
    """Whose turn it is; of a ticket that rests until a date and asks nothing of us, until when."""
    rests = until is not None and value not in _OURS
    return _("Pending until %(day)s", day=day_of(until)) if until is not None and rests else turn_name(value)


def categories() -> list[str]:
    """Main categories that are offered; any other may be typed."""
    return [
        _("Hardware"),
        _("Software"),
        _("Network"),
        _("Printing"),
        _("E-mail"),
        _("Accounts and access"),
        _("Telephony"),
        _("Security"),
    ]


def why_by_mail(why: str) -> str:
    """Why a line of a chat went by mail; "" for what went so from the start."""
    return _named(_BY_MAIL, why) if why in _BY_MAIL else ""


def property_name(verb: str) -> str:
    """A property's name as the log and the property list say it."""
    return _named(_PROPERTIES, verb)


def _moment(logged: str) -> str:
    """A moment that the log keeps, as the reader's clock shows it."""
    try:
        return exact(datetime.fromisoformat(logged))
    except ValueError:
        return logged


def value_name(verb: str, value: str) -> str:
    """A value of that property as a person reads it; an empty one as a dash."""
    names: dict[str, Callable[[str], str]] = {
        "status": status_name,
        "priority": priority_name,
        "impact": impact_name,
        "type": type_name,
        "pending_until": _moment,
    }
    return names[verb](value) if verb in names and value else value or "–"


def _visit_happened(verb: str, data: dict[str, Any], before: str, after: str) -> str:
    if verb == "visit_told":
        told = _VISIT_TOLD.get(str(data.get("method")), _VISIT_TOLD["REQUEST"])
        return str(_(told))
    if verb == "visit_answered":
        answered = _VISIT_ANSWERED.get(str(data.get("response")), _VISIT_ANSWERED["accepted"])
        return str(_(answered))
    known = _VISITS | _VISITS_IN_OUTLOOK if data.get("source") == "outlook" else _VISITS
    if verb not in known:
        return verb.replace("_", " ")
    return str(_(known[verb])) % {"before": logged(before), "after": logged(after)}


def happened(verb: str, data: dict[str, Any] | None = None, before: str = "", after: str = "") -> str:
    """An event that changes no property, as the end of a sentence that begins with a name."""
    if verb == "opened":
        source = str((data or {}).get("source", ""))
        return _named(_OPENED, source) if source in _OPENED else str(_("opened the ticket"))
    if verb.startswith("visit_"):
        return _visit_happened(verb, data or {}, before, after)
    if verb in worklog.VERBS:
        return worklog.happened(verb, data or {}, before, after)
    if verb == "field":
        return fields.happened(data or {}, before, after)
    if verb in log.VERBS:
        return log.happened(verb, data or {}, before, after)
    if verb not in _HAPPENED:
        return verb.replace("_", " ").replace("-", " ")
    if verb in ("pending_due", "closed_unanswered"):
        before = _moment(before)
    return str(_(_HAPPENED[verb])) % {"before": before, "after": after}
