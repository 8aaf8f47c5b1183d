"""Under which name a reply goes out: the mailbox's, the technician's or the team's, always from the desk's address."""

import email
import email.policy

import pytest
from sqlalchemy import select

from backend.db import session
from backend.people.models import Person, Team
from backend.tickets.models import Ticket
from tests.world import JANA, SERVICE, World
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow


def sender(world: World) -> tuple[str, str]:
    """(name, address) of whom the newest mail to Jana is from."""
    newest = [one for one in world.sent() if JANA in one["to"]][-1]
    found = email.message_from_bytes(world.sent_mime(newest), policy=email.policy.default)["From"].addresses[0]
    return found.display_name, found.addr_spec


def test_a_reply_goes_under_the_chosen_name_from_the_desks_address(world: World, desk: Desk) -> None:
    boss = world.browser(world.staff("Renate Sattelkamp", "administrator"))
    desk.say("Guten Tag", kind="reply")
    world.work()
    mailbox, address = sender(world)
    assert address == SERVICE
    with world.rows():
        team = Team(name="Netzteam, Süd")
        session.add(team)
        session.flush()
        session.scalars(select(Ticket)).one().team_id = team.id
    wanted = {"full": "Piet Hagenauer", "first": "Piet", "team": "Netzteam, Süd", "mailbox": mailbox}
    for way, name in wanted.items():
        chosen = boss.post("/settings/about/writing", data={"key": "sender_name", "value": way})
        assert chosen.status_code == 200, way
        desk.say(f"Guten Tag, {way}", kind="reply")
        world.work()
        assert sender(world) == (name, SERVICE), way
    with world.rows():
        session.get_one(Person, desk.piet.id).name = "Hagenauer, Piet"
        session.scalars(select(Ticket)).one().team_id = None
    for way, name in {"first": "Piet", "team": mailbox}.items():
        boss.post("/settings/about/writing", data={"key": "sender_name", "value": way})
        desk.say(f"Nochmals, {way}", kind="reply")
        world.work()
        assert sender(world) == (name, SERVICE), way
