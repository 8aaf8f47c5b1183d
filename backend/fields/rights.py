"""What customers may see and change of a ticket's built-in fields: chosen on the settings pages."""

from backend.auth import Who
from backend.fields.models import BUILT_IN, Customers
from backend.settings.models import setting


def _customers(name: str) -> Customers:
    return Customers(setting(f"customers_{name}"))


def hidden_from(who: Who) -> frozenset[str]:
    """The built-in fields that `who` may not see."""
    return frozenset() if who.is_staff else frozenset(n for n in BUILT_IN if _customers(n) == Customers.HIDDEN)


def may_set(who: Who, name: str) -> bool:
    """Whether `who` may change the ticket's property `name`: staff all, a customer what was made editable."""
    return who.is_staff or (name in BUILT_IN and _customers(name) == Customers.EDITABLE)
