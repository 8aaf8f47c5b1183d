"""Calendars: events and what happens to them. Every change leaves a row in `event_changes` and notifications.

An event is one row per calendar it stands in; the copies of one meeting share their iCalUId. `doc` holds what Graph
shows of it.
"""

import base64
import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.sandbox import notices, render
from backend.sandbox.people import Person
from backend.sandbox.store import Tx, stamp

NEVER = "0001-01-01T00:00:00Z"  # what Graph gives as the time of an answer nobody gave
_COLUMNS = (
    "pk, mailbox, immutable_id, item_id, ical_uid, transaction_id, start, finish, created, modified, change_key, doc"
)


@dataclass
class Event:
    """One row of `events`; `start` and `finish` are UTC."""

    pk: int
    mailbox: str
    immutable_id: str
    item_id: str
    ical_uid: str
    transaction_id: str | None
    start: str
    finish: str
    created: str
    modified: str
    change_key: str
    doc: dict[str, Any]

    @property
    def is_organizer(self) -> bool:
        """Whether it stands in its organiser's calendar."""
        return bool(self.doc["isOrganizer"])

    @property
    def is_meeting(self) -> bool:
        """Whether anybody is invited."""
        return bool(self.doc["attendees"])


def empty() -> dict[str, Any]:
    """What a calendar keeps of an event of which only the time is known."""
    return {
        "subject": "", "body": {"contentType": "html", "content": ""}, "bodyPreview": "", "importance": "normal",
        "sensitivity": "normal", "showAs": "busy", "isAllDay": False, "isCancelled": False, "isOrganizer": True,
        "isReminderOn": True, "reminderMinutesBeforeStart": 15, "responseRequested": True,
        "allowNewTimeProposals": True, "hideAttendees": False, "categories": [], "locations": [], "attendees": [],
        "organizer": None, "response": "organizer", "responded": NEVER, "sequence": 0,
    }  # fmt: skip


def _event(row: sqlite3.Row) -> Event:
    values = dict(row)
    return Event(**{**values, "doc": json.loads(values["doc"])})


def select(tx: Tx, where: str, *values: Any) -> list[Event]:
    """The events that meet an SQL condition (ours, never a caller's text), in its order."""
    return [_event(row) for row in tx.all(f"SELECT {_COLUMNS} FROM events WHERE {where}", *values)]


def find(tx: Tx, person: Person, key: str) -> Event | None:
    """An event by either of its ids."""
    found = select(tx, "mailbox = ? AND (item_id = ? OR immutable_id = ?)", person.id, key, key)
    return found[0] if found else None


def copy_of(tx: Tx, person: Person, ical_uid: str) -> Event | None:
    """The copy of a meeting in somebody's calendar."""
    found = select(tx, "mailbox = ? AND ical_uid = ?", person.id, ical_uid)
    return found[0] if found else None


def within(tx: Tx, person: Person, start: datetime, finish: datetime) -> list[Event]:
    """The events of a calendar that touch a stretch of time, earliest first."""
    return select(
        tx, "mailbox = ? AND start < ? AND (finish > ? OR (start = finish AND start >= ?)) ORDER BY start, pk",
        person.id, stamp(finish), stamp(start), stamp(start),
    )  # fmt: skip


def _random(length: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(length)).decode().rstrip("=")


def new_uid() -> str:
    """An iCalUId as Exchange makes them."""
    made, own = secrets.token_hex(8), secrets.token_hex(16)
    return f"040000008200E00074C5B7101A82E00800000000{made}{'0' * 16}10000000{own}".upper()


def calendar_id(person: Person) -> str:
    """The id of somebody's calendar: the same in every sandbox."""
    digest = hashlib.sha512(f"{person.id}/calendar".encode()).digest()
    return f"AAMkAGC{base64.urlsafe_b64encode(digest[:60]).decode().rstrip('=')}AAA="


def _times(doc: dict[str, Any]) -> tuple[str, str]:
    def utc(wall: str, zone: str) -> str:
        return stamp(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)))

    return utc(doc["start"], doc["zone"]), utc(doc["end"], doc["endZone"])


def add(
    tx: Tx, person: Person, doc: dict[str, Any], *, ical_uid: str | None = None, transaction_id: str | None = None
) -> Event:
    """Puts an event into somebody's calendar."""
    now = stamp(tx.store.now())
    start, finish = _times(doc)
    cursor = tx.run(
        "INSERT INTO events (mailbox, immutable_id, item_id, ical_uid, transaction_id, start, finish, created, "
        "modified, change_key, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        person.id, f"AAkALgAAAAAAHYQD{_random(54)}AAA=", f"AAMkAGI{_random(66)}AAA=", ical_uid or new_uid(),
        transaction_id, start, finish, now, now, _change_key(), json.dumps(doc),
    )  # fmt: skip
    event = select(tx, "pk = ?", int(cursor.lastrowid or 0))[0]
    _record(tx, event, "created", None)
    return event


def _change_key() -> str:
    return f"DwAAABYAAAB{_random(18)}"


def save(tx: Tx, event: Event) -> None:
    """Writes back a changed event."""
    before = (event.start, event.finish)
    event.modified, event.change_key = stamp(tx.store.now()), _change_key()
    event.start, event.finish = _times(event.doc)
    tx.run(
        "UPDATE events SET start = ?, finish = ?, modified = ?, change_key = ?, doc = ? WHERE pk = ?",
        event.start, event.finish, event.modified, event.change_key, json.dumps(event.doc), event.pk,
    )  # fmt: skip
    _record(tx, event, "updated", before)


def remove(tx: Tx, event: Event) -> None:
    """Takes an event out of its calendar."""
    _record(tx, event, "deleted", (event.start, event.finish))
    tx.run("DELETE FROM events WHERE pk = ?", event.pk)


def _record(tx: Tx, event: Event, kind: str, before: tuple[str, str] | None) -> None:
    """Notes a change for delta queries, subscriptions and the open pages; `before` is when it was until now."""
    start, finish = before or (None, None)
    tx.run(
        "INSERT INTO event_changes (mailbox, event, immutable_id, item_id, kind, start, finish) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        event.mailbox, event.pk, event.immutable_id, event.item_id, kind, start, finish,
    )  # fmt: skip
    tx.touched.add(event.mailbox)
    notices.queue_event(tx, event.mailbox, kind, event.item_id, event.immutable_id, event.change_key)


def extend(tx: Tx, event: Event, given: Any) -> None:
    """Sets extended properties. Raises GraphError 400 for an id that is none."""
    for one in given or []:
        key, value = render.property_key(str(one.get("id", ""))), str(one.get("value") or "")
        tx.run("INSERT OR REPLACE INTO event_properties VALUES (?, ?, ?)", event.pk, key, value)


def midnight(moment: datetime) -> bool:
    """Whether a wall time is the beginning of a day."""
    return moment == moment.replace(hour=0, minute=0, second=0, microsecond=0)
