"""Devices of contacts."""

from typing import Annotated

from pydantic import Field
from pydantic.config import ConfigDict

from backend.api.shapes.values import Key, Name, PageQuery, PersonRef, Shape, Word, without_defaults

DeviceName = Annotated[Name, Field(max_length=100)]


class DeviceOut(Shape):
    """Something a contact works with."""

    id: int
    contact: PersonRef
    name: str
    kind: str
    serial: str
    remote_id: str
    """By what the tool for remote control knows it."""


class DeviceIn(Shape):
    """A new device of a contact."""

    contact: Key
    """The key or an e-mail address of a contact."""
    name: DeviceName
    kind: Word = ""
    serial: Word = ""
    remote_id: Word = ""


class DevicePatch(Shape):
    """What is to be changed; everything else stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: DeviceName = ""
    kind: Word = ""
    serial: Word = ""
    remote_id: Word = ""


class DevicesQuery(PageQuery):
    """Which devices."""

    contact: Key | None = None
    """The contact's key or one of the e-mail addresses."""
    serial: Word | None = None
