"""How Teams and the Bot Connector join the sandbox."""

from flask import Flask

from backend.sandbox import (
    connector,
    connector_auth,
    sending,
    teams_control,
    teams_courier,
    teams_files,
    teams_looking,
    teams_page,
)
from backend.sandbox.teams_world import end_teams, start_teams

# Modules whose views are registered on the blueprint of the control calls when they are imported.
CONTROL_VIEWS = (teams_looking,)
BLUEPRINTS = (
    teams_page.blueprint, connector.blueprint, connector_auth.blueprint, teams_control.blueprint, teams_files.blueprint,
)  # fmt: skip


def join(app: Flask) -> None:
    """Adds Teams and the Bot Connector to a sandbox; `leave` ends their streams and thread."""
    sending.SWITCHES.update(teams_courier.SWITCHES)
    start_teams(app)
    for one in BLUEPRINTS:
        app.register_blueprint(one)


leave = end_teams
