"""What is said of a ticket that is not there: that there is none, or who deleted it."""

from backend.auth import Who
from backend.deletion.models import tombstone
from backend.errors import NotFound
from backend.i18n import _, exact


def missing(number: int, who: Who) -> NotFound:
    """The sentence for `who` about the ticket with that number, which was not found."""
    left = tombstone(number, who)
    if left is None:
        return NotFound(_("There is no ticket #%(number)s.", number=number))
    return NotFound(
        _(
            "Ticket #%(number)s was deleted by %(name)s on %(when)s.",
            number=number,
            name=left.deleted_by,
            when=exact(left.deleted_at),
        )
    )
