"""Contracts: the ERP system writes them, tickets are worked under them."""

from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Row, Select

from backend.api import cursor, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.contracts import ContractIn, ContractOut, ContractsQuery
from backend.api.shapes.values import CustomerRef
from backend.auth import me, requires
from backend.contracts import actions
from backend.contracts.models import PRICES, Contract, Per, contracts_visible_to
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.people.models import Customer


def _wanted() -> Select[Any]:
    columns = (Contract, Customer.key.label("customer_key"), Customer.name.label("customer_name"))
    return cast(Select[Any], contracts_visible_to(me()).with_only_columns(*columns))


def _amount(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None


def _shape(row: Row[Any]) -> ContractOut:
    contract = row.Contract
    return ContractOut(
        number=contract.number,
        customer=CustomerRef(key=row.customer_key, name=row.customer_name),
        name=contract.name,
        service_level=contract.service_level,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        note=contract.note,
        included_per=Per(contract.included_per),
        currency=contract.currency,
        **{name: _amount(getattr(contract, name)) for name in ("included_hours", *PRICES)},
        created_at=contract.created_at,
        updated_at=contract.updated_at,
    )


@operation("GET", "/contracts", tag="contracts", answer=ContractOut, many=True, query=ContractsQuery)
@requires("contracts.read")
def list_contracts(query: ContractsQuery) -> Listed:
    """Contracts, the newest first."""
    wanted = _wanted().order_by(Contract.id.desc()).limit(query.limit + 1)
    if query.customer:
        wanted = wanted.where(Customer.key == query.customer)
    if query.cursor:
        wanted = wanted.where(Contract.id < cursor.unseal("contracts", query.cursor)[0])
    rows = session.execute(wanted).all()
    page = rows[: query.limit]
    more = cursor.seal("contracts", page[-1].Contract.id) if len(rows) > len(page) else ""
    return Listed([_shape(row) for row in page], more)


def _one(number: str) -> ContractOut:
    row = session.execute(_wanted().where(Contract.number == number)).one_or_none()
    if row is None:
        raise NotFound(_("There is no contract with the number %(number)s.", number=number))
    return _shape(row)


@operation("GET", "/contracts/{number}", tag="contracts", answer=ContractOut, problems=(404,))
@requires("contracts.read")
def get_contract(number: str) -> ContractOut:
    """One contract."""
    return _one(number)


@operation(
    "PUT", "/contracts/{number}", tag="contracts", answer=ContractOut, statuses=(200, 201), body=ContractIn,
    problems=(409,),
)  # fmt: skip
@requires("contracts.write")
def put_contract(number: str, body: ContractIn) -> Put:
    """Writes a contract. The same twice changes nothing; a contract never moves to another customer (409)."""
    agreed = actions.Agreed(
        name=body.name,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        service_level=body.service_level,
        note=body.note,
        terms={name: getattr(body, name) for name in actions.TERMS if name in body.model_fields_set},
    )
    _contract, new = actions.put_contract(me(), named.customer(body.customer), number, agreed)
    return Put(_one(number), created=new)
