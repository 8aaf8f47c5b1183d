"""Who is who in the demo: Nordlicht IT's people and teams, forty customers and their two hundred contacts. All made up.

The first eight customers, whose stories are told by hand, stand here, the others in `customers.toml`.

Kolja Ahrend of Spedition Holmrath is left out on purpose (his company is known by its domain), and so is Bernd
Quastner, whose address tells nothing but a name that a customer has too.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_FURTHER = Path(__file__).parent / "customers.toml"

TEAMS: dict[str, tuple[str, ...]] = {
    "Hotline": ("aylin", "tomma", "lena", "callum", "maelle", "iker"),
    "Außendienst": ("piet", "tomma", "lena", "femke", "iker", "ginevra"),
    "Netz und Sicherheit": ("marek", "piet", "callum", "ginevra"),
}
STAFF_PHONES = {
    "piet": "+49 30 23125 211",
    "aylin": "+49 30 23125 212",
    "tomma": "+49 30 23125 213",
    "marek": "+49 30 23125 214",
    "lena": "+49 30 23125 200",
    "renate": "+49 30 23125 300",
    "callum": "+49 30 23125 215",
    "maelle": "+49 30 23125 216",
    "iker": "+49 30 23125 217",
    "ginevra": "+49 30 23125 218",
    "femke": "+49 30 23125 201",
    "solveig": "+49 30 23125 301",
}
# (key, name shown, kind, position): stands between the built-in "pending" and "resolved".
CUSTOM_STATUS = ("manufacturer", "Beim Hersteller", "pending", 30)


@dataclass(frozen=True)
class SiteRow:
    """A place of a customer."""

    key: str
    name: str
    street: str
    postcode: str
    city: str


@dataclass(frozen=True)
class ContactRow:
    """A contact: `nick` is what orders and conversations call them; `site` is a site's key."""

    nick: str
    name: str
    mail: str
    job: str
    phone: str
    site: str = ""
    language: str = "de"
    other_mails: tuple[str, ...] = ()
    salutation: str = ""  # as everywhere: ms, mr, or empty where nobody has said it


@dataclass(frozen=True)
class CustomerRow:
    """A customer with its mail domains, sites and contacts."""

    key: str
    name: str
    phone: str
    domains: tuple[str, ...]
    sites: tuple[SiteRow, ...]
    contacts: tuple[ContactRow, ...]


CUSTOMERS: tuple[CustomerRow, ...] = (
    CustomerRow(
        "10012",
        "Möbelwerk Tressow GmbH",
        "+49 30 23125 140",
        ("moebelwerk-tressow.example",),
        (
            SiteRow("W1", "Werk 1 und Verwaltung", "Hobelweg 4", "16837", "Tressow"),
            SiteRow("W2", "Werk 2", "Am Sägegraben 17", "16837", "Tressow"),
        ),
        (
            ContactRow(
                "jana",
                "Jana Wiedekind",
                "jana.wiedekind@moebelwerk-tressow.example",
                "Leiterin Einkauf",
                "+49 30 23125 142",
                "W2",
                other_mails=("einkauf@moebelwerk-tressow.example",),
                salutation="ms",
            ),
            ContactRow(
                "elif",
                "Elif Mertoglu",
                "elif.mertoglu@moebelwerk-tressow.example",
                "Personal",
                "+49 30 23125 145",
                "W1",
                salutation="ms",
            ),
            ContactRow(
                "henner",
                "Henner Brockdorf",
                "henner.brockdorf@moebelwerk-tressow.example",
                "Werkleitung",
                "+49 30 23125 150",
                "W2",
                salutation="mr",
            ),
            ContactRow(
                "wiebke",
                "Wiebke Stralau",
                "wiebke.stralau@moebelwerk-tressow.example",
                "Buchhaltung",
                "+49 30 23125 147",
                "W1",
                salutation="ms",
            ),
        ),
    ),
    CustomerRow(
        "10027",
        "Kanzlei Lindhagen",
        "+49 40 66969 210",
        ("kanzlei-lindhagen.example",),
        (SiteRow("HH", "Kanzlei", "Kontorstieg 9", "20457", "Hamburg"),),
        (
            ContactRow(
                "svea",
                "Svea Grootmann",
                "svea.grootmann@kanzlei-lindhagen.example",
                "Büroleitung",
                "+49 40 66969 211",
                "HH",
                salutation="ms",
            ),
            ContactRow(
                "lindhagen",
                "Dr. Arvid Lindhagen",
                "arvid.lindhagen@kanzlei-lindhagen.example",
                "Rechtsanwalt und Notar",
                "+49 40 66969 220",
                "HH",
                salutation="mr",
            ),
        ),
    ),
    CustomerRow(
        "10031",
        "Zahnzentrum Erlenau",
        "+49 89 99998 310",
        ("zahnzentrum-erlenau.example",),
        (
            SiteRow("ER", "Praxis Erlenau", "Mühlplatz 2", "83527", "Erlenau"),
            SiteRow("LA", "Labor", "Gewerbering 11", "83527", "Erlenau"),
        ),
        (
            ContactRow(
                "ilka",
                "Ilka Marwede",
                "ilka.marwede@zahnzentrum-erlenau.example",
                "Empfang",
                "+49 89 99998 311",
                "ER",
                salutation="ms",
            ),
            ContactRow(
                "fabian",
                "Fabian Ruttloff",
                "fabian.ruttloff@zahnzentrum-erlenau.example",
                "Laborleitung",
                "+49 89 99998 330",
                "LA",
                salutation="mr",
            ),
        ),
    ),
    CustomerRow(
        "10040",
        "Spedition Holmrath",
        "+49 221 4710 400",
        ("spedition-holmrath.example", "holmrath.example"),
        (
            SiteRow("KN", "Zentrale", "Rheinkai 30", "50999", "Köln"),
            SiteRow("LG", "Lager Nord", "Frachtstraße 5", "51145", "Köln"),
        ),
        (
            ContactRow(
                "gesche",
                "Gesche Holmrath",
                "gesche.holmrath@spedition-holmrath.example",
                "Geschäftsführung",
                "+49 221 4710 401",
                "KN",
                salutation="ms",
            ),
            ContactRow(
                "bastian",
                "Bastian Voigtländer",
                "b.voigtlaender@spedition-holmrath.example",
                "Lagerleitung",
                "+49 221 4710 420",
                "LG",
                salutation="mr",
            ),
        ),
    ),
    CustomerRow(
        "10044",
        "Gartenbau Quastner",
        "+49 221 4710 550",
        ("gartenbau-quastner.example",),
        (SiteRow("GQ", "Gärtnerei", "Lehmkuhle 1", "51143", "Lehmbach"),),
        (
            ContactRow(
                "merle",
                "Merle Quastner",
                "merle@gartenbau-quastner.example",
                "Büro und Verkauf",
                "+49 221 4710 551",
                "GQ",
                salutation="ms",
            ),
            ContactRow(
                "ansgar",
                "Ansgar Dietel",
                "ansgar@gartenbau-quastner.example",
                "Gewächshäuser",
                "+49 221 4710 555",
                "GQ",
                salutation="mr",
            ),
            ContactRow(
                "yusuf",
                "Yusuf Karaman",
                "yusuf@gartenbau-quastner.example",
                "Fuhrpark",
                "+49 221 4710 556",
                "GQ",
                salutation="mr",
            ),
        ),
    ),
    CustomerRow(
        "10052",
        "Brauhaus Kettwin",
        "+49 69 90009 600",
        ("brauhaus-kettwin.example",),
        (
            SiteRow("BR", "Brauerei", "Hopfengasse 12", "60999", "Kettwin"),
            SiteRow("GA", "Gasthaus", "Marktplatz 3", "60999", "Kettwin"),
        ),
        (
            ContactRow(
                "torben",
                "Torben Lasch",
                "torben.lasch@brauhaus-kettwin.example",
                "Geschäftsführung",
                "+49 69 90009 601",
                "BR",
                salutation="mr",
            ),
            ContactRow(
                "nadja",
                "Nadja Petrescu",
                "nadja.petrescu@brauhaus-kettwin.example",
                "Braumeisterin",
                "+49 69 90009 610",
                "BR",
                salutation="ms",
            ),
        ),
    ),
    CustomerRow(
        "20003",
        "Harcastle Marine Ltd",
        "+44 1632 960 400",
        ("harcastle-marine.example",),
        (
            SiteRow("HO", "Head office", "7 Quayside Row", "NE99 4HM", "Harcastle"),
            SiteRow("YD", "Boatyard", "Slipway Lane", "NE99 4HQ", "Harcastle"),
        ),
        (
            ContactRow(
                "owen",
                "Owen Prentice",
                "owen.prentice@harcastle-marine.example",
                "Operations",
                "+44 1632 960 411",
                "YD",
                "en",
                salutation="mr",
            ),
            ContactRow(
                "imogen",
                "Imogen Farrar",
                "imogen.farrar@harcastle-marine.example",
                "Accounts",
                "+44 1632 960 402",
                "HO",
                "en",
                salutation="ms",
            ),
        ),
    ),
    CustomerRow(
        "20008",
        "Orvelle Céramique SAS",
        "+33 1 99 00 71 00",
        ("orvelle-ceramique.example",),
        (
            SiteRow("LI", "Siège", "14 rue du Kaolin", "87000", "Limoges"),
            SiteRow("FA", "Laboratorio", "Via dei Vasai 8", "48018", "Faenza"),
            SiteRow("VA", "Taller", "Calle del Horno 21", "46001", "Valencia"),
        ),
        (
            ContactRow(
                "camille",
                "Camille Bressoud",
                "camille.bressoud@orvelle-ceramique.example",
                "Responsable administrative",
                "+33 1 99 00 71 12",
                "LI",
                "fr",
            ),
            ContactRow(
                "davide",
                "Davide Morbegno",
                "davide.morbegno@orvelle-ceramique.example",
                "Responsabile di laboratorio",
                "+39 0546 0000 120",
                "FA",
                "it",
                salutation="mr",
            ),
            ContactRow(
                "nuria",
                "Nuria Salvatierra",
                "nuria.salvatierra@orvelle-ceramique.example",
                "Jefa de taller",
                "+34 960 000 130",
                "VA",
                "es",
                salutation="ms",
            ),
        ),
    ),
)


def customers() -> tuple[CustomerRow, ...]:
    """All customers, those of `customers.toml` after the others."""
    further = tomllib.loads(_FURTHER.read_text(encoding="utf-8"))["customer"]
    return CUSTOMERS + tuple(
        CustomerRow(
            key=given["key"],
            name=given["name"],
            phone=given["phone"],
            domains=tuple(given["domains"]),
            sites=tuple(SiteRow(**site) for site in given["sites"]),
            contacts=tuple(ContactRow(**{"language": given["language"]} | contact) for contact in given["contacts"]),
        )
        for given in further
    )
