"""The mailboxes that the settings and people name, as rows."""

import hashlib
import hmac

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend import config
from backend.db import session
from backend.mail.models import ImportMode, Mailbox
from backend.people.models import normal_address


def installation() -> str:
    """The word by which this Deskside knows its own mails; tells nothing about the key it is made of."""
    key = config.current().secret_key.encode()
    return hmac.new(key, b"installation", hashlib.sha256).hexdigest()[:24]


def _new(address: str, mode: ImportMode) -> dict[str, str]:
    empty = dict.fromkeys(("name", "delta_link", "subscription_id", "error"), "")
    return {"address": address, "import_mode": mode, **empty}


def desk_mailboxes() -> list[Mailbox]:
    """The mailboxes whose mail becomes tickets; those of the setting DESK_MAILBOXES always are among them."""
    for address in config.current().desk_mailboxes:
        session.execute(
            insert(Mailbox)
            .values(_new(address, ImportMode.TICKET))
            .on_conflict_do_update(
                index_elements=["address"],
                set_={"import_mode": ImportMode.TICKET},
                where=Mailbox.import_mode != ImportMode.TICKET,
            )
        )
    return list(session.scalars(select(Mailbox).where(Mailbox.import_mode == ImportMode.TICKET).order_by(Mailbox.id)))


def mailbox_of(address: str) -> Mailbox:
    """The mailbox with that address; a new one is read by hand only."""
    address = normal_address(address)
    session.execute(
        insert(Mailbox).values(_new(address, ImportMode.HAND)).on_conflict_do_nothing(index_elements=["address"])
    )
    return session.scalars(select(Mailbox).where(Mailbox.address == address)).one()


def is_own(address: str) -> bool:
    """Whether `address` is one of the desk's own mailboxes."""
    address = normal_address(address)
    if address in config.current().desk_mailboxes:
        return True
    found = select(Mailbox.id).where(Mailbox.address == address, Mailbox.import_mode == ImportMode.TICKET)
    return session.scalar(found) is not None
