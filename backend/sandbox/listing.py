"""Lists of mails: which, in which order, which page."""

import re
from typing import Any
from urllib.parse import urlencode

from flask import request

from backend.sandbox import mailbox, odata, render
from backend.sandbox.graph import GraphError, Prefs, here
from backend.sandbox.mailbox import Mail
from backend.sandbox.people import Person
from backend.sandbox.store import Tx, stamp

# Comparisons that the database can make before the rest of the filter is looked at in Python.
_COLUMNS = {
    "internetMessageId": "internet_message_id",
    "conversationId": "conversation_id",
    "receivedDateTime": "received",
    "isRead": "is_read",
    "isDraft": "is_draft",
}
_SIGNS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
MOST = 1000


def _narrowed(found: odata.Filter) -> tuple[list[str], list[Any]]:
    """SQL conditions for the parts of a filter that have a column or an index."""
    conditions: list[str] = []
    values: list[Any] = []
    for name, operator, value in found.must:
        if name == "singleValueExtendedProperties/any" and operator == "pair":
            key = render.property_key(str(value[0]))
            if "{" in key:
                conditions.append("pk IN (SELECT message FROM properties WHERE id = ? AND value = ?)")
                values += [key, str(value[1])]
        elif name in _COLUMNS and operator in _SIGNS and value is not None:
            conditions.append(f"{_COLUMNS[name]} {_SIGNS[operator]} ?")
            values.append(stamp(value) if hasattr(value, "astimezone") else value)
    return conditions, values


def even_ids(text: str) -> str:
    """Extended property ids in a filter, in the spelling they are kept in."""

    def even(found: re.Match[str]) -> str:
        key = render.property_key(found[2].replace("''", "'")).replace("'", "''")
        return f"{found[1]}'{key}'"

    return re.sub(r"(\b\w+/id\s+eq\s+)'((?:[^']|'')*)'", even, text)


def filtered(tx: Tx, person: Person, folder: str | None, text: str | None, most: int = -1) -> list[Mail]:
    """The mails of a mailbox or folder that meet a $filter, newest first. Raises GraphError 400.

    `most` ends the list early when there is no filter; -1 means all.
    """
    conditions, values = ["mailbox = ?"], [person.id]
    if folder is not None:
        conditions.append("folder = ?")
        values.append(folder)
    try:
        found = odata.read_filter(even_ids(text)) if text else None
        if found:
            further, more = _narrowed(found)
            conditions += further
            values += more
        mails = mailbox.select(tx, " AND ".join(conditions) + " ORDER BY received DESC, pk DESC LIMIT ?", *values, most)
        if found is None or text is None:
            return mails
        ids = [name.replace("''", "'") for name in re.findall(r"\b\w+/id\s+eq\s+'((?:[^']|'')*)'", text)]
        return [mail for mail in mails if found.test(render.getter(tx, mail, ids))]
    except odata.Malformed as error:
        raise GraphError(400, "BadRequest", str(error)) from error


def ordered(tx: Tx, mails: list[Mail], order: str | None, text: str | None) -> list[Mail]:
    """Sorted by an $orderby. Raises GraphError 400, also for what Exchange finds too complex."""
    if not order:
        return mails
    try:
        keys = odata.read_order(order)
        names = odata.read_filter(text).names if text else []
    except odata.Malformed as error:
        raise GraphError(400, "BadRequest", str(error)) from error
    # https://learn.microsoft.com/graph/api/user-list-messages: with both, $orderby must begin $filter.
    if names and list(dict.fromkeys(names))[: len(keys)] != [name for name, _ in keys]:
        raise GraphError(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
    for name, descending in reversed(keys):
        if name.split("/", 1)[0] not in render.FIELDS:
            raise GraphError(400, "BadRequest", f"Could not find a property named '{name}' on type 'message'.")
        mails = sorted(mails, key=lambda m, n=name: sortable(render.getter(tx, m, [])(n)), reverse=descending)  # type: ignore[misc]
    return mails


def sortable(value: Any) -> tuple[int, Any]:
    """A value that can be compared with any other: nothing first, text without regard to case."""
    if value is None:
        return (0, 0)
    return (1, value.casefold() if isinstance(value, str) else value)


def whole(name: str, default: int, most: int | None = None) -> int:
    """A number among the query options. Raises GraphError 400."""
    given = request.args.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or (most is not None and not 1 <= int(given) <= most):
        raise GraphError(400, "BadRequest", f"Invalid value '{given}' for {name} query option found.")
    return int(given)


def expansion() -> dict[str, str]:
    """The $expand of this request. Raises GraphError 400."""
    return expansion_of(request.args.get("$expand"))


def expansion_of(text: str | None) -> dict[str, str]:
    """A $expand, read. Raises GraphError 400."""
    try:
        return odata.read_expand(text or "")
    except odata.Malformed as error:
        raise GraphError(400, "BadRequest", str(error)) from error


def page(tx: Tx, person: Person, folder: str | None, prefs: Prefs) -> dict[str, Any]:
    """The `value`, `@odata.nextLink` and `@odata.count` of a list request."""
    if "$search" in request.args:
        raise GraphError(400, "SearchWithOtherParameters", "The sandbox does not search; use $filter.")
    select, expand = render.chosen(request.args.get("$select")), expansion()
    text = request.args.get("$filter")
    order = request.args.get("$orderby")
    top, skip = whole("$top", prefs.page_size or 10, MOST), whole("$skip", 0)
    counted = request.args.get("$count") == "true"
    # A plain list needs no more of a large mailbox than its page and the knowledge that there is another.
    plain = text is None and not counted and order in (None, "receivedDateTime desc")
    mails = ordered(tx, filtered(tx, person, folder, text, skip + top + 1 if plain else -1), order, text)
    answer: dict[str, Any] = {}
    if counted:
        answer["@odata.count"] = len(mails)
    answer["value"] = [render.message(tx, mail, prefs, select, expand) for mail in mails[skip : skip + top]]
    if len(mails) > skip + top:
        query = {**request.args.to_dict(), "$skip": str(skip + top)}
        answer["@odata.nextLink"] = here(f"{request.path}?{urlencode(query)}")
    return answer
