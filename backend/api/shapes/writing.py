"""Mails of a ticket that answer nobody, and changes of what was said."""

from typing import Annotated

from pydantic import Field

from backend.api.shapes.messages import AttachmentIn, Recipient, Recipients
from backend.api.shapes.tickets import Subject
from backend.api.shapes.values import Shape, Text


class MessagePatch(Shape):
    """What a message says from now on."""

    text: Annotated[Text, Field(min_length=1, max_length=65_536)]


class ForwardIn(Shape):
    """A ticket's matter, passed on by mail."""

    to: Annotated[Recipients, Field(min_length=1)]
    text: Text = ""
    """What stands above the conversation."""
    quote: bool = True
    """Whether the conversation stands below, without notes."""
    pass_on_files: bool = False
    """Whether the conversation's files go along."""
    attachments: Annotated[list[AttachmentIn], Field(max_length=50)] = []
    tell_customer: Text = ""
    """What the ticket's contact is told of it by a reply; nothing when it is empty."""


class FollowUpIn(Shape):
    """A mail of its own on a ticket, to one person."""

    to: Recipient
    subject: Subject
    text: Text
    attachments: Annotated[list[AttachmentIn], Field(max_length=50)] = []
