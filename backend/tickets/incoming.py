"""Jobs about tickets as a whole."""

from backend.jobs import job
from backend.tickets.actions.renaming import find_anew as find_them_anew


@job("tickets.find_anew")
def find_anew(what: str, of: list[int], after: int) -> None:
    """Has all tickets of customers, people, teams, groups, orders, contracts or root causes found by today's names.

    `what` is one of these, `ticket`, or `all`; `of` their ids. Goes on behind the ticket with the id `after`.
    """
    find_them_anew(what, of, after)
