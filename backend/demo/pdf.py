"""One-page business papers: order confirmation, delivery note, invoice, in the customer's language."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

_VAT = Decimal("0.19")
_CENT = Decimal("0.01")
_INK, _FAINT, _BRAND = colors.HexColor("#242424"), colors.HexColor("#616161"), colors.HexColor("#0f548c")
_LINE, _BAND = colors.HexColor("#d1d1d1"), colors.HexColor("#f5f5f5")
_LEFT, _WIDTH = 20 * mm, 170 * mm
_ABOVE, _BELOW, _BESIDE, _LEADING, _HEADING = 13.0, 7.0, 6.0, 12.0, 20.0  # in points, of a row of the table
_WORDS: dict[str, dict[str, str]] = {
    "de": {
        "confirmation": "Auftragsbestätigung", "delivery": "Lieferschein", "invoice": "Rechnung",
        "order": "Auftrag", "date": "Datum", "customer": "Kundennummer", "contact": "Ihr Ansprechpartner",
        "pos": "Pos.", "article": "Artikel", "quantity": "Menge", "price": "Einzelpreis", "sum": "Gesamt",
        "due": "voraussichtlich am", "net": "Summe netto", "vat": "Umsatzsteuer 19 %", "gross": "Gesamtbetrag",
        "thanks": "Vielen Dank für Ihren Auftrag. Es gelten unsere Geschäftsbedingungen.",
        "open": "Noch offene Mengen liefern wir nach.",
    },
    "en": {
        "confirmation": "Order confirmation", "delivery": "Delivery note", "invoice": "Invoice",
        "order": "Order", "date": "Date", "customer": "Customer no.", "contact": "Your contact",
        "pos": "No.", "article": "Article", "quantity": "Quantity", "price": "Unit price", "sum": "Amount",
        "due": "expected on", "net": "Net total", "vat": "VAT 19 %", "gross": "Total",
        "thanks": "Thank you for your order. Our terms and conditions apply.",
        "open": "Open quantities will follow.",
    },
    "fr": {
        "confirmation": "Confirmation de commande", "delivery": "Bon de livraison", "invoice": "Facture",
        "order": "Commande", "date": "Date", "customer": "N° client", "contact": "Votre interlocutrice",
        "pos": "Pos.", "article": "Article", "quantity": "Quantité", "price": "Prix unitaire", "sum": "Montant",
        "due": "prévu le", "net": "Total HT", "vat": "TVA 19 %", "gross": "Total TTC",
        "thanks": "Merci de votre commande. Nos conditions générales s'appliquent.",
        "open": "Les quantités restantes suivront.",
    },
    "it": {
        "confirmation": "Conferma d'ordine", "delivery": "Bolla di consegna", "invoice": "Fattura",
        "order": "Ordine", "date": "Data", "customer": "N. cliente", "contact": "Il Suo contatto",
        "pos": "Pos.", "article": "Articolo", "quantity": "Quantità", "price": "Prezzo unitario", "sum": "Importo",
        "due": "previsto il", "net": "Totale netto", "vat": "IVA 19 %", "gross": "Totale",
        "thanks": "Grazie per il Suo ordine. Valgono le nostre condizioni generali.",
        "open": "Le quantità mancanti seguiranno.",
    },
    "es": {
        "confirmation": "Confirmación de pedido", "delivery": "Albarán", "invoice": "Factura",
        "order": "Pedido", "date": "Fecha", "customer": "N.º de cliente", "contact": "Su contacto",
        "pos": "Pos.", "article": "Artículo", "quantity": "Cantidad", "price": "Precio unitario", "sum": "Importe",
        "due": "previsto el", "net": "Total neto", "vat": "IVA 19 %", "gross": "Total",
        "thanks": "Gracias por su pedido. Se aplican nuestras condiciones generales.",
        "open": "Las cantidades pendientes se enviarán más adelante.",
    },
}  # fmt: skip


@dataclass(frozen=True)
class PaperLine:
    """One line of a paper; `price` net per unit in euros."""

    position: int
    sku: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    due_on: date | None = None


@dataclass(frozen=True)
class Paper:
    """What stands on a paper. `kind`: confirmation, delivery (without prices) or invoice."""

    kind: str
    language: str
    number: str
    order_number: str
    dated: date
    customer_key: str
    addressee: tuple[str, ...]
    contact: str
    lines: tuple[PaperLine, ...]
    more_to_come: bool = False

    @property
    def file_name(self) -> str:
        """What the document is called."""
        return f"{_WORDS[self.language][self.kind]} {self.number}.pdf"


def _amount(value: Decimal, language: str, places: int = 2) -> str:
    text = f"{value:,.{places}f}"
    if language == "en":
        return text
    thousands = " " if language == "fr" else "."
    return text.replace(",", "\0").replace(".", ",").replace("\0", thousands)


def _quantity(value: Decimal, language: str) -> str:
    shown = value.normalize()
    places = max(0, -int(shown.as_tuple().exponent))
    return _amount(value, language, places)


def _day(day: date, language: str) -> str:
    return day.strftime("%d.%m.%Y" if language == "de" else "%d/%m/%Y")


def _head(canvas: Canvas, paper: Paper) -> None:
    words, top = _WORDS[paper.language], A4[1]
    canvas.setFillColor(_BRAND)
    canvas.roundRect(_LEFT, top - 31 * mm, 11 * mm, 11 * mm, 2 * mm, stroke=0, fill=1)
    canvas.setFillColor(colors.white)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawCentredString(_LEFT + 5.5 * mm, top - 27.4 * mm, "N")
    canvas.setFillColor(_INK)
    canvas.drawString(_LEFT + 15 * mm, top - 25 * mm, "Nordlicht IT")
    canvas.setFillColor(_FAINT)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(_LEFT + 15 * mm, top - 30 * mm, "Polarring 8 · 12099 Berlin · vertrieb@nordlicht-it.example")
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica", 10)
    for row, line in enumerate(paper.addressee):
        canvas.drawString(_LEFT, top - (50 + 5 * row) * mm, line)
    facts = (
        (words["order"], paper.order_number),
        (words["date"], _day(paper.dated, paper.language)),
        (words["customer"], paper.customer_key),
        (words["contact"], "Renate Sattelkamp"),
    )
    for row, (name, value) in enumerate(facts):
        at = top - (50 + 5 * row) * mm
        canvas.setFillColor(_FAINT)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(_LEFT + 105 * mm, at, name)
        canvas.setFillColor(_INK)
        canvas.drawRightString(_LEFT + _WIDTH, at, value)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(_LEFT, top - 86 * mm, f"{words[paper.kind]} {paper.number}")


def _rest(line: PaperLine, paper: Paper) -> str:
    if line.due_on and paper.kind == "confirmation":
        return f"{line.sku} · {_WORDS[paper.language]['due']} {_day(line.due_on, paper.language)}"
    return line.sku


def _columns(paper: Paper) -> tuple[tuple[str, float], ...]:
    """The names of the columns and their right edges; the first two begin at the left of theirs."""
    if paper.kind == "delivery":
        return (("pos", 12 * mm), ("article", 135 * mm), ("quantity", 170 * mm))
    return (("pos", 12 * mm), ("article", 95 * mm), ("quantity", 120 * mm), ("price", 145 * mm), ("sum", 170 * mm))


def _row(canvas: Canvas, paper: Paper, line: PaperLine, top: float) -> float:
    """Draws one position and returns where it ends."""
    (_pos, begin), (_article, end), *right = _columns(paper)
    language = paper.language
    name = line.description.replace("″", chr(34))  # the standard fonts have no double prime
    at = top - _ABOVE
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica", 9)
    values = [f"{_quantity(line.quantity, language)} {line.unit}"]
    values += [_amount(line.price, language), _amount(line.price * line.quantity, language)]
    canvas.drawString(_LEFT + _BESIDE, at, str(line.position))
    for (_name, edge), value in zip(right, values, strict=False):
        canvas.drawRightString(_LEFT + edge - _BESIDE, at, value)
    for part in simpleSplit(name, "Helvetica", 9, end - begin - 2 * _BESIDE):
        canvas.drawString(_LEFT + begin + _BESIDE, at, part)
        at -= _LEADING
    canvas.setFillColor(_FAINT)
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(_LEFT + begin + _BESIDE, at, _rest(line, paper))
    return at - _BELOW


def _table(canvas: Canvas, paper: Paper, top: float) -> float:
    """Draws the positions and returns where they end. By hand: a layout engine takes three times as long."""
    words = _WORDS[paper.language]
    canvas.setFillColor(_BAND)
    canvas.rect(_LEFT, top - _HEADING, _WIDTH, _HEADING, stroke=0, fill=1)
    canvas.setFillColor(_INK)
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.5)
    canvas.setFont("Helvetica-Bold", 8.5)
    begin = 0.0
    for name, edge in _columns(paper):
        if name in ("pos", "article"):
            canvas.drawString(_LEFT + begin + _BESIDE, top - _ABOVE, words[name])
        else:
            canvas.drawRightString(_LEFT + edge - _BESIDE, top - _ABOVE, words[name])
        begin = edge
    top -= _HEADING
    for line in paper.lines:
        canvas.line(_LEFT, top, _LEFT + _WIDTH, top)
        top = _row(canvas, paper, line, top)
    canvas.line(_LEFT, top, _LEFT + _WIDTH, top)
    return top


def _totals(canvas: Canvas, paper: Paper, top: float) -> float:
    words = _WORDS[paper.language]
    net = sum((line.price * line.quantity for line in paper.lines), Decimal(0)).quantize(_CENT)
    vat = (net * _VAT).quantize(_CENT)
    for name, value in ((words["net"], net), (words["vat"], vat), (words["gross"], net + vat)):
        top -= 6 * mm
        canvas.setFont("Helvetica-Bold" if name == words["gross"] else "Helvetica", 9.5)
        canvas.drawRightString(_LEFT + 138 * mm, top, name)
        canvas.drawRightString(_LEFT + _WIDTH - 2 * mm, top, f"{_amount(value, paper.language)} EUR")
    return top


def draw(paper: Paper) -> bytes:
    """The PDF of `paper`: always the same bytes for the same paper."""
    buffer = BytesIO()
    words = _WORDS[paper.language]
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"{words[paper.kind]} {paper.number}")
    canvas.setAuthor("Nordlicht IT")
    _head(canvas, paper)
    bottom = _table(canvas, paper, A4[1] - 94 * mm)
    canvas.setFillColor(_INK)
    if paper.kind != "delivery":
        bottom = _totals(canvas, paper, bottom)
    canvas.setFont("Helvetica", 9)
    closing = words["open"] if paper.kind == "delivery" and paper.more_to_come else words["thanks"]
    canvas.drawString(_LEFT, bottom - 14 * mm, closing)
    canvas.setFillColor(_FAINT)
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(_LEFT, 14 * mm, "Nordlicht IT · Geschäftsführung: Almut Harms · made up for the demo of Deskside")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
