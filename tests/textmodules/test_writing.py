"""Text modules through the doors: who has which, what they become on a ticket, and what is refused."""

import pytest
from bs4 import BeautifulSoup

from backend.db import session
from backend.people.models import Person
from backend.textmodules.models import TextModule
from backend.tickets.models import Message, Ticket
from tests.desk.conftest import Desk, stranger
from tests.textmodules.conftest import HX, desk, put, rich, written
from tests.world import Browser

__all__ = ["desk", "rich"]
pytestmark = pytest.mark.slow
EVERYTHING = """{{contact.greeting}},
{{contact.salutation}}|{{contact.name}}|{{contact.first_name}}|{{contact.last_name}}|{{contact.mail}}
{{contact.phone}}|{{customer.name}}|{{customer.key}}|{{customer.phone}}
{{ticket.number}}|{{ticket.subject}}|{{ticket.status}}|{{ticket.priority}}|{{ticket.type}}|{{ticket.category}}
{{ticket.opened}}|{{technician.name}}|{{technician.phone}}|{{technician.mail}}|{{me.name}}|{{me.phone}}|{{me.mail}}
{{visit.date}}|{{visit.time}}|{{visit.technician}}|{{visit.place}}
{{order.number}}|{{order.title}}|{{order.date}}|{{order.total}}"""


def _speaks(desk: Desk, language: str) -> None:
    with desk.world.rows():
        session.get_one(Person, desk.jana.id).language = language


def test_all_placeholders_with_their_values(rich: Desk) -> None:
    _speaks(rich, "de")
    module = written(rich.browser, "Alles", EVERYTHING)
    assert put(rich.browser, module, f"ticket={rich.ticket}").splitlines() == [
        "Guten Tag Frau Wiedekind,",
        "Frau Wiedekind|Jana Wiedekind|Jana|Wiedekind|jana.wiedekind@moebelwerk-tressow.example",
        "+49 30 5550 1204|Möbelwerk Tressow GmbH|K1|+49 30 5550 1200",
        f"{rich.ticket}|Etikettendrucker in Halle 2|Offen|Mittel|Störung|Drucker",
        "23. November 2026|Piet Hagenauer|+49 40 5550 2017|piet.hagenauer@nordlicht-it.example|Piet Hagenauer|"
        "+49 40 5550 2017|piet.hagenauer@nordlicht-it.example",
        "Dienstag, 3. Dezember 2030|09:00|Piet Hagenauer|Am Sägegraben 17",
        "A-20417|12 Notebooks|9. November 2026|14.812,50\xa0€",
    ]


def test_all_placeholders_without_values_are_marked_in_the_words_of_whoever_writes(desk: Desk) -> None:
    with desk.world.rows():
        ticket = session.query(Ticket).filter_by(number=desk.ticket).one()
        ticket.contact_id = ticket.customer_id = None
    module = written(desk.browser, "All", EVERYTHING)
    shown = put(desk.browser, module, f"ticket={desk.ticket}")
    assert "⟨Telephone of the contact missing⟩" in shown
    assert "⟨Day of the visit missing⟩" in shown
    assert shown.count("missing⟩") == 10 + 1 + 3 + 1 + 4 + 4  # contact and customer, category, technician, me.phone, …
    assert "||" not in shown


@pytest.mark.parametrize(
    ("language", "day", "opened", "priority"),
    [
        ("de", "Dienstag, 3. Dezember 2030", "23. November 2026", "Mittel"),
        ("en", "Tuesday, December 3, 2030", "November 23, 2026", "Medium"),
        ("es", "martes, 3 de diciembre de 2030", "23 de noviembre de 2026", "Media"),
        ("fr", "mardi 3 décembre 2030", "23 novembre 2026", "Moyenne"),
        ("it", "martedì 3 dicembre 2030", "23 novembre 2026", "Media"),
    ],
)
def test_days_are_said_in_the_customers_language(
    rich: Desk, language: str, day: str, opened: str, priority: str
) -> None:
    _speaks(rich, language)
    text = "{{visit.date}}|{{ticket.opened}}|{{ticket.priority}}"
    module = written(rich.browser, "Tag", text)
    assert put(rich.browser, module, f"ticket={rich.ticket}") == f"{day}|{opened}|{priority}"
    german = written(rich.browser, "Tag, deutsch", text, language="de")
    assert put(rich.browser, german, f"ticket={rich.ticket}").startswith("Dienstag, 3. Dezember 2030")


def test_a_visit_that_is_over_or_called_off_fills_nothing(rich: Desk) -> None:
    module = written(rich.browser, "Tag", "{{visit.date}}")
    assert rich.browser.post("/visits/1/cancel", headers=HX).status_code == 200
    assert put(rich.browser, module, f"ticket={rich.ticket}") == "⟨Day of the visit missing⟩"


def test_a_name_with_markup_is_data(desk: Desk) -> None:
    with desk.world.rows():
        session.get_one(Person, desk.jana.id).name = "Jana <img src=x onerror=alert(1)>"
    module = written(desk.browser, "<i>Gruß</i>", "Hello {{contact.name}} & <b>you</b>")
    text = put(desk.browser, module, f"ticket={desk.ticket}")
    assert text == "Hello Jana <img src=x onerror=alert(1)> & <b>you</b>"
    for page in ("/text-modules", f"/text-modules/{module}", "/text-modules/find?kind=reply"):
        soup = desk.page(page)
        assert soup.select("i, main b.cut b") == [], page
        assert "<i>Gruß</i>" in soup.get_text(), page
    shown = desk.browser.post("/text-modules/preview", data={"text": "<script>1</script> {{contact.name}}"}).text
    assert "<script>" not in shown


def test_own_ones_are_nobody_elses_and_shared_ones_everybodys(desk: Desk) -> None:
    own = written(desk.browser, "Nur meiner", "Hallo", shortcut="gruss")
    aylin, lena = desk.world.browser(desk.aylin), desk.world.browser(desk.world.staff("Lena Brandis"))
    for address in (f"/text-modules/{own}", f"/text-modules/{own}/filled?ticket={desk.ticket}"):
        assert aylin.get(address).status_code == 404
    for verb in ("", "/delete", "/restore"):
        assert aylin.post(f"/text-modules/{own}{verb}", data={"name": "x", "text": "y"}, headers=HX).status_code == 404
    assert "Nur meiner" not in aylin.get("/text-modules").text + aylin.get("/text-modules/find").text
    assert aylin.get("/text-modules/shortcuts").get_json() == {}
    shared = written(lena, "Für alle", "Hallo zusammen", reach="shared", shortcut=";gruss")
    assert "Für alle" in aylin.get("/text-modules/find?q=alle").text
    assert aylin.get("/text-modules/shortcuts").get_json() == {";gruss": shared}
    assert desk.browser.get("/text-modules/shortcuts").get_json() == {";gruss": own}


def test_shared_ones_are_changed_by_those_who_may(desk: Desk) -> None:
    lena = desk.world.browser(desk.world.staff("Lena Brandis"))
    shared = written(lena, "Für alle", "Hallo zusammen", reach="shared")
    change = {"name": "Für alle", "text": "Tschüss", "kind": "reply", "reach": "shared"}
    assert desk.browser.post(f"/text-modules/{shared}", data=change, headers=HX).status_code == 403
    assert desk.browser.post(f"/text-modules/{shared}/delete", headers=HX).status_code == 403
    assert desk.browser.post("/text-modules", data=change, headers=HX).status_code == 403
    own = written(desk.browser, "Meiner", "Hallo")
    assert desk.browser.post(f"/text-modules/{own}", data=change, headers=HX).status_code == 403
    assert lena.post(f"/text-modules/{shared}", data=change, headers=HX).status_code == 204
    admin = desk.world.browser(desk.world.staff("Marek Ostwald"))
    log = BeautifulSoup(admin.get("/settings/log").text, "lxml").get_text(" ")
    assert "Für alle" in log
    assert "Tschüss" in log


def test_customers_get_nothing(desk: Desk) -> None:
    written(desk.browser, "Hallo", "Hallo")
    for person in (desk.jana, stranger(desk.world)):
        browser = desk.world.browser(person)
        for address in ("", "/1", "/find", "/shortcuts", "/1/filled?ticket=10001"):
            assert browser.get(f"/text-modules{address}").status_code in (403, 404), address


def test_what_cannot_be_kept_is_said_at_its_field(desk: Desk) -> None:
    wrong = {"name": "", "text": "Tel. {{contact.fax}}", "kind": "poem", "shortcut": "a b"}
    answer = desk.browser.post("/text-modules", data=wrong, headers=HX)
    assert answer.status_code == 422
    said = {str(each["data-field"]) for each in BeautifulSoup(answer.text, "lxml").select("[data-field]")}
    assert said == {"name", "kind", "shortcut"}
    answer = desk.browser.post(
        "/text-modules", data={"name": "Fax", "text": wrong["text"], "kind": "reply"}, headers=HX
    )
    assert answer.status_code == 422
    assert "There is no placeholder {{contact.fax}}" in answer.text
    with desk.world.rows():
        assert session.query(TextModule).count() == 0


def test_one_shortcut_stands_for_one_module(desk: Desk) -> None:
    first = written(desk.browser, "Gruß", "Hallo", shortcut=";Gruss")
    again = {"name": "Anderer Gruß", "text": "Moin", "kind": "reply", "shortcut": "gruss"}
    refused = desk.browser.post("/text-modules", data=again, headers=HX)
    assert refused.status_code == 409
    assert "Gruß" in refused.text
    desk.browser.post(f"/text-modules/{first}/delete", headers=HX)
    assert desk.browser.post("/text-modules", data=again, headers=HX).status_code == 204
    assert desk.browser.post(f"/text-modules/{first}/restore", headers=HX).status_code == 409


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    lena, admin = (desk.world.browser(desk.world.staff(name)) for name in ("Lena Brandis", "Marek Ostwald"))
    number = written(lena, "Für alle", "Hallo", reach="shared")
    page = BeautifulSoup(lena.get(f"/text-modules/{number}").text, "lxml").select_one("input[name=seen]")
    assert page is not None
    seen = str(page["value"])
    form = {"name": "Für alle", "kind": "reply", "reach": "shared", "seen": seen}
    assert admin.post(f"/text-modules/{number}", data=form | {"text": "Moin"}, headers=HX).status_code == 204
    refused = lena.post(f"/text-modules/{number}", data=form | {"text": "Servus"}, headers=HX)
    assert refused.status_code == 409
    assert put(lena, number, f"ticket={desk.ticket}") == "Moin"


def test_deleted_ones_come_back(desk: Desk) -> None:
    number = written(desk.browser, "Gruß", "Hallo")
    toast = desk.browser.post(f"/text-modules/{number}/delete", headers=HX)
    assert f"/text-modules/{number}/restore" in toast.text
    assert desk.browser.get(f"/text-modules/{number}").status_code == 404
    assert "Gruß" not in desk.browser.get("/text-modules").text
    for _twice in range(2):
        assert desk.browser.post(f"/text-modules/{number}/restore", headers=HX).status_code == 200
    assert "Gruß" in desk.browser.get("/text-modules").text


def test_each_place_is_offered_what_fits_there(desk: Desk) -> None:
    for kind in ("reply", "note", "new-ticket", "time-entry", "forward", "follow-up"):
        written(desk.browser, f"Für {kind}", "Hallo", kind=kind, category="Drucker", words="Toner")
    written(desk.browser, "Bonjour", "Bonjour", language="fr")
    _speaks(desk, "fr")

    def offered(query: str) -> list[str]:
        return [str(row["data-shown"]) for row in desk.page(f"/text-modules/find?{query}").select("[role=option]")]

    assert offered("kind=reply") == ["Bonjour", "Für follow-up", "Für reply"]
    assert offered("kind=note&q=toner+druck") == ["Für note"]
    assert offered("kind=new-ticket&q=nichts") == []
    assert offered("kind=time-entry") == ["Für time-entry"]
    written(desk.browser, "Aber", "Aber")
    assert offered(f"kind=reply&ticket={desk.ticket}")[0] == "Bonjour"


def test_the_picker_shows_texts_as_they_will_be_put_in(rich: Desk) -> None:
    """Filled for the ticket, or for customer and contact of a new one; what is missing or to be filled is marked."""
    _speaks(rich, "de")
    written(rich.browser, "Termin", "{{contact.greeting}}, {{? wann}} am {{visit.date}}, Fax {{technician.mail}}")
    written(rich.browser, "Französisch", "{{contact.greeting}}, à {{visit.date}}", language="fr")
    found = rich.page(f"/text-modules/find?kind=reply&ticket={rich.ticket}")
    shown = {str(row["data-shown"]): row for row in found.select("[role=option]")}
    assert "Guten Tag Frau Wiedekind, ⟨wann⟩ am Dienstag, 3. Dezember 2030, Fax" in shown["Termin"].get_text()
    assert "Bonjour Madame Wiedekind, à mardi 3 décembre 2030" in shown["Französisch"].get_text()
    assert [mark.get_text() for mark in shown["Termin"].select(".gap")] == ["⟨wann⟩"]
    assert "{{" not in found.get_text()
    written(rich.browser, "Anruf", "{{contact.name}} von {{customer.name}}: {{customer.key}}", kind="new-ticket")
    new = f"/text-modules/find?kind=new-ticket&customer={rich.customer.id}&contact={rich.jana.id}"
    assert "Jana Wiedekind von Möbelwerk Tressow GmbH: K1" in rich.page(new).get_text()
    nobody = rich.page("/text-modules/find?kind=new-ticket")
    assert "⟨Name of the contact missing⟩" in nobody.get_text()
    several = rich.page("/text-modules/find?kind=reply&problem=1").get_text()
    assert "Greeting, ⟨wann⟩ am Day of the visit" in several


def test_an_empty_picker_says_why_it_is_empty(desk: Desk) -> None:
    empty = desk.page("/text-modules/find?kind=reply").get_text()
    assert "No text module for this yet" in empty
    written(desk.browser, "Gruß", "Hallo")
    assert "No text module with these words" in desk.page("/text-modules/find?kind=reply&q=toner").get_text()
    composer = desk.page(f"/tickets/{desk.ticket}")
    assert composer.select_one(".tm-menu a[href='/text-modules/new?kind=reply']")


def _said(desk: Desk, browser: Browser, text: str, kind: str) -> int:
    form = {
        "text": text,
        "kind": kind,
        "to": "jana.wiedekind@moebelwerk-tressow.example",
        "chosen": "yes",
        "token": text,
    }
    return browser.post(f"/tickets/{desk.ticket}/messages", data=form, headers=HX).status_code


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_nothing_is_sent_with_a_gap_and_the_same_form_filled_is(desk: Desk, kind: str) -> None:
    before = desk.row(desk.ticket).messages_count
    for text in ("Wir kommen am ⟨Tag⟩.", "{{? Tag}}", "Tel. ⟨Telefon fehlt⟩", "{{ contact.phone }}"):
        assert _said(desk, desk.browser, text, kind) == 422
    assert desk.row(desk.ticket).messages_count == before
    assert _said(desk, desk.browser, "Wir kommen am Montag.", kind) == 204
    assert desk.browser.post("/drafts/ticket:10001", data={"text": "⟨Tag⟩", "kind": kind}).status_code == 204


def _opened(desk: Desk, **fields: str) -> int:
    form = {
        "subject": "Drucker", "customer": str(desk.customer.id), "contact": str(desk.jana.id), "type": "incident",
        "category": "Drucker", "text": "Steht in ⟨Raum⟩", "kind": "call", **fields,
    }  # fmt: skip
    return desk.browser.post("/tickets", data=form, headers=HX).status_code


def test_a_new_ticket_with_a_gap_is_kept_but_not_mailed(desk: Desk) -> None:
    assert _opened(desk, kind="reply") == 422
    assert _opened(desk) == 204
    assert _opened(desk, kind="note") == 204
    with desk.world.rows():
        texts = [row.text for row in session.query(Message).order_by(Message.id.desc()).limit(2)]
    assert texts == ["Steht in ⟨Raum⟩", "Steht in ⟨Raum⟩"]


@pytest.mark.parametrize("left_out", ["customer", "contact", "type", "category", "subject", "text"])
def test_a_new_ticket_needs_whom_and_what_it_is_about(desk: Desk, left_out: str) -> None:
    assert _opened(desk, **{left_out: ""}) == 422


def test_who_calls_for_the_first_time_is_written_down_with_the_ticket(desk: Desk) -> None:
    new = {
        "contact": "",
        "new_name": "Torben Lasch",
        "new_phone": "+49 30 5550 1299",
        "new_mail": "Lasch@moebel.example",
    }
    assert _opened(desk, **new) == 204
    with desk.world.rows():
        torben = session.query(Person).filter_by(name="Torben Lasch").one()
        assert (torben.customer_id, torben.mail, torben.phone) == (
            desk.customer.id, "lasch@moebel.example", "+49 30 5550 1299",
        )  # fmt: skip
        assert session.query(Ticket).filter_by(contact_id=torben.id).count() == 1
    taken = desk.browser.post(
        "/tickets",
        data={"subject": "x", "customer": str(desk.customer.id), "category": "x", "text": "x", "type": "incident"}
        | new,
        headers=HX,
    )
    assert taken.status_code == 409
    assert 'data-field="new_mail"' in taken.text
    assert desk.browser.get(f"/tickets/new/contact?contact={torben.id}").get_json() == {
        "value": desk.customer.id, "shown": "Möbelwerk Tressow GmbH",
    }  # fmt: skip


def test_a_new_ticket_is_filled_with_those_who_were_chosen(desk: Desk) -> None:
    module = written(desk.browser, "Anruf", "{{contact.name}}, {{customer.name}}: {{ticket.number}}", kind="new-ticket")
    assert put(desk.browser, module, f"customer={desk.customer.id}&contact={desk.jana.id}") == (
        "Jana Wiedekind, Möbelwerk Tressow GmbH: ⟨Ticket number missing⟩"
    )
