"""`deskside doctor --data` finds nothing in whole data, and names each damage."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from backend import config, data_doctor, db
from backend.config import Config
from backend.data_doctor import Connection, Result
from backend.data_rules import RULES

pytestmark = pytest.mark.slow

_OF = "(select min(id) from {})"
_CHAT = """
insert into teams_conversations (conversation_id, kind, service_url, tenant_id, user_id, object_id, name, team_id,
  locale, state, created_at, updated_at)
  values ('a:x', 'personal', 'http://x/', '', '', '', '', '', '', 'open', now(), now());
insert into chats (ticket_id, conversation_id, contact_id, state, waiting_since, matter_known)
  select (select min(id) from tickets), max(id), (select min(id) from people), 'waiting', now(), false
  from teams_conversations;
"""
_TOLD = """
insert into teams_activities (conversation_id, activity_id, key, fingerprint, type, payload, message_id, outcome,
  received_at) values ('a:x', '1', '1', '1', 'message', '{}', 2, 'said', now()),
  ('a:x', '2', '2', '2', 'message', '{}', 1, 'said', now());
"""
_TIMER = """
insert into timers (person_id, ticket_id, saved_seconds, outcome, created_at)
  select (select min(id) from people), (select min(id) from tickets), 0, '', now();
insert into timer_segments (timer_id, person_id, started_at, ended_at, active_at, state)
  select id, person_id, now() - interval '1 hour', now(), now(), 'worked' from timers, generate_series(1, 2);
"""
# What is done to the data → the beginning of the sentence that no longer holds.
DAMAGES: dict[str, tuple[LiteralString, str]] = {
    "a ticket is gone": ("delete from tickets where id = (select min(id) from tickets)", "All messages have"),
    "a person is gone": ("delete from people where id = (select min(contact_id) from tickets)", "All tickets have"),
    "a message of an attachment is gone": (
        "delete from messages where id = (select min(message_id) from attachments)", "All attachments have",
    ),
    "a mailbox is gone": ("delete from mailboxes", "All inbound_mails have"),
    "a chat's conversation is gone": (_CHAT + "delete from teams_conversations", "All chats have"),
    "the technician of a visit is gone": (
        "delete from people where id = (select min(technician_id) from visits)", "All visits have",
    ),
    "a number twice": (
        "alter table tickets drop constraint uq_tickets_number; update tickets set number = 10001",
        "Every ticket has a number",
    ),
    # Not setval(): a rollback does not take that back.
    "the sequence of the numbers set back": (
        "alter sequence ticket_numbers restart with 10001", "The next ticket's number",
    ),
    "a wrong count": (
        "update tickets set messages_count = messages_count + 1 where number = 10003", "Every ticket counts",
    ),
    "closed and open": ("update tickets set closed = not closed where number = 10003", "A ticket is closed exactly"),
    "a merged ticket that is open": (
        "update tickets set merged_into_id = (select max(id) from tickets) where id = (select min(id) from tickets)",
        "A merged ticket leads to",
    ),
    "merged without a merge": (
        "update tickets set merged_into_id = (select max(id) from tickets) where id = (select min(id) from tickets)",
        "A ticket is merged exactly",
    ),
    "deleted and there": (
        "insert into deleted_tickets (number, with_number, deleted_by, deleted_at) "
        "select min(number), min(number), 'x', now() from tickets", "No deleted ticket is there",
    ),
    "older than its last message": (
        "update tickets set updated_at = '2001-01-01' where id = (select min(ticket_id) from messages)",
        "No ticket was last touched",
    ),
    "no search for a subject": ("delete from ticket_search where part = 0", "Every ticket can be found by its subj"),
    "no search for words": ("delete from ticket_search where part > 0", "Every ticket can be found by what was said"),
    "search for nothing": ("insert into ticket_search values (0, 0, 0, '', '')", "All ticket_search have"),
    "a mail taken in twice": (
        "alter table inbound_mails drop constraint "
        "uq_inbound_mails_mailbox_id_internet_message_id_content_hash; "
        "update inbound_mails set internet_message_id = '<x@x>', content_hash = ''", "The same mail was taken in once",
    ),
    "a mail without an outcome": (
        "update inbound_mails set outcome = '' where id = (select min(id) from inbound_mails)", "Every mail that was",
    ),
    "a mail without its message": ("update inbound_mails set message_id = null", "Every mail that became a ticket"),
    "a mail on another ticket": (
        "update inbound_mails set ticket_id = (select max(id) from tickets)", "A mail's message stands on",
    ),
    "a mail without original": ("update inbound_mails set original = ''", "Every mail has its original"),
    "a reply sent twice": (
        "update outbound_mails set purpose = 'reply', message_id = (select min(id) from messages)",
        "No reply has gone out twice",
    ),
    "a reply whose state differs": (
        "update messages set delivery = 'failed' where id = (select min(message_id) from outbound_mails "
        "where purpose = 'reply')", "Every reply that went out",
    ),
    "sent at no time": ("update outbound_mails set sent_at = null", "What was sent says when"),
    "told twice": (
        "alter table teams_activities drop constraint uq_teams_activities_conversation_id_fingerprint; " + _TOLD
        + "update teams_activities set fingerprint = ''", "What Teams told the bot was kept once",
    ),
    "lines out of order": (_TOLD, "The lines of a chat stand in the order"),
    "a line said twice": (
        _CHAT + "insert into teams_posts (conversation_id, purpose, operation, message_id, activity, state, error, "
        "activity_id, place, created_at) select c.id, 'line', 'create', (select min(id) from messages), '{}', 'sent', "
        "'', '', '', now() from teams_conversations c, generate_series(1, 2)", "No line was said twice",
    ),
    "a line without a state": (
        "update messages set channel = 'teams', delivery = '' where by_staff and kind = 'reply'",
        "Every line of ours in a chat",
    ),
    "two chats at once": (
        "drop index uq_chats_running; " + _CHAT + "insert into chats (ticket_id, conversation_id, contact_id, state, "
        "waiting_since, matter_known) select ticket_id, conversation_id, contact_id, state, now(), false from chats",
        "In each conversation one chat",
    ),
    "an open chat of nobody": (
        _CHAT + "update chats set state = 'open' where id = (select max(id) from chats)",
        "A chat that was answered has a techn",
    ),
    "an event's key twice": (
        "alter table visits drop constraint uq_visits_key; update visits set key = 'x'", "Every visit and every event",
    ),
    "a visit without its event": (
        "update visits set state = 'planned', published = 'published', ends_at = now() + interval '1 day'; "
        "delete from visit_events", "Every visit to come that is",
    ),
    "two timers at once": (
        "drop index ix_timer_segments_running; " + _TIMER + "update timer_segments set ended_at = null",
        "Nobody has two timers",
    ),
    "a minute counted twice": (_TIMER, "No minute of a person"),
    "a stretch of time that ends first": (
        _TIMER + "update timer_segments set ended_at = started_at - interval '1 minute'", "No stretch of a timer",
    ),
    "a billed item that was deleted": (
        "insert into ticket_items (ticket_id, kind, name, quantity, price, discount, currency, note, file_name, "
        "file_type, file_size, file_sha256, version, billed_at, deleted_at, created_at, updated_at) "
        "select min(id), 'product', 'x', 1, 1, 0, 'EUR', '', '', '', 0, '', 1, now(), now(), now(), now() from tickets",
        "What was billed is there",
    ),
    "a visit that ends first": ("update visits set ends_at = starts_at", "No visit ends before it begins"),
    "a promised message is gone": (
        "insert into receipts values ('api:x:/api/v1/tickets/1/messages', 'k', '', '987654321', now())",
        "What other systems were told",
    ),
}  # fmt: skip


@pytest.fixture
def connection(loaded: Config) -> Iterator[Connection]:
    config.use(loaded)
    with psycopg.connect(db.plain_url(loaded.database_url)) as connection:
        yield connection
        connection.rollback()


def _wrong(connection: Connection, *, quick: bool = True) -> list[Result]:
    return [one for one in data_doctor.looks(connection, quick=quick) if one.wrong]


def test_whole_data_is_found_whole(connection: Connection) -> None:
    found = list(data_doctor.looks(connection))
    assert [str(one) for one in found if one.wrong and not one.hint] == []
    assert sum(one.looked_at for one in found) > 1_000
    assert "tickets" in str(found)


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_named(connection: Connection, damage: str) -> None:
    done, sentence = DAMAGES[damage]
    connection.execute("set local session_replication_role = replica")
    connection.execute(done)
    named = [one for one in _wrong(connection) if one.says.startswith(sentence)]
    assert named, "it is not noticed"
    assert named[0].fails
    assert named[0].ids
    assert named[0].do


def test_every_rule_is_broken_by_a_damage() -> None:
    sentences = [sentence for _done, sentence in DAMAGES.values()]
    unbroken = [rule.says for rule in RULES if not rule.hint and not any(map(rule.says.startswith, sentences))]
    assert unbroken == []


def test_jobs_that_failed_or_stand_still_are_a_hint(connection: Connection) -> None:
    connection.execute(
        "insert into procrastinate_jobs (queue_name, task_name, status, args) "
        "values ('default', 'mail.draft', 'failed', '{}')"
    )
    hints = [one for one in _wrong(connection) if "No job has failed" in one.says]
    assert [one.fails for one in hints] == [False]
    assert hints[0].ids[0].startswith("mail.draft ")


def test_a_file_that_is_missing_cut_or_changed_is_named(loaded: Config, connection: Connection) -> None:
    row = connection.execute("select sha256 from attachments where size > 3 order by id limit 1").fetchone()
    assert row is not None
    sha256 = str(row[0])
    path = Path(loaded.deskside_data) / "files" / sha256[:2] / sha256[2:4] / sha256
    content = path.read_bytes()
    try:
        for now, quick, reason in (
            (content[:-1], True, "bytes instead of"),
            (content[:-1] + bytes([content[-1] ^ 1]), False, "other content"),
            (None, True, "missing"),
        ):
            path.unlink()
            if now is not None:
                path.write_bytes(now)
            (found,) = (one for one in _wrong(connection, quick=quick) if one.says.startswith("Every file"))
            assert sha256 in found.ids[0]
            assert reason in found.ids[0]
            path.touch()
    finally:
        path.write_bytes(content)
        os.chmod(path, 0o600)
