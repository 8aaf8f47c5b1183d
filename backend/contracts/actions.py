"""Writing contracts down, from the ERP system or by hand."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from backend import clock, live
from backend.contracts.models import Contract
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.people.models import Customer
from backend.renamed import renamed


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a contract says. `ends_on` is its last day, None: no end is known."""

    name: str
    starts_on: date
    ends_on: date | None = None
    service_level: str = ""
    note: str = ""


def _checked(agreed: Agreed) -> None:
    wrong = {}
    if not agreed.name.strip():
        wrong["name"] = _("A name is needed.")
    if agreed.ends_on is not None and agreed.ends_on < agreed.starts_on:
        wrong["ends_on"] = _("It cannot end before it begins.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


def put_contract(customer: Customer, number: str, agreed: Agreed) -> tuple[Contract, bool]:
    """The contract with that number, as it is to be; and whether it is new. The same twice changes nothing.

    Raises Invalid naming the field, Conflict when the number is another customer's contract.
    """
    _checked(agreed)
    number = " ".join(number.split())
    if not number:
        raise Invalid(_("Please correct the marked fields."), fields={"number": _("A number is needed.")})
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("contract:" + number))))
    contract = session.scalar(select(Contract).where(Contract.number == number))
    new = contract is None
    if contract is None:
        now = clock.now()
        contract = Contract(number=number, customer_id=customer.id, created_at=now, updated_at=now)
        session.add(contract)
    elif contract.customer_id != customer.id:
        raise Conflict(_("The contract %(number)s belongs to another customer.", number=number))
    before, called = _state(contract), contract.name
    contract.name, contract.service_level = agreed.name.strip(), agreed.service_level.strip()
    contract.starts_on, contract.ends_on, contract.note = agreed.starts_on, agreed.ends_on, agreed.note.strip()
    if new or _state(contract) != before:
        contract.updated_at = clock.now()
        live.tell(f"customer:{customer.id}")
    session.flush()
    if not new and contract.name != called:
        renamed("contract", [contract.id])
    return contract, new


def _state(contract: Contract) -> tuple[object, ...]:
    return (contract.name, contract.service_level, contract.starts_on, contract.ends_on, contract.note)
