"""Taking in a table of orders: what it would do, and doing exactly that, once."""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend import clock, files, live
from backend.db import session
from backend.errors import Conflict, Invalid, NotFound, Refused
from backend.i18n import _
from backend.orders.actions.writing import begin_order, set_lines, touch
from backend.orders.columns import Choices, from_json, recognise
from backend.orders.comparison import Difference, Wanted, compare
from backend.orders.drafts import Problem, Sheet, completed, read_orders, recognised
from backend.orders.models import Order, OrderImport, OrderOrigin
from backend.orders.refusals import refused_rows
from backend.orders.table import Table, TableError, read
from backend.renamed import renamed
from backend.roles import SYSTEM, Who

SHOWN = 50
_TOLD = 200  # open pages of that many orders are told; more are told by their customer alone


@dataclass(frozen=True)
class Change:
    """One order of a table that is new or would change."""

    number: str
    row: int
    customer: str
    currency: str
    title: str
    total: Any
    lines: int
    differences: tuple[Difference, ...]


@dataclass
class Outcome:
    """What a table does, or did: all counts, and the first of each kind. `problems`: all of them."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    first_new: list[Change] = field(default_factory=list)
    first_changed: list[Change] = field(default_factory=list)
    first_unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def count(self, wanted: Wanted) -> bool:
        """Counts one order; returns whether there is anything to do for it."""
        if wanted.order is not None and not wanted.differences:
            self.unchanged += 1
            if len(self.first_unchanged) < SHOWN:
                self.first_unchanged.append(wanted.number)
            return False
        kind = self.first_new if wanted.order is None else self.first_changed
        self.new, self.changed = self.new + (wanted.order is None), self.changed + (wanted.order is not None)
        if len(kind) < SHOWN:
            kind.append(
                Change(
                    wanted.number, wanted.row, wanted.customer.name, wanted.currency, wanted.title, wanted.total,
                    len(wanted.lines or ()), tuple(wanted.differences[:SHOWN]),
                )
            )  # fmt: skip
        return True

    def refuse(self, sheet: Sheet, found: list[Problem]) -> None:
        """Notes all problems in the order of their rows and counts what cannot be imported."""
        self.problems = sorted([*sheet.problems, *found], key=lambda problem: problem.row)
        named = {problem.number for problem in self.problems if problem.number}
        self.refused = len(named) + sum(1 for problem in self.problems if not problem.number)


class NotAll(Refused):
    """Some rows of the table are wrong and nobody has said that the others may be imported alone."""

    code = "not-all"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(_("Nothing was imported, since some rows are wrong."))
        self.outcome = outcome


def preview(sheet: Sheet, who: Who) -> Outcome:
    """What `take_in` would do now. Changes nothing."""
    outcome, problems = Outcome(), []
    for wanted, wrong in compare(sheet, who):
        for each in wanted:
            outcome.count(each)
        problems += wrong
        session.expunge_all()
    outcome.refuse(sheet, problems)
    return outcome


def _write(wanted: Wanted) -> Order:
    order = wanted.order or begin_order(wanted.number)
    order.customer_id, order.ordered_on = wanted.customer.id, wanted.ordered_on
    order.status, order.currency, order.title = wanted.status, wanted.currency, wanted.title
    order.site_id = wanted.site.id if wanted.site else None
    order.contact_id = wanted.contact.id if wanted.contact else None
    if wanted.lines is not None:
        set_lines(order, wanted.lines)
    order.total, order.origin = wanted.total, OrderOrigin.TABLE
    touch(order)
    return order


def take_in(sheet: Sheet, who: Who, *, skip_wrong: bool = False) -> Outcome:
    """Writes the orders of `sheet`; what is as it was is left alone, so that a second time changes nothing.

    `skip_wrong`: write the right ones though others are wrong.
    Raises NotAll, and Conflict when somebody wrote one of them at the same moment.
    """
    outcome, problems, customers, orders, titled = Outcome(), [], set(), [], list[int]()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("orders.import"))))
    for wanted, wrong in compare(sheet, who, lock=True):
        written = [(each, _write(each)) for each in wanted if outcome.count(each)]
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(_("Somebody else wrote one of these orders just now. Please try again.")) from error
        customers |= {each.customer.id for each, _order in written}
        orders += [order.id for each, order in written if each.order is not None]
        titled += [order.id for each, order in written if any(one.field == "title" for one in each.differences)]
        problems += wrong
        session.expunge_all()
    outcome.refuse(sheet, problems)
    if outcome.problems and not skip_wrong:
        raise NotAll(outcome)
    renamed("order", titled)
    live.tell(*(f"customer:{number}" for number in sorted(customers)), *(f"order:{n}" for n in orders[:_TOLD]))
    return outcome


def take_in_file(content: bytes, *, dry_run: bool, skip_wrong: bool) -> Outcome:
    """Does for the system what the page does for a person; `dry_run` only says it. Raises as `take_in`, and Invalid."""
    table = _read(content, "")
    sheet = read_orders(table, recognised(table))
    return preview(sheet, SYSTEM) if dry_run else take_in(sheet, SYSTEM, skip_wrong=skip_wrong)


def upload(who: Who, name: str, content: bytes) -> OrderImport:
    """Keeps an uploaded table for the person who looks at it before it is imported. Raises Invalid for `file`."""
    table = _read(content, "")
    made = OrderImport(
        person_id=who.person_id, name=name[:255], sha256=files.keep(content), created_at=clock.now(), done_at=None,
        choices=recognised(table).as_json(), outcome={},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _read(content: bytes, sheet: str) -> Table:
    try:
        return read(content, sheet)
    except TableError as error:
        raise Invalid(_("Please correct the marked fields."), fields={"file": str(error)}) from error


def own_import(import_id: int, who: Who, *, lock: bool = False) -> OrderImport:
    """The table that `who` has uploaded under that id. Raises NotFound for everybody else."""
    query = select(OrderImport).where(
        OrderImport.id == min(import_id, 2**31 - 1), OrderImport.person_id == (who.person_id or 0)
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(_("This upload is not there any more."))
    return found


def opened(upload: OrderImport) -> tuple[Table, Choices]:
    """The table as it was uploaded, and how it is to be read. Raises Invalid."""
    choices = from_json(upload.choices)
    return _read(files.read(upload.sha256), choices.sheet), choices


def choose(import_id: int, who: Who, choices: Choices) -> None:
    """A person says how the table is to be read; with another sheet or other headings, columns are found anew.

    Raises Conflict once it is imported.
    """
    upload = own_import(import_id, who, lock=True)
    if upload.done_at is not None:
        raise Conflict(_("This table has been imported already."))
    before = from_json(upload.choices)
    table = _read(files.read(upload.sha256), choices.sheet)
    if choices.sheet and choices.sheet != (before.sheet or table.sheets[0]):
        choices = recognised(table, choices.sheet)
    elif choices.heading != before.heading:
        heading = min(choices.heading, len(table.rows) - 1)
        choices = replace(choices, heading=heading, columns=recognise(table.rows[heading].cells))
    upload.choices = completed(table, choices).as_json()


def import_upload(import_id: int, who: Who, *, skip_wrong: bool) -> None:
    """Imports the very file that was previewed, as it was previewed; asked again, it does nothing more.

    Raises NotAll and Conflict.
    """
    upload = own_import(import_id, who, lock=True)
    if upload.done_at is not None:
        return
    table, choices = opened(upload)
    sheet = read_orders(table, choices)
    outcome = take_in(sheet, who, skip_wrong=skip_wrong)
    upload = own_import(import_id, who)
    upload.done_at = clock.now()
    upload.outcome = {
        "new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged, "refused": outcome.refused,
        "numbers": [change.number for change in (*outcome.first_new, *outcome.first_changed)][:SHOWN],
        "problems": files.keep(refused_rows(table, sheet, outcome.problems)) if outcome.problems else "",
    }  # fmt: skip
