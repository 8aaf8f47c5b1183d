"""Fields of the installation's own."""

from backend.api.operation import Listed, operation
from backend.api.paged import paged
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
    return paged("fields", [_shape(each) for each in definitions(me())], query)
