"""What a ticket's log says of mail that did not go out or did not arrive, in the reader's language."""

from typing import Any

from backend.i18n import N_, _

HELD = "mail_held"  # nothing went out, and why
VERBS = (HELD, "mail_bounced", "mail_delayed")
_HELD = {
    "acknowledgement": N_("sent no confirmation to %(address)s: %(reason)s"),
    "invitation": N_("sent no word of the visit to %(address)s: %(reason)s"),
    "notification": N_("sent no notice to %(address)s: %(reason)s"),
}
_REASONS = {
    "ourselves": N_("it is an address of the desk itself"),
    "unread": N_("nobody reads mail at this address"),
    "answers": N_("so many mails came from there lately that a machine may be answering"),
    "address": N_("it has got very many automatic mails lately"),
    "mailbox": N_("very many automatic mails have left this mailbox lately"),
}


def reason_name(reason: str) -> str:
    """Why the gate has held a mail back."""
    return str(_(_REASONS[reason])) if reason in _REASONS else reason


def happened(verb: str, data: dict[str, Any], before: str, after: str) -> str:
    """The event as the end of a sentence that begins with a name; `before` has a mail server's words, if any."""
    if verb == HELD:
        sentence = _HELD.get(str(data.get("purpose")), _HELD["notification"])
        return str(_(sentence)) % {"address": after, "reason": reason_name(str(data.get("reason")))}
    if verb == "mail_delayed":
        said = str(_("was told that a mail to %(address)s is late", address=after))
    else:
        said = str(_("was told that a mail did not reach %(address)s", address=after))
    return f"{said}: {before}" if before else said
