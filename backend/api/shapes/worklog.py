"""Worked time, items and timers."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from backend.api.sentences import wrong
from backend.api.shapes.messages import AttachmentIn
from backend.api.shapes.values import (
    CustomerRef,
    Key,
    Mail,
    Name,
    PageQuery,
    Percent,
    PersonRef,
    Price,
    Quantity,
    Rate,
    Shape,
    Text,
    without_defaults,
)
from backend.i18n import _
from backend.worklog.models import LONGEST, BillableKind, ItemKind

_WALL = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _wall(value: Any) -> Any:
    if value is None or isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(_WALL, value):
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise wrong(_("A time such as 9:30, please."))


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise wrong(_("A date such as 2026-11-24 is needed."))


WallClock = Annotated[
    time | None,
    BeforeValidator(_wall),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": _WALL, "examples": ["09:30"]}, {"type": "null"}]}, mode="validation"
    ),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"}, mode="validation")]
Minutes = Annotated[int, Field(ge=1, le=LONGEST)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Words = Annotated[Text, Field(max_length=10_000)]
Note = Annotated[Text, Field(max_length=4_000)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class TimeOut(Shape):
    """Worked time on a ticket."""

    id: int
    ticket: int
    customer: CustomerRef | None
    person: PersonRef
    date: date
    start: str | None
    """On the person's own clock, such as 09:30."""
    minutes: int
    kind: BillableKind
    rate: float | None
    """Of an hour."""
    currency: str
    amount: float | None
    text: str
    from_timer: bool
    billed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TimeIn(Shape):
    """A new time entry."""

    person: Mail
    """Who has worked."""
    date: Day
    start: WallClock = None
    minutes: Minutes
    kind: BillableKind = BillableKind.BILLABLE
    """`contract` only on a ticket that has one."""
    rate: Rate | None = None
    """As the ticket's contract says when it is not named; null: none."""
    currency: Currency | None = None
    """As the ticket's contract says, or as set on the desk, when it is not named."""
    text: Words = ""


class TimePatch(Shape):
    """What is to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    date: Day = date.min
    start: WallClock = None
    minutes: Minutes = 1
    kind: BillableKind = BillableKind.BILLABLE
    rate: Rate | None = None
    currency: Currency = "EUR"
    text: Words = ""


class TimeQuery(PageQuery):
    """Which time entries."""

    ticket: Number | None = None
    person: Mail | None = None
    customer: Key | None = None
    from_: Day | None = None
    """Of this day or later."""
    to: Day | None = None
    """Of this day or earlier."""


class TicketItemOut(Shape):
    """Something used or spent on a ticket."""

    id: int
    ticket: int
    kind: ItemKind
    name: str
    quantity: float
    price: float
    """Of one."""
    discount: float
    """In percent."""
    currency: str
    total: float
    note: str
    file: str | None
    """Address of the file."""
    billed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TicketItemIn(Shape):
    """A new item."""

    kind: ItemKind = ItemKind.PRODUCT
    name: Name
    quantity: Quantity
    price: Price = Decimal(0)
    """Of travel the flat rate of the ticket's contract when it is not named."""
    discount: Percent = Decimal(0)
    currency: Currency | None = None
    """As the ticket's contract says, or as set on the desk, when it is not named."""
    note: Note = ""
    file: AttachmentIn | None = None


class TicketItemPatch(Shape):
    """What is to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    kind: ItemKind = ItemKind.PRODUCT
    name: Name = ""
    quantity: Quantity = Decimal(1)
    price: Price = Decimal(0)
    discount: Percent = Decimal(0)
    currency: Currency = "EUR"
    note: Note = ""


class TimerOut(Shape):
    """What somebody is counting on a ticket and has not saved yet."""

    ticket: int
    subject: str
    running: bool
    seconds: int
    """Counted until now, without what became entries."""
    unsure_seconds: int
    """Of them, those without any activity that the person has not confirmed."""


class TimersQuery(Shape):
    """Whose timers."""

    person: Mail


def given_of(body: TimePatch | TicketItemPatch) -> dict[str, Any]:
    """What a request names of an entry."""
    return {name: getattr(body, name) for name in type(body).model_fields if name in body.model_fields_set}
