"""The command `deskside`. Modules are loaded by the command that needs them, so that each starts at once."""

import importlib
import sys
from typing import Any, BinaryIO

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
@click.option("--data", is_flag=True, help="Look at the data instead: database and files, changing nothing.")
@click.option("--quick", is_flag=True, help="With --data: do not read every file, only see that it is there.")
def doctor(*, data: bool, quick: bool) -> None:
    """Check the settings and the connection to Microsoft 365, and say what to do."""
    _installation()
    if data:
        _load("backend.data_doctor").main(quick=quick)
    _load("backend.doctor").main()


@main.group(name="import")
def import_() -> None:
    """Take in what other systems have written."""


@import_.command()
@click.argument("table", type=click.File("rb"), metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Say what would be new, changed or wrong, and change nothing.")
@click.option("--skip-wrong", is_flag=True, help="Import the right orders although others are wrong.")
def orders(table: BinaryIO, *, dry_run: bool, skip_wrong: bool) -> None:
    """Import orders from a CSV or XLSX file, as the page does. Ends with status 1 when any was refused."""
    db, actions = _load("backend.db"), _load("backend.orders.actions")
    _load("backend.migrate").load_models()
    db.configure(_installation().database_url, pool=1)
    done = True
    try:
        with db.scope() as session, session.begin():
            outcome = actions.take_in_file(table.read(), dry_run=dry_run, skip_wrong=skip_wrong)
    except actions.NotAll as refused:
        outcome, done = refused.outcome, False
    except _load("backend.errors").Refused as refused:
        sys.exit(" ".join([*refused.fields.values()] or [refused.message]))
    for problem in outcome.problems:
        where = f"row {problem.row}" + (f", {problem.column}" if problem.column else "")
        click.echo(f"{where}: {problem.sentence}", err=True)
    counted = f"{outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged, {outcome.refused} refused"
    click.echo(f"{counted}; nothing was imported" if dry_run or not done else counted)
    sys.exit(1 if outcome.problems else 0)


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
    try:
        with db.scope() as session, session.begin():
            made = auth.create_api_token(name, scope)
    except _load("backend.errors").Conflict as taken:
        sys.exit(taken.message)
    click.echo(made)


if __name__ == "__main__":
    main()
