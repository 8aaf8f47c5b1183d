"""The selected e-mail as a file: as Outlook gives it, or put together again where an older Outlook cannot."""

import base64
import binascii
from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP
from typing import Any

from backend.errors import Invalid
from backend.i18n import _

_KEPT_HEADERS = ("Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "Auto-Submitted", "Precedence")


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(_("Outlook did not hand over this e-mail completely. Please try again.")) from error


def _one_line(value: object) -> str:
    return " ".join(str(value or "").split())


def _mailboxes(people: Any) -> str:
    shown = []
    for person in people if isinstance(people, list) else []:
        address, name = _one_line(person.get("address")), _one_line(person.get("name")).replace('"', "'")
        if address:
            shown.append(f'"{name}" <{address}>' if name else address)
    return ", ".join(shown)


def _rebuilt(given: Mapping[str, Any]) -> bytes:
    message = EmailMessage(policy=SMTP.clone(max_line_length=0))
    message["From"] = _mailboxes([given.get("from") or {}])
    message["To"], message["Cc"] = _mailboxes(given.get("to")), _mailboxes(given.get("cc"))
    message["Subject"] = _one_line(given.get("subject"))
    transported = HeaderParser().parsestr(str(given.get("headers") or ""))
    own = {"Date": given.get("date"), "Message-ID": given.get("message_id")}
    for name in _KEPT_HEADERS:
        value = _one_line(transported.get(name) or own.get(name))
        if value:
            message[name] = value
    message.set_content(str(given.get("text") or ""))
    if given.get("html"):
        message.add_alternative(str(given["html"]), subtype="html")
    for file in given.get("attachments") or []:
        main, _slash, sub = _one_line(file.get("content_type")).partition("/")
        known = main.isalnum() and sub and sub.replace("-", "").replace(".", "").replace("+", "").isalnum()
        message.add_attachment(
            _decoded(str(file.get("content") or "")),
            maintype=main if known and main not in ("multipart", "message") else "application",
            subtype=sub if known and main not in ("multipart", "message") else "octet-stream",
            filename=_one_line(file.get("name")) or "file",
        )
    return message.as_bytes()


def mail_file(given: Mapping[str, Any]) -> bytes:
    """The mail in the pane's request as RFC 822 bytes.

    `given["eml"]` is Outlook's own file in base64 (Mailbox 1.14); without it the mail is put together from its parts:
    from, to, cc ({name, address}), subject, date, message_id, headers (transport headers), text, html, attachments
    ({name, content_type, content in base64}). Raises Invalid when it cannot be read.
    """
    if given.get("eml"):
        return _decoded(str(given["eml"]))
    try:
        return _rebuilt(given)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise Invalid(_("Outlook did not hand over this e-mail completely. Please try again.")) from error
