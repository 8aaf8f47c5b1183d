"""What each permission and each role allows, as the page on roles says it."""

from backend.i18n import N_, _
from backend.roles import Role

ROLES = {
    Role.TECHNICIAN: N_("Technician"),
    Role.DISPATCHER: N_("Dispatcher"),
    Role.SALES: N_("Sales"),
    Role.WAREHOUSE: N_("Warehouse"),
    Role.TICKET_ADMINISTRATOR: N_("Ticket administrator"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
PERMISSIONS = {
    "tickets.read": N_("See tickets and what was said on them"),
    "tickets.write": N_("Write on tickets and change them"),
    "tickets.own": N_("Be given tickets"),
    "tickets.all": N_("See and change every sub-ticket, and give tickets to anybody"),
    "people.read": N_("See customers and contacts"),
    "people.write": N_("Change customers and contacts"),
    "orders.read": N_("See orders"),
    "orders.write": N_("Write and import orders"),
    "tickets.delete": N_("Delete tickets and bring them back"),
    "contracts.read": N_("See contracts"),
    "contracts.write": N_("Write contracts"),
    "surveys.read": N_("See who answered a survey, where and when"),
    "surveys.write": N_("Write answers to surveys"),
    "time.read": N_("See worked time, products and expenses"),
    "time.write": N_("Note worked time, products and expenses"),
    "textmodules.share": N_("Write text modules for everybody"),
    "mail.read": N_("See e-mails as they came and what became of them"),
    "mail.retry": N_("Send an e-mail again that failed"),
    "visits.read": N_("See visits and the board"),
    "visits.write": N_("Plan, move and cancel visits"),
    "chats.read": N_("See chats in Teams"),
    "chats.write": N_("Answer and end chats"),
    "settings.write": N_("Change settings"),
}


def role_name(role: str) -> str:
    """A role in the reader's language."""
    return _(ROLES[Role(role)])


def permission_words(permission: str) -> str:
    """What a permission allows, in a line."""
    return _(PERMISSIONS[permission])
