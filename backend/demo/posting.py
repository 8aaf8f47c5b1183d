"""What mails leave behind: the log of incoming mail with the originals, and what was sent."""

from datetime import UTC, timedelta
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from backend import config, files
from backend.demo.cast import Cast
from backend.mail.models import Delivery, InboundMail, Mailbox, OutboundMail, Outcome, Purpose
from backend.mail.parse import Address, Attachment, content_hash
from backend.mail.thread import new_message_id
from backend.people.models import Person
from backend.tickets.actions import Enclosure
from backend.tickets.models import Message


def _hash(message: Message, enclosures: list[Enclosure]) -> str:
    """What `parse` would find."""
    said = "\n\n".join(part for part in (message.text, message.quoted) if part)
    files = [Attachment(each.name, each.content_type, each.content) for each in enclosures]
    sender = Address(message.author_name, message.author_mail)
    return content_hash(sender, message.sent_at.astimezone(UTC), message.subject, said, files)


def _alternatives(message: Message) -> MIMEBase:
    text = MIMEText("\n\n".join(part for part in (message.text, message.quoted) if part), "plain", "utf-8")
    if not message.html:
        return text
    both = MIMEMultipart("alternative")
    both.attach(text)
    both.attach(MIMEText(message.html, "html", "utf-8"))
    return both


def _part(file: Enclosure) -> MIMEBase:
    made = MIMEBase(*file.content_type.split("/", 1))
    made.set_payload(file.content)
    encode_base64(made)
    made.add_header("Content-Disposition", "attachment", filename=file.name)
    return made


class Thread:
    """The mails of one ticket: `ids` are their Message-IDs, to which the next one refers."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.ids: list[str] = []

    def came_in(self, mailbox: Mailbox, sender: Person, message: Message, enclosures: list[Enclosure]) -> None:
        """Logs `message` as a mail that came to `mailbox`, and keeps its original."""
        domain = message.author_mail.partition("@")[2]
        message.internet_message_id = f"<{message.sent_at:%Y%m%d.%H%M}.{message.id}@{domain}>"
        raw = self._original(mailbox, message, enclosures)
        self.cast.rows.add(
            InboundMail(
                mailbox_id=mailbox.id,
                internet_message_id=message.internet_message_id,
                content_hash=_hash(message, enclosures),
                from_address=message.author_mail,
                from_name=sender.name,
                subject=message.subject,
                outcome=Outcome.MESSAGE if self.ids else Outcome.TICKET,
                kind="normal",
                ticket_id=message.ticket_id,
                message_id=message.id,
                received_at=message.sent_at,
                taken_in_at=min(message.sent_at + timedelta(seconds=2), self.cast.now),
                original=files.put(raw),  # nothing is removed yet: no worker runs before the demo is loaded
            )
        )
        self.ids.append(message.internet_message_id)

    def _original(self, mailbox: Mailbox, message: Message, enclosures: list[Enclosure]) -> bytes:
        """The mail as it came. With the older classes of `email`, which take a fifth of the time."""
        words = _alternatives(message)
        made: MIMEBase = words
        if enclosures:
            made = MIMEMultipart()
            made.attach(words)
            for each in enclosures:
                made.attach(_part(each))
        made["From"] = formataddr((message.author_name, message.author_mail))
        made["To"] = formataddr((mailbox.name, mailbox.address))
        if message.cc:
            made["Cc"] = ", ".join(formataddr((one["name"], one["address"])) for one in message.cc)
        made["Subject"] = Header(message.subject, "us-ascii" if message.subject.isascii() else "utf-8").encode()
        made["Date"] = format_datetime(message.sent_at.astimezone(ZoneInfo(config.current().timezone)))
        made["Message-ID"] = message.internet_message_id or ""
        if self.ids:
            made["In-Reply-To"], made["References"] = self.ids[-1], " ".join(self.ids)
        return made.as_bytes()

    def went_out(self, mailbox: Mailbox, message: Message, contact: Person) -> None:
        """Logs `message` as a mail that `mailbox` sent to `contact`."""
        sent = OutboundMail(
            id=self.cast.rows.id(OutboundMail),
            mailbox_id=mailbox.id,
            ticket_id=message.ticket_id,
            message_id=message.id,
            purpose=Purpose.REPLY,
            to=message.to,
            subject=message.subject,
            text=message.text,
            language=contact.language,
            in_reply_to=self.ids[-1] if self.ids else "",
            references=list(self.ids),
            state=Delivery.SENT,
            created_at=message.sent_at,
            sent_at=min(message.sent_at + timedelta(seconds=3), self.cast.now),
        )
        self.cast.rows.add(sent)
        key, domain = config.current().secret_key.encode(), mailbox.address.partition("@")[2]
        identity = new_message_id(key, domain, Purpose.REPLY, sent.id)
        sent.internet_message_id = sent.exchange_message_id = message.internet_message_id = identity
        self.ids.append(identity)
