"""Which column of a table is what, by its heading: in five languages and as common ERP systems name them.

Technical names are those of SAP's sales tables (VBAK, VBAP) and of Business Central's sales lines.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from backend.orders.cells import MAX_COLUMNS, Cell, Row
from backend.orders.values import DATES, DECIMALS

HEADS = {
    "number": (
        "number|order number|order no|order|order id|orderid|sales order|sales order no|document no|salesid|"
        "auftragsnummer|auftragsnr|auftrag|bestellnummer|bestellnr|bestellung|belegnummer|belegnr|beleg|"
        "vorgang|vorgangsnr|ab nr|vbeln|número de pedido|n pedido|pedido|núm pedido|numéro de commande|"
        "n commande|no commande|commande|numero ordine|n ordine|ordine|num ordine"
    ),
    "customer": (
        "customer|customer key|customer no|customer number|customer id|customerid|account no|account number|"
        "sell to customer no|kundennummer|kundennr|kunden nr|kd nr|kdnr|debitor|debitorennummer|debitorennr|"
        "kunnr|adressnr|número de cliente|código de cliente|cod cliente|n cliente|numéro client|"
        "numéro de client|code client|n client|codice cliente|numero cliente"
    ),
    "customer_name": (
        "customer name|client|company|account|account name|sell to customer name|kunde|kundenname|firma|"
        "name1|matchcode|auftraggeber|cliente|nombre del cliente|empresa|razón social|nom du client|"
        "nom client|société|raison sociale|nome cliente|ragione sociale|azienda"
    ),
    "ordered_on": (
        "date|order date|ordered on|document date|datum|auftragsdatum|bestelldatum|belegdatum|audat|bstdk|"
        "fecha|fecha de pedido|fecha pedido|date de commande|date commande|data|data ordine"
    ),
    "status": ("status|state|order status|auftragsstatus|zustand|gbstk|estado|statut|état|stato"),
    "currency": ("currency|currency code|währung|waehrung|whg|wkz|waerk|moneda|divisa|devise|monnaie|valuta"),
    "title": (
        "title|subject|reference|project|titel|betreff|kommission|projekt|auftragsbezeichnung|asunto|"
        "título|referencia|objet|titre|référence|oggetto|titolo|riferimento"
    ),
    "contact": (
        "contact email|contact e mail|email|e mail|mail|ansprechpartner email|ansprechpartner e mail|"
        "kontakt email|e mail adresse|emailadresse|correo|correo electrónico|courriel|adresse e mail|"
        "posta elettronica|indirizzo email"
    ),
    "site": (
        "site|location|ship to|ship to code|branch|standort|niederlassung|filiale|lieferadresse|lieferort|"
        "kunwe|sede|sucursal|centro|établissement|lieu de livraison|luogo di consegna"
    ),
    "total": (
        "order total|total amount|net total|auftragssumme|auftragswert|auftragsbetrag|bestellsumme|netwr|"
        "total del pedido|importe total|total de la commande|montant total|totale ordine|importo totale"
    ),
    "position": (
        "position|pos|pos nr|posnr|line no|line number|zeile|zeilennr|positionsnummer|posición|línea|"
        "ligne|n ligne|numéro de ligne|posizione|riga"
    ),
    "sku": (
        "sku|article|article no|article number|product|product no|product code|part no|part number|"
        "item code|artikelnummer|artikelnr|artikel nr|artikel|art nr|artnr|materialnummer|material|matnr|"
        "produktnummer|referencia artículo|artículo|código artículo|código|article code|référence article|"
        "code article|codice articolo|codice|articolo"
    ),
    "description": (
        "description|text|item description|product name|article name|bezeichnung|beschreibung|"
        "artikelbezeichnung|artikeltext|produkt|leistung|positionstext|arktx|descripción|concepto|"
        "désignation|libellé|descrizione|denominazione"
    ),
    "quantity": (
        "quantity|qty|order quantity|ordered|amount ordered|menge|anzahl|bestellmenge|auftragsmenge|kwmeng|"
        "stück|cantidad|cant|unidades|quantité|qté|quantità|qta"
    ),
    "unit": (
        "unit|uom|unit of measure|unit of measure code|einheit|me|mengeneinheit|vrkme|meins|unidad|ud|"
        "unité|unità|um|unità di misura"
    ),
    "price": (
        "price|unit price|net price|sales price|preis|einzelpreis|ep|nettopreis|stückpreis|vk|vk preis|"
        "netpr|precio|precio unitario|prix|prix unitaire|pu|prezzo|prezzo unitario"
    ),
    "delivered": (
        "delivered|qty delivered|quantity delivered|delivered quantity|quantity shipped|qty shipped|geliefert|"
        "liefermenge|gelieferte menge|bereits geliefert|entregado|cantidad entregada|livré|quantité livrée|"
        "consegnato|quantità consegnata"
    ),
    "due_on": (
        "due|due date|due on|delivery date|requested delivery date|promised delivery date|shipment date|"
        "fällig|fällig am|liefertermin|lieferdatum|wunschtermin|termin|edatu|fecha de entrega|entrega|"
        "vencimiento|date de livraison|livraison|échéance|data di consegna|consegna|scadenza"
    ),
}
FIELDS = tuple(HEADS)
ORDER_FIELDS = ("customer", "customer_name", "ordered_on", "status", "currency", "title", "contact", "site", "total")
LINE_FIELDS = ("position", "sku", "description", "quantity", "unit", "price", "delivered", "due_on")
_HEADING_WITHIN = 30  # rows from the top among which the headings are looked for


@dataclass(frozen=True)
class Choices:
    """How a table is read: which row holds the headings, which column is what, how values are written.

    `columns`: field → column from 0. `decimal`, `dates`: "" where the table does not tell and nobody has chosen.
    """

    heading: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    decimal: str = ""
    dates: str = ""
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "heading": self.heading, "columns": self.columns, "decimal": self.decimal, "dates": self.dates,
            "sheet": self.sheet,
        }  # fmt: skip


def from_json(kept: dict[str, Any]) -> Choices:
    """The choices that were kept; what is not of its kind is left out."""
    columns = kept.get("columns")
    return Choices(
        heading=int(kept.get("heading") or 0),
        columns={
            name: place
            for name, place in (columns.items() if isinstance(columns, dict) else ())
            if name in FIELDS and isinstance(place, int) and 0 <= place < MAX_COLUMNS
        },
        decimal=kept["decimal"] if kept.get("decimal") in DECIMALS else "",
        dates=kept["dates"] if kept.get("dates") in DATES else "",
        sheet=str(kept.get("sheet") or ""),
    )


def plain(heading: str) -> str:
    """`heading` as it is compared: small letters and digits without marks, nothing else."""
    folded = unicodedata.normalize("NFKD", heading.casefold())
    return re.sub(r"[^a-z0-9]+", "", folded.encode("ascii", "ignore").decode())


@cache
def _known() -> dict[str, str]:
    return {plain(word): name for name, words in reversed(HEADS.items()) for word in words.split("|")}


def recognise(cells: Sequence[Cell]) -> dict[str, int]:
    """Field → column for the headings that are known; the first column of each kind counts."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = _known().get(plain(cell)) if isinstance(cell, str) else None
        if name and name not in found:
            found[name] = place
    return found


def find_heading(rows: Sequence[Row]) -> int:
    """The place in `rows` of the row whose headings are known best; the first one where none is."""
    known = [len(recognise(row.cells)) for row in rows[:_HEADING_WITHIN]]
    best = max(known, default=0)
    return known.index(best) if best > 1 else 0
