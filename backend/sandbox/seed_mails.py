"""The mails that wait at the start. All people, companies and troubles in them are made up."""
# ruff: noqa: E501 (the lines are people's sentences)

import struct
import zlib
from dataclasses import dataclass, field

PIET, AYLIN, MAREK = (f"{name}@nordlicht-it.example" for name in ("piet.hagenauer", "aylin.demirsoy", "marek.ostwald"))
SERVICE = "service@nordlicht-it.example"
LENA = "lena.brandis@nordlicht-it.example"
JANA = "jana.wiedekind@moebelwerk-tressow.example"
ELIF = "elif.mertoglu@moebelwerk-tressow.example"
SVEA = "svea.grootmann@kanzlei-lindhagen.example"
BERND = "buero@quastner.example"
KOLJA = "kolja.ahrend@spedition-holmrath.example"
TORBEN = "torben.lasch@brauhaus-kettwin.example"
ILKA = "ilka.marwede@zahnzentrum-erlenau.example"
OWEN = "owen.prentice@harcastle-marine.example"
CALLUM, MAELLE, IKER, GINEVRA = (
    f"{name}@nordlicht-it.example"
    for name in ("callum.reddish", "maelle.quintrec", "iker.zubeldia", "ginevra.altobello")
)
# Customers whom the desk knows, without a mailbox here.
CAMILLE = "camille.bressoud@orvelle-ceramique.example"
NURIA = "nuria.salvatierra@orvelle-ceramique.example"
DAVIDE = "davide.morbegno@orvelle-ceramique.example"
NAMES = {CAMILLE: "Camille Bressoud", NURIA: "Nuria Salvatierra", DAVIDE: "Davide Morbegno"}


@dataclass(frozen=True)
class Seed:
    """One mail. `hours` is how long ago it arrived; `files` are (name, content type, bytes)."""

    key: str
    author: str
    to: tuple[str, ...]
    hours: float
    subject: str
    text: str
    html: str | None = None
    cc: tuple[str, ...] = ()
    files: tuple[tuple[str, str, bytes], ...] = field(default=())
    answers: str | None = None
    is_read: bool = False


def _picture() -> bytes:
    """A PNG of a small display that says nothing good: dark, with a lit bar and two red fields."""
    width, height, rows = 320, 180, []
    for y in range(height):
        row = bytearray([0])
        for x in range(width):
            frame = x < 12 or x >= width - 12 or y < 12 or y >= height - 12
            bar = 40 <= y < 64 and 36 <= x < 250
            lamp = 100 <= y < 140 and (36 <= x < 120 or 150 <= x < 234)
            row += bytes((90, 92, 96) if frame else (214, 232, 190) if bar else (186, 40, 48) if lamp else (28, 36, 32))
        rows.append(bytes(row))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + chunk(b"IEND", b"")
    )


def _pdf(lines: list[str]) -> bytes:
    """A PDF of one page with these lines."""
    shown = "".join(f"({line}) Tj T*\n" for line in lines)
    stream = f"BT /F1 12 Tf 72 770 Td 18 TL\n{shown}ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += str(number).encode() + b" 0 obj\n" + body + b"\nendobj\n"
    table = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    count = str(len(objects) + 1).encode()
    return (
        out + b"xref\n0 " + count + b"\n0000000000 65535 f \n" + table + b"trailer\n<< /Size " + count
        + b" /Root 1 0 R >>\nstartxref\n" + str(len(out)).encode() + b"\n%%EOF\n"
    )  # fmt: skip


REPORT = _pdf(
    ["Brauhaus Kettwin: Sicherungsbericht", "", "Server KETT-01: 31 von 31 Läufen in Ordnung",
     "Kasse KETT-K2: 29 von 31 Läufen in Ordnung", "", "Zwei Läufe der Kasse brachen nach 4 Minuten ab."]
)  # fmt: skip

SEEDS: tuple[Seed, ...] = (
    Seed(
        "drucker", JANA, (PIET,), 0.6, "Etikettendrucker in Halle 2 druckt leere Seiten",
        "Guten Tag Herr Hagenauer,\n\nder Etikettendrucker in Halle 2 zieht ein, das Etikett bleibt aber weiß. Auf dem "
        "Display steht „Kopf prüfen“, ein Foto hängt an. Die Rolle haben wir heute früh schon getauscht.\n\n"
        "Ab 15 Uhr stehen die ersten Paletten, bitte melden Sie sich vorher kurz.\n\nFreundliche Grüße\n"
        "Jana Wiedekind\nMöbelwerk Tressow GmbH, Einkauf, Werk 2\nTelefon 038201 555-212",
        files=(("Display.png", "image/png", _picture()),),
    ),
    Seed(
        "ordner", SVEA, (PIET,), 2.3, "Zugriff auf Ordner „Bilanz 2026“",
        "Hallo zusammen,\n\nseit heute früh fehlt mir der Ordner „Bilanz 2026“ auf dem Laufwerk M. Meine Kollegin "
        "Frau Tiedje sieht ihn noch. Ich brauche ihn bis zum Nachmittag für den Termin mit dem Steuerbüro.\n\n"
        "Viele Grüße\nSvea Grootmann",
        html="<p>Hallo zusammen,</p><p>seit heute früh fehlt mir der Ordner <b>„Bilanz 2026“</b> auf dem Laufwerk M. "
        "Meine Kollegin Frau Tiedje sieht ihn noch. Ich brauche ihn <u>bis zum Nachmittag</u> für den Termin mit dem "
        "Steuerbüro.</p><p>Viele Grüße<br>Svea Grootmann</p><p style=\"color:#666;font-size:12px\">Kanzlei Lindhagen | "
        "Am Alten Hafen 9 | Telefon 0381 555-40</p>",
    ),
    Seed(
        "termin", BERND, (PIET,), 4.0, "Termin am Donnerstag passt",
        "Moin Herr Hagenauer,\n\nDonnerstag um neun passt. Bitte vorher kurz anrufen, das Tor ist zu und die Klingel "
        "hört man im Gewächshaus nicht.\n\nBernd Quastner",
    ),
    Seed(
        "dienstplan", LENA, (PIET, AYLIN, MAREK), 5.5, "Dienstplan nächste Woche",
        "Hallo zusammen,\n\nwer kann am Freitag die Frühschicht am Telefon nehmen? Tomma ist auf Schulung.\n\nLena",
        is_read=True,
    ),
    Seed(
        "firewall-angebot", PIET, (KOLJA,), 50.0, "Angebot Firewall",
        "Guten Tag Herr Ahrend,\n\nwie besprochen das Angebot: Variante 1 mit einem, Variante 2 mit drei Standorten. "
        "Die Einrichtung dauert je Standort einen halben Tag.\n\nMit freundlichen Grüßen\nPiet Hagenauer\nNordlicht IT",
        is_read=True,
    ),
    Seed(
        "firewall", KOLJA, (PIET,), 27.0, "AW: Angebot Firewall",
        "Guten Tag Herr Hagenauer,\n\ndanke, wir nehmen die Variante mit drei Standorten. Geht der Umbau an einem "
        "Samstag? Unter der Woche darf die Disposition nicht stillstehen.\n\nMit freundlichem Gruß\nKolja Ahrend\n\n"
        "Von: Piet Hagenauer <piet.hagenauer@nordlicht-it.example>\nAn: Kolja Ahrend "
        "<kolja.ahrend@spedition-holmrath.example>\nBetreff: Angebot Firewall\n\n"
        "Guten Tag Herr Ahrend,\n\nwie besprochen das Angebot: Variante 1 mit einem, Variante 2 mit drei Standorten. "
        "Die Einrichtung dauert je Standort einen halben Tag.",
        html='<div>Guten Tag Herr Hagenauer,<br><br>danke, wir nehmen die Variante mit drei Standorten. Geht der Umbau '
        "an einem Samstag? Unter der Woche darf die Disposition nicht stillstehen.<br><br>Mit freundlichem Gruß<br>"
        'Kolja Ahrend</div><hr tabindex="-1" style="display:inline-block; width:98%"><div id="divRplyFwdMsg" dir="ltr">'
        "<b>Von:</b> Piet Hagenauer &lt;piet.hagenauer@nordlicht-it.example&gt;<br><b>An:</b> Kolja Ahrend "
        "&lt;kolja.ahrend@spedition-holmrath.example&gt;<br><b>Betreff:</b> Angebot Firewall</div><div><br>Guten Tag "
        "Herr Ahrend,<br><br>wie besprochen das Angebot: Variante 1 mit einem, Variante 2 mit drei Standorten. Die "
        "Einrichtung dauert je Standort einen halben Tag.</div>",
        answers="firewall-angebot",
    ),
    Seed(
        "kollegin", ELIF, (AYLIN,), 1.4, "Neue Kollegin zum Monatsanfang",
        "Liebe Frau Demirsoy,\n\nwie besprochen die Angaben für das Konto:\n\nName: Frauke Lütjens\nAbteilung: Versand\n"
        "Gerät: Notebook mit Dockingstation\nVerteiler: versand, werk2\n\nKönnen Sie das Gerät einen Tag vorher bringen?\n\n"
        "Herzliche Grüße\nElif Mertoglu",
        html="<p>Liebe Frau Demirsoy,</p><p>wie besprochen die Angaben für das Konto:</p><table border=\"1\" "
        'cellpadding="6" style="border-collapse:collapse"><tr><td>Name</td><td>Frauke Lütjens</td></tr><tr><td>Abteilung'
        "</td><td>Versand</td></tr><tr><td>Gerät</td><td>Notebook mit Dockingstation</td></tr><tr><td>Verteiler</td><td>"
        "versand, werk2</td></tr></table><p>Können Sie das Gerät einen Tag vorher bringen?</p><p>Herzliche Grüße<br>"
        "Elif Mertoglu</p>",
    ),
    Seed(
        "rotterdam", OWEN, (AYLIN,), 3.1, "Laptop won't join the VPN from Rotterdam",
        "Hi Aylin,\n\nI'm at the Rotterdam office this week and my laptop won't connect to the VPN. It asks for the code "
        "twice and then says \"policy mismatch\". Phone hotspot makes no difference.\n\nI have a customer call at two, so "
        "anything before that would be great.\n\nThanks\nOwen\n\nOwen Prentice\nOperations, Harcastle Marine Ltd",
    ),
    Seed(
        "bericht", TORBEN, (MAREK,), 22.0, "Sicherungsbericht",
        "Hallo Herr Ostwald,\n\nim Bericht (anbei) stehen bei der Kasse zwei abgebrochene Läufe. Müssen wir uns Sorgen "
        "machen? Die Kasse war an beiden Abenden an.\n\nGruß\nTorben Lasch",
        files=(("Sicherungsbericht.pdf", "application/pdf", REPORT),),
    ),
    Seed(
        "kartenleser", ILKA, (MAREK,), 0.9, "Kartenleser am Empfang meldet Fehler",
        "Guten Morgen,\n\nder Kartenleser am Empfang meldet seit dem Update „Dienst nicht erreichbar“. Der zweite Leser in "
        "Zimmer 3 geht noch. Wir lesen gerade alle Karten dort ein, das hält den Betrieb sehr auf.\n\n"
        "Ilka Marwede\nZahnzentrum Erlenau",
        html="<p>Guten Morgen,</p><p>der Kartenleser am Empfang meldet seit dem Update <b>„Dienst nicht erreichbar“</b>. "
        "Der zweite Leser in Zimmer 3 geht noch. Wir lesen gerade alle Karten dort ein, das hält den Betrieb sehr auf.</p>"
        "<p>Ilka Marwede<br>Zahnzentrum Erlenau</p>",
    ),
    Seed(
        "vpn", SVEA, (SERVICE,), 1.1, "VPN trennt nach zehn Minuten",
        "Guten Tag,\n\nim Homeoffice trennt sich das VPN alle zehn Minuten, danach muss ich mich neu anmelden. In der "
        "Kanzlei ist alles ruhig. Der Router ist neu, der Anbieter derselbe.\n\nViele Grüße\nSvea Grootmann\n"
        "Kanzlei Lindhagen",
    ),
    Seed(
        "bestellung", JANA, (SERVICE,), 3.7, "Wann kommen die Docks? Auftrag A-20417",
        "Guten Tag,\n\nzu unserem Auftrag A-20417 fehlen noch acht der zwölf Docks. Die Kolleginnen "
        "fangen am Monatsersten an. Können Sie mir sagen, wann die Geräte kommen?\n\nFreundliche Grüße\nJana Wiedekind\n"
        "Möbelwerk Tressow GmbH, Einkauf",
    ),
    Seed(
        "printer", OWEN, (SERVICE,), 7.5, "Printer on the second floor is offline",
        "Hello,\n\nthe printer on the second floor shows as offline for everybody since this morning. The panel itself says "
        "\"Ready\". We restarted it twice.\n\nKind regards\nOwen Prentice",
        html="<p>Hello,</p><p>the printer on the second floor shows as <i>offline</i> for everybody since this morning. The "
        "panel itself says \"Ready\". We restarted it twice.</p><p>Kind regards<br>Owen Prentice</p>",
    ),
    Seed(
        "scanner", BERND, (SERVICE,), 0.3, "Scanner schickt keine Mails mehr",
        "Moin,\n\nder Scanner im Büro schickt die Lieferscheine nicht mehr per Mail, es kommt „Fehler 535“. Wir sind neu bei "
        "Ihnen, ich hoffe, ich bin hier richtig.\n\nBernd Quastner\nGartenbau Quastner",
    ),
    Seed(
        "pontoon", OWEN, (CALLUM,), 0.8, "Screen on the pontoon office door stays black",
        "Morning Callum,\n\nthe screen on the pontoon office door, the one that shows which boat goes out when, stays black "
        "since the power cut last night. The little light below it is orange.\n\nFirst boat out at eight tomorrow, so "
        "today would be kind.\n\nOwen Prentice\nHarcastle Marine Ltd, Operations",
    ),
    Seed(
        "four", CAMILLE, (MAELLE,), 0.9, "Le poste du four 3 n'affiche plus les courbes",
        "Bonjour Madame Quintrec,\n\nle poste à côté du four 3 n'affiche plus les courbes de cuisson depuis ce matin : la "
        "fenêtre reste grise avec « connexion perdue ». Les fours 1 et 2 vont bien.\n\nUne cuisson part à 17 heures, "
        "pouvez-vous regarder avant ?\n\nCordialement,\nCamille Bressoud\nOrvelle Céramique SAS",
    ),
    Seed(
        "taller", NURIA, (IKER,), 1.4, "El portátil del taller no reconoce la balanza",
        "Buenos días, Sr. Zubeldia:\n\ndesde la actualización de anoche el portátil del taller no reconoce la balanza por "
        "USB. Probamos otro cable y otro puerto, y nada. Pesamos a mano y apuntamos en papel.\n\n¿Puede mirarlo hoy?\n\n"
        "Un saludo,\nNuria Salvatierra\nOrvelle Céramique, taller de Valencia",
    ),
    Seed(
        "laboratorio", DAVIDE, (GINEVRA,), 1.8, "Il microscopio non salva più le immagini",
        "Buongiorno signora Altobello,\n\nda ieri pomeriggio il PC del microscopio non salva più le immagini nella cartella "
        "di rete: compare «percorso non trovato». In locale funziona.\n\nCi servono per un certificato entro domani.\n\n"
        "Cordiali saluti\nDavide Morbegno\nOrvelle Céramique, laboratorio di Faenza",
    ),
)  # fmt: skip
