"""A sign-in is worth what the person may do now, and nobody changes who another member of staff is."""

import pytest
from sqlalchemy import select

from backend import config
from backend.config import ConfigError
from backend.db import session
from backend.people.models import Person
from tests.world import World

MAREK = "marek.ostwald@nordlicht-it.example"


def _exchange(world: World, **claims: object) -> int:
    headers = {"Origin": world.settings.url, "Authorization": f"Bearer {world.access_token(MAREK, **claims)}"}
    return world.app.test_client().post("/session", headers=headers).status_code


def test_whose_roles_are_taken_away_is_out_everywhere(world: World) -> None:
    elsewhere = world.browser(world.staff("Marek Ostwald"))
    assert elsewhere.get("/tickets").status_code == 200
    assert _exchange(world, roles=[]) == 403
    assert elsewhere.get("/tickets").status_code == 401
    assert elsewhere.get("/live?topic=tickets").status_code == 401


def test_a_role_that_was_taken_away_counts_no_more_in_an_open_sign_in(world: World) -> None:
    marek = world.staff("Marek Ostwald")
    elsewhere = world.browser(marek)
    assert _exchange(world, roles=["technician"]) == 200
    assert elsewhere.get("/tickets").status_code == 200
    with world.rows():
        assert session.get_one(Person, marek.id).roles == ["technician"]


def test_who_is_switched_off_is_out_at_once(world: World) -> None:
    marek = world.staff("Marek Ostwald")
    browser = world.browser(marek)
    with world.rows():
        session.get_one(Person, marek.id).active = False
    assert browser.get("/tickets").status_code == 401
    assert _exchange(world) == 403


@pytest.mark.parametrize(
    "claims",
    [{"exp": "inf"}, {"exp": 1e300}, {"oid": "a\x00b"}, {"oid": "someone@else.example"}, {"tid": "a\x00b"}],
    ids=str,
)
def test_claims_that_are_none_are_refused(world: World, claims: dict[str, object]) -> None:
    assert _exchange(world, **claims) == 401


@pytest.mark.parametrize(("role", "status"), [("technician", 403), ("sales", 403), ("administrator", 303)])
def test_only_an_administrator_changes_a_colleagues_name_and_address(world: World, role: str, status: int) -> None:
    marek, other = world.staff("Marek Ostwald"), world.staff("Somebody Else", role)
    answer = world.browser(other).post(f"/contacts/{marek.id}", data={"name": "Chef", "mail": "eve@evil.example"})
    assert answer.status_code == status
    with world.rows():
        name = session.scalars(select(Person.name).where(Person.id == marek.id)).one()
        assert name == ("Chef" if status == 303 else "Marek Ostwald")


def test_a_page_of_another_site_learns_nothing_from_a_window(world: World) -> None:
    browser = world.browser(world.staff("Marek Ostwald"))
    assert browser.get("/tickets").headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'self'" in browser.get("/tickets").headers["Content-Security-Policy"]
    pane = browser.get("/addin/pane").headers
    assert "https://outlook.office.com" in pane["Content-Security-Policy"]
    assert "frame-ancestors *" not in pane["Content-Security-Policy"]


def test_the_sandbox_is_never_the_authority_of_a_public_installation(world: World) -> None:
    environment = {
        "PUBLIC_URL": "https://desk.example.com",
        "SANDBOX_URL": "http://127.0.0.1:8100",
        "DATABASE_URL": "postgresql:///deskside",
        "SECRET_KEY": "0" * 64,
        "TENANT_ID": world.settings.tenant_id,
        "CLIENT_ID": world.settings.client_id,
        "CLIENT_SECRET": "a secret",
    }
    with pytest.raises(ConfigError, match="SANDBOX_URL"):
        config.load(environment)
    assert config.load({**environment, "SANDBOX_URL": ""}).sandbox_url == ""
