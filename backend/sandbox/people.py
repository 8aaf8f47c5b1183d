"""The tenant's directory: who has an account or a mailbox here. Fixed, so that everybody can rely on it."""

import unicodedata
import uuid
from dataclasses import dataclass

HOME_TENANT = "11111111-aaaa-4aaa-8aaa-000000000001"
CUSTOMER_TENANT = "11111111-aaaa-4aaa-8aaa-000000000002"
HOME_DOMAIN = "nordlicht-it.example"
CLIENT_ID = "22222222-bbbb-4bbb-8bbb-000000000001"
# Public on purpose: it opens nothing but made-up mail on this machine.
CLIENT_SECRET = "sandbox-secret"
API_SCOPE = f"api://{CLIENT_ID}/access_as_user"
GRAPH = "https://graph.microsoft.com"
GRAPH_ROLES = ("Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "User.Read.All")
TENANTS = {HOME_TENANT: "Nordlicht IT", CUSTOMER_TENANT: "Customers"}
TENANT_NAMES = {HOME_DOMAIN: HOME_TENANT, "kunden.example": CUSTOMER_TENANT}


@dataclass(frozen=True)
class Person:
    """Somebody with an account, or a shared mailbox. `roles` are the app roles in the access token."""

    mail: str
    name: str
    role: str
    roles: tuple[str, ...] = ()
    tenant: str = HOME_TENANT
    language: str = "de"
    company: str = "Nordlicht IT"
    title: str = ""

    @property
    def id(self) -> str:
        """The object id: the same in every sandbox."""
        return str(uuid.uuid5(uuid.UUID(HOME_TENANT), self.mail))

    @property
    def is_mailbox(self) -> bool:
        """Whether this is a shared mailbox nobody signs in to."""
        return self.role == "mailbox"

    @property
    def subject(self) -> str:
        """The `sub` claim: pairwise per app, therefore neither the object id nor the address."""
        return uuid.uuid5(uuid.UUID(CLIENT_ID), self.mail).hex


def _staff(name: str, title: str, *roles: str, language: str = "de") -> Person:
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    mail = f"{plain.lower().replace(' ', '.')}@{HOME_DOMAIN}"
    return Person(mail, name, roles[0], roles, language=language, title=title)


def _customer(mail: str, name: str, company: str, title: str, language: str = "de") -> Person:
    return Person(mail, name, "customer", (), CUSTOMER_TENANT, language, company, title)


PEOPLE: tuple[Person, ...] = (
    _staff("Piet Hagenauer", "Technik", "technician"),
    _staff("Aylin Demirsoy", "Technik", "technician"),
    _staff("Tomma Kielhorn", "Technik", "technician"),
    _staff("Marek Ostwald", "Technik und Administration", "technician", "administrator"),
    _staff("Lena Brandis", "Einsatzplanung", "dispatcher"),
    _staff("Renate Sattelkamp", "Vertrieb", "sales"),
    _staff("Callum Reddish", "Service desk", "technician", language="en"),
    _staff("Maëlle Quintrec", "Assistance", "technician", language="fr"),
    _staff("Iker Zubeldia", "Asistencia", "technician", language="es"),
    _staff("Ginevra Altobello", "Assistenza", "technician", language="it"),
    _staff("Femke Oosterhuis", "Einsatzplanung", "dispatcher"),
    _staff("Solveig Marquard", "Vertrieb", "sales"),
    Person(f"service@{HOME_DOMAIN}", "Nordlicht IT Service", "mailbox"),
    Person(f"vertrieb@{HOME_DOMAIN}", "Nordlicht IT Vertrieb", "mailbox"),
    _customer("jana.wiedekind@moebelwerk-tressow.example", "Jana Wiedekind", "Möbelwerk Tressow GmbH", "Einkauf"),
    _customer("elif.mertoglu@moebelwerk-tressow.example", "Elif Mertoglu", "Möbelwerk Tressow GmbH", "Personal"),
    _customer("svea.grootmann@kanzlei-lindhagen.example", "Svea Grootmann", "Kanzlei Lindhagen", "Büroleitung"),
    _customer("buero@quastner.example", "Bernd Quastner", "Gartenbau Quastner", "Inhaber"),
    _customer("kolja.ahrend@spedition-holmrath.example", "Kolja Ahrend", "Spedition Holmrath", "Disposition"),
    _customer("torben.lasch@brauhaus-kettwin.example", "Torben Lasch", "Brauhaus Kettwin", "Geschäftsführung"),
    _customer("ilka.marwede@zahnzentrum-erlenau.example", "Ilka Marwede", "Zahnzentrum Erlenau", "Empfang"),
    _customer("owen.prentice@harcastle-marine.example", "Owen Prentice", "Harcastle Marine Ltd", "Operations", "en"),
)
_BY_MAIL = {person.mail: person for person in PEOPLE}
_BY_ID = {person.id: person for person in PEOPLE}


def by_mail(address: str) -> Person | None:
    """The person or mailbox with this address, whatever its case."""
    return _BY_MAIL.get(address.strip().lower())


def find(key: str) -> Person | None:
    """The person by object id or user principal name (which is the mail address here)."""
    return _BY_ID.get(key.lower()) or by_mail(key)


def tenant_of(alias: str) -> str | None:
    """The tenant id for a path segment: a tenant id or a domain of it."""
    alias = alias.lower()
    if alias in TENANTS:
        return alias
    return TENANT_NAMES.get(alias)
