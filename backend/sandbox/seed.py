"""What the mailboxes hold at the first start and after a reset."""

from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from backend.sandbox import calendar_seed, mailbox
from backend.sandbox.people import PEOPLE, by_mail
from backend.sandbox.seed_mails import NAMES, SEEDS, Seed
from backend.sandbox.store import Tx, stamp
from backend.sandbox.teams_chats import start_over as start_chats_over


def start_over(tx: Tx, *, with_mail: bool = True) -> None:
    """Empties everything, then gives each mailbox its folders and, if `with_mail`, its first mails and events."""
    tx.store.empty(tx)
    start_chats_over(tx)
    for person in PEOPLE:
        mailbox.make_folders(tx, person)
        tx.touched.add(person.id)
    tx.set_meta("calendars", "1")
    if with_mail:
        load(tx)
        calendar_seed.load(tx)


def _shown(address: str) -> str:
    person = by_mail(address)
    return formataddr((person.name if person else NAMES.get(address, ""), address))


def _message_id(key: str, author: str) -> str:
    return f"<seed.{key}@{author.rpartition('@')[2]}>"


def raw(seed: Seed, sent: str) -> bytes:
    """The mail as it would have come from outside; `sent` is its Date header."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = sent
    message["From"] = _shown(seed.author)
    message["To"] = ", ".join(_shown(address) for address in seed.to)
    if seed.cc:
        message["Cc"] = ", ".join(_shown(address) for address in seed.cc)
    message["Subject"] = seed.subject
    message["Message-ID"] = _message_id(seed.key, seed.author)
    if seed.answers:
        first = next(other for other in SEEDS if other.key == seed.answers)
        message["In-Reply-To"] = message["References"] = _message_id(first.key, first.author)
    message.set_content(seed.text)
    if seed.html is not None:
        message.add_alternative(f"<html><body>{seed.html}</body></html>", subtype="html")
    for name, kind, content in seed.files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, main, sub, filename=name)
    return message.as_bytes()


def load(tx: Tx) -> None:
    """Puts the mails of `seed_mails.py` into their mailboxes, oldest first, dated back from now."""
    for seed in sorted(SEEDS, key=lambda one: -one.hours):
        moment = tx.store.now() - timedelta(hours=seed.hours)
        letter = raw(seed, format_datetime(moment.replace(microsecond=0)))
        author = by_mail(seed.author)
        if author is not None:
            mailbox.receive(tx, author, letter, folder="sentitems", is_read=True, at=stamp(moment))
        for address in seed.to + seed.cc:
            if person := by_mail(address):
                mailbox.receive(tx, person, letter, is_read=seed.is_read, at=stamp(moment))
