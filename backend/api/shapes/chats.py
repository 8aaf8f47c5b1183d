"""Chats with customers in Teams."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator
from pydantic.config import ConfigDict

from backend.api.sentences import wrong
from backend.api.shapes.messages import AttachmentIn
from backend.api.shapes.values import CustomerRef, Mail, PageQuery, PersonRef, Shape, Text
from backend.chat.models import ChatState
from backend.i18n import _


class ChatOut(Shape):
    """A customer's talk with the desk; its lines are the messages of its ticket."""

    id: int
    ticket: int
    state: ChatState
    customer: CustomerRef | None
    contact: PersonRef
    technician: PersonRef | None
    waiting_since: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    last_text: str
    """The line said last, by either side."""
    last_at: datetime
    reachable: bool
    """Whether the customer gets lines in Teams; otherwise they go by e-mail."""
    url: str
    """Its page for people."""


class ChatsQuery(PageQuery):
    """Which chats."""

    state: ChatState | None = None


class ChatAnswerIn(Shape):
    """Who answers."""

    technician: Mail
    """The e-mail address of one of the provider's people."""


class ChatMessageIn(Shape):
    """A line of whoever has the chat."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["text"]}, {"required": ["attachments"]}]})

    technician: Mail
    """The e-mail address of who has the chat."""
    text: Text = ""
    attachments: Annotated[list[AttachmentIn], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _says_something(self) -> "ChatMessageIn":
        if "text" not in self.model_fields_set and "attachments" not in self.model_fields_set:
            raise wrong(_("Please write something first."), "text")
        return self


class ChatEndIn(Shape):
    """Who ends it; without anybody, the program does."""

    technician: Mail | None = None
