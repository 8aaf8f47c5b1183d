"""Writing contracts down, from the ERP system or by hand."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from backend import clock, live
from backend.auth import Who
from backend.changes.actions import note_change
from backend.contracts.models import PRICES, Contract, Per
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.people.models import Customer
from backend.renamed import renamed
from backend.settings.models import setting


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a contract says. `ends_on` is its last day, None: no end is known.

    `terms`: of TERMS those that are to be so; what is not named stays, and of a new contract is not agreed.
    """

    name: str
    starts_on: date
    ends_on: date | None = None
    service_level: str = ""
    note: str = ""
    terms: dict[str, Any] = field(default_factory=dict)


TERMS = ("included_hours", "included_per", *PRICES, "currency")
_KEPT = ("name", "service_level", "starts_on", "ends_on", "note", *TERMS)
_MOST = {"included_hours": Decimal("99999.99"), **dict.fromkeys(PRICES, Decimal("999999.99"))}


def _checked(agreed: Agreed) -> None:
    wrong = {}
    if not agreed.name.strip():
        wrong["name"] = _("A name is needed.")
    if agreed.ends_on is not None and agreed.ends_on < agreed.starts_on:
        wrong["ends_on"] = _("It cannot end before it begins.")
    for name, most in _MOST.items():
        amount = agreed.terms.get(name)
        if amount is not None and not 0 <= amount <= most:
            wrong[name] = _("A number from %(low)s to %(high)s, please.", low=0, high=most)
    if agreed.terms.get("included_per", Per.MONTH) not in set(Per):
        wrong["included_per"] = _("Choose one of the values offered.")
    currency = agreed.terms.get("currency", "EUR")
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        wrong["currency"] = _("Three capital letters, such as EUR, please.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


def put_contract(actor: Who, customer: Customer, number: str, agreed: Agreed) -> tuple[Contract, bool]:
    """The contract with that number, as it is to be; and whether it is new. The same twice changes nothing.

    Raises Invalid naming the field, Conflict when the number is another customer's contract.
    """
    _checked(agreed)
    number = " ".join(number.split())
    if not number:
        raise Invalid(_("Please correct the marked fields."), fields={"number": _("A number is needed.")})
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("contract:" + number))))
    contract = session.scalar(
        select(Contract).where(Contract.number == number).execution_options(populate_existing=True)
    )
    new = contract is None
    if contract is None:
        now = clock.now()
        contract = Contract(number=number, customer_id=customer.id, created_at=now, updated_at=now)
        contract.included_per, contract.currency = Per.MONTH.value, setting("time_currency")
        session.add(contract)
    elif contract.customer_id != customer.id:
        raise Conflict(_("The contract %(number)s belongs to another customer.", number=number))
    before, called = _state(contract), contract.name
    contract.name, contract.service_level = agreed.name.strip(), agreed.service_level.strip()
    contract.starts_on, contract.ends_on, contract.note = agreed.starts_on, agreed.ends_on, agreed.note.strip()
    for name in TERMS:
        if name in agreed.terms:
            setattr(contract, name, agreed.terms[name])
    after = _state(contract)
    if new or after != before:
        contract.updated_at = clock.now()
        live.tell(f"customer:{customer.id}")
    session.flush()
    for name in _KEPT:
        note_change(actor, contract, name, before=before[name], after=after[name])
    if not new and contract.name != called:
        renamed("contract", [contract.id])
    return contract, new


def _state(contract: Contract) -> dict[str, str]:
    """What it says, as the log writes it."""
    return {name: _written(getattr(contract, name)) for name in _KEPT}


def _written(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
