"""What tickets and messages can be, in the words that are stored."""

from enum import StrEnum


class StatusKind(StrEnum):
    """What a status means, whatever it is called."""

    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"


class StatusTone(StrEnum):
    """The colour and sign that an installation gives a status of its own."""

    VIOLET = "custom"
    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    GREY = "grey"


class Priority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Impact(StrEnum):
    """How many are held up."""

    PERSON = "person"
    GROUP = "group"
    SITE = "site"
    COMPANY = "company"


class TicketType(StrEnum):
    """What sort of matter it is (ITIL)."""

    INCIDENT = "incident"
    PROBLEM = "problem"
    REQUEST = "request"
    CHANGE = "change"


class ActivityStatus(StrEnum):
    """Whose turn it is; follows what happens and is set by nobody."""

    UNREAD = "unread"
    READ = "read"
    WAITING_CONTACT = "waiting-for-contact"
    WAITING_TECHNICIAN = "waiting-for-technician"


class Kind(StrEnum):
    """What a message is; notes are never seen by customers."""

    REPLY = "reply"
    NOTE = "note"
    CALL = "call"


class MailedAs(StrEnum):
    """A mail of staff that answers nobody: a forward is a note that is mailed, so that no customer sees it."""

    FORWARD = "forward"
    FOLLOW_UP = "follow-up"


class Channel(StrEnum):
    """By which door a message came."""

    MAIL = "mail"
    DESK = "desk"
    PANE = "pane"
    API = "api"
    TEAMS = "teams"
