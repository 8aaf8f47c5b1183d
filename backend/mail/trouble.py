"""What can be wrong with a mailbox, as sentences for an administrator: what it is, and what to do about it.

Like mail/problems they are stored as they stand here (English) and translated when shown; none has a blank to fill.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from backend.i18n import N_

SIGN_IN = N_(
    "Deskside cannot sign in to Microsoft 365: its certificate or secret may have ended, or a setting is wrong. "
    "`deskside doctor` says which."
)
UNREACHABLE = N_("Microsoft 365 did not answer. Deskside goes on trying by itself.")
GONE = N_(
    "There is no mailbox with this address in Microsoft 365, or it has lost its licence. Put it back, or take the "
    "address out of DESK_MAILBOXES."
)
MAY_NOT_READ = N_(
    "Deskside may not read this mailbox: the application permission Mail.ReadWrite is missing or does not reach it. "
    "Give it with an administrator's consent; it takes up to two hours."
)
MAY_NOT_WRITE = N_(
    "Deskside may read this mailbox but not put drafts into it: the application permission is Mail.Read and has to be "
    "Mail.ReadWrite."
)
MAY_NOT_SEND = N_(
    "Deskside may not send from this mailbox: the application permission Mail.Send is missing or does not reach it. "
    "Give it with an administrator's consent; it takes up to two hours."
)
STRANGE = N_("Microsoft 365 answered with something that Deskside cannot read. It goes on trying by itself.")
REFUSED = N_("Microsoft 365 refuses to list this mailbox. The log says with which code.")
NOT_TOLD = N_(
    "Microsoft 365 does not tell Deskside of new mail here; it is looked for every minute instead. Renew the "
    "subscription, and check that Microsoft can reach PUBLIC_URL."
)
PERSONAL = N_(
    "This looks like a person's mailbox, since its account may sign in; everything in it becomes tickets that the "
    "whole desk reads. Use a shared mailbox, or block the sign-in of its account."
)
NO_COPY = N_(
    "The copy of the last sent mail is not in this mailbox's Sent Items: it may have been moved or deleted, or it "
    "landed in another mailbox. Send a test mail and look where its copy goes."
)
READS = N_("Deskside reads this mailbox.")
WRITES = N_("Deskside can put drafts into it.")
SENDS = N_("Deskside may send from it.")
TOLD = N_("Microsoft 365 tells Deskside of new mail.")
SHARED = N_("It is a shared mailbox.")
COPY = N_("The copy of the last sent mail is in its Sent Items.")
NOTHING_SENT = N_("Nothing has been sent from it yet, so where copies go is not known.")


class Look(StrEnum):
    """How a finding is shown."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    OPEN = ""


@dataclass(frozen=True)
class Finding:
    """One thing that a check has looked at; `says` is one of the sentences above."""

    look: Look
    says: str

    def stored(self) -> dict[str, str]:
        """As it is kept with the mailbox."""
        return {key: str(value) for key, value in asdict(self).items()}
