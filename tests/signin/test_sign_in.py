"""People come in by Microsoft's word alone, and only those who may."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from backend import auth
from backend.auth import SignIn
from backend.db import session
from backend.people.models import EmailAddress, Identity, Person
from backend.sandbox import people as tenant
from tests.world import JANA, Browser, World

MAREK = "marek.ostwald@nordlicht-it.example"
PIET = "piet.hagenauer@nordlicht-it.example"


def exchange(world: World, token: str, **headers: str) -> TestResponse:
    """The pane's call."""
    headers = {"Origin": world.settings.url, "Accept": "application/json", **headers}
    return world.app.test_client().post("/session", headers={"Authorization": f"Bearer {token}", **headers})


def choose_at_microsoft(address: str, person: str) -> dict[str, str]:
    """What a person does on the sign-in page: the form with which the browser comes back."""
    with httpx.Client() as browser:
        assert person in browser.get(address).text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        target = address.partition("?")[0]
        account = tenant.by_mail(person)
        assert account is not None
        form = {**asked, "person": account.id}
        answer = browser.post(target, data=form, headers={"Origin": "http://" + urlsplit(address).netloc})
    page = BeautifulSoup(answer.text, "lxml")
    return {str(field["name"]): str(field["value"]) for field in page.select("form input[name]")}


def sign_in(world: World, browser: Browser, person: str, wanted: str = "/tickets") -> TestResponse:
    """The whole way with a browser."""
    away = browser.post("/sign-in", data={"next": wanted})
    assert away.status_code == 303
    assert away.headers["Location"].startswith(f"{world.settings.sandbox_url}/{tenant.HOME_TENANT}/oauth2/v2.0/")
    return browser.post("/sign-in/callback", data=choose_at_microsoft(away.headers["Location"], person))


def test_a_browser_signs_in_and_goes_where_it_wanted(world: World) -> None:
    browser = world.browser()
    back = sign_in(world, browser, MAREK, "/tickets?view=mine")
    assert (back.status_code, back.headers["Location"]) == (303, "/tickets?view=mine")
    cookie = next(one for one in back.headers.getlist("Set-Cookie") if one.startswith(auth.COOKIE))
    assert {"Secure", "HttpOnly", "Partitioned", "Path=/", "SameSite=None"} <= set(cookie.split("; "))
    with world.rows():
        marek = session.scalars(select(Person)).one()
        assert (marek.name, marek.mail, sorted(marek.roles)) == (
            "Marek Ostwald",
            MAREK,
            ["administrator", "technician"],
        )
    assert browser.get("/sign-in").headers["Location"] == "/tickets"


def test_signing_in_twice_is_one_person_and_ends_the_session_before(world: World) -> None:
    browser = world.browser()
    sign_in(world, browser, PIET)
    first = browser.get_cookie(auth.COOKIE, domain="localhost")
    sign_in(world, browser, PIET)
    second = browser.get_cookie(auth.COOKIE, domain="localhost")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1


def test_the_callback_without_its_own_beginning_is_refused(world: World) -> None:
    victim, attacker = world.browser(), world.browser()
    away = attacker.post("/sign-in")
    answer = choose_at_microsoft(away.headers["Location"], PIET)
    assert victim.post("/sign-in/callback", data=answer).status_code == 401
    assert attacker.post("/sign-in/callback", data={**answer, "state": "another"}).status_code == 401
    assert victim.get_cookie(auth.COOKIE, domain="localhost") is None


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:1", ""]
)
def test_nobody_is_led_elsewhere(world: World, wanted: str) -> None:
    back = sign_in(world, world.browser(), PIET, wanted)
    assert back.headers["Location"] == "/tickets"


def test_a_page_leads_to_the_sign_in_and_a_program_does_not(world: World) -> None:
    browser = world.browser()
    page = browser.get("/live?topic=tickets", headers={"Accept": "text/html"})
    if page.status_code != 404:
        assert page.headers["Location"] == "/sign-in?next=%2Flive%3Ftopic%3Dtickets"
    assert browser.get("/sign-in").status_code == 200
    told = browser.post("/session", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["code"]) == (401, "not-signed-in")  # type: ignore[index]


def test_signing_out_ends_the_row(world: World) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    cookie = browser.get_cookie(auth.COOKIE, domain="localhost")
    assert cookie is not None
    with world.rows():
        assert auth.who_signed_in(cookie.value) is not None
    assert browser.post("/sign-out", headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert browser.post("/sign-out").status_code == 303
    with world.rows():
        assert auth.who_signed_in(cookie.value) is None


def test_the_pane_exchanges_its_token(world: World) -> None:
    answer = exchange(world, world.access_token(MAREK))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json  # type: ignore[assignment]
    assert body["name"] == "Marek Ostwald"
    assert body["csrf"]
    assert "Partitioned" in answer.headers["Set-Cookie"]


def test_the_pane_may_sign_in_again_over_an_old_session(world: World) -> None:
    browser = world.browser(world.staff("Marek Ostwald"))
    answer = browser.post(
        "/session", headers={"Authorization": f"Bearer {world.access_token(MAREK)}", "X-CSRF-Token": ""}
    )
    assert answer.status_code == 200
    with world.rows():
        assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1


def test_another_sites_page_cannot_exchange(world: World) -> None:
    answer = exchange(world, world.access_token(MAREK), Origin="https://evil.example")
    assert answer.status_code == 403


def test_a_customer_has_no_part_in_the_desk(world: World) -> None:
    answer = exchange(world, world.access_token(JANA))
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_roles_of_another_tenant_count_for_nothing(world: World) -> None:
    answer = exchange(world, world.access_token(JANA, roles=["administrator"]))
    assert answer.status_code == 403
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_contact_never_becomes_staff_by_an_address_in_a_token(world: World) -> None:
    jana = world.contact("Jana Wiedekind", JANA, None)
    answer = exchange(world, world.access_token(PIET, preferred_username=JANA, email=JANA))
    assert answer.status_code == 200
    with world.rows():
        assert session.get_one(Person, jana.id).roles == []
        piet = session.scalars(select(Person).where(Person.roles != [])).one()
        assert session.get_one(EmailAddress, PIET).person_id == piet.id


def test_staff_that_was_entered_before_is_adopted_by_the_directorys_word(world: World) -> None:
    known = world.staff("Piet Hagenauer")
    with world.rows():
        session.query(Identity).delete()
    assert exchange(world, world.access_token(PIET)).json["person_id"] == known.id  # type: ignore[index]
    with world.rows():
        assert session.scalars(select(Identity.person_id)).one() == known.id


def test_a_contact_with_a_colleagues_address_is_not_adopted(world: World) -> None:
    contact = world.contact("Piet, as somebody entered him", PIET, None)
    assert exchange(world, world.access_token(PIET)).json["person_id"] != contact.id  # type: ignore[index]


def test_roles_follow_the_directory_at_each_sign_in(world: World) -> None:
    piet = world.staff("Piet Hagenauer", "administrator")
    browser = world.browser(piet)
    assert exchange(world, world.access_token(PIET)).status_code == 200
    with world.rows():
        assert session.get_one(Person, piet.id).roles == ["technician"]
    assert exchange(world, world.access_token(PIET, roles=None)).status_code == 403
    with world.rows():
        assert session.get_one(Person, piet.id).roles == []
    assert browser.get("/sign-in").status_code == 200  # every sign-in of somebody without a role has ended


def test_somebody_switched_off_stays_out(world: World) -> None:
    piet = world.staff("Piet Hagenauer")
    with world.rows():
        session.get_one(Person, piet.id).active = False
    assert exchange(world, world.access_token(PIET)).status_code == 403
