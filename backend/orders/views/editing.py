"""Orders by hand: a new one, and putting one right, with its lines and documents."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from backend import clock, config, i18n, receipts
from backend.auth import me, requires
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.orders import actions
from backend.orders.cells import clean
from backend.orders.form import OrderForm, amount, read_form
from backend.orders.models import Order, OrderStatus, orders_visible_to
from backend.orders.views.door import blueprint
from backend.people.models import Customer, Person, Site, contacts_visible_to, customers_visible_to
from backend.ui.answers import go_to
from backend.web import form_text

EMPTY_LINES = 3
OFFERED = 20
blueprint.add_app_template_filter(i18n.spoken(amount), "order_amount")


def _the_order(number: str, *, lock: bool = False) -> Order:
    query = orders_visible_to(me()).where(Order.number == number)
    query = query.options(
        selectinload(Order.lines),
        selectinload(Order.documents),
        joinedload(Order.customer),
        joinedload(Order.site),
        joinedload(Order.contact),
    )
    found = session.scalar(query.with_for_update(of=Order) if lock else query)
    if found is None:
        raise NotFound(_("There is no order %(number)s.", number=number))
    return found


def _address(number: str) -> str:
    return f"/orders/{quote(number)}"


def _version(order: Order) -> str:
    return order.updated_at.isoformat()


@blueprint.get("/orders/new")
@requires("orders.write")
def new_order() -> ResponseReturnValue:
    """The form; `customer` (its key) in the address fills it."""
    key = request.args.get("customer", "")
    customer = session.scalar(customers_visible_to(me()).where(Customer.key == key)) if key else None
    today = clock.local(clock.now(), me().timezone or config.current().timezone).date()
    return render_template(
        "orders/order_form.html", order=None, customer=customer, lines=[None] * EMPTY_LINES, today=today,
        statuses=list(OrderStatus), version="",
    )  # fmt: skip


@blueprint.get("/orders/<path:number>/edit")
@requires("orders.write")
def edit_order(number: str) -> ResponseReturnValue:
    """The same form with the order in it."""
    order = _the_order(number)
    summed = sum((line.quantity * line.price for line in order.lines), 0)
    return render_template(
        "orders/order_form.html", order=order, customer=order.customer, lines=[*order.lines, None], today=None,
        statuses=list(OrderStatus), version=_version(order), own_total=round(summed, 2) != order.total,
    )  # fmt: skip


@blueprint.get("/order-sites")
@requires("orders.write")
def find_sites() -> ResponseReturnValue:
    """Sites of the customer with the id `customer` whose name, key or town holds `q`."""
    customer, asked = request.args.get("customer", 0, type=int), request.args.get("q", "").strip().lower()
    visible = customers_visible_to(me()).with_only_columns(Customer.id)
    pattern = "%" + asked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\x00", "") + "%"
    words = (
        func.lower(Site.name).like(pattern),
        func.lower(Site.key).like(pattern),
        func.lower(Site.city).like(pattern),
    )
    rows = session.scalars(
        select(Site)
        .where(Site.customer_id == min(max(customer, 0), 2**31 - 1), Site.customer_id.in_(visible), or_(*words))
        .order_by(Site.name)
        .limit(OFFERED)
    )
    return render_template("people/_found.html", found=[(site.id, site.name, site.city, site.id) for site in rows])


def _linked() -> tuple[dict[str, Any], dict[str, str]]:
    """The customer, contact and site that were chosen, and what is wrong with the choice by field."""
    chosen: dict[str, Any] = {"customer": None, "contact": None, "site": None}
    wrong: dict[str, str] = {}
    queries = {
        "customer": (customers_visible_to(me()), Customer.id),
        "contact": (contacts_visible_to(me()), Person.id),
        "site": (select(Site), Site.id),
    }
    for name, (query, column) in queries.items():
        text = form_text(request.form, name)
        if not text:
            continue
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        chosen[name] = session.scalar(query.where(column == number))
        if chosen[name] is None:
            wrong[name] = _("It is not there any more.")
    customer = chosen["customer"]
    if customer is None:
        wrong.setdefault("customer", _("Choose the customer."))
        return chosen, wrong
    if chosen["contact"] is not None and chosen["contact"].customer_id != customer.id:
        wrong["contact"] = _("This contact belongs to another customer.")
    if chosen["site"] is not None and chosen["site"].customer_id != customer.id:
        wrong["site"] = _("This site belongs to another customer.")
    return chosen, wrong


def _documents() -> list[dict[str, Any]]:
    return [
        {
            "name": clean((upload.filename or "").replace("\\", "/").rpartition("/")[2])[-200:],
            "content_type": (upload.mimetype or "application/octet-stream").lower()[:100],
            "content": upload.read(),
        }
        for upload in request.files.getlist("files")
        if upload.filename
    ]


def _put(form: OrderForm, chosen: dict[str, Any]) -> None:
    assert form.ordered_on is not None
    actions.put_order(
        form.number,
        ordered_on=form.ordered_on,
        status=form.status,
        currency=form.currency,
        title=form.title,
        total=form.total,
        lines=form.lines,
        documents=_documents(),
        origin=None,
        **chosen,
    )


@blueprint.post("/orders")
@requires("orders.write")
def create_order() -> ResponseReturnValue:
    """Writes a new order and leads to it; the same form sent twice makes one."""
    source, token = f"desk.order.{me().person_id}", form_text(request.form, "token")[:64]
    earlier = receipts.earlier(source, token) if token else None
    if earlier is not None:
        return go_to(_address(earlier))
    chosen, wrong = _linked()
    form = read_form(request.form, also=wrong)
    actions.check_new(form.number)
    _put(form, chosen)
    if token:
        receipts.keep(source, token, form.number)
    return go_to(_address(form.number))


@blueprint.post("/orders/<path:number>")
@requires("orders.write")
def save_order(number: str) -> ResponseReturnValue:
    """Puts an order right and leads back to it. Refused when somebody else changed it meanwhile."""
    order = _the_order(number, lock=True)
    try:
        seen = datetime.fromisoformat(request.form.get("version", ""))
    except ValueError:
        seen = order.updated_at
    if seen != order.updated_at:
        raise Conflict(
            _("This order was changed meanwhile. Open it in another window, compare, and enter your changes again.")
        )
    chosen, wrong = _linked()
    form = read_form(request.form, number=order.number, also=wrong)
    gone = [each for each in request.form.getlist("gone") if each.isascii() and each.isdigit() and len(each) < 10]
    actions.remove_documents(order, map(int, gone))
    _put(form, chosen)
    return go_to(_address(order.number))
