"""Microsoft's word of new mail, originals, another try for what could not be sent, and how the mailboxes fare."""

from backend.mail.views import mailboxes, post
from backend.mail.views.door import blueprint

__all__ = ["blueprint", "mailboxes", "post"]
