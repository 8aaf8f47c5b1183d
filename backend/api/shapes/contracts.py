"""Contracts of customers."""

import datetime as dates

from backend.api.shapes.values import CustomerRef, Key, Line, Name, PageQuery, Shape, Text


class ContractIn(Shape):
    """What was agreed with a customer."""

    customer: Key
    """The customer's key."""
    name: Name
    service_level: Line = ""
    """As it is called: weekdays 8 to 17, answer within 4 hours."""
    starts_on: dates.date
    ends_on: dates.date | None = None
    """The last day; null: no end is known."""
    note: Text = ""


class ContractOut(Shape):
    """A contract."""

    number: str
    customer: CustomerRef
    name: str
    service_level: str
    starts_on: dates.date
    ends_on: dates.date | None
    note: str
    created_at: dates.datetime
    updated_at: dates.datetime


class ContractsQuery(PageQuery):
    """Which contracts."""

    customer: Key | None = None
