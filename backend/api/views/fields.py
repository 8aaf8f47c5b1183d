"""Fields of the installation's own."""

from backend.api import cursor
from backend.api.operation import Listed, operation
from backend.api.shapes.fields import FieldOut
from backend.api.shapes.values import PageQuery
from backend.auth import me, requires
from backend.fields.models import Customers, Definition, FieldKind, definitions
from backend.tickets.models import TicketType


def _shape(each: Definition) -> FieldOut:
    return FieldOut(
        key=each.key,
        name=each.name,
        kind=FieldKind(each.kind),
        options=list(each.options),
        types=[TicketType(one) for one in each.types],
        customers=Customers(each.customers),
        needed=each.needed,
    )


@operation("GET", "/fields", tag="tickets", answer=FieldOut, many=True, query=PageQuery)
@requires("tickets.read")
def list_fields(query: PageQuery) -> Listed:
    """The fields that tickets have besides the built-in ones, in their order."""
    begin = int(cursor.unseal("fields", query.cursor)[0]) if query.cursor else 0
    found = definitions(me())
    page, end = found[begin : begin + query.limit], begin + query.limit
    return Listed([_shape(each) for each in page], cursor.seal("fields", end) if end < len(found) else "")
