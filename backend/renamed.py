"""Names that stand on tickets: whoever changes one says so here, and search follows."""

from collections.abc import Sequence
from datetime import timedelta

from backend.jobs import in_a_moment, later

# Until then what is opened at this moment, and has read the old name, is there to be found.
_SETTLED = timedelta(seconds=2)


def renamed(what: str, ids: Sequence[int]) -> None:
    """These customers (person, team, group, order, contract, root_cause) are called otherwise from now on: soon their
    tickets are found by it, and no longer by the name before.
    """
    if ids:
        once = f"find_anew:{what}:{ids[0]}" if len(ids) == 1 else ""
        later("tickets.find_anew", once=once, at=in_a_moment(_SETTLED), what=what, of=list(ids), after=0)


def bereft(tickets: Sequence[int]) -> None:
    """These tickets lose a name that stands on them, with all who had it: soon none is found by it any more.

    At most some thousand at a time: a job takes them all.
    """
    if tickets:
        later("tickets.find_anew", what="ticket", of=list(tickets), after=0)
