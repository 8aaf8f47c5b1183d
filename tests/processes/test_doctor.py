"""`deskside doctor` names what does not work, and says why and what to do."""

import re
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text

from backend import clock, doctor
from backend.chat.models import Place, TeamsConversation
from backend.db import session
from backend.doctor import here, rights, tenant
from backend.mail.models import Mailbox
from backend.sandbox.people import GRAPH_ROLES
from tests.microsoft import certificates
from tests.processes.pooler import pooling
from tests.world import SERVICE, World

pytestmark = pytest.mark.slow
PIET = "piet.hagenauer@nordlicht-it.example"


def said(world: World, **changed: object) -> dict[str, bool]:
    return {finding.says: finding.works for finding in doctor.findings(replace(world.settings, **changed))}  # type: ignore[arg-type]


def failures(world: World, **changed: object) -> list[str]:
    """What does not work, but for the worker, of which there is none in tests."""
    found = [says for says, works in said(world, **changed).items() if not works and "worker" not in says]
    for sentence in found:
        assert "\n" not in sentence
        assert len(re.findall(r"[.:]\s|\.$|\*", sentence)) >= 2, f"says neither why nor what to do: {sentence}"
    return found


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def register(world: World, **changed: object) -> None:
    assert world.sandbox.post("/_sandbox/registration", json=changed).is_success


def test_a_whole_installation_lacks_nothing_but_the_worker(world: World) -> None:
    found = said(world)
    assert [says for says, works in found.items() if not works] == [
        "No worker is running, so no mail comes in or goes out. Start `deskside work`."
    ]
    for expected in (
        f"The mailbox {SERVICE} can be read.",
        "Files can be kept and read.",
        "The directory can be read (User.Read.All).",
        "This machine's clock agrees with Microsoft's.",
        f"Microsoft sends people back to {world.settings.url}/sign-in/callback.",
    ):
        assert expected in found


def test_a_mailbox_that_is_not_there_is_named(world: World) -> None:
    sentence = only(failures(world, desk_mailboxes=("nobody@nordlicht-it.example",)))
    assert sentence.startswith("There is no mailbox nobody@nordlicht-it.example in this tenant")
    assert "DESK_MAILBOXES" in sentence


def test_a_mailbox_outside_of_the_scope_is_told_from_a_missing_one(world: World) -> None:
    register(world, consented=["User.Read.All"])
    world.sandbox.post(f"/_sandbox/mailboxes/{SERVICE}", json={"state": "denied"})
    sentence = only(failures(world, desk_mailboxes=(SERVICE,)))
    assert sentence.startswith(f"The mailbox {SERVICE} cannot be read. Mail.ReadWrite does not reach {SERVICE} (403)")
    assert "Application Mail.ReadWrite" in sentence
    assert "Test-ServicePrincipalAuthorization" in sentence


def test_a_mailbox_kept_closed_though_there_is_consent_names_the_policy(world: World) -> None:
    world.sandbox.post(f"/_sandbox/mailboxes/{SERVICE}", json={"state": "denied"})
    assert "application access policy" in only(failures(world, desk_mailboxes=(SERVICE,)))


@pytest.mark.parametrize("permission", GRAPH_ROLES)
def test_each_permission_that_is_missing_is_named_with_what_it_is_for(world: World, permission: str) -> None:
    world.staff("Piet Hagenauer")
    register(world, consented=[one for one in GRAPH_ROLES if one != permission])
    found = failures(world, desk_mailboxes=(SERVICE,))
    assert permission in only(found)
    assert rights.PERMISSIONS[permission] in only(found)


def test_consent_for_all_mailboxes_and_what_is_never_used_are_pointed_out(world: World) -> None:
    notes = [one.says for one in rights.names(["Mail.Send", "Files.Read.All", "User.Read.All"]) if one.note]
    assert notes[0].startswith("Mail.Send is consented to for every mailbox")
    assert notes[1].startswith("The permission Files.Read.All is consented to and Deskside never uses it")


def test_a_mailbox_that_rests_is_not_called_broken(world: World) -> None:
    world.misbehave("GET /v1.0/users/.*/mailFolders.*", status=429, retry_after=300)
    assert failures(world, desk_mailboxes=(SERVICE,)) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tenant_id": "00000000-0000-4000-8000-000000000009"}, "Check TENANT_ID"),
        ({"client_id": "00000000-0000-4000-8000-000000000009"}, "Check CLIENT_ID"),
        ({"client_secret": "wrong"}, "CLIENT_SECRET is not a secret of this app"),
    ],
    ids=("tenant", "client", "secret"),
)
def test_each_wrong_setting_of_the_sign_in_is_told_apart(world: World, changed: dict[str, str], words: str) -> None:
    sentence = only([one for one in failures(world, **changed) if "cannot sign in" in one])
    assert words in sentence


def test_a_secret_that_has_ended_is_said_to_have_ended(world: World) -> None:
    register(world, secret_ended=True)
    assert "CLIENT_SECRET has ended" in only(failures(world))


def test_the_end_of_a_secret_cannot_be_seen_and_that_is_said(world: World) -> None:
    assert any("When it ends cannot be read" in says for says in said(world))


@pytest.mark.parametrize(
    ("days", "words", "works"),
    [(200, "proves who the app is until", True), (20, "in 19 days", True), (-1, "ended on", False)],
)
def test_the_end_of_a_certificate_is_said_in_time(
    world: World, tmp_path: Path, days: int, words: str, *, works: bool
) -> None:
    path, public = certificates.make(tmp_path, days=days)
    world.sandbox.post("/_sandbox/registration/certificates", content=public)
    found = said(world, client_certificate=path)
    assert [is_well for says, is_well in found.items() if words in says] == [works]
    assert any(says.startswith("CLIENT_SECRET is set beside") for says in found)


def test_a_certificate_that_was_not_uploaded_is_named(world: World, tmp_path: Path) -> None:
    path, _ = certificates.make(tmp_path)
    assert "Upload it" in only(failures(world, client_certificate=path))


def test_a_key_that_others_can_read_is_named(world: World, tmp_path: Path) -> None:
    path, _ = certificates.make(tmp_path)
    path.chmod(0o644)
    assert any("can be read by others" in says for says in failures(world, client_certificate=path))


def test_microsoft_out_of_reach_is_told_from_a_wrong_secret(world: World) -> None:
    world.misbehave("GET /.*openid-configuration", drop=True)
    assert any("cannot be reached from here" in says for says in failures(world))


class _AnHourAhead(BaseHTTPRequestHandler):
    """Answers as somebody whose clock is an hour ahead of ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + 3600)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_wrong_clock_is_named(world: World) -> None:
    with HTTPServer(("127.0.0.1", 0), _AnHourAhead) as microsoft:
        threading.Thread(target=microsoft.handle_request).start()
        there = f"http://127.0.0.1:{microsoft.server_port}"
        [finding] = tenant.clocks(replace(world.settings, sandbox_url=there))
    assert not finding.works
    assert finding.says.startswith("This machine's clock is 60 minutes behind Microsoft's")
    assert "NTP" in finding.says


def test_a_redirect_address_that_is_not_registered_is_named(world: World) -> None:
    elsewhere = world.settings.url.replace("localhost", "127.0.0.1")
    assert any(
        f"{elsewhere}/sign-in/callback is not a redirect address" in says
        for says in failures(world, public_url=elsewhere)
    )


def test_nobody_with_the_role_of_an_administrator_is_noted_until_one_has_come(world: World) -> None:
    assert any("No administrator has signed in yet" in says for says in said(world))
    world.staff("Marek Ostwald")
    assert not any("No administrator has signed in yet" in says for says in said(world))


def test_calendars_that_are_closed_are_named(world: World) -> None:
    world.staff("Piet Hagenauer")
    assert "The calendars of technicians can be reached (1)." in said(world)
    register(world, consented=[one for one in GRAPH_ROLES if one != "Calendars.ReadWrite"])
    assert PIET in only(failures(world))


def test_notifications_that_do_not_come_are_named_with_the_address_to_let_through(world: World) -> None:
    with world.rows():
        session.add(Mailbox(address=SERVICE, subscription_id="lost", subscribed_at=clock.now()))
    sentence = only(failures(world))
    assert f"{world.settings.url}/microsoft/notifications" in sentence
    assert "Settings → Mailboxes" in sentence


def test_a_channel_that_the_bot_does_not_know_is_named_so_that_chats_do_not_ring_for_nobody(world: World) -> None:
    now = clock.now()
    with world.rows():
        there = {"service_url": "https://smba.trafficmanager.net/emea/", "created_at": now, "updated_at": now}
        session.add(TeamsConversation(conversation_id="19:right@thread.tacv2", kind=Place.CHANNEL, **there))
    wrong = failures(world, teams_channel="19:wrong@thread.tacv2")
    assert any("TEAMS_CHANNEL names 19:wrong@thread.tacv2" in says for says in wrong)
    right = said(world, teams_channel="19:right@thread.tacv2")
    assert right["Chats ring in Teams: in channels 1, with technicians 0."]


def test_a_database_that_is_not_there_is_one_sentence(world: World) -> None:
    sentence = only(failures(world, database_url="postgresql://nobody@127.0.0.1:1/nothing"))
    assert sentence.startswith("The database does not answer")
    assert "DATABASE_URL" in sentence


def test_a_database_that_has_not_been_made_is_told_from_a_server_that_is_down(world: World) -> None:
    url = world.settings.database_url.replace("/tests?", "/nothing?")
    [finding] = here.database(replace(world.settings, database_url=url))
    assert "createdb deskside" in finding.says


@pytest.mark.parametrize("refusing", [False, True])
def test_a_pooler_in_transaction_mode_is_found_out(world: World, *, refusing: bool) -> None:
    with pooling(world.settings.database_url, refusing=refusing) as url:
        found = [one.says for one in here.database(replace(world.settings, database_url=url)) if not one.works]
    assert any("transaction mode" in says and "session mode" in says for says in found)


@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "run `deskside migrate`"), ("9999", "Run that version"), ("", "no tables")]
)
def test_tables_of_another_version_are_named(world: World, revision: str, words: str) -> None:
    with world.rows():
        known = session.execute(text("select version_num from alembic_version")).scalar_one()
    try:
        with world.rows():
            if revision:
                session.execute(text("update alembic_version set version_num = :to"), {"to": revision})
            else:
                session.execute(text("alter table alembic_version rename to alembic_version_away"))
        assert any(words in one.says for one in here.database(world.settings) if not one.works)
    finally:
        with world.rows():
            if not revision:
                session.execute(text("alter table alembic_version_away rename to alembic_version"))
            session.execute(text("update alembic_version set version_num = :to"), {"to": known})


def test_a_place_for_files_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    sentence = only(failures(world, deskside_data=tmp_path))
    assert sentence.startswith(f"Files cannot be kept in {tmp_path / 'files'}")
    assert "DESKSIDE_DATA" in sentence


def test_a_store_that_does_not_answer_is_named(world: World) -> None:
    sentence = only(failures(world, files_url="s3://desk/files?endpoint=http://127.0.0.1:1"))
    assert "FILES_URL" in sentence


def test_an_address_without_https_is_wrong_for_a_real_tenant(world: World) -> None:
    [finding] = here.address(replace(world.settings, sandbox_url="", public_url=""))
    assert not finding.works
    assert "https://" in finding.says


def test_an_address_at_which_nobody_or_somebody_else_answers_is_named(world: World) -> None:
    nobody = [
        one.says for one in here.address(replace(world.settings, public_url="http://localhost:1")) if not one.works
    ]
    assert "Deskside does not answer at http://localhost:1" in only(nobody)
    other = [
        one.says
        for one in here.address(replace(world.settings, public_url=world.settings.sandbox_url))
        if not one.works
    ]
    assert "Something else answers at" in only(other)
