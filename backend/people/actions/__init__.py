"""What can be done with people and customers."""

from backend.people.actions.accounts import adopt_account, tie_account
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
    "MAX_NAME",
    "THEMES",
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
    "tie_account",
]
