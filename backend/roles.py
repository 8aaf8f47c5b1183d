"""Who may do what: one table for all roles, and the person it is asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is; the same words are the app roles of the app registration."""

    TECHNICIAN = "technician"
    DISPATCHER = "dispatcher"
    SALES = "sales"
    WAREHOUSE = "warehouse"
    TICKET_ADMINISTRATOR = "ticket-administrator"
    ADMINISTRATOR = "administrator"


STAFF = frozenset(Role)
_DESK = STAFF - {Role.WAREHOUSE}
PERMISSIONS: dict[str, frozenset[Role]] = {
    "tickets.read": STAFF,
    "tickets.write": _DESK,
    "tickets.own": _DESK - {Role.SALES},
    "tickets.all": frozenset({Role.TICKET_ADMINISTRATOR, Role.ADMINISTRATOR}),
    "tickets.delete": frozenset({Role.TICKET_ADMINISTRATOR, Role.ADMINISTRATOR}),
    "people.read": STAFF,
    "people.write": _DESK,
    "orders.read": STAFF,
    "orders.write": frozenset({Role.SALES, Role.ADMINISTRATOR}),
    "contracts.read": _DESK,
    "contracts.write": frozenset({Role.SALES, Role.ADMINISTRATOR}),
    "surveys.read": frozenset({Role.DISPATCHER, Role.SALES, Role.ADMINISTRATOR}),  # who and where; the words all may
    "surveys.write": frozenset({Role.SALES, Role.ADMINISTRATOR}),
    "mail.read": _DESK,
    "mail.retry": _DESK,
    "visits.read": _DESK,
    "visits.write": _DESK - {Role.SALES},
    "time.read": _DESK,
    "time.write": _DESK - {Role.SALES},
    "chats.read": _DESK,
    "chats.write": _DESK,
    "textmodules.share": frozenset({Role.DISPATCHER, Role.ADMINISTRATOR}),
    "settings.write": frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Who:
    """The person (or program) that acts. Customers have no roles and a customer; nobody is `None`, not a Who."""

    person_id: int | None
    name: str
    mail: str = ""
    roles: frozenset[Role] = frozenset()
    customer_id: int | None = None
    language: str = ""
    timezone: str = ""
    theme: str = ""
    teams: tuple[int, ...] = ()
    session_id: str = field(default="", repr=False)
    door: str = ""  # by which the session came in: browser, pane, tab
    session_ends: datetime | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the provider's own people (or the system itself)."""
        return bool(self.roles)

    def may(self, permission: str) -> bool:
        """Whether the table gives `permission` to one of this person's roles. KeyError for an unknown one."""
        return not PERMISSIONS[permission].isdisjoint(self.roles)


SYSTEM = Who(person_id=None, name="Deskside", roles=STAFF)
SCOPES: dict[str, frozenset[Role]] = {
    "admin": STAFF,
    "technician": frozenset({Role.TECHNICIAN}),
    "sales": frozenset({Role.SALES}),
}
