"""The placeholders a text module may hold: name, what it is called, an example. `{{ticket.number}}` stands for one."""

from dataclasses import dataclass

from backend.i18n import N_, _


@dataclass(frozen=True)
class Placeholder:
    """One value that is put in for a ticket. `title` and `example` are sentences of the catalogues."""

    name: str
    title: str
    example: str

    @property
    def token(self) -> str:
        """How it stands in a text."""
        return "{{" + self.name + "}}"


# Groups in the order of the palette: what they are called, and their placeholders.
GROUPS: tuple[tuple[str, tuple[Placeholder, ...]], ...] = (
    (
        N_("Contact"),
        (
            Placeholder("contact.greeting", N_("Greeting"), N_("Dear Ms Wiedekind")),
            Placeholder("contact.salutation", N_("Salutation and name"), N_("Ms Wiedekind")),
            Placeholder("contact.name", N_("Name of the contact"), "Jana Wiedekind"),
            Placeholder("contact.first_name", N_("First name"), "Jana"),
            Placeholder("contact.last_name", N_("Last name"), "Wiedekind"),
            Placeholder("contact.mail", N_("E-mail of the contact"), "jana.wiedekind@moebelwerk-tressow.example"),
            Placeholder("contact.phone", N_("Telephone of the contact"), "+49 30 5550 1204"),
        ),
    ),
    (
        N_("Ticket"),
        (
            Placeholder("ticket.number", N_("Ticket number"), "10234"),
            Placeholder("ticket.subject", N_("Title of the ticket"), N_("Label printer in hall 2")),
            Placeholder("ticket.status", N_("Status"), N_("Open")),
            Placeholder("ticket.priority", N_("Priority"), N_("High")),
            Placeholder("ticket.type", N_("Type"), N_("Incident")),
            Placeholder("ticket.category", N_("Category"), N_("Printers")),
            Placeholder("ticket.opened", N_("Day it was opened"), "2026-11-23"),
        ),
    ),
    (
        N_("Customer"),
        (
            Placeholder("customer.name", N_("Name of the customer"), "Möbelwerk Tressow GmbH"),
            Placeholder("customer.key", N_("Customer number"), "K-1041"),
            Placeholder("customer.phone", N_("Telephone of the customer"), "+49 30 5550 1200"),
        ),
    ),
    (
        N_("Technician of the ticket"),
        (
            Placeholder("technician.name", N_("Name of the technician"), "Piet Hagenauer"),
            Placeholder("technician.phone", N_("Telephone of the technician"), "+49 40 5550 2017"),
            Placeholder("technician.mail", N_("E-mail of the technician"), "piet.hagenauer@nordlicht-it.example"),
        ),
    ),
    (
        N_("Whoever writes"),
        (
            Placeholder("me.name", N_("Your name"), "Aylin Demirsoy"),
            Placeholder("me.phone", N_("Your telephone"), "+49 40 5550 2023"),
            Placeholder("me.mail", N_("Your e-mail"), "aylin.demirsoy@nordlicht-it.example"),
        ),
    ),
    (
        N_("Next visit"),
        (
            Placeholder("visit.date", N_("Day of the visit"), "2026-12-01"),
            Placeholder("visit.time", N_("Time of the visit"), "09:00"),
            Placeholder("visit.technician", N_("Who comes"), "Piet Hagenauer"),
            Placeholder("visit.place", N_("Place of the visit"), "Am Sägegraben 17, Tressow"),
        ),
    ),
    (
        N_("Order"),
        (
            Placeholder("order.number", N_("Order number"), "A-20417"),
            Placeholder("order.title", N_("Title of the order"), N_("12 notebooks with docks")),
            Placeholder("order.date", N_("Day of the order"), "2026-11-09"),
            Placeholder("order.total", N_("Total of the order"), "14812.50"),
        ),
    ),
    (N_("Today"), (Placeholder("today.date", N_("Today’s date"), "2026-11-26"),)),
)
BY_NAME = {one.name: one for _title, group in GROUPS for one in group}


def title(name: str) -> str:
    """What the placeholder `name` is called, in the reader's language."""
    return str(_(BY_NAME[name].title))
