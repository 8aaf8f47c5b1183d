"""Contracts of customers."""

import datetime as dates

from backend.api.shapes.values import CustomerRef, Hours, Key, Line, Name, PageQuery, Rate, Shape, Text
from backend.api.shapes.worklog import Currency
from backend.contracts.models import Per


class ContractIn(Shape):
    """What was agreed with a customer. Of included hours, prices and currency what is left out stays as it was."""

    customer: Key
    """The customer's key."""
    name: Name
    service_level: Line = ""
    """As it is called: weekdays 8 to 17, answer within 4 hours."""
    starts_on: dates.date
    ends_on: dates.date | None = None
    """The last day; null: no end is known."""
    note: Text = ""
    included_hours: Hours | None = None
    """null: none are included."""
    included_per: Per = Per.MONTH
    """For how long they are: each month, quarter or year, or all of the contract."""
    hourly_rate: Rate | None = None
    """Of billable work: time entries under the contract have it unless they name another."""
    hourly_rate_in_contract: Rate | None = None
    """Of work in the contract, likewise."""
    travel_flat_rate: Rate | None = None
    """Of one journey: items of the kind travel have it unless they name a price."""
    currency: Currency = "EUR"
    """Of a new contract as set on the desk when it is not named."""


class ContractOut(Shape):
    """A contract."""

    number: str
    customer: CustomerRef
    name: str
    service_level: str
    starts_on: dates.date
    ends_on: dates.date | None
    note: str
    included_hours: float | None
    included_per: Per
    hourly_rate: float | None
    hourly_rate_in_contract: float | None
    travel_flat_rate: float | None
    currency: str
    created_at: dates.datetime
    updated_at: dates.datetime


class ContractsQuery(PageQuery):
    """Which contracts."""

    customer: Key | None = None
