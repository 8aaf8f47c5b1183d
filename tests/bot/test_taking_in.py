"""What Teams sends becomes what it means: once, in order, by whoever says it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend import config
from backend.chat.models import Chat, Place, Reach, TeamsActivity, TeamsConversation, conversation_of
from backend.db import session
from backend.people.models import Identity, Person
from backend.sandbox import people as tenant
from backend.sandbox import teams_people
from backend.tickets.models import Message
from tests.bot.teams import AYLIN, PIET, Teams, installed, person
from tests.world import JANA, SERVICE, World

pytestmark = pytest.mark.slow
OTHER_SERVICE = "_other/"
RENATE = "renate.sattelkamp@nordlicht-it.example"
LENA = "lena.brandis@nordlicht-it.example"
SVEA = "svea.grootmann@kanzlei-lindhagen.example"  # a guest of the home tenant


@pytest.fixture
def jana(world: World) -> Person:
    """Jana, whose account is known."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    contact = world.contact("Jana Wiedekind", JANA, customer)
    with world.rows():
        account = person(JANA)
        session.add(Identity(tenant_id=account.tenant, object_id=account.id, person_id=contact.id))
    return contact


def texts(world: World) -> list[str]:
    with world.rows():
        return list(session.scalars(select(Message.text).order_by(Message.id)))


def outcomes(world: World) -> list[tuple[str, str]]:
    with world.rows():
        rows = session.execute(select(TeamsActivity.type, TeamsActivity.outcome).order_by(TeamsActivity.id))
        return [(row.type, row.outcome) for row in rows]


@pytest.mark.usefixtures("jana")
def test_what_is_delivered_twice_is_one_line(world: World, teams: Teams) -> None:
    teams.switch(teams_duplicate="2")
    teams.says(JANA, "Der Drucker druckt nicht")
    assert texts(world) == ["Der Drucker druckt nicht"]
    assert len(teams.control("GET", "/deliveries")) == 3


@pytest.mark.usefixtures("jana")
@pytest.mark.parametrize("ids", ["same", "new"])
def test_what_is_sent_again_after_a_lost_answer_is_one_line(world: World, teams: Teams, ids: str) -> None:
    """Teams may give what it sends again another id and time; the writer's own clock tells that it is the same."""
    first = teams.activity(JANA, "Der Drucker druckt nicht")
    again = first if ids == "same" else {**first, "id": "1700000000000", "timestamp": "2026-11-26T10:00:00.000Z"}
    same_words_later = {**teams.activity(JANA, "Der Drucker druckt nicht"), "localTimestamp": "2026-11-26T11:00:09.123"}
    for activity in (first, again, again, same_words_later):
        assert teams.bring(activity).status_code == 202
    world.work()
    assert texts(world) == ["Der Drucker druckt nicht"] * 2


@pytest.mark.usefixtures("jana")
def test_lines_keep_their_order_however_many_workers_there_are(world: World, teams: Teams) -> None:
    said = [f"Zeile {number}" for number in range(12)]
    for text in said:
        assert teams.bring(teams.activity(JANA, text)).status_code == 202
    world.work(concurrency=4)
    assert texts(world) == said
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Chat)) == 1


@pytest.mark.usefixtures("jana")
def test_an_activity_that_fails_does_not_hold_up_those_after_it(world: World, teams: Teams) -> None:
    teams.bring(teams.activity(JANA, "kaputt"))
    teams.bring(teams.activity(JANA, "heil"))
    with world.rows():
        broken, whole = session.scalars(select(TeamsActivity.id).order_by(TeamsActivity.id))
        session.get_one(TeamsActivity, broken).payload = {"type": "message"}
    world.run("chat.take_in", activity_id=whole)
    assert texts(world) == ["heil"]
    with pytest.raises(Exception, match="missing"):
        world.run("chat.take_in", activity_id=broken, last_try=True)
    assert outcomes(world) == [("message", "failed"), ("message", "line")]


@pytest.mark.usefixtures("jana")
def test_the_latest_service_address_is_the_one_that_is_used(world: World, teams: Teams) -> None:
    teams.bring(teams.activity(JANA, "eins"))
    moved = f"{teams.service_url}{OTHER_SERVICE}"
    teams.bring(teams.activity(JANA, "zwei", serviceUrl=moved), f"Bearer {teams.token(serviceUrl=moved)}")
    with world.rows():
        first, second = session.scalars(select(TeamsActivity.id).order_by(TeamsActivity.id))
    world.run("chat.take_in", activity_id=first)
    world.run("chat.take_in", activity_id=second)
    with world.rows():
        there = session.scalars(select(TeamsConversation)).one()
        assert (there.service_url, there.kind, there.state) == (moved, Place.PERSONAL, Reach.OPEN)
        assert (there.user_id, there.object_id) == (teams_people.teams_id(person(JANA)), person(JANA).id)


def test_who_removes_the_bot_is_gone_and_comes_back(world: World, teams: Teams) -> None:
    piet = world.staff("Piet Hagenauer")
    place = teams_people.chat_id(person(PIET))

    def state() -> tuple[str, int | None]:
        with world.rows():
            there = conversation_of(place)
            assert there is not None
            return there.state, there.person_id

    for action, then in (("install", Reach.OPEN), ("uninstall", Reach.GONE), ("install", Reach.OPEN)):
        teams.control("POST", f"/people/{PIET}/{action}")
        world.work()
        assert state() == (then, piet.id)


def test_the_bot_learns_where_it_rings_and_with_whom_it_can_talk(world: World, teams: Teams) -> None:
    """Nobody has written to it or signed in: who was entered by their address is known by the directory."""
    world.staff("Piet Hagenauer")
    aylin = world.staff("Aylin Demirsoy")
    with world.rows():
        session.query(Identity).delete()
    teams.control("POST", "/team/install", json={"by": PIET})
    world.work()
    with world.rows():
        channel = session.scalars(select(TeamsConversation).where(TeamsConversation.kind == Place.CHANNEL)).one()
        assert (channel.conversation_id, channel.name) == (teams_people.TEAM_ID, "Servicedesk")
        personal = session.scalars(select(TeamsConversation).where(TeamsConversation.kind == Place.PERSONAL)).all()
        assert {one.name for one in personal} == {"Piet Hagenauer", "Aylin Demirsoy"}
        assert session.get(Identity, (tenant.HOME_TENANT, person(AYLIN).id)).person_id == aylin.id  # type: ignore[union-attr]


def comes(teams: Teams, by: str, team: str = teams_people.TEAM_ID, *, channel: str = "", removed: bool = False) -> None:
    """The bot is added to a team, or removed from it, by somebody."""
    event = teams.activity(by, type="installationUpdate", action="remove" if removed else "add")
    event["conversation"] = {"id": team, "conversationType": "channel", "tenantId": tenant.HOME_TENANT}
    event["channelData"] = {"team": {"id": team, "name": "Servicedesk"}, "tenant": {"id": tenant.HOME_TENANT}}
    event["channelData"]["settings"] = {"selectedChannel": {"id": channel or team}}
    assert teams.bring(event).status_code == 202
    teams.world.work()


def channels(world: World) -> list[tuple[str, str, str]]:
    """(id, its team, state) of the channels in which the bot rings or has rung."""
    with world.rows():
        rows = session.scalars(select(TeamsConversation).where(TeamsConversation.kind == Place.CHANNEL))
        return [(one.conversation_id, one.team_id, one.state) for one in rows]


def test_only_a_colleague_who_answers_chats_makes_a_team_hear_of_those_who_wait(world: World, teams: Teams) -> None:
    """Whoever owns any team of the organisation can add the bot to it; customers' words are not for them."""
    other = "19:other@thread.tacv2"
    world.contact("Svea Grootmann", SVEA, None)
    for by in (RENATE, LENA, SVEA, SERVICE):
        comes(teams, by, other)
    world.staff("Piet Hagenauer")
    mention = teams.activity(PIET, "Hallo")
    mention["conversation"] = {"id": f"{other};messageid=1", "conversationType": "channel"}
    mention["channelData"] |= {"team": {"id": other}, "channel": {"id": other}}
    teams.bring(mention)
    world.work()
    assert channels(world) == []
    comes(teams, PIET, other)
    assert channels(world) == [(other, other, Reach.OPEN)]


def test_the_channel_that_is_named_belongs_to_its_own_team(world: World, teams: Teams) -> None:
    """An installation elsewhere takes nothing of it away, neither its address nor its reach."""
    team, other = teams_people.TEAM_ID, "19:other@thread.tacv2"
    config.use(replace(world.settings, teams_channel=teams_people.HOTLINE))
    world.staff("Piet Hagenauer")
    comes(teams, RENATE, other)
    assert channels(world) == []
    comes(teams, PIET, team)
    expected = [(teams_people.HOTLINE, team, Reach.OPEN)]
    assert channels(world) == expected
    for removed in (False, True):
        comes(teams, PIET, other, removed=removed)
        assert channels(world) == expected
    comes(teams, PIET, team, removed=True)
    assert channels(world) == [(teams_people.HOTLINE, team, Reach.GONE)]
    comes(teams, RENATE, team, channel=teams_people.HOTLINE)
    assert channels(world) == expected


def test_a_team_that_the_bot_comes_back_to_is_rung_in_again(world: World, teams: Teams) -> None:
    states = []
    world.staff("Piet Hagenauer")
    for removed in (False, True, False):
        comes(teams, PIET, removed=removed)
        with world.rows():
            states.append(
                session.scalars(select(TeamsConversation.state).where(TeamsConversation.kind == "channel")).one()
            )
    assert states == [Reach.OPEN, Reach.GONE, Reach.OPEN]


def test_a_team_of_another_tenant_is_not_rung_in(world: World, teams: Teams) -> None:
    foreign: dict[str, Any] = {
        "conversation": {"id": "19:foreign@thread.tacv2", "conversationType": "channel"},
        "channelData": {
            "tenant": {"id": tenant.CUSTOMER_TENANT},
            "team": {"id": "19:foreign@thread.tacv2", "name": "Einkauf"},
            "settings": {"selectedChannel": {"id": "19:foreign@thread.tacv2"}},
        },
        "type": "installationUpdate",
        "action": "add",
    }
    assert teams.bring({**teams.activity(JANA), **foreign}).status_code == 202
    world.work()
    assert outcomes(world) == [("installationUpdate", "ignored")]
    with world.rows():
        assert session.scalars(select(TeamsConversation)).all() == []


@pytest.mark.usefixtures("jana")
def test_edits_and_deletions_are_told_apart_from_what_they_are_about(world: World, teams: Teams) -> None:
    said = teams.says(JANA, "Der Druker druckt nicht")
    path = f"/messages/{said['activity']}"
    for text in ("Der Drucker druckt nicht", "Der Drucker druckt gar nicht"):
        teams.control("PATCH", path, json={"from": JANA, "text": text})
        world.work()
        assert texts(world) == [text]
    teams.control("DELETE", path, json={"from": JANA})
    world.work()
    assert texts(world) == [""]
    assert outcomes(world)[-3:] == [("messageUpdate", "changed")] * 2 + [("messageDelete", "changed")]


def test_what_is_long_gone_is_forgotten(world: World, teams: Teams) -> None:
    installed(teams, PIET)
    world.pass_time(timedelta(days=91))
    world.run("chat.forget_old")
    assert outcomes(world) == []


@pytest.mark.usefixtures("jana")
def test_a_line_of_the_moment_in_which_the_bot_comes_is_not_lost(world: World, teams: Teams) -> None:
    teams.bring(teams.activity(JANA, "zuerst"))
    teams.bring(teams.activity(JANA, type="conversationUpdate", membersAdded=[teams_people.bot()]))
    teams.bring(teams.activity(JANA, type="installationUpdate", action="add"))
    with world.rows():
        last = session.scalars(select(TeamsActivity.id).order_by(TeamsActivity.id.desc())).first()
    world.run("chat.take_in", activity_id=last)
    assert texts(world) == ["zuerst"]
    assert [outcome for _type, outcome in outcomes(world)] == ["line", "installed", "installed"]


def test_who_spoke_before_in_a_thread_is_not_taken_for_who_speaks_now(world: World, teams: Teams) -> None:
    """The directory was asked about one account: its answer is not the other's."""
    world.staff("Piet Hagenauer")
    world.staff("Aylin Demirsoy")
    with world.rows():
        session.query(Identity).delete()
    for mail in (SVEA, AYLIN, PIET):
        activity = teams.activity(mail, "Hallo")
        if mail == SVEA:
            del activity["from"]["aadObjectId"]
        activity["conversation"] = {"id": f"{teams_people.TEAM_ID};messageid=1", "conversationType": "channel"}
        activity["channelData"] |= {"team": {"id": teams_people.TEAM_ID}}
        teams.bring(activity)
    with world.rows():
        last = session.scalars(select(TeamsActivity.id).order_by(TeamsActivity.id.desc())).first()
    world.run("chat.take_in", activity_id=last)
    with world.rows():
        tied = session.execute(select(Identity.object_id, Person.mail).join(Person)).one()
        assert tuple(tied) == (person(PIET).id, PIET)
