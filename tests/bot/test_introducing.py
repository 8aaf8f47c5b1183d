"""Somebody whom nobody knows becomes known by a code that is mailed to them, and nobody learns who is known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.chat.models import TeamsActivity, TeamsCode, TeamsConversation
from backend.db import session
from backend.people.models import EmailAddress, Identity, Person
from backend.sandbox import people as tenant
from backend.tickets.models import Message
from tests.bot.teams import MAREK, Teams, person
from tests.world import World

pytestmark = pytest.mark.slow
ELIF = "elif.mertoglu@moebelwerk-tressow.example"
SVEA = "svea.grootmann@kanzlei-lindhagen.example"  # a guest of the home tenant
NOBODY = "niemand@nirgends.example"


@pytest.fixture
def elif_(world: World) -> Person:
    """Elif: a contact, whose account is not known."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    return world.contact("Elif Mertoglu", ELIF, customer)


def mailed(world: World) -> list[str]:
    """The codes that went out, oldest first."""
    bodies = [world.sent_mime(one).decode() for one in world.sent()]
    return [found[0] for body in bodies if (found := re.search(r"\b\d{6}\b", body.partition("\r\n\r\n")[2]))]


def lines(world: World) -> list[tuple[str, str]]:
    with world.rows():
        rows = session.execute(select(Message.author_name, Message.text).order_by(Message.id))
        return [(row.author_name, row.text) for row in rows]


def linked(world: World, mail: str) -> int | None:
    account = person(mail)
    with world.rows():
        found = session.get(Identity, (account.tenant, account.id))
        return found.person_id if found else None


def test_a_known_address_and_the_right_code_make_somebody_known(world: World, teams: Teams, elif_: Person) -> None:
    teams.says(ELIF, "Mein Konto ist gesperrt")
    teams.says(ELIF, "Es eilt")
    assert lines(world) == []
    assert len(teams.words(ELIF)) == 2
    teams.says(ELIF, f"gern: {ELIF}")
    assert [one["to"] for one in world.sent()] == [[ELIF]]
    (code,) = mailed(world)
    teams.says(ELIF, f"{code[:3]} {code[3:]}")
    assert linked(world, ELIF) == elif_.id
    assert lines(world) == [("Elif Mertoglu", "Mein Konto ist gesperrt"), ("Elif Mertoglu", "Es eilt")]
    teams.says(ELIF, "noch etwas")
    assert lines(world)[-1] == ("Elif Mertoglu", "noch etwas")
    with world.rows():
        assert code not in str(session.execute(select(TeamsCode.hash)).scalar_one())


def test_the_words_are_the_same_for_an_address_that_nobody_has(world: World, teams: Teams, elif_: Person) -> None:
    said: list[list[str]] = []
    for who, address in ((ELIF, ELIF), ("buero@quastner.example", NOBODY)):
        for text in (
            "Hallo",
            address,
            "000000",
            "000001",
            "000002",
            "000003",
            "000004",
            "000005",
            address,
            address,
            address,
        ):
            teams.says(who, text)
        said.append(teams.words(who))
    assert said[0] == said[1]
    assert len(set(said[0])) == 4
    assert {tuple(one["to"]) for one in world.sent()} == {(ELIF,)}
    assert lines(world) == []


def test_a_code_is_good_for_five_tries_and_ten_minutes_and_once(world: World, teams: Teams, elif_: Person) -> None:
    teams.says(ELIF, ELIF)
    code = mailed(world)[-1]
    for number in range(5):
        teams.says(ELIF, "111111" if code != "111111" else f"22222{number}")
    teams.says(ELIF, code)
    assert linked(world, ELIF) is None
    teams.says(ELIF, ELIF)
    world.pass_time(timedelta(minutes=11))
    teams.says(ELIF, mailed(world)[-1])
    assert linked(world, ELIF) is None
    teams.says(ELIF, ELIF)
    late = mailed(world)[-1]
    teams.says("buero@quastner.example", "Hallo")
    teams.says("buero@quastner.example", NOBODY)
    teams.says("buero@quastner.example", late)
    assert linked(world, "buero@quastner.example") is None
    teams.says(ELIF, late)
    assert linked(world, ELIF) == elif_.id


def test_an_account_asks_for_six_codes_a_day_however_slowly(world: World, teams: Teams, elif_: Person) -> None:
    for number in range(9):
        teams.says(ELIF, ELIF if number % 3 else f"{number}.{NOBODY}")
        world.pass_time(timedelta(minutes=40))
    with world.rows():
        assert session.scalar(select(func.count()).select_from(TeamsCode)) == 6
    world.pass_time(timedelta(days=1))
    teams.says(ELIF, ELIF)
    assert len(mailed(world)) == 5


def test_nobody_uses_up_the_codes_of_another(world: World, teams: Teams, elif_: Person) -> None:
    """Five for one address, whoever asks, would keep its owner out for a day."""
    for _number in range(6):
        teams.says("buero@quastner.example", ELIF)
        world.pass_time(timedelta(minutes=25))
    assert len(mailed(world)) == 5
    teams.says(ELIF, ELIF)
    teams.says(ELIF, mailed(world)[-1])
    assert linked(world, ELIF) == elif_.id


def test_an_address_gets_twenty_codes_a_day_whoever_asks(world: World, teams: Teams, elif_: Person) -> None:
    """As many accounts as may be: what is mailed to one address has an end."""
    teams.says("buero@quastner.example", "Hallo")
    with world.rows():
        there = session.scalars(select(TeamsConversation)).one()
        for _number in range(19):
            code = TeamsCode(conversation_id=there.id, address=ELIF, hash="", tries=0)
            code.created_at = code.expires_at = clock.now()
            session.add(code)
    teams.says(ELIF, ELIF)
    teams.says(ELIF, ELIF)
    assert len(mailed(world)) == 1


def test_who_has_tried_twenty_wrong_codes_is_not_known_by_a_right_one(
    world: World, teams: Teams, elif_: Person
) -> None:
    for _round in range(4):
        teams.says(ELIF, ELIF)
        for number in range(5):
            teams.says(ELIF, f"00000{number}")
        world.pass_time(timedelta(minutes=25))
    teams.says(ELIF, ELIF)
    teams.says(ELIF, mailed(world)[-1])
    assert linked(world, ELIF) is None
    world.pass_time(timedelta(days=1))
    teams.says(ELIF, ELIF)
    teams.says(ELIF, mailed(world)[-1])
    assert linked(world, ELIF) == elif_.id


@pytest.mark.parametrize(
    "text", ["Hallo?", *(pytest.param(text, marks=pytest.mark.soak) for text in ("123 456", NOBODY))]
)
def test_who_stays_unknown_is_not_answered_without_end(world: World, teams: Teams, elif_: Person, text: str) -> None:
    teams.says(ELIF, ELIF)
    before = len(teams.words(ELIF))
    for _number in range(33):
        teams.bring(teams.activity(ELIF, text))
    world.work()
    with world.rows():
        rows = session.execute(select(TeamsActivity.outcome, TeamsActivity.payload)).all()
    ignored = [row for row in rows if row.outcome == "ignored"]
    assert len(ignored) >= 10
    assert all(row.payload == {} for row in ignored)
    assert len(teams.words(ELIF)) - before <= 23
    world.pass_time(timedelta(days=1))
    teams.says(ELIF, ELIF)
    teams.says(ELIF, mailed(world)[-1])
    assert linked(world, ELIF) == elif_.id


def test_nobody_becomes_staff_by_a_code(world: World, teams: Teams, elif_: Person) -> None:
    world.staff("Marek Ostwald")
    teams.says(ELIF, MAREK)
    assert world.sent() == []
    assert linked(world, ELIF) is None
    assert len(teams.words(ELIF)) == 1


def test_a_guest_becomes_known_as_the_guest_they_are(world: World, teams: Teams) -> None:
    customer = world.customer("K2", "Kanzlei Lindhagen", domains=["kanzlei-lindhagen.example"])
    svea = world.contact("Svea Grootmann", SVEA, customer)
    teams.says(SVEA, "Hallo")
    teams.says(SVEA, SVEA)
    teams.says(SVEA, mailed(world)[-1])
    with world.rows():
        found = session.scalars(select(Identity).where(Identity.person_id == svea.id)).one()
        assert found.tenant_id == tenant.HOME_TENANT
    assert lines(world) == [("Svea Grootmann", "Hallo")]


@pytest.mark.parametrize("kept_as", ["guest", "member"])
def test_an_account_of_elsewhere_is_nobody_of_ours_by_its_address(world: World, teams: Teams, kept_as: str) -> None:
    """Another organisation says what its people's addresses are, also of those that our directory keeps as members."""
    teams.switch(external_people=kept_as)
    other = world.staff("Piet Hagenauer")
    with world.rows():
        session.query(Identity).delete()
        session.add(EmailAddress(address=SVEA, person_id=other.id))
    teams.says(SVEA, "Hallo")
    with world.rows():
        assert session.scalars(select(Identity)).all() == []
    assert any(one["path"].startswith("/v1.0/users/") and one["status"] == 200 for one in teams.requests())


def test_a_member_of_our_own_who_is_not_entered_is_asked_to_sign_in(world: World, teams: Teams) -> None:
    teams.says(MAREK, "Hallo")
    (said,) = teams.words(MAREK)
    assert world.settings.url in said
    assert world.sent() == []


def test_staff_that_were_entered_by_address_are_known_by_the_directory(world: World, teams: Teams) -> None:
    marek = world.staff("Marek Ostwald")
    with world.rows():
        session.query(Identity).delete()
    teams.says(MAREK, "Hallo")
    assert linked(world, MAREK) == marek.id
    assert not any(world.settings.url in one for one in teams.words(MAREK))
