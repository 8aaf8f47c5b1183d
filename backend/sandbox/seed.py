"""What the mailboxes hold at the first start and after a reset."""

from backend.sandbox import mailbox
from backend.sandbox.people import PEOPLE
from backend.sandbox.store import Tx


def start_over(tx: Tx) -> None:
    """Empties everything, then gives each mailbox its folders and its first mails."""
    tx.store.empty(tx)
    for person in PEOPLE:
        mailbox.make_folders(tx, person)
        tx.touched.add(person.id)
    load(tx)


def load(tx: Tx) -> None:
    """Puts the mails of `seed_mails.py` into their mailboxes."""
