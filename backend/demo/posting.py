"""What mails leave behind: the log of incoming mail with the originals, and what was sent."""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from backend import config, files
from backend.demo.cast import Cast
from backend.mail.models import Delivery, InboundMail, Mailbox, OutboundMail, Outcome, Purpose
from backend.mail.parse import parse
from backend.mail.thread import new_message_id
from backend.people.models import Person
from backend.tickets.actions import Enclosure
from backend.tickets.models import Message


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
                content_hash=parse(raw).content_hash,
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
        made = EmailMessage()
        made["From"] = formataddr((message.author_name, message.author_mail))
        made["To"] = formataddr((mailbox.name, mailbox.address))
        if message.cc:
            made["Cc"] = ", ".join(formataddr((one["name"], one["address"])) for one in message.cc)
        made["Subject"] = message.subject
        made["Date"] = format_datetime(message.sent_at.astimezone(ZoneInfo(config.current().timezone)))
        made["Message-ID"] = message.internet_message_id
        if self.ids:
            made["In-Reply-To"], made["References"] = self.ids[-1], " ".join(self.ids)
        made.set_content("\n\n".join(part for part in (message.text, message.quoted) if part))
        if message.html:
            made.add_alternative(message.html, subtype="html")
        for each in enclosures:
            main, _slash, sub = each.content_type.partition("/")
            made.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
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
