"""Importing a table of orders: upload, a look at what it would do, import, and what came of it."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from backend import files, receipts
from backend.auth import me, requires
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.limits import counted
from backend.orders import actions
from backend.orders.cells import MAX_COLUMNS, shown
from backend.orders.columns import FIELDS, Choices
from backend.orders.drafts import read_orders
from backend.orders.models import OrderImport
from backend.orders.refusals import refused_rows
from backend.orders.table import MAX_BYTES, MAX_ROWS, Table
from backend.orders.values import DATES, DECIMALS
from backend.orders.views.door import blueprint
from backend.ui.answers import go_to
from backend.web import file_response, form_text

SHOWN = 50
_HEADINGS_OFFERED = 12
_EXAMPLES = 3


@blueprint.get("/orders/import")
@requires("orders.write")
def import_form() -> ResponseReturnValue:
    """Where a table is uploaded."""
    return render_template("orders/import_form.html", megabytes=MAX_BYTES // 1_000_000, rows=MAX_ROWS)


@blueprint.post("/orders/import")
@requires("orders.write")
@counted("imports")
def upload_table() -> ResponseReturnValue:
    """Keeps the table and leads to its preview; nothing is imported yet. The same form sent twice keeps one."""
    who, token, sent = me(), form_text(request.form, "token")[:64], request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("Please correct the marked fields."), fields={"file": _("Choose a file.")})
    source = f"orders.upload.{who.person_id}"
    earlier = receipts.earlier(source, token) if token else None
    if earlier is not None:
        return go_to(f"/orders/import/{earlier}")
    name = sent.filename.replace("\\", "/").rpartition("/")[2]
    made = actions.upload(who, name.replace("\x00", ""), sent.read(MAX_BYTES + 1))
    if token:
        receipts.keep(source, token, str(made.id))
    return go_to(f"/orders/import/{made.id}")


def _column(table: Table, choices: Choices, place: int) -> dict[str, Any]:
    """One column as it is offered: its heading, what it holds, what it is."""
    cells = (row.cell(place) for row in table.rows[choices.heading + 1 : choices.heading + 200])
    examples: list[str] = []
    for cell in cells:
        if cell != "" and shown(cell) not in examples:
            examples.append(shown(cell))
        if len(examples) == _EXAMPLES:
            break
    heading = table.rows[choices.heading].cell(place)
    field = next((name for name, column in choices.columns.items() if column == place), "")
    return {"place": place, "heading": shown(heading), "examples": examples, "field": field}


def _form(table: Table) -> str:
    """How the file was understood, in words."""
    if table.form == "xlsx":
        return f"XLSX, {table.sheet}"
    _csv, sign, charset = table.form.split(" ")
    named = {"\t": _("tabs")}.get(sign, sign)
    return _("CSV divided by %(sign)s, characters %(charset)s", sign=named, charset=charset.upper())


def _page(upload: OrderImport) -> str:
    name, number = upload.name, upload.id
    table, choices = actions.opened(upload)
    sheet = read_orders(table, choices)
    outcome = actions.preview(sheet, me())
    width = max((len(row.cells) for row in table.rows[choices.heading :]), default=0)
    return render_template(
        "orders/import_preview.html",
        name=name,
        number=number,
        table=table,
        form=_form(table),
        choices=choices,
        columns=[_column(table, choices, place) for place in range(min(width, MAX_COLUMNS))],
        fields=FIELDS,
        sheets=[(sheet_name, sheet_name) for sheet_name in table.sheets],
        headings=[
            (place, f"{row.number}: {' · '.join(shown(cell) for cell in row.cells[:6])}")
            for place, row in enumerate(table.rows[: max(_HEADINGS_OFFERED, choices.heading + 1)])
        ],
        outcome=outcome,
        problems=outcome.problems[:SHOWN],
    )


@blueprint.get("/orders/import/<int:number>")
@requires("orders.write")
def import_page(number: int) -> ResponseReturnValue:
    """What the table would do, or what it did."""
    upload = actions.own_import(number, me())
    if upload.done_at is not None:
        return render_template("orders/import_result.html", upload=upload, outcome=upload.outcome)
    return _page(upload)


def _chosen_columns() -> dict[str, int]:
    """Field → column as posted. Raises Invalid where two columns were to be the same."""
    found: dict[str, int] = {}
    for place in range(MAX_COLUMNS):
        name = request.form.get(f"column-{place}", "")
        if name in FIELDS and name in found:
            raise Invalid(
                _("Please correct the marked fields."),
                fields={f"column-{place}": _("Another column is this already.")},
            )
        if name in FIELDS:
            found[name] = place
    return found


@blueprint.post("/orders/import/<int:number>/choices")
@requires("orders.write")
def choose_columns(number: int) -> ResponseReturnValue:
    """The person says which column is what and how values are written; leads to the preview."""
    form = request.form
    decimal, dates, heading = form.get("decimal", ""), form.get("dates", ""), form.get("heading", 0, type=int)
    choices = Choices(
        heading=min(max(heading, 0), MAX_ROWS),
        columns=_chosen_columns(),
        decimal=decimal if decimal in DECIMALS else "",
        dates=dates if dates in DATES else "",
        sheet=form_text(form, "sheet"),
    )
    actions.choose(number, me(), choices)
    return go_to(f"/orders/import/{number}")


@blueprint.post("/orders/import/<int:number>")
@requires("orders.write")
def import_table(number: int) -> ResponseReturnValue:
    """Imports what was previewed and leads to what came of it; pressed twice, it imports once."""
    actions.import_upload(number, me(), skip_wrong=request.form.get("skip_wrong") == "1")
    return go_to(f"/orders/import/{number}")


@blueprint.get("/orders/import/<int:number>/refused")
@requires("orders.write")
def refused(number: int) -> Response:
    """The rows that cannot be, or were not, imported, as CSV with the reasons."""
    upload = actions.own_import(number, me())
    name = upload.name
    if upload.done_at is not None:
        kept = str(upload.outcome.get("problems") or "")
        if not kept:
            raise NotFound(_("All rows were imported."))
        content = files.read(kept)
    else:
        table, choices = actions.opened(upload)
        sheet = read_orders(table, choices)
        content = refused_rows(table, sheet, actions.preview(sheet, me()).problems)
    stem = name.rpartition(".")[0] or name
    answer = file_response(content, name=f"{stem} – {_('refused rows')}.csv", content_type="text/csv")
    answer.headers["Cache-Control"] = "no-store"
    return make_response(answer)
