"""What Nordlicht IT sells (prices net, in euros), and thirty orders of it, counted in days from today."""

from dataclasses import dataclass, field
from decimal import Decimal

# Article number → (description, unit, price).
ARTICLES: dict[str, tuple[str, str, str]] = {
    "NB-14-32": ("Notebook 14″, 32 GB, 1 TB", "Stk", "1015.00"),
    "NB-16-64": ("Notebook 16″, 64 GB, 2 TB", "Stk", "1849.00"),
    "DK-C11": ("Dockingstation USB-C, 11 Anschlüsse", "Stk", "134.00"),
    "MO-27": ("Monitor 27″, höhenverstellbar", "Stk", "194.95"),
    "MO-34": ("Monitor 34″, gewölbt", "Stk", "389.00"),
    "TK-SET": ("Tastatur und Maus, kabellos", "Stk", "59.90"),
    "HS-STE": ("Headset, kabellos, mit Ladeschale", "Stk", "118.50"),
    "PC-MINI": ("Mini-PC, 16 GB, 512 GB", "Stk", "629.00"),
    "DR-ETI": ("Etikettendrucker 4″, Thermotransfer", "Stk", "742.00"),
    "DR-KOPF": ("Druckkopf 300 dpi für DR-ETI", "Stk", "218.40"),
    "DR-MFP": ("Multifunktionsdrucker A3, Farbe", "Stk", "2480.00"),
    "ET-ROLLE": ("Etiketten 100 × 150 mm, Rolle mit 500", "Rolle", "11.85"),
    "FW-60": ("Firewall, 60 Arbeitsplätze", "Stk", "890.00"),
    "FW-LIZ3": ("Firewall-Lizenz, 3 Jahre", "Stk", "1260.00"),
    "SW-48": ("Switch, 48 Anschlüsse, PoE", "Stk", "1145.00"),
    "AP-6": ("WLAN-Zugangspunkt Wi-Fi 6, innen", "Stk", "169.00"),
    "AP-6A": ("WLAN-Zugangspunkt Wi-Fi 6, außen", "Stk", "248.00"),
    "KB-5M": ("Netzwerkkabel Cat 6a, 5 m", "Stk", "7.45"),
    "NAS-8": ("Sicherungsspeicher, 8 Schächte", "Stk", "1690.00"),
    "HD-16": ("Festplatte 16 TB für NAS-8", "Stk", "329.00"),
    "USV-1500": ("Unterbrechungsfreie Stromversorgung 1.500 VA", "Stk", "415.00"),
    "TEL-T57": ("Tischtelefon mit Farbdisplay", "Stk", "142.00"),
    "TEL-DECT": ("Schnurlostelefon mit Ladeschale", "Stk", "96.00"),
    "M365-BP": ("Microsoft 365 Business Premium, 1 Jahr", "Platz", "247.20"),
    "SCAN-A4": ("Dokumentenscanner A4, Duplex", "Stk", "536.00"),
    "TB-RUG": ("Tablet für Lager und Werkstatt, staubdicht", "Stk", "798.00"),
    "ARB-TEC": ("Technikerstunde", "Std", "96.00"),
    "ARB-EIN": ("Einrichtung vor Ort", "Stk", "85.00"),
    "ANF-1": ("Anfahrt, Zone 1", "Stk", "39.00"),
    "VERSAND": ("Versand und Verpackung", "Stk", "4.50"),
    "ZERT-1": ("Zertifikat für einen Server, 1 Jahr", "Stk", "74.00"),
}


@dataclass(frozen=True)
class LineRow:
    """One position; `delivered` None means all of it where the order is delivered, else nothing; `due` in days."""

    sku: str
    quantity: str
    delivered: str | None = None
    due: int | None = None

    @property
    def price(self) -> Decimal:
        """Net price of one."""
        return Decimal(ARTICLES[self.sku][2])


@dataclass(frozen=True)
class OrderRow:
    """An order placed `ago` days ago; `note` is its delivery note, `invoice` the invoice's number."""

    number: str
    contact: str
    ago: int
    title: str
    status: str
    lines: tuple[LineRow, ...] = field(default=())
    note: str = ""
    invoice: str = ""


def _o(number: str, contact: str, ago: int, title: str, status: str, *lines: LineRow, **papers: str) -> OrderRow:
    return OrderRow(number, contact, ago, title, status, lines, **papers)


L = LineRow
OPEN, PARTIAL, DELIVERED, INVOICED, CANCELLED = "open", "partially-delivered", "delivered", "invoiced", "cancelled"
ORDERS: tuple[OrderRow, ...] = (
    _o("A-19874", "henner", 402, "WLAN für Halle 1", INVOICED, L("AP-6", "6"), L("SW-48", "1"), L("KB-5M", "12"),
       L("ARB-TEC", "9.5"), note="LS 8120", invoice="R-30411"),
    _o("A-19902", "gesche", 371, "Arbeitsplätze Disposition", INVOICED, L("PC-MINI", "7"), L("MO-27", "14"),
       L("TK-SET", "7"), note="LS 8147", invoice="R-30460"),
    _o("A-19955", "lindhagen", 318, "Dokumentenscanner für das Notariat", INVOICED, L("SCAN-A4", "2"),
       L("ARB-EIN", "2"), note="LS 8203", invoice="R-30533"),
    _o("A-20003", "fabian", 274, "Sicherungsspeicher Labor", INVOICED, L("NAS-8", "1"), L("HD-16", "4"),
       L("ARB-TEC", "6"), note="LS 8251", invoice="R-30602"),
    _o("A-20051", "torben", 233, "Telefone Gasthaus", INVOICED, L("TEL-T57", "4"), L("TEL-DECT", "6"),
       L("ARB-TEC", "5"), note="LS 8306", invoice="R-30688"),
    _o("A-20077", "owen", 205, "Outdoor Wi-Fi, boatyard", INVOICED, L("AP-6A", "4"), L("KB-5M", "8"),
       L("ARB-TEC", "11"), note="LS 8344", invoice="R-30731"),
    _o("A-20114", "camille", 176, "Onduleurs pour les trois sites", INVOICED, L("USV-1500", "3"), L("VERSAND", "3"),
       note="LS 8401", invoice="R-30790"),
    _o("A-20139", "merle", 158, "Kassenplatz im Hofladen", INVOICED, L("PC-MINI", "1"), L("MO-27", "1"),
       L("DR-ETI", "1"), L("ARB-EIN", "1"), L("ANF-1", "1"), note="LS 8439", invoice="R-30844"),
    _o("A-20166", "jana", 131, "Etikettendrucker für die Rampen", INVOICED, L("DR-ETI", "3"), L("ET-ROLLE", "60"),
       L("ARB-EIN", "3"), note="LS 8488", invoice="R-30902"),
    _o("A-20190", "svea", 112, "Microsoft 365, Verlängerung", INVOICED, L("M365-BP", "14"), invoice="R-30951"),
    _o("A-20215", "bastian", 96, "Tablets für das Lager", INVOICED, L("TB-RUG", "5"), L("ARB-EIN", "5"),
       note="LS 8571", invoice="R-31007"),
    _o("A-20238", "ilka", 84, "Empfang: zweiter Platz", INVOICED, L("PC-MINI", "1"), L("MO-27", "2"), L("TK-SET", "1"),
       L("ARB-EIN", "1"), note="LS 8602", invoice="R-31049"),
    _o("A-20256", "nadja", 71, "Tablet für das Sudhaus", CANCELLED, L("TB-RUG", "1")),
    _o("A-20291", "wiebke", 53, "2 Monitore 27″", INVOICED, L("MO-27", "2"), note="LS 8689", invoice="R-31126"),
    _o("A-20304", "imogen", 47, "Microsoft 365 renewal", INVOICED, L("M365-BP", "22"), invoice="R-31140"),
    _o("A-20317", "torben", 41, "Multifunktionsdrucker Büro", DELIVERED, L("DR-MFP", "1"), L("ARB-EIN", "1"),
       L("ANF-1", "1"), note="LS 8723"),
    _o("A-20339", "davide", 36, "Scanner per il laboratorio", DELIVERED, L("SCAN-A4", "1"), L("VERSAND", "1"),
       note="LS 8748"),
    _o("A-20352", "gesche", 31, "Firewall für das Lager Nord", DELIVERED, L("FW-60", "1"), L("ARB-TEC", "4"),
       L("ANF-1", "1"), note="LS 8770"),
    _o("A-20371", "ansgar", 29, "WLAN in den Gewächshäusern", PARTIAL, L("AP-6A", "6", "4", due=6),
       L("KB-5M", "10", "10"), L("ARB-TEC", "8", "5", due=6), note="LS 8801"),
    _o("A-20388", "jana", 26, "Firewall-Lizenz, 3 Jahre", DELIVERED, L("FW-LIZ3", "1"), note="LS 8812"),
    _o("A-20396", "svea", 21, "Notebooks für die Anwärterinnen", PARTIAL, L("NB-14-32", "3", "2", due=4),
       L("DK-C11", "3", "3"), L("TK-SET", "3", "3"), note="LS 8826"),
    _o("A-20409", "camille", 17, "Sauvegarde de Limoges", PARTIAL, L("NAS-8", "1", "1"), L("HD-16", "6", "4", due=9),
       L("ARB-TEC", "4", "0", due=10), L("VERSAND", "1", "1"), note="LS 8833"),
    _o("A-20417", "jana", 12, "12 Notebooks mit Dock", PARTIAL, L("NB-14-32", "12", "12"),
       L("DK-C11", "12", "4", due=1), L("ARB-EIN", "12", "0", due=2), L("VERSAND", "1", "1"), note="LS 8841"),
    _o("A-20425", "owen", 11, "Rugged tablets for the yard", OPEN, L("TB-RUG", "3", due=5), L("VERSAND", "1", due=5)),
    _o("A-20431", "ilka", 9, "Headsets für den Empfang", DELIVERED, L("HS-STE", "3"), L("VERSAND", "1"),
       note="LS 8852"),
    _o("A-20440", "bastian", 7, "Ersatzdruckköpfe und Etiketten", OPEN, L("DR-KOPF", "2", due=3),
       L("ET-ROLLE", "80", due=3)),
    _o("A-20446", "nadja", 5, "Stromversorgung für die Sudsteuerung", OPEN, L("USV-1500", "2", due=8),
       L("ARB-TEC", "3", due=8), L("ANF-1", "1", due=8)),
    _o("A-20452", "henner", 4, "Druckkopf für Rampe A", OPEN, L("DR-KOPF", "1", due=2)),
    _o("A-20458", "nuria", 2, "Portátil y monitor para el taller", OPEN, L("NB-16-64", "1", due=12),
       L("MO-34", "1", due=12), L("VERSAND", "1", due=12)),
    _o("A-20461", "lindhagen", 1, "Zertifikate und Fernzugang", OPEN, L("ZERT-1", "2", due=7),
       L("ARB-TEC", "2", due=7)),
)  # fmt: skip
