"""What can be done with mail: take it in, write it, write down how sending went."""

from backend.mail.actions.mailboxes import desk_mailboxes, installation, mailbox_of
from backend.mail.actions.notices import notify
from backend.mail.actions.receipts import confirmed, drafted, failed, retry, sent
from backend.mail.actions.taking_in import take_in, take_in_by_hand
from backend.mail.actions.writing import acknowledge, language_of, write_invitation, write_notice, write_reply
from backend.mail.actions.writing_off import write_off

__all__ = [
    "acknowledge",
    "confirmed",
    "desk_mailboxes",
    "drafted",
    "failed",
    "installation",
    "language_of",
    "mailbox_of",
    "notify",
    "retry",
    "sent",
    "take_in",
    "take_in_by_hand",
    "write_invitation",
    "write_notice",
    "write_off",
    "write_reply",
]
