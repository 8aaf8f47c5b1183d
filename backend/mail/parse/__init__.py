"""Reading mails: any bytes to a `Mail`, never raising."""

from backend.mail.parse.body import Attachment
from backend.mail.parse.headers import Address
from backend.mail.parse.mail import Mail, content_hash, parse

__all__ = ["Address", "Attachment", "Mail", "content_hash", "parse"]
