"""The command `deskside`. Modules are loaded by the command that needs them, so that each starts at once."""

import importlib
import sys
from typing import Any

import click

from backend import __version__, config
from backend.config import ConfigError


def _load(module: str) -> Any:
    return importlib.import_module(module)


def _installation() -> config.Config:
    """The settings of this environment, else of the trial installation that runs here.

    Ends with status 1 and all wrong settings when there are any.
    """
    given = config.environment()
    try:
        if not given.get("DATABASE_URL"):
            given = _load("backend.trial").running(given)
        installation = config.load(given)
    except ConfigError as error:
        sys.exit(f"{error}\n`deskside demo` runs one that needs no settings.")
    config.use(installation)
    return installation


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deskside")
def main() -> None:
    """The ticket desk of an IT service provider inside Microsoft 365."""


@main.command()
@click.option("--empty", is_flag=True, help="Without the demo company.")
def demo(*, empty: bool) -> None:
    """Run everything on this machine: PostgreSQL, a sandbox tenant, web and worker."""
    _load("backend.trial").main(empty=empty)


@main.command()
def serve() -> None:
    """Run the web server."""
    _load("backend.serve").main()


@main.command()
def work() -> None:
    """Run a worker for background jobs."""
    _load("backend.work").main()


@main.command()
def migrate() -> None:
    """Bring the database to the state of this version."""
    _load("backend.migrate").upgrade(_installation().database_url)


@main.command()
@click.option("--tickets", type=int, required=True, help="How many, each with four messages.")
@click.option("--customers", type=int, help="How many; one per 200 tickets when not given.")
@click.option("--seed", "number", type=int, default=1, show_default=True, help="The same number, the same company.")
def seed(tickets: int, customers: int | None, number: int) -> None:
    """Load a large made-up company to measure with."""
    loading = _load("backend.demo.seed")
    try:
        loading.seed(_installation().database_url, tickets, customers, number, click.echo)
    except loading.SeedError as error:
        sys.exit(str(error))


@main.command()
def doctor() -> None:
    """Check the settings and the connection to Microsoft 365, and say what to do."""
    _installation()
    _load("backend.doctor").main()


@main.group()
def token() -> None:
    """Tokens for the REST API."""


@token.command()
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", required=True, help="Whose rights it has, such as admin.")
def create(name: str, scope: str) -> None:
    """Print a new API token, once."""
    db, auth = _load("backend.db"), _load("backend.auth")
    if scope not in auth.SCOPES:
        raise click.BadParameter(f"must be one of {', '.join(auth.SCOPES)}", param_hint="--scope")
    db.configure(_installation().database_url, pool=1)
    with db.scope() as session, session.begin():
        click.echo(auth.create_api_token(name, scope))


if __name__ == "__main__":
    main()
