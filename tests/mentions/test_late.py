"""What is told late, or answered late by a card: who may see the ticket is asked again at that moment."""

import pytest
from sqlalchemy import select

from backend.db import session
from backend.mentions.models import Mention, Notice, Told
from backend.people.models import Person, Team, TeamMember
from backend.staff.models import AssignmentNotice
from backend.tickets.models import Activity, Message, Ticket
from tests.bot.teams import PIET, Teams, installed
from tests.family.conftest import Kin
from tests.family.conftest import kin as kin

pytestmark = pytest.mark.slow


def told(kin: Kin, table: type[Notice] = Mention) -> str:
    """How the last notice stands."""
    with kin.world.rows():
        return str(session.scalars(select(table.told).order_by(table.created_at.desc())).first())


def _hidden_meanwhile(kin: Kin) -> None:
    """Piet gets the first sub-ticket, so that its sibling, of which he has been told, is hidden from him."""
    with kin.world.rows():
        row = session.scalars(select(Ticket).where(Ticket.number == kin.piets)).one()
        row.assignee_id = kin.people["piet"].id


def _free_piet(kin: Kin) -> None:
    with kin.world.rows():
        session.scalars(select(Ticket).where(Ticket.number == kin.piets)).one().assignee_id = None


def _mentions_piet(kin: Kin) -> None:
    form = {"kind": "note", "text": "Mein Geheimnis", "mentions": str(kin.people["piet"].mail)}
    answer = kin.browser("aylin").post(f"/tickets/{kin.aylins}/messages", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("why", ["hidden", "left", "role"])
def test_a_late_mail_asks_again_who_may_read_it(kin: Kin, why: str) -> None:
    teams = Teams(kin.world)
    kin.world.chosen(telling="teams")
    installed(teams, PIET)
    teams.control("POST", f"/people/{PIET}/block")
    _free_piet(kin)
    _mentions_piet(kin)
    if why == "hidden":
        _hidden_meanwhile(kin)
    with kin.world.rows():
        piet = session.get_one(Person, kin.people["piet"].id)
        piet.active, piet.roles = why != "left", [] if why == "role" else piet.roles
    kin.world.work()
    assert not [one for one in kin.world.sent() if "Geheimnis" in kin.world.sent_mime(one).decode()]
    assert told(kin) == Told.NOBODY


def test_an_assignment_is_not_mailed_to_whom_the_ticket_is_hidden_from_by_now(kin: Kin) -> None:
    teams = Teams(kin.world)
    kin.world.chosen(telling="teams")
    installed(teams, PIET)
    teams.control("POST", f"/people/{PIET}/block")
    _free_piet(kin)
    with kin.world.rows():
        session.scalars(select(Ticket).where(Ticket.number == kin.aylins)).one().assignee_id = None
        team = Team(name="Netz")
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, person_id=kin.people["piet"].id))
        number = team.id
    kin.browser("tomma").post(f"/tickets/{kin.aylins}/team", data={"value": str(number)})
    with kin.world.rows():
        given = session.scalars(select(Activity.id).where(Activity.verb == "team")).one()
    kin.world.run("staff.tell", activity_id=given)
    assert told(kin, AssignmentNotice) == Told.WAITING
    _hidden_meanwhile(kin)
    kin.world.work()
    assert told(kin, AssignmentNotice) == Told.NOBODY
    assert not [one for one in kin.world.sent() if one["to"][0] == PIET and "to Netz" in one["subject"]]


def test_who_answers_by_the_card_of_a_ticket_hidden_by_now_hears_that_there_is_none(kin: Kin) -> None:
    teams = Teams(kin.world)
    kin.world.chosen(telling="teams")
    installed(teams, PIET)
    _free_piet(kin)
    _mentions_piet(kin)
    kin.world.work()
    assert len(teams.cards(PIET)) == 1
    _hidden_meanwhile(kin)
    for words in ("", "Ist bestellt."):
        button = {
            "type": "Action.Execute",
            "verb": "mention.reply",
            "data": {"mention": 1, "replies": 0, "reply": words},
        }
        activity = teams.activity(PIET, type="invoke", name="adaptiveCard/action", value={"action": button})
        answer = teams.bring(activity).get_json()
        assert answer["type"] == "application/vnd.microsoft.activity.message"
        assert "Geheimnis" not in str(answer)
    kin.world.work()
    with kin.world.rows():
        row = select(Message.text).join(Ticket, Ticket.id == Message.ticket_id).where(Ticket.number == kin.aylins)
        assert "Ist bestellt." not in session.scalars(row).all()
