"""The rows of Teams: conversations, what was said in them, who has installed or blocked the bot."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.sandbox.people import Person, by_mail
from backend.sandbox.store import Store, Tx
from backend.sandbox.teams_people import CHANNELS, KNOWN, STAFF, bot, by_chat, channel_of, chat_id

SCHEMA = """
CREATE TABLE IF NOT EXISTS teams_people (
    person TEXT PRIMARY KEY, installed INTEGER NOT NULL DEFAULT 0, blocked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS teams_conversations (
    id TEXT PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS teams_activities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL, id TEXT NOT NULL, author TEXT NOT NULL,
    at TEXT NOT NULL, doc TEXT NOT NULL, edited TEXT, deleted TEXT, delivery TEXT, UNIQUE (conversation, id));
CREATE INDEX IF NOT EXISTS teams_activities_id ON teams_activities (id);
CREATE TABLE IF NOT EXISTS teams_views (
    conversation TEXT NOT NULL, activity TEXT NOT NULL, person TEXT NOT NULL, card TEXT NOT NULL,
    PRIMARY KEY (conversation, activity, person));
CREATE TABLE IF NOT EXISTS teams_files (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS teams_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, activity TEXT NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS teams_deliveries (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL);
"""
_TABLES = (
    "teams_people", "teams_conversations", "teams_activities", "teams_views", "teams_files", "teams_queue",
    "teams_deliveries",
)  # fmt: skip
BOT = "bot"  # the author of what the bot says


def moment(at: datetime) -> str:
    """`at` as the channel writes it: UTC with milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


@dataclass(frozen=True)
class Said:
    """One activity of a conversation as it stands."""

    conversation: str
    id: str
    author: str
    at: str
    doc: dict[str, Any]
    edited: str | None
    deleted: str | None
    delivery: dict[str, Any] | None


def prepare(store: Store) -> None:
    """Makes the tables, and the first contents when there are none."""
    with store.write() as tx:
        for statement in SCHEMA.split(";"):
            tx.run(statement)
        if not tx.number("SELECT count(*) FROM teams_people"):
            start_over(tx)


def start_over(tx: Tx) -> None:
    """As at the start: all staff and three customers have the bot, one of them has talked to it before."""
    for table in _TABLES:
        tx.run(f"DELETE FROM {table}")
    known = [person for mail in KNOWN if (person := by_mail(mail))]
    for person in (*STAFF, *known):
        tx.run("INSERT INTO teams_people VALUES (?, 1, 0)", person.id)
        open_conversation(tx, chat_id(person))
    earlier = tx.store.now() - timedelta(days=3)
    chat = chat_id(known[0])
    lines = (
        (known[0].id, "Guten Morgen, kommt die Lieferung für die neuen Arbeitsplätze noch diese Woche?"),
        (BOT, "Guten Morgen Frau Wiedekind, sie ist für Donnerstag zugesagt. Bei Änderungen melden wir uns."),
        (known[0].id, "Danke, das reicht mir."),
    )  # fmt: skip
    for minutes, (author, text) in enumerate(lines):
        doc = {"type": "message", "text": text, "textFormat": "plain"}
        add(tx, chat, author, doc, at=earlier + timedelta(minutes=minutes))
    for person in (*STAFF, *known):
        tx.touched.add(f"teams:{chat_id(person)}")


def new_id(tx: Tx) -> str:
    """An activity id of the channel: milliseconds since 1970, never twice."""
    number = max(int(tx.store.now().timestamp() * 1000), int(tx.meta("teams-last-id", "0")) + 1)
    tx.set_meta("teams-last-id", str(number))
    return str(number)


def exists(tx: Tx, conversation: str) -> bool:
    """Whether there is such a chat, channel or thread; a personal chat exists once the bot was installed."""
    known = tx.one("SELECT 1 FROM teams_conversations WHERE id = ?", conversation)
    return known is not None or conversation in CHANNELS


def open_conversation(tx: Tx, conversation: str) -> bool:
    """Makes the conversation unless it is there; says whether it was made."""
    now = moment(tx.store.now())
    made = tx.run("INSERT OR IGNORE INTO teams_conversations VALUES (?, ?, ?)", conversation, now, now)
    return made.rowcount > 0


def add(tx: Tx, conversation: str, author: str, doc: dict[str, Any], *, at: datetime | None = None) -> Said:
    """Puts an activity at the end of a conversation. In a channel itself it begins a thread."""
    key, when = new_id(tx), moment(at or tx.store.now())
    if conversation in CHANNELS:
        conversation = f"{conversation};messageid={key}"
    open_conversation(tx, conversation)
    doc = {**doc, "id": key, "timestamp": when}
    if author == BOT:
        doc["from"] = bot()
    tx.run(
        "INSERT INTO teams_activities (conversation, id, author, at, doc) VALUES (?, ?, ?, ?, ?)",
        conversation, key, author, when, json.dumps(doc),
    )  # fmt: skip
    _changed(tx, conversation)
    return Said(conversation, key, author, when, doc, None, None, None)


def _changed(tx: Tx, conversation: str) -> None:
    tx.run("UPDATE teams_conversations SET updated = ? WHERE id = ?", moment(tx.store.now()), conversation)
    tx.touched.add(f"teams:{conversation}")


def _said(row: Any) -> Said:
    delivery = json.loads(row["delivery"]) if row["delivery"] else None
    return Said(
        row["conversation"], row["id"], row["author"], row["at"], json.loads(row["doc"]), row["edited"],
        row["deleted"], delivery,
    )  # fmt: skip


def find(tx: Tx, conversation: str, key: str) -> Said | None:
    """One activity. In a channel's own id its threads are looked through."""
    if conversation in CHANNELS:
        row = tx.one(
            "SELECT * FROM teams_activities WHERE id = ? AND conversation LIKE ?", key, f"{conversation};messageid=%"
        )
    else:
        row = tx.one("SELECT * FROM teams_activities WHERE conversation = ? AND id = ?", conversation, key)
    return _said(row) if row else None


def find_anywhere(tx: Tx, key: str) -> Said | None:
    """The activity with this id, whatever its conversation."""
    row = tx.one("SELECT * FROM teams_activities WHERE id = ?", key)
    return _said(row) if row else None


def all_said(tx: Tx, conversation: str) -> list[Said]:
    """All activities of one conversation, oldest first."""
    return [_said(row) for row in tx.all("SELECT * FROM teams_activities WHERE conversation = ? ORDER BY seq",
                                         conversation)]  # fmt: skip


def last_said(tx: Tx, conversation: str) -> Said | None:
    """The latest activity."""
    row = tx.one("SELECT * FROM teams_activities WHERE conversation = ? ORDER BY seq DESC LIMIT 1", conversation)
    return _said(row) if row else None


def change(tx: Tx, said: Said, doc: dict[str, Any]) -> None:
    """An edit: the words or cards are others now, and nobody sees a card of their own any more."""
    kept = {**doc, "id": said.id, "timestamp": said.at}
    if said.author == BOT:
        kept["from"] = bot()
    tx.run(
        "UPDATE teams_activities SET doc = ?, edited = ? WHERE conversation = ? AND id = ?",
        json.dumps(kept), moment(tx.store.now()), said.conversation, said.id,
    )  # fmt: skip
    tx.run("DELETE FROM teams_views WHERE conversation = ? AND activity = ?", said.conversation, said.id)
    _changed(tx, said.conversation)


def remove(tx: Tx, said: Said) -> None:
    """Deletes an activity; its place stays visible."""
    tx.run(
        "UPDATE teams_activities SET deleted = ? WHERE conversation = ? AND id = ?",
        moment(tx.store.now()), said.conversation, said.id,
    )  # fmt: skip
    _changed(tx, said.conversation)


def set_view(tx: Tx, said: Said, person: Person, card: dict[str, Any]) -> None:
    """The card that only `person` sees in the place of the sent one, as an Action.Execute was answered."""
    tx.run(
        "INSERT OR REPLACE INTO teams_views VALUES (?, ?, ?, ?)", said.conversation, said.id, person.id,
        json.dumps(card),
    )  # fmt: skip
    _changed(tx, said.conversation)


def view(tx: Tx, said: Said, person: Person) -> dict[str, Any] | None:
    """That card, if there is one."""
    row = tx.one(
        "SELECT card FROM teams_views WHERE conversation = ? AND activity = ? AND person = ?",
        said.conversation, said.id, person.id,
    )  # fmt: skip
    return json.loads(row["card"]) if row else None


def note_delivery(tx: Tx, key: str, activity: dict[str, Any], outcome: dict[str, Any]) -> None:
    """Writes down how bringing an activity to the bot went; `key` is the id of the message in the chat."""
    doc = {"at": moment(tx.store.now()), "activity": activity, **outcome}
    tx.run("INSERT INTO teams_deliveries (doc) VALUES (?)", json.dumps(doc))
    conversation = activity["conversation"]["id"]
    if activity["type"] == "message":
        tx.run(
            "UPDATE teams_activities SET delivery = ? WHERE conversation = ? AND id = ?",
            json.dumps(outcome), conversation, key,
        )  # fmt: skip
        tx.touched.add(f"teams:{conversation}")


def state(tx: Tx, person: Person) -> tuple[bool, bool]:
    """Whether the person has the bot installed, and whether they block it."""
    row = tx.one("SELECT installed, blocked FROM teams_people WHERE person = ?", person.id)
    return (bool(row["installed"]), bool(row["blocked"])) if row else (False, False)


def set_state(tx: Tx, person: Person, *, installed: bool | None = None, blocked: bool | None = None) -> None:
    """Changes what is given."""
    was = state(tx, person)
    now = (was[0] if installed is None else installed, was[1] if blocked is None else blocked)
    tx.run("INSERT OR REPLACE INTO teams_people VALUES (?, ?, ?)", person.id, *map(int, now))
    if now[0]:
        open_conversation(tx, chat_id(person))
    tx.touched.add(f"teams:{chat_id(person)}")


def known_conversations(tx: Tx) -> list[dict[str, Any]]:
    """All personal chats and threads, the latest first."""
    rows = tx.all("SELECT * FROM teams_conversations ORDER BY updated DESC, id")
    return [dict(row) for row in rows if by_chat(row["id"]) or channel_of(row["id"])]
