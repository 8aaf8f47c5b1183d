"""The calls and the start page with which people and tests steer the sandbox; Microsoft has none of them."""

import json
from typing import Any

import jwt
from flask import Blueprint, Response, jsonify, render_template, request

from backend.sandbox import mailbox, notices, sending
from backend.sandbox.people import HOME_TENANT, PEOPLE, TENANTS, Person, by_mail
from backend.sandbox.seed import start_over
from backend.sandbox.tokens import LIFETIME
from backend.sandbox.world import world

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
Answer = Response | tuple[Response, int]


class Unclear(Exception):
    """A control call that cannot be carried out; the text says why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


@blueprint.errorhandler(Unclear)
def unclear(error: Unclear) -> tuple[Response, int]:
    """Answers with the sentence."""
    return jsonify(error=str(error)), error.status


def body_given() -> dict[str, Any]:
    """The JSON object in the request's body; empty without one. Raises Unclear."""
    body = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise Unclear("The body must be a JSON object.")
    return body


def person_at(address: Any) -> Person:
    """Whose mailbox that is. Raises Unclear."""
    person = by_mail(str(address or ""))
    if person is None:
        raise Unclear(f"There is no mailbox {address!r} here; see /_sandbox/people.", 404)
    return person


@blueprint.get("/")
def start() -> str:
    """The start page."""
    return render_template(
        "start.html", people=PEOPLE, tenants=TENANTS, deskside=world().deskside_url, home=HOME_TENANT
    )


@blueprint.get("/people")
def people() -> Response:
    """Who there is."""
    return jsonify(
        [
            {
                "id": person.id, "mail": person.mail, "name": person.name, "role": person.role,
                "roles": list(person.roles), "tenant": person.tenant, "language": person.language,
                "company": person.company, "title": person.title,
            }
            for person in PEOPLE
        ]
    )  # fmt: skip


@blueprint.post("/mail")
def deliver() -> Answer:
    """A raw mail arrives from outside in each mailbox named by `to`."""
    addresses = request.args.getlist("to")
    receivers = [person_at(address) for given in addresses for address in given.split(",") if address.strip()]
    if not receivers:
        raise Unclear("Say whose mailbox: /_sandbox/mail?to=ADDRESS")
    raw = request.get_data()
    folder = request.args.get("folder", "inbox")
    if folder not in mailbox.WELL_KNOWN:
        raise Unclear(f"There is no folder {folder!r}.")
    with world().store.write() as tx:
        mails = [mailbox.receive(tx, person, raw, folder=folder) for person in receivers]
    found = [
        {"id": mail.item_id, "immutableId": mail.immutable_id, "internetMessageId": mail.internet_message_id,
         "mailbox": person.mail}
        for mail, person in zip(mails, receivers, strict=True)
    ]  # fmt: skip
    return jsonify({**found[0], "delivered": found}), 201


@blueprint.get("/sent")
def sent() -> Response:
    """Every mail any mailbox sent, oldest first."""
    with world().store.read() as tx:
        rows = tx.all("SELECT id, doc FROM sent ORDER BY seq")
    return jsonify([{"id": row["id"], **json.loads(row["doc"])} for row in rows])


@blueprint.get("/sent/<key>/mime")
def sent_mime(key: str) -> Response:
    """The MIME of a sent mail, as it left."""
    with world().store.read() as tx:
        row = tx.one("SELECT mime FROM sent WHERE id = ?", key)
    if row is None:
        raise Unclear("No such mail was sent.", 404)
    # As plain text: a browser shows it and runs nothing of it.
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(bytes(row["mime"]), content_type="text/plain", headers=headers)


@blueprint.get("/requests")
def requests() -> Answer:
    """The requests to the Microsoft side since an index."""
    since = request.args.get("since", "0")
    if not since.isdigit():
        raise Unclear("`since` must be a whole number.")
    return jsonify(world().log.since(int(since)))


@blueprint.get("/clock")
def clock() -> Response:
    """How far the clock is ahead, and what it shows."""
    store = world().store
    return jsonify(offset=store.offset, now=store.now().isoformat())


@blueprint.post("/clock")
def advance() -> Response:
    """Moves the clock on; it never goes back except by a reset."""
    store = world().store
    seconds = body_given().get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 10**9:
        raise Unclear("`advance` must be a number of seconds that is not negative.")
    store.set_clock(store.offset + seconds)
    return clock()


@blueprint.post("/reset")
def reset() -> tuple[str, int]:
    """As at the start: mail, events, subscriptions, clock, faults, switches, log.

    {"mail": false} leaves mailboxes and calendars empty.
    """
    here, with_mail = world(), body_given().get("mail", True) is not False
    here.store.set_clock(0)
    with here.store.write() as tx:
        start_over(tx, with_mail=with_mail)
    here.faults.clear()
    here.limits.forget()
    here.log.empty()
    return "", 204


@blueprint.get("/faults")
def listed_faults() -> Response:
    """The faults as they stand."""
    return jsonify(world().faults.listed())


@blueprint.post("/faults")
def order_fault() -> tuple[Response, int]:
    """Misbehave."""
    try:
        world().faults.order(body_given())
    except (ValueError, TypeError) as error:
        raise Unclear(str(error)) from error
    return listed_faults(), 201


@blueprint.delete("/faults")
def behave() -> tuple[str, int]:
    """Behave again."""
    world().faults.clear()
    return "", 204


@blueprint.get("/switches")
def switches() -> Response:
    """Where Microsoft is known to behave in two ways: which one is on, and which there are."""
    with world().store.read() as tx:
        return jsonify(
            {name: {"now": sending.switch(tx, name), "may": list(may)} for name, may in sending.SWITCHES.items()}
        )


@blueprint.post("/switches")
def set_switches() -> Response:
    """Chooses, for example {"sent_copy": "new"}."""
    given = body_given()
    for name, value in given.items():
        if value not in sending.SWITCHES.get(name, ()):
            raise Unclear(f"{name!r} cannot be {value!r}; see GET /_sandbox/switches.")
    with world().store.write() as tx:
        for name, value in given.items():
            tx.set_meta(f"switch.{name}", value)
    return switches()


@blueprint.post("/notify")
def notify() -> Response:
    """Sends the mailbox's last notification again, `times` times."""
    given = body_given()
    person, times = person_at(given.get("mailbox")), int(given.get("times", 1))
    with world().store.write() as tx:
        row = tx.one("SELECT url, payload FROM last_notifications WHERE mailbox = ?", person.id)
        if row is None:
            raise Unclear("There has been no notification for this mailbox yet.", 404)
        for _ in range(times):
            notices.put(tx, person.id, row["url"], json.loads(row["payload"]))
        tx.touched.add(person.id)
    return jsonify(repeated=times)


@blueprint.post("/lifecycle")
def lifecycle() -> Response:
    """Tells subscriptions of `missed`, `subscriptionRemoved` (which also ends them) or `reauthorizationRequired`."""
    given = body_given()
    event = given.get("event")
    if event not in notices.LIFECYCLE:
        raise Unclear(f"`event` must be one of {', '.join(notices.LIFECYCLE)}.")
    with world().store.write() as tx:
        whose = person_at(given["mailbox"]).id if "mailbox" in given else None
        told = notices.lifecycle(tx, str(event), given.get("subscription"), whose)
    return jsonify(told=told)


@blueprint.get("/events")
def events() -> Response:
    """Says which mailbox changed, as server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(world().events.stream(), content_type="text/event-stream", headers=headers)


@blueprint.post("/token")
def mint() -> Response:
    """A token without sign-in: {"person": mail, "overrides"?: {claim: value}} or {"app": true}.

    An override of None leaves a claim out. `alg` "HS256" or "none" gives a token that must be refused.
    """
    given, keys = body_given(), world().keys
    overrides = given.get("overrides") or {}
    if given.get("app"):
        claims = keys.app_token(str(given.get("tenant") or HOME_TENANT), everywhere="tenant" not in given)
        body: dict[str, Any] = {}
    else:
        person = person_at(given.get("person"))
        claims = keys.user_token(person)
        body = {
            "id_token": keys.sign(keys.id_token(person, given.get("nonce"))),
            "scope": str(given.get("scope") or ""),
            "account": {
                "homeAccountId": f"{person.id}.{person.tenant}", "localAccountId": person.id,
                "environment": "login.microsoftonline.com", "tenantId": person.tenant, "username": person.mail,
                "name": person.name,
            },
        }  # fmt: skip
    claims |= overrides
    if given.get("alg") in ("HS256", "none"):
        key: Any = "0" * 32 if given["alg"] == "HS256" else None
        token = jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm=given["alg"])
    else:
        token = keys.sign(claims, **({"kid": str(given["kid"])} if "kid" in given else {}))
    return jsonify(token_type="Bearer", access_token=token, expires_in=LIFETIME, **body)
