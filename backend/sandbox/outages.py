"""The control calls by which Microsoft forgets and takes away: delta tokens, subscriptions, mailboxes, ids."""

from typing import Any

from flask import Response, jsonify

from backend.sandbox import mailbox, notices
from backend.sandbox.control import Unclear, blueprint, body_given, person_at
from backend.sandbox.people import PEOPLE, Person
from backend.sandbox.store import Tx
from backend.sandbox.world import world

# What an app meets at a mailbox: nothing amiss; the account is deleted, or has no licence any more (404); the app's
# permission does not reach it (403), as an application access policy does.
STATES = ("there", "gone", "disabled", "denied")


def _people(given: dict[str, Any]) -> list[Person]:
    return [person_at(given["mailbox"])] if "mailbox" in given else list(PEOPLE)


@blueprint.get("/mailboxes")
def mailboxes() -> Response:
    """How every mailbox stands."""
    with world().store.read() as tx:
        return jsonify({person.mail: tx.meta(f"mailbox.{person.id}", STATES[0]) for person in PEOPLE})


@blueprint.post("/mailboxes/<address>")
def set_mailbox(address: str) -> Response:
    """Takes a mailbox, or the permission for it, away or gives it back: {"state": …}. Mail arrives all the same."""
    person, state = person_at(address), body_given().get("state")
    if state not in STATES:
        raise Unclear(f"`state` must be one of {', '.join(STATES)}.")
    with world().store.write() as tx:
        tx.set_meta(f"mailbox.{person.id}", "" if state == STATES[0] else str(state))
    return jsonify(mailbox=person.mail, state=state)


@blueprint.post("/delta/expire")
def expire_delta() -> Response:
    """From now on nobody knows the delta tokens given out so far, of mail and calendar: {"mailbox"?: MAIL}."""
    people = _people(body_given())
    with world().store.write() as tx:
        for person in people:
            tx.set_meta(f"delta.{person.id}", str(int(tx.meta(f"delta.{person.id}", "0")) + 1))
    return jsonify(expired=[person.mail for person in people])


@blueprint.post("/subscriptions/end")
def end_subscriptions() -> Response:
    """Subscriptions are gone, and nobody is told: {"mailbox"?: MAIL, "subscription"?: id}."""
    given = body_given()
    whose = person_at(given["mailbox"]).id if "mailbox" in given else None
    with world().store.write() as tx:
        rows = notices.chosen(tx, given.get("subscription"), whose)
        for row in rows:
            tx.run("DELETE FROM subscriptions WHERE id = ?", row["id"])
    return jsonify(ended=[row["id"] for row in rows])


def _mails(tx: Tx, person: Person, given: dict[str, Any]) -> list[mailbox.Mail]:
    if "internetMessageId" in given:
        return mailbox.select(tx, "mailbox = ? AND internet_message_id = ?", person.id, str(given["internetMessageId"]))
    found = mailbox.find(tx, person, str(given.get("id") or ""))
    return [found] if found else []


@blueprint.post("/move")
def move() -> Response:
    """A person drags a mail into another folder: {"mailbox", "id" or "internetMessageId", "to", "new_ids"?: true}.

    `new_ids`: even the immutable id is another one then, as when desktop Outlook moves in a shared mailbox
    (https://github.com/microsoftgraph/microsoft-graph-docs/issues/4557).
    """
    given = body_given()
    person, folder = person_at(given.get("mailbox")), str(given.get("to", "")).lower()
    if folder not in mailbox.WELL_KNOWN:
        raise Unclear(f"There is no folder {folder!r}.")
    with world().store.write() as tx:
        mails = _mails(tx, person, given)
        if not mails:
            raise Unclear("There is no such mail in this mailbox.", 404)
        for mail in mails:
            mailbox.move(tx, mail, mailbox.folder_id(person, folder), immutable=not given.get("new_ids"))
    return jsonify(moved=[{"id": mail.item_id, "immutableId": mail.immutable_id} for mail in mails])
