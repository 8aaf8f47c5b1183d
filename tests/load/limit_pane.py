"""The limit app's fragment beside an e-mail."""

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, render_template, request

from addin.beside import Item
from backend import config
from backend.clock import now
from backend.orders import words as order_words
from backend.people.models import address_topic
from backend.tickets import words
from tests.load import limit_sql as sql
from tests.load.limit_database import row, rows


def _order(found: Any, lines: list[Any], documents: list[Any]) -> SimpleNamespace:
    own = [
        SimpleNamespace(**line._asdict(), open_quantity=max(line.quantity - line.delivered, 0))
        for line in lines
        if line.order_id == found.id
    ]
    return SimpleNamespace(**found._asdict(), lines=own, documents=[d for d in documents if d.order_id == found.id])


def pane() -> str:
    """The fragment beside an e-mail of a known contact."""
    item = Item.of(request.args)
    person = row(sql.PERSON, address=item.address)
    person = SimpleNamespace(
        **person._asdict(),
        is_staff=bool(person.roles),
        customer=SimpleNamespace(id=person.customer_id, key=person.customer_key, name=person.customer_name),
        site=SimpleNamespace(name=person.site_name) if person.site_name else None,
    )
    found = row(sql.MAIL, id=item.internet_message_id, address=item.address)
    here = None
    if found is not None:
        here = SimpleNamespace(
            **found._asdict(),
            status=SimpleNamespace(
                key=found.status_key, name=found.status_name, kind=found.status_kind, tone=found.status_tone
            ),
            assignee=SimpleNamespace(name=found.assignee_name) if found.assignee_name else None,
        )
    customer = person.customer.id
    orders = rows(sql.ORDERS, customer=customer)
    ids = [order.id for order in orders]
    lines, documents = rows(sql.LINES, ids=ids), rows(sql.DOCUMENTS, ids=ids)
    counts = row(sql.COUNTED, customer=customer, today=now().astimezone(ZoneInfo(config.current().timezone)).date())
    topics = [address_topic(item.address), f"customer:{customer}", *([f"ticket:{here.id}"] if here else [])]
    beside = SimpleNamespace(
        item=item,
        person=person,
        suggested=None,
        ticket=here,
        customer=person.customer,
        topics=" ".join(topics),
        orders=[_order(order, lines, documents) for order in orders],
        orders_count=counts.orders,
        tickets=rows(sql.BESIDE, customer=customer),
        open_count=counts.open,
        all_count=min(100, counts.open + counts.closed),
        contracts=counts.contracts or [],
        unbilled=counts.unbilled,
        visit=row(sql.NEXT_VISIT, customer=customer, now=now()),
    )
    own_zone = g.who.timezone or config.current().timezone
    return render_template("addin/item.html", beside=beside, words=words, order_words=order_words, own_zone=own_zone)
