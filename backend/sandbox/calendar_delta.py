"""What changed in a stretch of a calendar: the window stays in the token.

https://learn.microsoft.com/graph/api/event-delta
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from backend.sandbox import calendar_render, calendars, sending
from backend.sandbox.calendar_views import ROLE, window
from backend.sandbox.calendars import Event
from backend.sandbox.folders import generation, pack, unpack
from backend.sandbox.graph import GraphError, Prefs, blueprint, here, mailbox_of, metadata, needs, prefs, store
from backend.sandbox.people import Person
from backend.sandbox.store import Tx, stamp

_PAGE = 50  # entries of a page unless odata.maxpagesize says otherwise
_NOT_TRACKED = ("$select", "$filter", "$orderby", "$search", "$top", "$expand")


def _begin(tx: Tx, person: Person) -> dict[str, Any]:
    for name in _NOT_TRACKED:
        if name in request.args:
            raise GraphError(400, "ErrorInvalidUrlQuery", f"Change tracking of calendarView does not support {name}.")
    start, finish = window()
    return {
        "epoch": generation(tx, person), "calendar": person.id, "start": stamp(start), "finish": stamp(finish),
        "since": None, "until": _last(tx), "at": 0, "after": None,
    }  # fmt: skip


def _last(tx: Tx) -> int:
    return tx.number("SELECT max(seq) FROM event_changes")


def _state(tx: Tx, person: Person) -> dict[str, Any]:
    token = request.args.get("$skiptoken") or request.args.get("$deltatoken")
    if token is None:
        return _begin(tx, person)
    state = unpack(tx, person, token)
    if sending.switch(tx, "calendar_delta") == "stale":
        raise GraphError(
            410, "SyncStateNotFound", "The sync state generation is not found; start the delta query anew."
        )
    if state.get("calendar") != person.id:
        raise GraphError(400, "ErrorInvalidUrlQuery", "The token belongs to another calendar.")
    if state["until"] is None:
        state["until"] = _last(tx)
    return state


def _touches(state: dict[str, Any], start: str, finish: str) -> bool:
    return start < state["finish"] and (finish > state["start"] or (start == finish and start >= state["start"]))


def _first_round(tx: Tx, person: Person, state: dict[str, Any]) -> list[Event]:
    """The events of the window that come after the last one given."""
    start, finish = (datetime.fromisoformat(state[name]) for name in ("start", "finish"))
    found = calendars.within(tx, person, start, finish)
    return [one for one in found if not state["after"] or (one.start, one.pk) > tuple(state["after"])]


def _later_round(tx: Tx, person: Person, state: dict[str, Any]) -> list[tuple[int, Any]]:
    """(event, its first change since the token) of every event that changed, in the order of the latest change."""
    rows = tx.all(
        "SELECT * FROM event_changes WHERE mailbox = ? AND seq > ? AND seq <= ? ORDER BY seq",
        person.id, state["since"], state["until"],
    )  # fmt: skip
    first: dict[int, Any] = {}
    for row in rows:
        kept = first.pop(row["event"], row)
        first[row["event"]] = kept
    return list(first.items())


def _entry(tx: Tx, pk: int, first: Any, state: dict[str, Any], wish: Prefs) -> dict[str, Any] | None:
    found = calendars.select(tx, "pk = ?", pk)
    if found and _touches(state, found[0].start, found[0].finish):
        return {"@odata.type": "#microsoft.graph.event", **calendar_render.event(tx, found[0], wish)}
    # What was not in the window when the token was given is not known to the caller and needs no removal.
    if first["start"] is None or not _touches(state, first["start"], first["finish"]):
        return None
    return {
        "@odata.type": "#microsoft.graph.event",
        "id": first["immutable_id"] if wish.immutable else first["item_id"],
        "@removed": {"reason": "deleted"},
    }


@blueprint.get("/users/<user>/calendarView/delta")
@blueprint.get("/users/<user>/calendarView/delta()")
@blueprint.get("/users/<user>/calendar/calendarView/delta")
@blueprint.get("/users/<user>/calendar/calendarView/delta()")
@needs(ROLE)
def calendar_delta(user: str) -> Response:
    """What is in the window, then what changed since; page by page."""
    person, wish = mailbox_of(user), prefs()
    size = wish.page_size or _PAGE
    with store().read() as tx:
        state = _state(tx, person)
        value: list[dict[str, Any]]
        if state["since"] is None:
            events = _first_round(tx, person, state)
            part = events[:size]
            value = [{"@odata.type": "#microsoft.graph.event", **calendar_render.event(tx, one, wish)} for one in part]
            further = {**state, "after": [part[-1].start, part[-1].pk]} if len(events) > size else None
        else:
            changes = _later_round(tx, person, state)
            at = state["at"]
            value = [entry for pk, first in changes[at : at + size] if (entry := _entry(tx, pk, first, state, wish))]
            further = {**state, "at": at + size} if len(changes) > at + size else None
    answer: dict[str, Any] = {"@odata.context": metadata("Collection(event)"), "value": value}
    if further is not None:
        answer["@odata.nextLink"] = here(f"{request.path}?{urlencode({'$skiptoken': pack(further)})}")
    else:
        ended = {**state, "since": state["until"], "until": None, "at": 0, "after": None}
        answer["@odata.deltaLink"] = here(f"{request.path}?{urlencode({'$deltatoken': pack(ended)})}")
    return jsonify(answer)
