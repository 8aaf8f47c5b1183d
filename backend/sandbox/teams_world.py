"""What Teams consists of in one running sandbox, and how a request reaches it."""

from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, request

from backend.sandbox.events import Events
from backend.sandbox.teams_activities import installation
from backend.sandbox.teams_chats import prepare, state
from backend.sandbox.teams_courier import Courier
from backend.sandbox.teams_people import STAFF, TALKERS, TEAM_ID, chat_id
from backend.sandbox.teams_seed import first_lines
from backend.sandbox.tokens import Keys
from backend.sandbox.world import World, world


@dataclass(frozen=True)
class Teams:
    """`keys` sign what comes to the bot; `unendorsed` is a published key that vouches for no channel."""

    keys: Keys
    unendorsed: Keys
    events: Events
    courier: Courier


def _told(key: str) -> dict[str, Any] | None:
    kind, _, conversation = key.partition(":")
    return {"conversation": conversation} if kind == "teams" else None


def start_teams(app: Flask) -> None:
    """Adds Teams to a sandbox whose other parts are there."""
    here: World = app.extensions["sandbox"]
    prepare(here.store)
    keys, events = Keys(here.store, "channel-key"), Events(_told)
    courier = Courier(here.store, keys, here.deskside_url)
    app.extensions["sandbox-teams"] = Teams(keys, Keys(here.store, "channel-key-unendorsed"), events, courier)
    here.store.on_change.append(events.changed)
    courier.start()


def announce(app: Flask) -> None:
    """Tells the bot, once in the life of this state, of the people and the team that have had it all along, and what
    customers have written meanwhile."""
    here: World = app.extensions["sandbox"]
    with here.store.write() as tx:
        if tx.meta("teams-announced"):
            return
        tx.set_meta("teams-announced", "1")
        owner, there = next(one for one in STAFF if "administrator" in one.roles), f"{here.public_url}/"
        told = installation(tx, owner, TEAM_ID, there, added=True)
        for person in TALKERS:
            if state(tx, person)[0]:
                told += installation(tx, person, chat_id(person), there, added=True)
        told += first_lines(tx, there)
    app.extensions["sandbox-teams"].courier.announce(told)


def end_teams(app: Flask) -> None:
    """Ends its streams and its thread."""
    teams: Teams = app.extensions["sandbox-teams"]
    teams.events.end()
    teams.courier.stop()


def teams() -> Teams:
    """The Teams of the sandbox that answers the present request."""
    return cast(Teams, current_app.extensions["sandbox-teams"])


def root() -> str:
    """The sandbox's own address, without a slash at the end."""
    return world().public_url or request.host_url.rstrip("/")


def service_url() -> str:
    """Where the bot reaches the Connector."""
    return f"{root()}/"
