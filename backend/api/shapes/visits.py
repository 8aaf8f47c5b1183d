"""Visits and blocks of technicians' time."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, PlainValidator, WithJsonSchema

from backend.api.sentences import wrong
from backend.api.shapes.values import CustomerRef, Line, Mail, PageQuery, PersonRef, Shape, Text, without_defaults
from backend.i18n import _
from backend.visits.models import Published, Response, VisitKind, VisitState

_WALL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"


def _wall(value: Any) -> datetime:
    if isinstance(value, str) and re.fullmatch(_WALL, value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise wrong(_("A wall time without an offset such as 2026-12-01T09:00 is needed."))


WallTime = Annotated[
    datetime,
    PlainValidator(_wall),
    WithJsonSchema({"type": "string", "pattern": _WALL, "examples": ["2026-12-01T09:00"]}, mode="validation"),
]
Zone = Annotated[str, Field(min_length=1, max_length=100)]
Place = Annotated[Line, Field(max_length=200)]
Note = Annotated[Text, Field(max_length=4_000)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class VisitOut(Shape):
    """A technician's appointment for a ticket, or a block of their time."""

    id: int
    ticket: int | None
    customer: CustomerRef | None
    technician: PersonRef
    kind: VisitKind
    state: VisitState
    start: str
    """Wall time in `timezone`, without an offset."""
    end: str
    timezone: str
    """IANA."""
    starts_at: datetime
    """`start` as a moment in UTC."""
    ends_at: datetime
    place: str
    note: str
    """For the provider's own people."""
    customer_note: str
    """For the customer: it stands in the invitation."""
    calendar: Published
    """How far the technician's calendar in Outlook is."""
    error: str
    """Why it is not in the calendar as it should be; empty when it is, or on its way."""
    customer_response: Response | None
    told_at: datetime | None
    """When the customer was told last."""
    created_at: datetime
    updated_at: datetime


class VisitIn(Shape):
    """A new visit."""

    ticket: Number | None = None
    """Number; only a block may be without."""
    technician: Mail
    start: WallTime
    """What the clock on site shows."""
    end: WallTime
    timezone: Zone
    """IANA, for example Europe/Berlin."""
    kind: VisitKind = VisitKind.ON_SITE
    place: Place = ""
    note: Note = ""
    customer_note: Note = ""


class VisitPatch(Shape):
    """What is to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    technician: Mail = ""
    start: WallTime = datetime.min
    end: WallTime = datetime.min
    timezone: Zone = ""
    kind: VisitKind = VisitKind.ON_SITE
    place: Place = ""
    note: Note = ""
    customer_note: Note = ""


class VisitsQuery(PageQuery):
    """Which visits."""

    ticket: Number | None = None
    technician: Mail | None = None
    from_: AwareDatetime | None = None
    """Those that end after this moment."""
    to: AwareDatetime | None = None
    """Those that begin before this moment."""
    state: VisitState | None = None
