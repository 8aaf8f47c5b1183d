"""What is said on tickets, and what happens to them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, WithJsonSchema, model_validator
from pydantic.config import ConfigDict

from backend.api.sentences import wrong
from backend.api.shapes.values import (
    Address,
    Base64,
    ContentType,
    Html,
    Line,
    LongLine,
    Mail,
    Name,
    PageQuery,
    PersonRef,
    Shape,
    Text,
    Word,
)
from backend.i18n import _
from backend.tickets.models import Channel, Kind

SAID: dict[str, JsonValue] = {"anyOf": [{"required": ["text"]}, {"required": ["html"]}]}


class AttachmentIn(Shape):
    """A file with its content."""

    name: Name
    content_type: ContentType = "application/octet-stream"
    content: Base64


class Words(Shape):
    """What is said: `text`, `html`, or both saying the same. HTML is kept without what could do harm."""

    text: Text = ""
    html: Html = ""
    attachments: Annotated[list[AttachmentIn], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _says_something(self) -> "Words":
        if "text" not in self.model_fields_set and "html" not in self.model_fields_set:
            raise wrong(_("Either text or html is needed."), "text")
        return self


class Recipient(Shape):
    """An address with or without a name."""

    address: Mail
    name: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"address": value} if isinstance(value, str) else value


_RECIPIENT = {
    "anyOf": [
        {"type": "string", "format": "email"},
        {
            "type": "object",
            "properties": {"address": {"type": "string", "format": "email"}, "name": {"type": "string"}},
            "required": ["address"],
            "additionalProperties": False,
        },
    ]
}
Recipients = Annotated[list[Annotated[Recipient, WithJsonSchema(_RECIPIENT)]], Field(max_length=50)]


class MessageIn(Words):
    """Something said on a ticket."""

    model_config = ConfigDict(json_schema_extra=SAID)

    kind: Kind
    """`reply` is sent to the customer by mail, `note` is seen by nobody outside, `call` is a call written
    down, of which the ticket's technician hears.
    """
    to: Recipients = []
    """Of a reply; without any, the ticket's contact."""
    cc: Recipients = []
    status: Word | None = None
    """The status the ticket gets with it."""
    closing_reason: Line = ""
    """Why that status closes the ticket although items of its checklists are open."""
    mentions: Annotated[list[Mail], Field(max_length=20)] = []
    """Of a note: the mail addresses of colleagues who are told of it, in the ways chosen in the settings."""

    @model_validator(mode="after")
    def _sendable(self) -> "MessageIn":
        if self.kind != Kind.NOTE and self.mentions:
            raise wrong(_("Only a note can notify colleagues."), "mentions")
        if self.kind != Kind.REPLY and (self.to or self.cc):
            raise wrong(_("Only a reply has recipients."), "to")
        return self


class AttachmentOut(Shape):
    """A file; its content is at `url`, for the same token."""

    name: str
    content_type: str
    size: int
    inline: bool
    url: str


class MessageOut(Shape):
    """Something said on a ticket."""

    id: int
    ticket: int
    kind: Kind
    channel: Channel
    author: PersonRef
    from_: Address
    to: list[Address]
    cc: list[Address]
    subject: str
    text: str
    """What they wrote."""
    quoted: str
    """The folded rest."""
    html: str
    """What they wrote as it is shown, harmless; empty where there is only text."""
    sent_at: datetime
    edited_at: datetime | None
    """When whoever said it changed it last; what it was before is in the ticket's activity."""
    mailed_as: Literal["forward", "follow-up"] | None
    """A mail that answers nobody: a note that passed the matter on, a reply that is a mail of its own."""
    deleted_at: datetime | None
    """When whoever said it took it back; its text is empty since."""
    attachments: list[AttachmentOut]
    internet_message_id: str | None
    delivery: Literal["waiting", "drafted", "sent", "failed", "doubtful", "bounced"] | None
    """How far a reply is; bounced: it came back; doubtful: a line of a chat of which nobody knows whether it arrived (a
    customer's: whether the technician was shown it in Teams); null: not sent.
    """
    by_mail_because: Literal["blocked", "gone", "refused", "down"] | None
    """Why a line of a chat went by e-mail: the customer has blocked or removed the bot, or Teams did not take it."""


class MessagesQuery(PageQuery):
    """Which messages."""

    internet_message_id: LongLine
    """Of a mail that came in or went out, with or without its angle brackets."""


class ActivityOut(Shape):
    """Something that happened to a ticket; it is never changed."""

    id: int
    ticket: int
    verb: str
    actor: PersonRef
    before: str
    after: str
    data: dict[str, JsonValue]
    at: datetime
