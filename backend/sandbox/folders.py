"""Graph's mail folders and the delta query over one of them.

https://learn.microsoft.com/graph/api/message-delta
"""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from backend.sandbox import listing, mailbox, render, sending
from backend.sandbox.graph import (
    GraphError,
    NotHere,
    Prefs,
    blueprint,
    here,
    mailbox_of,
    metadata,
    needs,
    prefs,
    store,
)
from backend.sandbox.people import Person
from backend.sandbox.store import Tx

_PAGE = 10  # mails on a page of delta unless Prefer asks for another number
_KINDS = {"created": {"created", "moved-in"}, "updated": {"updated"}, "deleted": {"deleted", "moved-out"}}


def _parent(person: Person) -> str:
    return mailbox.folder_id(person, "msgfolderroot")


@blueprint.get("/users/<user>/mailFolders")
@needs("Mail.ReadWrite")
def list_folders(user: str) -> Response:
    """All folders of a mailbox."""
    person = mailbox_of(user)
    with store().read() as tx:
        rows = tx.all("SELECT * FROM folders WHERE mailbox = ? ORDER BY rowid", person.id)
        found = [render.folder(tx, row, _parent(person)) for row in rows]
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/mailFolders"), "value": found})


@blueprint.get("/users/<user>/mailFolders/<key>")
@needs("Mail.ReadWrite")
def read_folder(user: str, key: str) -> Response:
    """One folder by id or well-known name."""
    person = mailbox_of(user)
    with store().read() as tx:
        row = mailbox.find_folder(tx, person, key)
        if row is None:
            raise NotHere
        found = render.folder(tx, row, _parent(person))
    select = request.args.get("$select")
    if select:
        names = {name.strip() for name in select.split(",")} | {"id"}
        found = {name: value for name, value in found.items() if name in names}
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/mailFolders/$entity"), **found})


def pack(state: dict[str, Any]) -> str:
    """A delta token that carries its state."""
    return base64.urlsafe_b64encode(json.dumps(state, separators=(",", ":")).encode()).decode().rstrip("=")


def generation(tx: Tx, person: Person) -> str:
    """What a delta token of this mailbox must carry to be known; another one after tokens expired."""
    return f"{tx.meta('epoch')}.{tx.meta(f'delta.{person.id}', '0')}"


def unpack(tx: Tx, person: Person, token: str) -> dict[str, Any]:
    """The state in a token. Raises GraphError 410 for one that this sandbox does not know (any more)."""
    try:
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if state["epoch"] == generation(tx, person):
            return state
    except (binascii.Error, ValueError, KeyError, TypeError):
        pass
    raise GraphError(410, "SyncStateNotFound", "The sync state generation is not found; start the delta query anew.")


def _begin(tx: Tx, person: Person, folder: str) -> dict[str, Any]:
    asked = request.args
    if "$search" in asked or "$top" in asked:
        raise GraphError(400, "ErrorInvalidUrlQuery", "The query parameter is not supported by change tracking.")
    wanted = asked.get("changeType")
    if wanted is not None and wanted not in _KINDS:
        raise GraphError(400, "ErrorInvalidUrlQueryFilter", f"changeType cannot be '{wanted}'.")
    if asked.get("$orderby", "receivedDateTime desc") != "receivedDateTime desc":
        raise GraphError(400, "ErrorInvalidUrlQuery", "Change tracking sorts by 'receivedDateTime desc' only.")
    render.chosen(asked.get("$select"))
    return {
        "epoch": generation(tx, person), "folder": folder, "since": None, "at": 0, "after": None,
        "until": tx.number("SELECT max(seq) FROM changes"), "changeType": wanted, "$select": asked.get("$select"),
        "$filter": asked.get("$filter"), "$expand": asked.get("$expand"),
    }  # fmt: skip


def _first_round(tx: Tx, person: Person, state: dict[str, Any]) -> list[tuple[int, str | None]]:
    """Everything there was when the query began; (mail, None)."""
    if state["changeType"] in ("updated", "deleted"):
        return []
    found = listing.filtered(tx, person, state["folder"], state["$filter"])
    if state["after"]:
        # By the last mail given, not by a count: what goes away between two pages must not hide another.
        found = [mail for mail in found if (mail.received, mail.pk) < tuple(state["after"])]
    newest = {
        row["message"]: row["first"]
        for row in tx.all(
            "SELECT message, min(seq) AS first FROM changes WHERE folder = ? AND kind IN ('created', 'moved-in') "
            "GROUP BY message",
            state["folder"],
        )
    }
    return [(mail.pk, None) for mail in found if newest.get(mail.pk, 0) <= state["until"]]


def _later_round(tx: Tx, state: dict[str, Any], *, lossy: bool) -> list[tuple[int, str | None]]:
    """What changed since: (mail, None) when it is in the folder, (mail, its former ids) when it is gone.

    `lossy`: what left the folder and came back is told as gone, and never as there.
    """
    rows = tx.all(
        "SELECT message, immutable_id, item_id, kind FROM changes WHERE folder = ? AND seq > ? AND seq <= ? "
        "ORDER BY seq",
        state["folder"], state["since"], state["until"],
    )  # fmt: skip
    last: dict[int, Any] = {}
    kinds: dict[int, set[str]] = {}
    for row in rows:
        was = last.pop(row["message"], None)
        if lossy and was is not None and was["kind"] == "moved-out":
            last[row["message"]] = was
            continue
        last[row["message"]] = row
        kinds.setdefault(row["message"], set()).add(row["kind"])
    found: list[tuple[int, str | None]] = []
    for pk, row in last.items():
        gone = row["kind"] in _KINDS["deleted"]
        new = bool(kinds[pk] & _KINDS["created"])
        heard = "deleted" if gone else "created" if new else "updated"
        if state["changeType"] not in (None, heard) or (gone and new):
            continue
        found.append((pk, f"{row['immutable_id']} {row['item_id']}" if gone else None))
    return found


def _entry(tx: Tx, pk: int, former: str | None, state: dict[str, Any], wish: Prefs) -> dict[str, Any] | None:
    if former is None:
        mails = mailbox.select(tx, "pk = ? AND folder = ?", pk, state["folder"])
        if mails:
            expand = listing.expansion_of(state["$expand"])
            return render.message(tx, mails[0], wish, render.chosen(state["$select"]), expand)
        row = tx.one("SELECT immutable_id, item_id FROM changes WHERE message = ? ORDER BY seq DESC", pk)
        if row is None:
            return None
        former = f"{row['immutable_id']} {row['item_id']}"
    immutable, item = former.split(" ")
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": immutable if wish.immutable else item,
        "@removed": {"reason": "deleted"},
    }


@blueprint.get("/users/<user>/mailFolders/<folder>/messages/delta")
@blueprint.get("/users/<user>/mailFolders/<folder>/messages/delta()")
@needs("Mail.ReadWrite")
def delta(user: str, folder: str) -> Response:
    """What is in a folder, then what changed since; page by page."""
    person, wish = mailbox_of(user), prefs()
    with store().read() as tx:
        row = mailbox.find_folder(tx, person, folder)
        if row is None:
            raise NotHere
        state = _state(tx, person, row["id"])
        first, lossy = state["since"] is None, wish.immutable and sending.switch(tx, "delta_return") == "lost"
        entries = _first_round(tx, person, state) if first else _later_round(tx, state, lossy=lossy)
        size = wish.page_size or _PAGE
        part = entries[state["at"] : state["at"] + size]
        value = [shown for pk, former in part if (shown := _entry(tx, pk, former, state, wish))]
        further = _further(tx, state, part, size) if len(entries) > state["at"] + size else None
    answer: dict[str, Any] = {"@odata.context": metadata("Collection(message)"), "value": value}
    if further is not None:
        token = {"$skiptoken": pack(further)}
        answer["@odata.nextLink"] = here(f"{request.path}?{urlencode(token)}")
    else:
        token = {"$deltatoken": pack({**state, "since": state["until"], "until": None, "at": 0, "after": None})}
        answer["@odata.deltaLink"] = here(f"{request.path}?{urlencode(token)}")
    return jsonify(answer)


def _further(tx: Tx, state: dict[str, Any], part: list[tuple[int, str | None]], size: int) -> dict[str, Any]:
    """The state of the next page."""
    if state["since"] is not None:
        return {**state, "at": state["at"] + size}
    last = mailbox.select(tx, "pk = ?", part[-1][0])[0]
    return {**state, "after": [last.received, last.pk]}


def _state(tx: Tx, person: Person, folder: str) -> dict[str, Any]:
    token = request.args.get("$skiptoken") or request.args.get("$deltatoken")
    if token is None:
        return _begin(tx, person, folder)
    state = unpack(tx, person, token)
    if state["folder"] != folder:
        raise GraphError(400, "ErrorInvalidUrlQuery", "The token belongs to another folder.")
    if state["until"] is None:
        state["until"] = tx.number("SELECT max(seq) FROM changes")
    return state
