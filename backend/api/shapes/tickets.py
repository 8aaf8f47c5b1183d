"""Tickets."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue, model_validator
from pydantic.config import ConfigDict

from backend.api.sentences import wrong
from backend.api.shapes.messages import SAID, Words
from backend.api.shapes.values import (
    CustomerRef,
    Data,
    Key,
    Line,
    LongLine,
    Mail,
    Name,
    PageQuery,
    PersonRef,
    Shape,
    Word,
    without_defaults,
)
from backend.i18n import _
from backend.tickets.models import ActivityStatus, Channel, Impact, Priority, TicketType

Subject = Annotated[LongLine, Field(max_length=250)]


class TicketOut(Shape):
    """A ticket."""

    number: int
    subject: str
    status: str
    closed: bool
    activity_status: ActivityStatus
    """Whose turn it is; follows what happens and is set by nobody."""
    priority: Priority
    impact: Impact
    type: TicketType
    category: str
    product_family: str
    customer: CustomerRef | None
    contact: PersonRef | None
    assignee: PersonRef | None
    team: str | None
    group: str | None
    """The set of teams it is given to, where it is not given to one team."""
    parent: int | None
    """Of a sub-ticket: the number of the ticket it stands below."""
    problem: int | None
    """The number of the problem that is behind it."""
    order: str | None
    contract: str | None
    """The number of the contract it is worked under."""
    source: Channel
    """By which door it was opened."""
    root_cause: str | None
    pending_until: datetime | None
    """When a pending ticket comes back by itself."""
    closed_at: datetime | None
    follows: int | None
    """The number of the ticket that had been closed long ago when its customer wrote again."""
    summary: dict[str, JsonValue]
    data: dict[str, JsonValue]
    fields: dict[str, JsonValue]
    """Values of the installation's own fields, by key; what nobody has filled in is not there."""
    messages_count: int
    merged_into: int | None
    """The number of the ticket on which this one goes on: there its messages are, there it is changed."""
    created_at: datetime
    updated_at: datetime
    url: str
    """Its page for people."""


class TicketsQuery(PageQuery):
    """Which tickets."""

    q: Line | None = None
    """Words in subject, conversation, names, or a number; quotes, OR and - as in web search."""
    status: Word | None = None
    closed: bool | None = None
    customer: Key | None = None
    contact: Key | None = None
    """The contact's key or one of the e-mail addresses."""
    assignee: Annotated[str, Field(max_length=254)] | None = None
    """An e-mail address, or `none` for tickets that nobody has."""
    team: Name | None = None
    type: TicketType | None = None
    priority: Priority | None = None
    updated_since: AwareDatetime | None = None
    """Changed at or after this moment; the list then begins with the oldest change instead of the newest ticket."""


class TicketIn(Words):
    """A new ticket and its first message, which is what the requester wrote."""

    model_config = ConfigDict(
        json_schema_extra={"allOf": [SAID, {"oneOf": [{"required": ["contact"]}, {"required": ["requester_email"]}]}]}
    )

    subject: Subject
    contact: Key | None = None
    """The key or an e-mail address of a contact."""
    requester_email: Mail | None = None
    """Instead of `contact`; who is unknown becomes a contact of the customer of that mail domain."""
    requester_name: Name | None = None
    """The name of a requester who is unknown."""
    customer: Key | None = None
    """The customer's key; without one it is the contact's."""
    type: TicketType = TicketType.INCIDENT
    priority: Priority = Priority.MEDIUM
    impact: Impact = Impact.PERSON
    category: Word = ""
    product_family: Word = ""
    status: Word | None = None
    assignee: Mail | None = None
    """The e-mail address of one of the provider's people."""
    team: Name | None = None
    group: Name | None = None
    """Instead of `team`: a set of teams."""
    order: Key | None = None
    """The number of one of the customer's orders."""
    contract: Key | None = None
    """The number of one of the customer's contracts."""
    summary: Data = {}
    data: Data = {}
    fields: Data = {}
    """Values of the installation's own fields, by key (`GET /fields`)."""

    @model_validator(mode="after")
    def _from_somebody(self) -> "TicketIn":
        if (self.contact is None) == (self.requester_email is None):
            raise wrong(_("Either contact or requester_email is needed."), "contact")
        return self


class TicketPatch(Shape):
    """What is to be changed; everything else stays. null takes away what may be empty."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    subject: Subject = ""
    status: Word = ""
    priority: Priority = Priority.MEDIUM
    impact: Impact = Impact.PERSON
    type: TicketType = TicketType.INCIDENT
    category: Word = ""
    product_family: Word = ""
    customer: Key | None = None
    contact: Key | None = None
    assignee: Mail | None = None
    team: Name | None = None
    group: Name | None = None
    """A ticket is a team's or a group's: naming one takes the other away."""
    order: Key | None = None
    contract: Key | None = None
    root_cause: Word | None = None
    """One of `GET /root-causes` that is offered for the ticket's type or source."""
    pending_until: AwareDatetime | None = None
    """Of a pending ticket: when it comes back by itself."""
    anyway: bool = False
    """Closes the ticket even if sub-tickets of it are open; otherwise that is answered with 409."""
    fields: Data = {}
    """Values of the installation's own fields, by key; null empties one, what is not named stays."""
    closing_reason: Line = ""
    """Why the ticket is closed although items of its checklists are open, where the installation asks for it."""
