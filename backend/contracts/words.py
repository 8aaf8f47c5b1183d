"""What a contract includes and costs, in the reader's language."""

from collections.abc import Mapping
from datetime import date as day
from decimal import Decimal
from typing import Any

from backend.contracts.models import PRICES
from backend.i18n import N_, _, amount, money, quantity
from backend.i18n import date as written

PERIODS = {"month": N_("per month"), "quarter": N_("per quarter"), "year": N_("per year"), "all": N_("in all")}
INCLUDED = {
    "month": N_("%(hours)s h per month"),
    "quarter": N_("%(hours)s h per quarter"),
    "year": N_("%(hours)s h per year"),
    "all": N_("%(hours)s h in all"),
}
PROPERTIES = {
    "name": N_("Name"),
    "service_level": N_("Service level"),
    "starts_on": N_("From"),
    "ends_on": N_("Last day"),
    "note": N_("Note"),
    "included_hours": N_("Included hours"),
    "included_per": N_("Period"),
    "hourly_rate": N_("Hourly rate"),
    "hourly_rate_in_contract": N_("Hourly rate in the contract"),
    "travel_flat_rate": N_("Travel flat rate"),
    "currency": N_("Currency"),
}


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def contract_terms(agreed: Mapping[str, Any] | None, *, level: bool = False) -> str:
    """What it includes and costs, in a line; `agreed`: a value of `AGREED`, `level`: with the service level."""
    if agreed is None:
        return ""
    said, currency = [agreed["level"]] if level and agreed["level"] else [], agreed["currency"]
    period = agreed["per"]
    hours, rate, inside, travel = (_number(agreed[name]) for name in ("hours", "rate", "rate_in", "travel"))
    if hours:
        said.append(_(INCLUDED[period]) % {"hours": quantity(hours)})
    if rate is not None:
        said.append(_("%(price)s an hour", price=money(rate, currency)))
    if inside is not None:
        said.append(_("in the contract %(price)s an hour", price=money(inside, currency)))
    if travel is not None:
        said.append(_("travel %(price)s", price=money(travel, currency)))
    return " · ".join(said)


def property_name(name: str) -> str:
    """What a property of a contract is called."""
    return str(_(PROPERTIES[name])) if name in PROPERTIES else name


def property_value(name: str, value: str) -> str:
    """A property's value from the log, as people write it."""
    if name in ("starts_on", "ends_on") and value:
        return written(day.fromisoformat(value))
    if name == "included_hours" and value:
        return quantity(Decimal(value))
    if name in PRICES and value:
        return amount(Decimal(value))
    return str(_(PERIODS[value])) if name == "included_per" and value in PERIODS else value
