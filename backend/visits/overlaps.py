"""What is in the way of a visit: another visit of the same technician, or a time at which Outlook says busy. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

BUSY = frozenset({"busy", "oof"})  # tentative and working elsewhere do not keep anybody from a visit


class Spanning(Protocol):
    """Anything with a beginning and an end."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def meet(one: Spanning, other: Spanning) -> bool:
    """Whether the two share a moment; one that begins when the other ends does not."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def overlaps(visits: Sequence[Any], busy: Iterable[Any]) -> dict[int, list[Any]]:
    """By the id of each visit that something is in the way of: those visits, then those busy times.

    `visits` have id, technician_id, starts_at, ends_at; `busy` have person_id, status, starts_at, ends_at.
    """
    blocks: dict[int, list[Any]] = defaultdict(list)
    for block in busy:
        if block.status in BUSY:
            blocks[block.person_id].append(block)
    beside: dict[int, list[Any]] = defaultdict(list)
    for visit in visits:
        beside[visit.technician_id].append(visit)
    found = {}
    for visit in visits:
        others = [other for other in beside[visit.technician_id] if other.id != visit.id and meet(visit, other)]
        taken = [block for block in blocks[visit.technician_id] if meet(visit, block)]
        if others or taken:
            found[visit.id] = others + taken
    return found
