"""Where the Bot Connector brings activities: checked, kept and answered at once; the work is done by jobs."""

import json
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from backend import config
from backend.auth import open_to
from backend.chat.heard import LONGEST_ID, Heard, NotAnActivity, read
from backend.errors import NotAllowed, NotSignedIn
from backend.i18n import _
from backend.microsoft import channel
from bot import desk_bot

log = structlog.get_logger(__name__)
blueprint = Blueprint("bot", __name__)


@blueprint.post("/api/messages")
@open_to(
    "the Bot Connector brings activities with a token of its own, which is checked here",
    cross_site=True,
    door="webhooks",
)
def messages() -> ResponseReturnValue:
    """One activity. 401 without the channel's token, 403 from a place that is none of ours."""
    header = request.headers.get("Authorization", "")
    if not header:
        raise _stranger("no header")
    try:
        given = json.loads(request.get_data())
        # Until the token is checked nothing is read but the two values it is checked with.
        channel.check(header, service_url=_word(given, "serviceUrl"), channel_id=_word(given, "channelId"))
        heard = read(given)
    except (ValueError, RecursionError, NotAnActivity, channel.Stranger) as error:
        raise _stranger(f"{type(error).__name__}: {error}") from error
    _check_place(heard)
    if heard.type == "invoke":
        return jsonify(desk_bot.invoked(heard))
    desk_bot.hear(heard)
    return Response(status=202)


def _word(given: Any, name: str) -> str:
    """The text under `name` of an activity; "" when there is none."""
    value = given.get(name) if isinstance(given, dict) else None
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else ""


def _stranger(why: str) -> NotSignedIn:
    log.warning("an activity was refused", why=why[:200])
    return NotSignedIn(_("This request does not come from Microsoft Teams."))


def _check_place(heard: Heard) -> None:
    """Only the Connector's own address is ever answered, and only tenants that we serve. Raises NotAllowed."""
    if not channel.trusted_service(heard.service_url):
        log.warning("an activity names a foreign service", service_url=heard.service_url[:200])
        raise NotAllowed(_("This request does not come from Microsoft Teams."))
    if not heard.tenants or not heard.tenants <= config.current().tenants:
        log.warning("an activity comes from a foreign tenant", tenants=sorted(heard.tenants))
        raise NotAllowed(_("This organisation does not use this service desk."))
