"""By which ways technicians are told: in Teams and by mail unless an administrator chooses otherwise, each once."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import config
from backend.db import session
from backend.mail.actions import notify
from backend.mail.models import OutboundMail
from backend.mentions.models import Mention, Told
from backend.people.models import Person, Team, TeamMember
from backend.staff.models import AssignmentNotice
from backend.tickets.actions import Said, open_ticket, receive
from tests.bot.teams import AYLIN, PIET, Teams, installed
from tests.family.conftest import Kin
from tests.family.conftest import kin as kin
from tests.world import JANA, Browser, World

pytestmark = pytest.mark.slow
TOMMA = "tomma.kielhorn@nordlicht-it.example"
HOWS = {"assigned": "gave you ticket 10001", "mentioned": "mentions you", "called": "noted a call on your ticket"}
Case = tuple[World, Teams]


@pytest.fixture
def case(world: World) -> Case:
    """Piet and Aylin have the bot, Tomma has not; Jana's ticket 10001 is nobody's."""
    people = [world.staff(name) for name in ("Piet Hagenauer", "Aylin Demirsoy", "Tomma Kielhorn")]
    people.append(world.staff("Marek Ostwald", "administrator"))
    jana = world.contact("Jana Wiedekind", JANA, world.customer("K1", "Möbelwerk Tressow GmbH"))
    teams = Teams(world)
    installed(teams, PIET, AYLIN)
    with world.rows():
        for person in people:
            session.get_one(Person, person.id).language = "en"
        ticket = open_ticket(jana.who(), "Netz weg", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Alles dunkel", author_mail=JANA))
    world.work()
    return world, teams


def of(world: World, mail: str) -> Person:
    with world.rows():
        return session.scalars(select(Person).where(Person.mail == mail)).one()


def choose(world: World, how: str) -> int:
    """Marek chooses on the settings page."""
    with world.rows():
        marek = session.scalars(select(Person).where(Person.name == "Marek Ostwald")).one()
    return world.browser(marek).post("/settings/about/telling", data={"key": "telling", "value": how}).status_code


def tell(world: World, kind: str, *mails: str) -> Browser:
    """Piet does what these technicians are told of."""
    piet = world.browser(of(world, PIET))
    for mail in mails:
        person = of(world, mail)
        if kind == "mentioned":
            form = {"kind": "note", "text": "Bitte ansehen", "mentions": mail}
            assert piet.post("/tickets/10001/messages", data=form).status_code == 204
            continue
        assert piet.post("/tickets/10001/assignee", data={"value": str(person.id)}).status_code == 200
        world.work()  # who gives it away again at once disturbs nobody
        if kind == "called":
            form = {"kind": "call", "text": "Jana rief an"}
            assert piet.post("/tickets/10001/messages", data=form).status_code == 204
    world.work()
    return piet


def told(world: World, kind: str) -> list[str]:
    table = AssignmentNotice if kind == "assigned" else Mention
    with world.rows():
        return list(session.scalars(select(table.told).order_by(table.id)))


def mailed(world: World, kind: str) -> list[tuple[str, str]]:
    """(to whom, what) of each mail of that kind."""
    mails = [(str(one["to"][0]), world.sent_mime(one).decode()) for one in world.sent() if HOWS[kind] in one["subject"]]
    return [(to, raw) for to, raw in mails]


def carded(teams: Teams, mail: str, kind: str) -> int:
    return sum(HOWS[kind] in str(one["body"][0]) for one in teams.cards(mail))


@pytest.mark.parametrize("kind", HOWS)
def test_by_both_ways_each_once_with_the_way_to_the_ticket(case: Case, kind: str) -> None:
    world, teams = case
    tell(world, kind, AYLIN)
    assert carded(teams, AYLIN, kind) == 1
    ((to, raw),) = mailed(world, kind)
    assert to == AYLIN
    assert f"{world.settings.url}/tickets/10001" in raw.replace("=\r\n", "")
    assert "Auto-Submitted: auto-generated" in raw
    assert told(world, kind) == [Told.BOTH]
    assert carded(teams, PIET, kind) == 0, "not who did it"


@pytest.mark.parametrize("kind", HOWS)
def test_in_teams_and_by_mail_only_where_that_does_not_reach(case: Case, kind: str) -> None:
    world, teams = case
    assert choose(world, "teams") == 200
    tell(world, kind, AYLIN, TOMMA)
    assert (carded(teams, AYLIN, kind), [to for to, _raw in mailed(world, kind)]) == (1, [TOMMA])
    assert told(world, kind) == [Told.TEAMS, Told.MAIL]


@pytest.mark.parametrize("kind", HOWS)
def test_by_mail_alone(case: Case, kind: str) -> None:
    world, teams = case
    assert choose(world, "mail") == 200
    tell(world, kind, AYLIN)
    assert (carded(teams, AYLIN, kind), [to for to, _raw in mailed(world, kind)]) == (0, [AYLIN])
    assert told(world, kind) == [Told.MAIL]


def test_each_member_of_a_team_by_both_ways_in_their_own_language(case: Case) -> None:
    world, teams = case
    aylin = of(world, AYLIN)
    with world.rows():
        session.get_one(Person, aylin.id).language = "de"
        team = Team(name="Netz")
        session.add(team)
        session.flush()
        session.add_all(TeamMember(team_id=team.id, person_id=of(world, one).id) for one in (AYLIN, TOMMA, PIET))
        number = team.id
    world.browser(of(world, PIET)).post("/tickets/10001/team", data={"value": str(number)})
    world.work()
    subjects = {str(one["to"][0]): one["subject"] for one in world.sent() if "Netz" in one["subject"]}
    assert set(subjects) == {AYLIN, TOMMA}
    assert "gave ticket 10001 to Netz" in subjects[TOMMA]
    assert "Ticket 10001" in subjects[AYLIN]
    assert "gave" not in subjects[AYLIN]
    assert len(teams.cards(AYLIN)) == 1
    assert sorted(told(world, "assigned")) == [Told.BOTH, Told.MAIL]


@pytest.mark.parametrize("kind", ["assigned", "mentioned"])
def test_whom_teams_does_not_reach_gets_the_one_mail(case: Case, kind: str) -> None:
    world, teams = case
    teams.control("POST", f"/people/{AYLIN}/block")
    tell(world, kind, AYLIN)
    assert len(mailed(world, kind)) == 1
    assert told(world, kind) == [Told.MAIL]


@pytest.mark.parametrize("kind", ["assigned", "mentioned"])
def test_a_card_that_has_to_wait_comes_later_and_makes_no_second_mail(case: Case, kind: str) -> None:
    world, teams = case
    world.misbehave("POST /v3/conversations/.*/activities", status=429, retry_after=1, times=3)
    tell(world, kind, AYLIN)
    assert (carded(teams, AYLIN, kind), len(mailed(world, kind))) == (1, 1)
    assert told(world, kind) == [Told.BOTH]


def test_what_teams_perhaps_showed_was_told_by_mail(case: Case) -> None:
    world, teams = case
    world.misbehave("POST /v3/conversations/.*/activities", status=502, after_effect=True)
    piet = tell(world, "mentioned", AYLIN)
    assert (len(teams.cards(AYLIN)), len(mailed(world, "mentioned"))) == (1, 1)
    assert told(world, "mentioned") == [Told.MAIL]
    assert "notified by e-mail" in piet.get("/tickets/10001").text


def test_the_ticket_says_by_which_ways(case: Case) -> None:
    world, _teams = case
    page = BeautifulSoup(tell(world, "mentioned", AYLIN).get("/tickets/10001").text, "lxml")
    assert "Aylin Demirsoy notified in Teams and by e-mail" in " ".join(page.get_text(" ").split())


def test_a_mail_that_the_gate_keeps_leaves_the_card(case: Case) -> None:
    world, teams = case
    config.use(replace(world.settings, brake_address=1))
    tell(world, "assigned", AYLIN)
    tell(world, "mentioned", AYLIN)
    assert (carded(teams, AYLIN, "mentioned"), mailed(world, "mentioned")) == (1, [])
    assert told(world, "mentioned") == [Told.TEAMS]


def test_what_colleagues_are_told_takes_nothing_from_what_customers_are_told(case: Case) -> None:
    world, _teams = case
    config.use(replace(world.settings, brake_mailbox=2))
    tell(world, "mentioned", AYLIN, TOMMA, TOMMA)
    assert told(world, "mentioned") == [Told.BOTH, Told.MAIL, Told.NOBODY], "the third was one too many"
    with world.rows():
        assert notify("Jana", JANA, subject="Code", paragraphs=["123456"]) is not None


def test_a_mail_that_failed_for_good_has_told_nobody(case: Case) -> None:
    world, _teams = case
    piet = tell(world, "mentioned", TOMMA)
    with world.rows():
        session.scalars(select(OutboundMail).order_by(OutboundMail.id.desc())).first().state = "failed"  # type: ignore[union-attr]
    assert "not notified" in piet.get("/tickets/10001").text


def test_the_page_offers_the_three_ways_and_the_log_keeps_the_choice(case: Case) -> None:
    world, _teams = case
    with world.rows():
        marek = session.scalars(select(Person).where(Person.name == "Marek Ostwald")).one()
    browser = world.browser(marek)
    page = BeautifulSoup(browser.get("/settings/about/telling").text, "lxml")
    offered = [(one["value"], one.has_attr("selected")) for one in page.select("select#s-telling option")]
    assert offered == [("both", True), ("teams", False), ("mail", False)]
    assert choose(world, "nobody") == 422
    assert choose(world, "mail") == 200
    assert "in Teams and by e-mail → by e-mail only" in " ".join(
        BeautifulSoup(browser.get("/settings/log").text, "lxml").get_text(" ").split()
    )


def test_who_does_not_see_the_ticket_is_not_told_what_stands_on_it(kin: Kin) -> None:
    form = {"kind": "note", "text": "Mein Geheimnis", "mentions": str(kin.people["piet"].mail)}
    answer = kin.browser("aylin").post(f"/tickets/{kin.aylins}/messages", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Piet Hagenauer does not see this ticket" in answer.text
    kin.world.work()
    assert not [one for one in kin.world.sent() if "Geheimnis" in kin.world.sent_mime(one).decode()]
