"""What a request says on a ticket, made fit to be kept."""

import re

from backend.api.shapes.messages import AttachmentIn, MessageIn, Recipient
from backend.api.shapes.tickets import TicketIn
from backend.mail import markup, sanitise
from backend.mail.parse.names import safe_name
from backend.tickets.actions import Enclosure, Said
from backend.tickets.models import Channel

_BLOCKS = frozenset("p div tr li h1 h2 h3 h4 h5 h6 blockquote pre hr table ul ol br".split())


def _plain(html: str) -> str:
    """The words of sanitised HTML, a line for each block."""
    words = ["\n" if token.name in _BLOCKS and token.kind != "text" else token.text for token in markup.tokens(html)]
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def enclosed(attachments: list[AttachmentIn]) -> tuple[Enclosure, ...]:
    """The files of a request as they are kept."""
    return tuple(
        Enclosure(safe_name(each.name, each.content_type.lower(), number), each.content_type.lower(), each.content)
        for number, each in enumerate(attachments, start=1)
    )


def people(recipients: list[Recipient]) -> list[dict[str, str]]:
    """Recipients of a request as they are kept."""
    return [{"name": each.name, "address": each.address} for each in recipients]


def said(body: TicketIn | MessageIn) -> Said:
    """`body` as it is kept; without text, the words of its HTML are the text."""
    html = sanitise.clean(body.html).html if body.html.strip() else ""
    return Said(
        text=body.text if body.text.strip() else _plain(html),
        html=html,
        channel=Channel.API,
        to=people(body.to) if isinstance(body, MessageIn) else [],
        cc=people(body.cc) if isinstance(body, MessageIn) else [],
        enclosures=enclosed(body.attachments),
        closing_reason=body.closing_reason if isinstance(body, MessageIn) else "",
    )
