"""The desk's front door: whoever comes to Deskside begins with the tickets."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from backend.auth import requires

blueprint = Blueprint("desk", __name__)


@blueprint.get("/")
@requires("tickets.read")
def front() -> ResponseReturnValue:
    """Leads to the list of tickets."""
    return redirect("/tickets")
