"""Contracts on the customer's page: a form for a new one and for what has changed."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import clock, config
from backend.auth import me, requires
from backend.changes.models import changes_of
from backend.contracts.actions import Agreed, put_contract
from backend.contracts.models import PRICES, Contract, Per, contracts_visible_to
from backend.contracts.words import PERIODS, contract_terms, property_name, property_value
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _, spoken
from backend.people.models import Customer, customers_visible_to
from backend.settings.models import setting
from backend.ui.answers import go_to
from backend.web import form_text
from backend.worklog.form import Typed

blueprint = Blueprint("contracts", __name__, template_folder="templates")
blueprint.add_app_template_filter(spoken(contract_terms), "contract_terms")


def _the_customer(key: str) -> Customer:
    customer = session.scalar(customers_visible_to(me()).where(Customer.key == key))
    if customer is None:
        raise NotFound(_("There is no customer %(key)s.", key=key))
    return customer


def _day(name: str, *, needed: bool) -> date | None:
    text = form_text(request.form, name)
    if not text and not needed:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("Please correct the marked fields."), fields={name: _("Please give a date.")}) from error


def _agreed() -> Agreed:
    starts_on = _day("starts_on", needed=True)
    assert starts_on is not None
    return Agreed(
        name=form_text(request.form, "name")[:200],
        starts_on=starts_on,
        ends_on=_day("ends_on", needed=False),
        service_level=form_text(request.form, "service_level")[:200],
        note=form_text(request.form, "note")[:2000],
        terms=_terms(),
    )


def _terms() -> dict[str, Any]:
    """What it includes and costs, as typed; fields that are not in the form are left as they are. Raises Invalid."""
    typed = Typed(request.form)
    read = {name: typed.number(name, 2) for name in ("included_hours", *PRICES)}
    read["included_per"] = typed.choice("included_per", Per, Per.MONTH).value
    read["currency"] = form_text(request.form, "currency").upper()[:3]
    typed.done()
    return {name: value for name, value in read.items() if name in request.form}


def _form(customer: Customer, contract: Contract | None) -> str:
    today = clock.local(clock.now(), me().timezone or config.current().timezone).date()
    changes = [
        (row.actor_name, row.at, property_name(row.data["what"]),
         property_value(row.data["what"], row.before), property_value(row.data["what"], row.after))
        for row in (changes_of(contract) if contract is not None else ())
    ]  # fmt: skip
    return render_template(
        "contracts/form.html",
        customer=customer,
        contract=contract,
        today=today,
        periods=[(key, _(word)) for key, word in PERIODS.items()],
        currency=contract.currency if contract is not None else setting("time_currency"),
        changes=changes,
    )


@blueprint.get("/customers/<key>/contracts/new")
@requires("contracts.write")
def new(key: str) -> ResponseReturnValue:
    """The form for a new contract."""
    return _form(_the_customer(key), None)


@blueprint.post("/customers/<key>/contracts")
@requires("contracts.write")
def create(key: str) -> ResponseReturnValue:
    """A new contract of that customer; a number that is taken is refused, so that none is overwritten by mistake."""
    customer, number = _the_customer(key), form_text(request.form, "number")[:60]
    if session.scalar(select(Contract.id).where(Contract.number == number)) is not None:
        raise Invalid(
            _("Please correct the marked fields."), fields={"number": _("There is a contract of this number already.")}
        )
    put_contract(me(), customer, number, _agreed())
    return go_to(f"/customers/{key}#contracts")


def _the_contract(customer: Customer, contract_id: int) -> Contract:
    found: Any = session.scalar(
        contracts_visible_to(me()).where(Contract.id == min(contract_id, 2**31 - 1), Customer.id == customer.id)
    )
    if found is None:
        raise NotFound(_("This contract is no longer there."))
    return found  # type: ignore[no-any-return]


@blueprint.get("/customers/<key>/contracts/<int:contract_id>/edit")
@requires("contracts.write")
def edit(key: str, contract_id: int) -> ResponseReturnValue:
    """The form for what has changed."""
    customer = _the_customer(key)
    return _form(customer, _the_contract(customer, contract_id))


@blueprint.post("/customers/<key>/contracts/<int:contract_id>")
@requires("contracts.write")
def change(key: str, contract_id: int) -> ResponseReturnValue:
    """Writes down what has changed; the number stays."""
    customer = _the_customer(key)
    put_contract(me(), customer, _the_contract(customer, contract_id).number, _agreed())
    return go_to(f"/customers/{key}#contracts")
