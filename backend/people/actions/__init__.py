"""What can be done with people and customers."""

from backend.people.actions.accounts import adopt_account, tie_account
from backend.people.actions.profile import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_ATTRIBUTES,
    OptIn,
    set_attributes,
    set_opt_in,
)
from backend.people.actions.records import (
    MAX_NAME,
    THEMES,
    checked_address,
    choose,
    contact_for,
    create_customer,
    customers_named,
    put_contact,
    put_customer,
    remember_address,
    remember_customer,
)

__all__ = [
    "LONGEST_NAME",
    "LONGEST_VALUE",
    "MAX_NAME",
    "MOST_ATTRIBUTES",
    "THEMES",
    "OptIn",
    "adopt_account",
    "checked_address",
    "choose",
    "contact_for",
    "create_customer",
    "customers_named",
    "put_contact",
    "put_customer",
    "remember_address",
    "remember_customer",
    "set_attributes",
    "set_opt_in",
    "tie_account",
]
