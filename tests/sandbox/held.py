"""What was asked of the sandbox and what it answered, held to Microsoft's descriptions of Graph and Connector."""

from collections.abc import Iterable
from typing import Any

from tests.sandbox import connector_contract, contract


def offences(entries: Iterable[dict[str, Any]]) -> list[str]:
    """What is wrong with these entries of the request log; nothing where the descriptions are not at hand.

    The same offence is named once.
    """
    found: dict[str, None] = {}
    for entry in filter(contract.whole, entries):
        if contract.missing() is None:
            found.update(dict.fromkeys(contract.offences(entry)))
        if connector_contract.missing() is None:
            found.update(dict.fromkeys(connector_contract.offences(entry)))
    return list(found)
