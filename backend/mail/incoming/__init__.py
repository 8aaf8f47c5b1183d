"""Jobs that read what Microsoft has of the desk's mailboxes: new mail, all mail, and how each mailbox fares."""

from backend.mail.incoming import arriving, caring, checking

__all__ = ["arriving", "caring", "checking"]
