"""The contracts of the demo's customers, by which their tickets are worked."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backend.contracts.models import Contract, Per
from backend.db import session
from backend.demo.cast import Cast


@dataclass(frozen=True)
class Agreement:
    """One contract: with the customer `key`, since so many months; `hours` are included per `per`."""

    key: str
    name: str
    level: str
    months: int
    hours: str = ""
    per: Per = Per.MONTH
    rate: str = "96.00"
    travel: str = "39.00"
    note: str = ""


AGREEMENTS = (
    Agreement("10012", "Rundum-Betreuung Werk 1 und 2", "8x5, Antwort in 4 h", 31, "12", rate="88.00"),
    Agreement("10027", "Betreuung Kanzlei", "8x5, Antwort in 8 h", 22, "4", note="Notariat hat Vorrang."),
    Agreement("10031", "Praxisbetreuung", "Mo bis Sa, Antwort in 2 h", 17, "8", rate="92.00"),
    Agreement("10040", "Spedition, zwei Standorte", "24x7, Antwort in 1 h", 40, "20", rate="84.00"),
    Agreement("10052", "Brauerei und Gasthaus", "8x5, Antwort in 8 h", 9, "10", per=Per.QUARTER),
    Agreement("20003", "Managed service, yard and office", "8x5, answer within 4 h", 14, "6", travel=""),
    Agreement("20008", "Contrat d'assistance, trois sites", "8x5, réponse sous 8 h", 26, "30", per=Per.YEAR, travel=""),
    Agreement("10061", "Betreuung Werkstatt", "8x5, Antwort in 8 h", 5),
    Agreement("10063", "Klinikbetrieb", "24x7, Antwort in 30 min", 29, "40", rate="82.00"),
)  # fmt: skip


def conclude(cast: Cast) -> None:
    """Writes the contracts down, and keeps them for the customers' tickets."""
    by_key = {customer.key: customer for customer in cast.customers.values()}
    today = cast.now.date()
    for number, agreed in enumerate(AGREEMENTS, start=1):
        customer = by_key[agreed.key]
        began = (today - timedelta(days=30 * agreed.months)).replace(day=1)
        contract = Contract(
            number=f"V-{2000 + 7 * number}",
            customer_id=customer.id,
            name=agreed.name,
            service_level=agreed.level,
            starts_on=began,
            ends_on=date(today.year + 1, 12, 31) if agreed.per is Per.YEAR else None,
            note=agreed.note,
            included_hours=Decimal(agreed.hours) if agreed.hours else None,
            included_per=agreed.per,
            hourly_rate=Decimal(agreed.rate),
            travel_flat_rate=Decimal(agreed.travel) if agreed.travel else None,
            created_at=cast.now - timedelta(days=30 * agreed.months),
            updated_at=cast.now - timedelta(days=30 * agreed.months),
        )
        session.add(contract)
        cast.contracts[customer.id] = contract
    session.flush()
