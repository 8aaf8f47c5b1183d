"""A ticket is given to a technician, a team or a group, found by name; whoever has it hears of it, once.

Here by mail only where Teams does not reach; the other ways are in test_telling.py.
"""

import re

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth
from backend.db import session
from backend.mentions.models import Told
from backend.people.models import Group, GroupTeam, Person, Team, TeamMember
from backend.staff.models import AssignmentNotice
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Ticket
from tests.bot.teams import AYLIN, PIET, Teams, installed
from tests.world import JANA, Browser, World

pytestmark = pytest.mark.slow


@pytest.fixture
def teams(world: World) -> Teams:
    """Piet and Aylin have the bot; Tomma does not. Piet and Tomma are the team Netz, Aylin is Feld; Süd is both."""
    world.chosen(telling="teams")
    people = {name: world.staff(name) for name in ("Piet Hagenauer", "Aylin Demirsoy", "Tomma Kielhorn")}
    world.staff("Marek Ostwald", "administrator")
    world.staff("Vera Verkauf", "sales")
    customer = world.customer("K1", "Möbelwerk Tressow GmbH")
    jana = world.contact("Jana Wiedekind", JANA, customer)
    made = Teams(world)
    installed(made, PIET, AYLIN)
    with world.rows():
        net, field, south = Team(name="Netz"), Team(name="Feld"), Group(name="Süd")
        session.add_all([net, field, south])
        session.flush()
        pairs = ((net, "Piet Hagenauer"), (net, "Tomma Kielhorn"), (field, "Aylin Demirsoy"))
        session.add_all(TeamMember(team_id=team.id, person_id=people[name].id) for team, name in pairs)
        session.add_all(GroupTeam(group_id=south.id, team_id=team.id) for team in (net, field))
        for person in session.scalars(select(Person)):
            person.language = "en"
        ticket = open_ticket(jana.who(), "Netz <b>weg</b>", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Alles dunkel", author_mail=JANA))
    world.work()
    return made


def somebody(world: World, name: str) -> Person:
    with world.rows():
        return session.scalars(select(Person).where(Person.name == name)).one()


def desk(world: World, name: str) -> Browser:
    return world.browser(somebody(world, name))


def give(world: World, by: str, name: str, value: object) -> int:
    answer = desk(world, by).post(f"/tickets/10001/{name}", data={"value": str(value)})
    world.work()
    return answer.status_code


def told(world: World) -> list[tuple[str, str]]:
    with world.rows():
        rows = session.execute(
            select(Person.name, AssignmentNotice.told).join(AssignmentNotice).order_by(AssignmentNotice.id)
        )
        return [(row.name, row.told) for row in rows]


def mailed(world: World) -> list[str]:
    """To whom the desk has sent a notification, with its subject."""
    found = []
    for sent in world.sent():
        if "gave" in sent["subject"]:
            found.append(f"{sent['to'][0]}: {sent['subject']}")
    return sorted(found)


def offered(world: World, by: str, query: str) -> list[str]:
    page = desk(world, by).get(f"/tickets/10001/assignable?{query}").text
    return re.findall(r'data-shown="([^"]*)"', page)


def test_the_technician_hears_of_it_by_card_or_mail_once_and_never_by_their_own_hand(
    world: World, teams: Teams
) -> None:
    aylin, tomma = somebody(world, "Aylin Demirsoy"), somebody(world, "Tomma Kielhorn")
    assert give(world, "Piet Hagenauer", "assignee", aylin.id) == 200
    (card,) = teams.cards(AYLIN)
    assert "Piet Hagenauer" in str(card["body"][0])
    assert card["actions"][0]["url"].endswith("/tickets/10001")
    assert "Netz <b>weg</b> · Möbelwerk Tressow GmbH" in str(card["body"][1])
    assert mailed(world) == []
    assert give(world, "Piet Hagenauer", "assignee", aylin.id) == 204, "it is so already"
    assert give(world, "Piet Hagenauer", "assignee", tomma.id) == 200
    assert mailed(world) == [f"{tomma.mail}: Piet Hagenauer gave you ticket 10001: Netz <b>weg</b>"]
    assert give(world, "Tomma Kielhorn", "assignee", "") == 200
    assert give(world, "Tomma Kielhorn", "assignee", tomma.id) == 200, "to oneself"
    assert told(world) == [("Aylin Demirsoy", Told.TEAMS), ("Tomma Kielhorn", Told.MAIL)]
    with world.rows():
        ids = list(session.scalars(select(AssignmentNotice.activity_id)))
    for one in ids:
        world.run("staff.tell", activity_id=one)
    world.work()
    assert len(told(world)) == 2, "a job that runs twice tells once"


def test_each_member_of_a_team_and_of_a_group_hears_of_it(world: World, teams: Teams) -> None:
    with world.rows():
        net = session.scalars(select(Team).where(Team.name == "Netz")).one().id
        south = session.scalars(select(Group)).one().id
    assert give(world, "Piet Hagenauer", "team", net) == 200
    assert told(world) == [("Tomma Kielhorn", Told.MAIL)], "Piet did it himself"
    assert "Netz" in mailed(world)[0]
    assert give(world, "Piet Hagenauer", "team", f"g{south}") == 200
    assert sorted(told(world)[1:]) == [("Aylin Demirsoy", Told.TEAMS), ("Tomma Kielhorn", Told.MAIL)]
    assert "Süd" in str(teams.cards(AYLIN)[0]["body"][0])
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.team_id, ticket.group_id) == (None, south), "a team's or a group's"


def test_a_teams_and_a_groups_tickets_are_on_the_list_of_their_members(world: World, teams: Teams) -> None:
    with world.rows():
        feld = session.scalars(select(Team).where(Team.name == "Feld")).one().id
        south = session.scalars(select(Group)).one().id

    def listed(name: str) -> bool:
        page = BeautifulSoup(desk(world, name).get("/tickets?view=teams").text, "lxml")
        shown = page.select_one("#t10001") is not None
        assert page.select("a.view[aria-current] .n")[0].get_text() == ("1" if shown else "0")
        return shown

    give(world, "Marek Ostwald", "team", feld)
    assert (listed("Piet Hagenauer"), listed("Aylin Demirsoy")) == (False, True)
    give(world, "Marek Ostwald", "team", f"g{south}")
    assert (listed("Piet Hagenauer"), listed("Aylin Demirsoy"), listed("Marek Ostwald")) == (True, True, False)


def test_found_by_name_and_only_those_entitled(world: World, teams: Teams) -> None:
    assert offered(world, "Piet Hagenauer", "for=assignee")[0] == "Piet Hagenauer", "oneself first"
    assert offered(world, "Piet Hagenauer", "for=assignee")[-1] == "Nobody"
    assert offered(world, "Piet Hagenauer", "for=assignee&q=aylin+dem") == ["Aylin Demirsoy"]
    assert offered(world, "Piet Hagenauer", "for=assignee&q=vera") == []
    assert offered(world, "Piet Hagenauer", "for=assignee&q=jana") == []
    assert offered(world, "Piet Hagenauer", "for=team&q=s%C3%BC") == ["Süd"]
    assert offered(world, "Piet Hagenauer", "for=team") == ["Feld", "Netz", "Süd", "No team"]
    assert give(world, "Piet Hagenauer", "assignee", somebody(world, "Vera Verkauf").id) == 422
    assert give(world, "Piet Hagenauer", "team", "g999") == 422
    assert give(world, "Piet Hagenauer", "team", "gx") == 422


def test_oneself_stands_first_then_the_ticket_s_team_and_names_have_the_room(world: World, teams: Teams) -> None:
    with world.rows():
        net = session.scalars(select(Team).where(Team.name == "Netz")).one().id
    world.staff("Aaron Anders")
    assert offered(world, "Piet Hagenauer", "for=assignee")[:2] == ["Piet Hagenauer", "Aaron Anders"]
    give(world, "Piet Hagenauer", "team", net)
    shown = offered(world, "Piet Hagenauer", "for=assignee")
    assert shown[:3] == ["Piet Hagenauer", "Tomma Kielhorn", "Aaron Anders"]
    assert offered(world, "Aylin Demirsoy", "for=assignee&q=r")[:3] == [
        "Aylin Demirsoy", "Piet Hagenauer", "Tomma Kielhorn",
    ]  # fmt: skip
    page = desk(world, "Piet Hagenauer").get("/tickets/10001/assignable?for=assignee").text
    assert "Me</span>" in page
    assert "@" not in page, "an address beside a name leaves the name no room"
    found = desk(world, "Aylin Demirsoy").get("/people/find?for=assignee").text
    assert re.findall(r'data-shown="([^"]*)"', found)[:2] == ["Aylin Demirsoy", "Aaron Anders"]
    assert "Me</span>" in found


def test_two_of_one_name_are_told_apart(world: World, teams: Teams) -> None:
    twin = world.staff("Aylin Zwei")
    with world.rows():
        session.get_one(Person, twin.id).name = "Aylin Demirsoy"
    page = desk(world, "Piet Hagenauer").get("/tickets/10001/assignable?for=assignee&q=demirsoy").text
    assert str(twin.mail) in page


def test_within_the_group_where_that_is_chosen(world: World, teams: Teams) -> None:
    with world.rows():
        net = session.scalars(select(Team).where(Team.name == "Netz")).one().id
        south = session.scalars(select(Group)).one().id
    marek, lena = desk(world, "Marek Ostwald"), world.staff("Lena Brandis")
    assert chosen_on_the_page(marek, "assigning", "assign_within_group", "1") == 200
    aylin, tomma = somebody(world, "Aylin Demirsoy"), somebody(world, "Tomma Kielhorn")
    assert "Aylin Demirsoy" in offered(world, "Piet Hagenauer", "for=assignee"), "no team yet"
    give(world, "Piet Hagenauer", "team", net)
    assert offered(world, "Piet Hagenauer", "for=assignee") == ["Piet Hagenauer", "Tomma Kielhorn", "Nobody"]
    refused = desk(world, "Piet Hagenauer").post(
        "/tickets/10001/assignee", data={"value": str(aylin.id)}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 422
    assert "Aylin Demirsoy is not in the team or group" in refused.text
    assert give(world, "Piet Hagenauer", "assignee", tomma.id) == 200
    assert "Aylin Demirsoy" in offered(world, "Marek Ostwald", "for=assignee")
    assert give(world, "Marek Ostwald", "assignee", aylin.id) == 200, "administrators are exempt"
    assert give(world, "Marek Ostwald", "team", f"g{south}") == 200
    members = ["Piet Hagenauer", "Aylin Demirsoy", "Tomma Kielhorn", "Nobody"]
    assert offered(world, "Piet Hagenauer", "for=assignee") == members
    assert give(world, "Piet Hagenauer", "assignee", lena.id) == 422
    assert give(world, "Piet Hagenauer", "assignee", aylin.id) in (200, 204), "of the group by another team"
    assert chosen_on_the_page(marek, "assigning", "assign_within_group", "") == 200
    assert "Lena Brandis" in offered(world, "Piet Hagenauer", "for=assignee")
    assert give(world, "Piet Hagenauer", "assignee", lena.id) == 200


def chosen_on_the_page(browser: Browser, page: str, key: str, value: str) -> int:
    return browser.post(f"/settings/about/{page}", data={"key": key, "value": value}).status_code


def test_who_is_added_on_the_page_is_offered_told_and_has_the_ticket_on_their_list(world: World, teams: Teams) -> None:
    marek, lena = desk(world, "Marek Ostwald"), world.staff("Lena Brandis")
    with world.rows():
        session.get_one(Person, lena.id).language = "en"
    for what, name in (("teams", "West"), ("groups", "Nord")):
        assert marek.post(f"/settings/staff/{what}", data={"name": name}).status_code == 200
    with world.rows():
        west = session.scalars(select(Team).where(Team.name == "West")).one().id
        north = session.scalars(select(Group).where(Group.name == "Nord")).one().id
    assert marek.post(f"/settings/staff/teams/{west}/parts", data={"value": str(lena.id)}).status_code == 200
    assert marek.post(f"/settings/staff/groups/{north}/parts", data={"value": str(west)}).status_code == 200
    assert chosen_on_the_page(marek, "assigning", "assign_within_group", "1") == 200

    def listed() -> bool:
        return 'id="t10001"' in desk(world, "Lena Brandis").get("/tickets?view=teams").text

    assert not listed()
    for number, owner in enumerate((str(west), f"g{north}"), 1):
        assert give(world, "Marek Ostwald", "team", owner) == 200
        assert listed(), owner
        assert [name for name, _how in told(world)] == ["Lena Brandis"] * number
        assert offered(world, "Piet Hagenauer", "for=assignee") == ["Lena Brandis", "Nobody"]
    assert len(mailed(world)) == 2
    assert marek.post(f"/settings/staff/teams/{west}/parts/{lena.id}/remove").status_code == 200
    assert not listed()
    assert "Lena Brandis" not in offered(world, "Piet Hagenauer", "for=assignee")


def test_by_rest(world: World, teams: Teams) -> None:
    with world.rows():
        token = auth.create_api_token("test", "technician")
    headers = {"Authorization": f"Bearer {token}"}
    client = world.app.test_client()

    def patch(**body: object) -> tuple[int, object, object]:
        answer = client.patch("/api/v1/tickets/10001", json=body, headers=headers)
        found = answer.get_json()
        return answer.status_code, found.get("team"), found.get("group")

    assert patch(team="Netz") == (200, "Netz", None)
    assert patch(group="Süd") == (200, None, "Süd")
    world.work()
    assert patch(group=None) == (200, None, None)
    assert patch(group="Nord")[0] == 422
    assert patch(group="Süd", team="Netz")[0] == 422
    assert {name for name, _how in told(world)} == {"Piet Hagenauer", "Tomma Kielhorn", "Aylin Demirsoy"}
