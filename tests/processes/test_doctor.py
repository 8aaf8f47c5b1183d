"""`deskside doctor` names what does not work, and says what to do."""

from dataclasses import replace

import pytest

from backend import clock, doctor
from backend.chat.models import Place, TeamsConversation
from backend.db import session
from tests.world import SERVICE, World

pytestmark = pytest.mark.slow


def said(world: World, **changed: object) -> dict[str, bool]:
    return {finding.says: finding.works for finding in doctor.findings(replace(world.settings, **changed))}  # type: ignore[arg-type]


def test_a_whole_installation_lacks_nothing_but_the_worker(world: World) -> None:
    found = said(world)
    assert [says for says, works in found.items() if not works] == ["No worker is running: start `deskside work`."]
    assert f"The mailbox {SERVICE} can be read." in found
    assert "Files can be kept and read." in found


def test_a_mailbox_that_is_not_there_is_named(world: World) -> None:
    found = said(world, desk_mailboxes=("nobody@nordlicht-it.example",))
    assert not found["There is no mailbox nobody@nordlicht-it.example in this tenant. Check DESK_MAILBOXES."]


def test_a_missing_right_is_told_from_a_missing_mailbox(world: World) -> None:
    world.misbehave("GET /v1.0/users/.*", status=403)
    [sentence] = [
        says for says, works in said(world, desk_mailboxes=(SERVICE,)).items() if not works and SERVICE in says
    ]
    assert "Mail.ReadWrite and Mail.Send" in sentence


def test_a_wrong_secret_is_told_from_a_missing_mailbox(world: World) -> None:
    [sentence] = [says for says in said(world, client_secret="wrong") if "could not sign in" in says]
    assert "CLIENT_SECRET" in sentence


def test_a_channel_that_the_bot_does_not_know_is_named_so_that_chats_do_not_ring_for_nobody(world: World) -> None:
    now = clock.now()
    with world.rows():
        there = {"service_url": "https://smba.trafficmanager.net/emea/", "created_at": now, "updated_at": now}
        session.add(TeamsConversation(conversation_id="19:right@thread.tacv2", kind=Place.CHANNEL, **there))
    wrong = [says for says, works in said(world, teams_channel="19:wrong@thread.tacv2").items() if not works]
    assert any("TEAMS_CHANNEL names 19:wrong@thread.tacv2" in says for says in wrong)
    right = said(world, teams_channel="19:right@thread.tacv2")
    assert right["Chats ring in Teams: in channels 1, with technicians 0."]


def test_a_database_that_is_not_there_is_one_sentence(world: World) -> None:
    found = said(world, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    [sentence] = [says for says, works in found.items() if not works and "DATABASE_URL" in says]
    assert sentence.startswith("The database does not answer")


def test_an_address_without_https_is_wrong_for_a_real_tenant(world: World) -> None:
    [finding] = doctor._address(replace(world.settings, sandbox_url="", public_url=""))
    assert not finding.works
    assert "https://" in finding.says
