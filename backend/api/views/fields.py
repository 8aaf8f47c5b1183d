"""Fields of the installation's own."""

from backend.api.operation import Listed, operation
from backend.api.shapes.fields import FieldOut
from backend.auth import me, requires
from backend.fields.models import Customers, FieldKind, definitions
from backend.tickets.models import TicketType


@operation("GET", "/fields", tag="tickets", answer=FieldOut, many=True)
@requires("tickets.read")
def list_fields() -> Listed:
    """The fields that tickets have besides the built-in ones, in their order, all of them."""
    return Listed(
        [
            FieldOut(
                key=each.key,
                name=each.name,
                kind=FieldKind(each.kind),
                options=list(each.options),
                types=[TicketType(one) for one in each.types],
                customers=Customers(each.customers),
                needed=each.needed,
            )
            for each in definitions(me())
        ]
    )
