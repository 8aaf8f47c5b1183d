"""The installation's statuses and root causes."""

from sqlalchemy import select

from backend.api.operation import Listed, operation
from backend.api.paged import paged
from backend.api.shapes.statuses import RootCauseOut, StatusOut
from backend.api.shapes.values import PageQuery
from backend.auth import requires
from backend.db import session
from backend.statuses.models import CauseRule, RootCauseOffer, root_causes
from backend.tickets import words
from backend.tickets.models import Channel, StatusKind, TicketType, statuses


@operation("GET", "/statuses", tag="tickets", answer=StatusOut, many=True, query=PageQuery)
@requires("tickets.read")
def list_statuses(query: PageQuery) -> Listed:
    """All statuses in their order."""
    found = [
        StatusOut(
            key=one.key,
            name=words.status_name(one.key, one.name),
            kind=StatusKind(one.kind),
            root_cause=CauseRule(one.root_cause).value,
        )
        for one in statuses()
    ]
    return paged("statuses", found, query)


@operation("GET", "/root-causes", tag="tickets", answer=RootCauseOut, many=True, query=PageQuery)
@requires("tickets.read")
def list_root_causes(query: PageQuery) -> Listed:
    """All root causes in their order."""
    lists: dict[int, set[str]] = {}
    for offer in session.execute(select(RootCauseOffer.cause_id, RootCauseOffer.offered_for)):
        lists.setdefault(offer.cause_id, set()).add(offer.offered_for)
    found = [
        RootCauseOut(
            name=one.name,
            types=[each for each in TicketType if f"type:{each}" in lists.get(one.id, ())],
            sources=[each for each in Channel if f"source:{each}" in lists.get(one.id, ())],
        )
        for one in root_causes()
    ]
    return paged("root causes", found, query)
