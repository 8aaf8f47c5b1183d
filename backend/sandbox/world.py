"""What one running sandbox consists of, and how a request reaches it."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from backend.sandbox.events import Events
from backend.sandbox.faults import Faults
from backend.sandbox.limits import Limits
from backend.sandbox.requestlog import RequestLog
from backend.sandbox.store import Store
from backend.sandbox.tokens import Keys


@dataclass(frozen=True)
class World:
    """The parts every view may need."""

    store: Store
    keys: Keys
    log: RequestLog
    faults: Faults
    events: Events
    limits: Limits
    public_url: str
    deskside_url: str


def world() -> World:
    """The sandbox that answers the present request."""
    return cast(World, current_app.extensions["sandbox"])
