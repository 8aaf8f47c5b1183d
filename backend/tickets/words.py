"""What the ticket's states and properties are called, in the reader's language."""

from collections.abc import Callable
from typing import Any

from backend.i18n import _


def status_name(key: str, name: str = "") -> str:
    """A status by its own name, or a built-in one by its key."""
    if name:
        return name
    known: dict[str, str] = {
        "open": _("Open"),
        "pending": _("Pending"),
        "resolved": _("Resolved"),
        "closed": _("Closed"),
    }
    return known.get(key, key)


def status_look(kind: str, name: str = "") -> str:
    """The look of a status: its kind, or `custom` for one the installation has added."""
    return "custom" if name and kind in ("open", "pending") else kind


def priority_name(value: str) -> str:
    """A priority's name."""
    known: dict[str, str] = {"critical": _("Critical"), "high": _("High"), "medium": _("Medium"), "low": _("Low")}
    return known.get(value, value)


def impact_name(value: str) -> str:
    """Who is held up, in a word."""
    known: dict[str, str] = {
        "person": _("One person"),
        "group": _("Several people"),
        "site": _("Site"),
        "company": _("Company"),
    }
    return known.get(value, value)


def type_name(value: str) -> str:
    """The ITIL type's name."""
    known: dict[str, str] = {
        "incident": _("Incident"),
        "problem": _("Problem"),
        "request": _("Request"),
        "change": _("Change"),
    }
    return known.get(value, value)


def turn_name(value: str) -> str:
    """The activity status: whose turn it is."""
    known: dict[str, str] = {
        "unread": _("Unread"),
        "read": _("Read"),
        "waiting-for-contact": _("Waits for customer"),
        "waiting-for-technician": _("Waits for us"),
    }
    return known.get(value, value)


def categories() -> list[str]:
    """Main categories that are offered; any other may be typed."""
    return [
        _("Hardware"),
        _("Software"),
        _("Network"),
        _("Printing"),
        _("E-mail"),
        _("Accounts and access"),
        _("Telephony"),
        _("Security"),
    ]


def property_name(verb: str) -> str:
    """A property's name as the log and the property list say it."""
    known: dict[str, str] = {
        "status": _("Status"),
        "priority": _("Priority"),
        "impact": _("Impact"),
        "type": _("Type"),
        "category": _("Category"),
        "product_family": _("Product family"),
        "subject": _("Title"),
        "customer": _("Customer"),
        "contact": _("Contact"),
        "assignee": _("Technician"),
        "team": _("Team"),
        "order": _("Order"),
    }
    return known.get(verb, verb)


def value_name(verb: str, value: str) -> str:
    """A value of that property as a person reads it; an empty one as a dash."""
    names: dict[str, Callable[[str], str]] = {
        "status": status_name,
        "priority": priority_name,
        "impact": impact_name,
        "type": type_name,
    }
    return names[verb](value) if verb in names and value else value or "–"


def happened(verb: str, data: dict[str, Any] | None = None) -> str:
    """An event that changes no property, as the end of a sentence that begins with a name."""
    sources: dict[str, str] = {
        "mail": _("opened the ticket by e-mail"),
        "pane": _("opened the ticket from an e-mail in Outlook"),
        "api": _("opened the ticket by another system"),
    }
    if verb == "opened":
        source = str((data or {}).get("source", ""))
        return sources[source] if source in sources else str(_("opened the ticket"))
    known: dict[str, str] = {
        "reply": _("wrote a reply"),
        "note": _("wrote an internal note"),
        "call": _("noted a call"),
        "read": _("read the ticket"),
    }
    return known.get(verb, verb.replace("_", " ").replace("-", " "))
