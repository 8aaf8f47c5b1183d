"""A contact's page: who they are, and everything by which they touched the desk."""

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth, clock
from backend.chat.models import Chat, TeamsConversation
from backend.db import session
from backend.orders.actions import put_order
from backend.people.models import Customer, Person
from backend.surveys.models import SurveyAnswer
from backend.tickets.actions import Said, call, open_ticket
from backend.tickets.models import Ticket
from backend.visits.models import Visit
from tests.desk.conftest import Desk, desk, stranger
from tests.world import Browser

__all__ = ["desk"]
pytestmark = pytest.mark.slow


def _some_of_everything(desk: Desk) -> None:
    now = clock.now()
    common = {"created_at": now, "updated_at": now}
    with desk.world.app.test_request_context(), desk.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == desk.ticket)).one()
        call(ticket, desk.piet.who(), Said(text="Rang about the printer"))
        customer = session.get_one(Customer, desk.customer.id)
        put_order("A-1", customer=customer, ordered_on=now.date(), lines=[], documents=[], title="Notebooks")
        talk = TeamsConversation(
            conversation_id="a:1", kind="personal", service_url="https://x/", tenant_id="", user_id="", object_id="",
            name="", team_id="", person_id=desk.jana.id, locale="", state="open", **common,
        )  # fmt: skip
        session.add(talk)
        session.flush()
        session.add(
            Chat(ticket_id=ticket.id, conversation_id=talk.id, contact_id=desk.jana.id, state="ended",
                 waiting_since=now, matter_known=False)
        )  # fmt: skip
        begin = now + timedelta(days=1)
        wall = begin.replace(tzinfo=None)
        session.add(
            Visit(
                ticket_id=ticket.id, technician_id=desk.piet.id, kind="on-site", start=wall,
                end=wall + timedelta(hours=1), timezone="UTC", starts_at=begin, ends_at=begin + timedelta(hours=1),
                place="Hall 2", note="", customer_note="", **common,
            )
        )  # fmt: skip


def touches(desk: Desk, address: str, browser: Browser | None = None) -> tuple[list[str], str]:
    """(kinds and titles on that page, the address of the next)."""
    page = BeautifulSoup((browser or desk.browser).get(address).text, "lxml")
    rows = [" ".join(row.get_text(" ").split()) for row in page.select(".touch")]
    more = page.select_one(".touch-more [hx-get]")
    return rows, str(more["hx-get"]) if more is not None else ""


def test_every_kind_of_touchpoint_stands_there_and_leads_to_its_page(desk: Desk) -> None:
    _some_of_everything(desk)
    address = f"/contacts/{desk.jana.id}/timeline"
    rows, more = touches(desk, address)
    kinds = ("Visit", "E-mail", "Call", "Chat in Teams", "Ticket", "Order")
    assert [kind for kind in kinds if not any(row.startswith(kind) for row in rows)] == []
    assert rows[0].startswith("Visit · Piet Hagenauer")
    assert more == ""
    assert "Ersatzkopf" not in " ".join(rows), "an internal note is no touchpoint"
    links = [str(a["href"]) for a in desk.page(address).select(".touch a")]
    for link in links:
        page, _sign, place = link.partition("#")
        assert not place or desk.page(page).select(f"[id='{place}']"), link
    assert {link.partition("#")[2].strip("0123456789") for link in links} == {"m", "rail-visits", ""}


def test_answers_to_surveys_stand_there_but_never_anonymous_ones(desk: Desk) -> None:
    named, unnamed = desk.open("Named"), desk.open("Unnamed")
    with desk.world.rows():
        for number, contact in ((named, "Jana Wiedekind"), (unnamed, " ")):
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            session.add(
                SurveyAnswer(
                    ticket_id=ticket.id, survey=f"Survey {number}", contact=contact, updated_at=clock.now(),
                    answers=[{"question": "And?", "answer": ""}, {"question": "Why?", "answer": "Too slow"}],
                )
            )  # fmt: skip
    address = f"/contacts/{desk.jana.id}/timeline"
    sales = desk.world.browser(desk.world.staff("Rike Sommer", "sales"))
    rows, _more = touches(desk, address, sales)
    assert [row for row in rows if row.startswith("Survey")] == [rows[0]]
    assert rows[0].startswith(f"Survey Survey {named} Too slow")
    assert (
        str(BeautifulSoup(sales.get(address).text, "lxml").select(".touch a")[0]["href"])
        == f"/tickets/{named}#survey-answer"
    )
    began, _more = touches(desk, f"{address}?ticket={named}", sales)
    assert began[0].startswith(f"Survey Survey {named}"), "the ticket began with it"
    began, _more = touches(desk, f"{address}?ticket={unnamed}", sales)
    assert began[0].startswith("E-mail")
    assert f"Survey {unnamed}" not in " ".join(began)
    for place in (address, f"{address}?ticket={named}"):
        seen, _more = touches(desk, place)
        assert (len(seen) > 3, "Survey" in " ".join(seen)) == (True, False), "who answered, and when, not all may see"
    assert desk.world.browser(stranger(desk.world)).get(address).status_code == 403


def test_what_the_ticket_began_with_comes_first(desk: Desk) -> None:
    desk.open("Something later")
    link = desk.page(f"/tickets/{desk.ticket}").select_one("#rail-contact a[href*=timeline]")
    assert link is not None
    assert link["href"] == f"/contacts/{desk.jana.id}?ticket={desk.ticket}#timeline"
    page = desk.page(f"/contacts/{desk.jana.id}?ticket={desk.ticket}")
    part = page.select_one("#timeline [hx-get]")
    assert part is not None
    rows, _more = touches(desk, str(part["hx-get"]))
    assert rows[0].startswith("E-mail · Jana Wiedekind Etikettendrucker in Halle 2")
    foreign, _more = touches(desk, f"/contacts/{stranger(desk.world).id}/timeline?ticket={desk.ticket}")
    assert foreign == []


def test_pages_show_each_touchpoint_once(desk: Desk) -> None:
    desk.open_all([f"Matter {number}" for number in range(25)])
    with desk.world.rows():  # all at one moment: a page must not end between them
        session.query(Ticket).update({"created_at": clock.now()})
    seen: list[str] = []
    address = f"/contacts/{desk.jana.id}/timeline"
    for _page in range(10):
        rows, address = touches(desk, address)
        seen += rows
        if not address:
            break
    tickets = [row for row in seen if row.startswith("Ticket")]
    assert len(tickets) == len(set(tickets)) == 26
    assert sum(row.startswith("E-mail") for row in seen) == 27
    assert desk.browser.get(f"/contacts/{desk.jana.id}/timeline?after=nonsense").status_code == 200


def test_each_page_of_the_timeline_asks_as_much(desk: Desk) -> None:
    address = f"/contacts/{desk.jana.id}/timeline"
    with desk.counted() as few:
        desk.browser.get(address)
    desk.open_all([f"Matter {number}" for number in range(25)])
    with desk.counted() as many:
        desk.browser.get(address)
    assert len(few) == len(many) == 9


def test_the_profile_says_who_they_are(desk: Desk) -> None:
    with desk.world.rows():
        person = session.get_one(Person, desk.jana.id)
        person.key, person.language = "JW-7", "fr"
    page = desk.page(f"/contacts/{desk.jana.id}")
    assert isinstance(page, BeautifulSoup)
    profile = page.select_one("[aria-labelledby=h-profile]")
    assert profile is not None
    said = " ".join(profile.get_text(" ").split())
    for fact in ("Reference JW-7", "Customer Möbelwerk Tressow GmbH", "Key K1", "Language Français"):
        assert fact in said


def _token(desk: Desk) -> str:
    with desk.world.rows():
        return auth.create_api_token("erp", "admin")


def _fill(desk: Desk, browser: Browser, **fields: Any) -> Any:
    """The answer to the form of Jana's details with those fields."""
    form: dict[str, Any] = {"name": "Jana Wiedekind", "mail": desk.jana.mail, "customer": "K1", **fields}
    return browser.post(f"/contacts/{desk.jana.id}", data=form, headers={"HX-Request": "true"})


def test_attributes_and_opt_in_are_edited_shown_and_logged(desk: Desk) -> None:
    names, values = ["Kostenstelle", "", "VIP"], ["4711", "", "ja"]
    answer = _fill(desk, desk.browser, attribute_name=names, attribute_value=values, opt_in="yes", opt_in_how="Messe")
    assert answer.status_code == 204, answer.text
    page = desk.page(f"/contacts/{desk.jana.id}")
    profile = page.select_one("[aria-labelledby=h-profile]")
    assert profile is not None
    said = " ".join(profile.get_text(" ").split())
    assert "Kostenstelle 4711 VIP ja" in said
    assert "Wants news Yes , since" in said
    assert ": Messe" in said
    assert "Piet Hagenauer changed “Kostenstelle”: – → 4711" in said
    assert "Piet Hagenauer changed “Wants news”: Not known → Yes" in said
    assert _fill(desk, desk.browser).status_code == 204, "without these fields they stay"
    again = {"attribute_name": ["VIP", ""], "attribute_value": ["ja", ""], "opt_in": "no", "opt_in_since": "2026-01-31"}
    assert _fill(desk, desk.browser, **again).status_code == 204
    with desk.world.rows():
        person = session.get_one(Person, desk.jana.id)
        assert (person.attributes, person.opt_in, person.opt_in_how) == ({"VIP": "ja"}, "no", "")
        assert str(person.opt_in_since) == "2026-01-31"
    said = " ".join(desk.page(f"/contacts/{desk.jana.id}").get_text(" ").split())
    assert "changed “Kostenstelle”: 4711 → –" in said
    assert "changed “Wants news”: Yes → No" in said


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"attribute_name": ["VIP"], "attribute_value": [""]}, "attribute_name"),
        ({"attribute_name": ["VIP", "VIP"], "attribute_value": ["1", "2"]}, "attribute_name"),
        ({"attribute_name": ["Kosten stelle", "Kosten  stelle"], "attribute_value": ["1", "2"]}, "attribute_name"),
        ({"attribute_name": ["VIP", "V\x00IP"], "attribute_value": ["1", "2"]}, "attribute_name"),
        ({"attribute_name": [str(n) for n in range(51)], "attribute_value": ["x"] * 51}, "attribute_name"),
        ({"opt_in": "perhaps"}, "opt_in"),
        ({"opt_in": "yes", "opt_in_since": "soon"}, "opt_in_since"),
        ({"opt_in": "yes", "opt_in_since": "3000-01-01"}, "opt_in_since"),
    ],
)
def test_what_is_wrong_in_a_profile_is_said_at_its_field(desk: Desk, fields: dict[str, Any], field: str) -> None:
    answer = _fill(desk, desk.browser, **fields)
    assert answer.status_code == 422
    assert field in {str(one["data-field"]) for one in BeautifulSoup(answer.text, "lxml").select("[data-field]")}


def test_a_profile_that_somebody_has_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    seen = desk.page(f"/contacts/{desk.jana.id}").select_one("form [name=version]")
    assert seen is not None
    given = {"version": str(seen["value"]), "attribute_name": ["VIP"], "attribute_value": ["ja"], "opt_in": "no"}
    token = {"Authorization": f"Bearer {_token(desk)}"}
    body = {"name": "Jana Wiedekind", "customer": "K1", "email": desk.jana.mail, "attributes": {"Kostenstelle": "4711"}}
    assert desk.world.browser().put("/api/v1/contacts/jana", json=body, headers=token).status_code == 200
    refused = _fill(desk, desk.browser, **given)
    assert (refused.status_code, "Somebody has changed this meanwhile." in refused.text) == (409, True)
    with desk.world.rows():
        assert session.get_one(Person, desk.jana.id).attributes == {"Kostenstelle": "4711"}
    fresh = desk.page(f"/contacts/{desk.jana.id}").select_one("form [name=version]")
    assert fresh is not None
    assert _fill(desk, desk.browser, **given | {"version": str(fresh["value"])}).status_code == 204


def test_what_is_taken_back_is_dated_to_the_day_it_was(desk: Desk) -> None:
    yes = {"opt_in": "yes", "opt_in_since": "2026-01-31"}
    assert _fill(desk, desk.browser, **yes).status_code == 204
    assert _fill(desk, desk.browser, **yes, opt_in_how="Messe").status_code == 204
    with desk.world.rows():
        person = session.get_one(Person, desk.jana.id)
        assert (person.opt_in, str(person.opt_in_since)) == ("yes", "2026-01-31")
    assert _fill(desk, desk.browser, opt_in="no", opt_in_since="2026-01-31").status_code == 204
    with desk.world.rows():
        person = session.get_one(Person, desk.jana.id)
        assert (person.opt_in, person.opt_in_since) == ("no", clock.now().date())


def test_a_day_is_taken_on_the_29th_of_february_too(desk: Desk) -> None:
    desk.world.pass_time(timedelta(days=(date(2028, 2, 29) - clock.now().date()).days))
    browser = desk.world.browser(desk.piet)
    assert _fill(desk, browser, opt_in="yes", opt_in_since="2028-02-28").status_code == 204
    assert _fill(desk, browser, opt_in="yes", opt_in_since="2029-03-02").status_code == 422


def test_names_of_attributes_are_put_on_one_line_and_none_swallows_another(desk: Desk) -> None:
    told = {"attribute_name": ["Kosten\x00  stelle "], "attribute_value": ["47\x0011"]}
    assert _fill(desk, desk.browser, **told).status_code == 204
    with desk.world.rows():
        assert session.get_one(Person, desk.jana.id).attributes == {"Kosten stelle": "4711"}
    token = {"Authorization": f"Bearer {_token(desk)}"}
    body = {"name": "Jana Wiedekind", "customer": "K1", "email": desk.jana.mail}
    for names in (("Kosten stelle", "Kosten  stelle"), ("VIP", " VIP")):
        twice = body | {"attributes": dict.fromkeys(names, "1")}
        refused = desk.world.browser().put("/api/v1/contacts/jana", json=twice, headers=token)
        assert refused.status_code == 422, (names, refused.text)
        assert "attributes" in refused.get_json()["fields"], refused.text
    with desk.world.rows():
        assert session.get_one(Person, desk.jana.id).attributes == {"Kosten stelle": "4711"}


def test_who_may_not_write_people_edits_no_profile(desk: Desk) -> None:
    warehouse = desk.world.browser(desk.world.staff("Uwe Lager", "warehouse"))
    assert "attribute_name" not in warehouse.get(f"/contacts/{desk.jana.id}").text
    assert _fill(desk, warehouse, opt_in="yes").status_code == 403


def test_a_ticket_without_words_began_with_itself(desk: Desk) -> None:
    with desk.world.app.test_request_context(), desk.world.rows():
        number = open_ticket(desk.piet.who(), "By hand", contact=session.get_one(Person, desk.jana.id)).number
    rows, _more = touches(desk, f"/contacts/{desk.jana.id}/timeline?ticket={number}")
    assert rows[0].startswith("Ticket By hand")
