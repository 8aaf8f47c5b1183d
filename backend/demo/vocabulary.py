"""Words for large made-up companies in three languages, drawn as language draws them: few often, most seldom.

The frequency of the word of rank r is proportional to 1 / (r + 2.7), after Zipf and Mandelbrot.
"""

import random
from dataclasses import dataclass, field
from itertools import accumulate

SENTENCES = 6000  # kept per language: enough for the rare words, small enough for the processor's cache


@dataclass(frozen=True)
class Words:
    """One language: `things` and `places` are long lists made of parts, `frames` the sentences they go into."""

    frames: tuple[str, ...]
    openings: tuple[str, ...]
    titles: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    things: tuple[str, ...]
    places: tuple[str, ...]
    faults: tuple[str, ...]
    deeds: tuple[str, ...]
    greeting: str
    jobs: tuple[str, ...]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _joined(firsts: str, seconds: str, glue: str) -> tuple[str, ...]:
    """Each of `firsts` with each of `seconds`, near combinations first."""
    one, two = _split(firsts), _split(seconds)
    pairs = sorted((i + j, i, j) for i in range(len(one)) for j in range(len(two)))
    return tuple(one[i] + glue + two[j] for _rank, i, j in pairs)


WORDS: dict[str, Words] = {
    "de": Words(
        frames=_split(
            "Seit heute früh {fault} im {place}, betroffen ist {thing}, Der {thing} in {place} meldet sich nicht mehr,"
            "Wir haben {deed} und danach den {thing} neu gestartet, Bitte prüfen Sie {thing} und {thing2},"
            "Nach dem Wechsel von {thing} zu {thing2} {fault}, Der Kollege aus {place} hat {deed} und wartet jetzt,"
            "Am Telefon sagte er dass {fault} sobald {thing} verbunden ist, Können Sie {thing} bis"
            " morgen bereitstellen,"
            "Ich habe {deed} und alles läuft wieder, Die Ursache war {thing} in {place}, Dazu gehört auch {thing2},"
            "Im Protokoll von {thing} steht ein Fehler von gestern Abend, Das betrifft alle Plätze in {place},"
            "Wir brauchen außerdem {thing2} für {place}, Vor einer Woche {fault} schon einmal, Vielen Dank für die"
            " schnelle Hilfe mit {thing}, Ein Ersatz für {thing} liegt bereit und kommt am Donnerstag"
        ),
        openings=_split(
            "Guten Tag, Guten Morgen, Hallo zusammen, Sehr geehrte Damen und Herren, Moin, Liebes Team",
        ),
        titles=_split(
            "{thing} in {place}: {fault}, {thing} gestört, Anfrage zu {thing}, {place}: {thing} einrichten,"
            "Frage zu {thing} und {thing2}, {fault} in {place}",
        ),
        first_names=_split(
            "Anke, Bernd, Carla, Dirk, Elke, Frank, Greta, Holger, Ines, Jens, Karin, Lars, Marion, Nils,"
            "Olga, Peter, Ralf, Sabine, Timo, Ute, Volker, Wiebke, Yvonne, Arne, Birte, Clemens, Dorit",
        ),
        last_names=_split(
            "Albers, Behrens, Carstens, Dressler, Ebert, Fricke, Gerlach, Hinrichs, Imhof, Jansen, Kersten,"
            "Lindner, Menke, Nolte, Oldach, Petersen, Quandt, Reimers, Sievers, Thoma, Ulrich, Voss,"
            "Wendt, Zander, Brandner, Hartung, Kolbe, Mertens, Pohl, Rademacher, Stahl, Winkler",
        ),
        things=_joined(
            "Drucker, Server, Netzwerk, Telefon, Kassen, Lager, Etiketten, Monitor, Sicherungs, Zeit, Scanner, Daten,"
            "Konten, Zugangs, Kalender, Rechnungs, Archiv, Bestell, Waagen, Kamera, Funk, Licht, Tor, Kühl, Mess,"
            "Strom, Akten, Kunden, Versand, Produktions, Schulungs, Personal, Labor, Werkstatt, Fahrzeug, Alarm",
            "dienst, programm, anschluss, kabel, treiber, konto, schrank, platz, leitung, karte, liste, station,"
            "verteiler, modul, terminal, schnittstelle, steuerung, anzeige, adapter, speicher, gerät, tafel, ablage,"
            "vorlage, lizenz, maske, regel, auswertung, brücke, sammler, fühler, rechner, weiche, sperre, uhr",
            "",
        ),
        places=_split(
            "Halle 1, Empfang, Büro, Werk 2, Lager, Besprechungsraum, Buchhaltung, Versand, Einkauf, Keller,"
            "Labor, Vertrieb, Küche, Technikraum, Außenlager, Pforte, Werkstatt, Obergeschoss, Archiv,"
            "Rampe C, Personalbüro, Prüffeld, Ausstellung, Kantine, Heizungskeller, Anbau, Musterraum",
        ),
        faults=_split(
            "geht nichts mehr, bricht die Verbindung ab, kommt eine Fehlermeldung, fehlt die Anmeldung, bleibt"
            " alles stehen, flackert das Bild, ist das Kennwort abgelaufen, dauert alles zu lange, fehlen"
            " Daten, erscheint ein leeres Fenster, druckt er leere Seiten, ist das Laufwerk weg, klingelt"
            " nichts, ist der Speicher voll, läuft das Zertifikat ab, passt die Uhrzeit nicht",
        ),
        deeds=_split(
            "das Kabel getauscht, den Treiber erneuert, das Konto entsperrt, die Sicherung geprüft, die Regel"
            " angepasst, den Anschluss gemessen, das Protokoll gespeichert, die Lizenz verlängert, den Speicher"
            " erweitert, die Adresse geändert, das Update eingespielt, die Rechte gesetzt, das Gerät ersetzt",
        ),
        greeting="Viele Grüße",
        jobs=_split(
            "Einkauf, Verwaltung, Leitung, Buchhaltung, Technik, Versand, Empfang, Vertrieb, Personal",
        ),
    ),
    "en": Words(
        frames=_split(
            "Since this morning {fault} in the {place} with the {thing}, The {thing} in the {place} does not answer any"
            " more, We have {deed} and restarted the {thing}, Please look at the {thing} and the {thing2}, After moving"
            " from the {thing} to the {thing2} {fault}, My colleague in the {place} has {deed} and is waiting, On the"
            " phone he said that {fault} as soon as the {thing} is connected, Could you provide a {thing} by tomorrow,"
            "I have {deed} and everything works again, The cause was the {thing} in the {place},"
            " The {thing2} belongs to"
            " it as well, The log of the {thing} shows an error from last night, This concerns"
            " every desk in the {place},"
            "We also need a {thing2} for the {place}, A week ago {fault} before, Thank you for the quick help with the"
            " {thing}, A spare {thing} is ready and arrives on Thursday"
        ),
        openings=_split(
            "Hello, Good morning, Hi all, Dear team, Good afternoon, Hi there",
        ),
        titles=_split(
            "{thing} in the {place}: {fault}, {thing} out of order, Request for {thing}, {place}: set up {thing},"
            "Question about {thing} and {thing2}, {fault} in the {place}",
        ),
        first_names=_split(
            "Alice, Brian, Carol, Daniel, Emma, Fiona, George, Helen, Ian, Julia, Keith, Laura, Martin,"
            "Nora, Oscar, Paula, Robert, Susan, Thomas, Vera, Walter, Zoe, Amber, Colin, Derek, Edith",
        ),
        last_names=_split(
            "Abbott, Barker, Chandler, Dawson, Ellis, Fletcher, Gardner, Holloway, Ingram, Jarvis, Kendall,"
            "Lowell, Marsden, Norwood, Osborne, Pickering, Quinn, Radcliffe, Sherwood, Thornton, Underhill,"
            "Vickers, Whitaker, Yardley, Ashworth, Bramwell, Cartwright, Dunstan, Everett, Farnham",
        ),
        things=_joined(
            "print, file, network, phone, till, stock, label, screen, backup, time, scan, data,"
            " account, access, calendar,"
            "invoice, archive, order, scale, camera, radio, light, gate, cooling, meter, power,"
            " record, customer, dispatch,"
            "line, training, payroll, lab, workshop, vehicle, alarm",
            "service, program, port, cable, driver, account, cabinet, desk, link, card, list, station, panel, module,"
            "terminal, interface, controller, display, adapter, storage, device, board, tray, template, licence, form,"
            "rule, report, bridge, collector, sensor, computer, switch, lock, clock",
            " ",
        ),
        places=_split(
            "office, hall, reception, warehouse, meeting room, accounts, dispatch, yard, basement, lab, kitchen,"
            "plant room, gatehouse, workshop, first floor, archive, loading bay, test field, showroom, canteen",
        ),
        faults=_split(
            "nothing works, the connection drops, an error appears, the sign-in is gone, everything stops, the"
            " picture flickers, the password has expired, everything is slow, data is missing, an empty window"
            " opens, blank pages come out, the drive has vanished, nothing rings, the storage is full, the"
            " certificate expires, the clock is wrong",
        ),
        deeds=_split(
            "replaced the cable, renewed the driver, unlocked the account, checked the backup, changed the rule,"
            "measured the port, saved the log, extended the licence, added storage, changed the address,"
            "installed the update, set the permissions, swapped the device",
        ),
        greeting="Kind regards",
        jobs=_split(
            "Purchasing, Office, Management, Accounts, Engineering, Dispatch, Reception, Sales, People",
        ),
    ),
    "fr": Words(
        frames=_split(
            "Depuis ce matin {fault} dans {place} avec {thing}, Dans {place} {thing} ne répond"
            " plus, Nous avons {deed} puis"
            " redémarré {thing}, Merci de vérifier {thing} et {thing2}, Après le passage de {thing} à {thing2} {fault},"
            "Mon collègue dans {place} a {deed} et attend, Au téléphone il disait que {fault} dès"
            " que {thing} est branché,"
            "Pouvez-vous préparer {thing} pour demain, J'ai {deed} et tout fonctionne de nouveau,"
            " La cause était {thing}"
            " dans {place}, Il faut y ajouter {thing2}, Le journal de {thing} montre une erreur"
            " hier soir, Cela touche tous"
            " les postes dans {place}, Il nous faut aussi {thing2} pour {place}, Il y a une semaine"
            " {fault} déjà, Merci de"
            " votre aide rapide avec {thing}, Un remplaçant pour {thing} est prêt et arrive jeudi"
        ),
        openings=_split(
            "Bonjour, Bonjour à tous, Madame, Monsieur, Chère équipe, Bonsoir",
        ),
        titles=_split(
            "{thing} dans {place} : {fault}, {thing} en panne, Demande pour {thing}, {place} : installer {thing},"
            "Question sur {thing} et {thing2}, {fault} dans {place}",
        ),
        first_names=_split(
            "Aline, Bruno, Claire, Denis, Elise, Fabrice, Gilles, Henri, Isabelle, Jules, Karine, Luc,"
            "Margot, Nicolas, Odile, Pascal, Remi, Sophie, Thierry, Ursule, Valerie, Yves, Agathe, Benoit",
        ),
        last_names=_split(
            "Aubert, Bertin, Chevalier, Dumas, Esnault, Ferrand, Gaillard, Hamon, Imbert, Jourdan, Klein,"
            "Lambert, Masson, Neveu, Ollivier, Perrot, Quentin, Renard, Sauvage, Tessier, Urbain, Vidal,"
            "Weber, Arnaud, Barbier, Collet, Dufour, Etienne, Fabre, Guyot",
        ),
        things=_joined(
            "le poste, le serveur, le module, le terminal, le câble, le pilote, le compte, le tableau, le capteur, le"
            " lecteur, le tiroir, le boîtier, le commutateur, le relais, le système, le modèle, le registre, le tampon",
            "de caisse, de stock, de réseau, de téléphonie, de sauvegarde, de pesée, de facturation, de l'atelier, de"
            " livraison, du quai, de l'accueil, du laboratoire, de pointage, de la cave, de la production, des achats,"
            "de contrôle, du parc, de formation, de l'archive, de mesure, du froid, de sécurité, de lumière",
            " ",
        ),
        places=_split(
            "le bureau, l'atelier, l'accueil, l'entrepôt, la salle de réunion, la comptabilité, le quai, la cave,"
            "le laboratoire, la cuisine, le local technique, la loge, l'étage, les archives, le magasin",
        ),
        faults=_split(
            "rien ne marche, la connexion se coupe, une erreur s'affiche, la connexion est refusée, tout"
            " s'arrête, l'image saute, le mot de passe a expiré, tout est lent, des données manquent, une fenêtre"
            " vide s'ouvre, des pages blanches sortent, le lecteur a disparu, rien ne sonne, le stockage est"
            " plein, le certificat expire, l'heure est fausse",
        ),
        deeds=_split(
            "changé le câble, renouvelé le pilote, débloqué le compte, vérifié la sauvegarde, adapté la règle,"
            "mesuré la prise, enregistré le journal, prolongé la licence, ajouté du stockage, changé l'adresse,"
            "installé la mise à jour, défini les droits, remplacé l'appareil",
        ),
        greeting="Cordialement",
        jobs=_split(
            "Achats, Bureau, Direction, Comptabilité, Technique, Expédition, Accueil, Ventes, Personnel",
        ),
    ),
}  # fmt: skip


class Draw:
    """Draws from `words` by rank."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._sums = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))

    def many(self, rng: random.Random, count: int) -> list[str]:
        """`count` words, the first of the list most often."""
        return rng.choices(self._words, cum_weights=self._sums, k=count)


@dataclass(frozen=True)
class Pool:
    """Ready sentences and titles of one language."""

    sentences: tuple[str, ...] = field(repr=False)
    titles: tuple[str, ...] = field(repr=False)


def _filled(rng: random.Random, frames: tuple[str, ...], words: Words, count: int) -> list[str]:
    chosen = Draw(frames).many(rng, count)
    things = Draw(words.things).many(rng, 2 * count)
    places = Draw(words.places).many(rng, count)
    faults, deeds = Draw(words.faults).many(rng, count), Draw(words.deeds).many(rng, count)
    return [
        frame.format(thing=things[i], thing2=things[count + i], place=places[i], fault=faults[i], deed=deeds[i])
        for i, frame in enumerate(chosen)
    ]


def pool(language: str, seed: int) -> Pool:
    """The sentences of `language` for the seed number: the same number gives the same ones."""
    words = WORDS[language]
    rng = random.Random(f"{seed}:{language}")
    sentences = [text[0].upper() + text[1:] + "." for text in _filled(rng, words.frames, words, SENTENCES)]
    titles = [text[0].upper() + text[1:] for text in _filled(rng, words.titles, words, SENTENCES // 4)]
    return Pool(tuple(sentences), tuple(titles))
