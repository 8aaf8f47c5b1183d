"""The settings pages on teams, groups and roles."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.auth import PERMISSIONS, Role
from backend.db import session
from backend.people.models import Group, GroupTeam, Person, Team, TeamMember
from backend.staff import words
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Channel
from tests.world import JANA, Browser, World

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(world: World) -> Browser:
    person = world.staff("Marek Ostwald", "administrator")
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return world.browser(person)


def _page(browser: Browser, address: str) -> BeautifulSoup:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "lxml")


def _log(admin: Browser) -> str:
    return " ".join(_page(admin, "/settings/log").get_text(" ").split())


def test_teams_and_groups_are_made_filled_and_taken_back(world: World, admin: Browser) -> None:
    piet = world.staff("Piet Hagenauer")
    assert "Netz" in admin.post("/settings/staff/teams", data={"name": " Netz  "}).text
    assert admin.post("/settings/staff/teams", data={"name": "netz"}).status_code == 422
    assert admin.post("/settings/staff/teams", data={"name": " "}).status_code == 422
    assert admin.post("/settings/staff/groups", data={"name": "Süd"}).status_code == 200
    with world.rows():
        team, group = session.scalars(select(Team)).one().id, session.scalars(select(Group)).one().id
    added = admin.post(f"/settings/staff/teams/{team}/parts", data={"value": str(piet.id)})
    assert "Piet Hagenauer is in Netz" in added.text
    assert admin.post(f"/settings/staff/teams/{team}/parts", data={"value": str(piet.id)}).status_code == 204
    assert admin.post(f"/settings/staff/groups/{group}/parts", data={"value": str(team)}).status_code == 200
    page = _page(admin, "/settings/teams")
    assert "Piet Hagenauer" in page.select_one(f"#teams-{team}").get_text()  # type: ignore[union-attr]
    assert "Netz" in page.select_one(f"#groups-{group} .staff-parts").get_text()  # type: ignore[union-attr]
    assert 'data-shown="Netz"' in admin.get("/settings/teams/find?q=NET").text
    renamed = admin.post(f"/settings/staff/teams/{team}", data={"name": "Netzwerk"})
    assert 'value="Netz"' in renamed.text, "the way back"
    assert admin.post(f"/settings/staff/teams/{team}/parts/{piet.id}/remove").status_code == 200
    assert admin.post(f"/settings/staff/teams/{team}/parts/{piet.id}/remove").status_code == 204
    with world.rows():
        assert session.query(TeamMember).count() == 0
        assert session.query(GroupTeam).count() == 1
    log = _log(admin)
    for words_ in ("changed team Netz: – → Netz", "changed group Süd: – → Netz", "Netz → Netzwerk"):
        assert words_ in log
    vera, jana = world.staff("Vera Verkauf", "sales"), world.contact("Jana", JANA, None)
    for nobody in (vera.id, jana.id, 0, "x"):
        answer = admin.post(f"/settings/staff/teams/{team}/parts", data={"value": str(nobody)})
        assert answer.status_code == 422, nobody
    assert admin.post("/settings/staff/people", data={"name": "x"}).status_code == 404


def test_a_team_with_open_tickets_is_removed_when_asked_twice(world: World, admin: Browser) -> None:
    piet = world.staff("Piet Hagenauer")
    with world.app.test_request_context(), world.rows():
        team = Team(name="Netz")
        session.add(team)
        session.flush()
        ticket = open_ticket(piet.who(), "Netz", team=team)
        number, team_id = ticket.number, team.id
    warned = admin.post(f"/settings/staff/teams/{team_id}/remove")
    assert "1 ticket would be without a team" in warned.text
    with world.rows():
        assert session.query(Team).count() == 1
    assert admin.post(f"/settings/staff/teams/{team_id}/remove", data={"anyway": "1"}).status_code == 200
    assert "No team" in admin.get(f"/tickets/{number}").text


def test_the_page_on_roles_is_the_table(world: World, admin: Browser) -> None:
    world.staff("Vera Verkauf", "sales", "ticket-administrator")
    page = _page(admin, "/settings/roles")
    shown = {
        str(row["data-permission"]): {Role(str(cell["data-role"])) for cell in row.select("td[data-may]")}
        for row in page.select("tr[data-permission]")
    }
    assert shown == {name: set(roles) for name, roles in PERMISSIONS.items()}
    assert set(words.PERMISSIONS) == set(PERMISSIONS)
    assert set(words.ROLES) == set(Role)
    people = {row.select("td")[0].get_text(): row.select("td")[1].get_text() for row in page.select("#people tbody tr")}
    assert "Sales, Ticket administrator" in next(roles for name, roles in people.items() if "Vera" in name)
    assert "Microsoft Entra" in page.get_text()


def test_the_warehouse_reads_and_writes_nothing(world: World, admin: Browser) -> None:
    wolf, jana = world.staff("Wolf Lagerer", "warehouse"), world.contact("Jana", JANA, world.customer("K1", "Tressow"))
    with world.app.test_request_context(), world.rows():
        session.get_one(Person, wolf.id).language = "en"
        ticket = open_ticket(jana.who(), "Rollen fehlen", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Bitte senden", channel=Channel.MAIL, author_mail=JANA))
        number = ticket.number
    browser = world.browser(wolf)
    for address in ("/tickets?view=all", f"/tickets/{number}", "/orders", "/customers/K1", f"/contacts/{jana.id}"):
        shown = _page(browser, address)
        assert not shown.select("a[href^='/tickets/new'], a[href$='/edit'], a[href$='/original']"), address
    page = _page(browser, f"/tickets/{number}")
    rail = page.select_one("#rail-properties")
    assert rail is not None
    assert "Priority Medium" in " ".join(rail.get_text(" ").split())
    assert not page.select("#composer, #rail-properties form, #rail-properties details, .title-menu, .notice")
    assert not _page(browser, "/tickets?view=all").select("#bulk")
    for name in ("priority", "assignee", "messages", "time"):
        assert browser.post(f"/tickets/{number}/{name}", data={"value": "high"}).status_code == 403, name
    assert browser.get("/settings/teams").status_code == 403
    assert "Wolf" not in admin.get("/people/find?for=assignee&q=wolf").text
    assert PERMISSIONS["tickets.read"] >= {Role.WAREHOUSE}
    assert {name for name, roles in PERMISSIONS.items() if Role.WAREHOUSE in roles} == {
        "tickets.read", "people.read", "orders.read",
    }  # fmt: skip
