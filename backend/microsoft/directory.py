"""People of the own tenant, as the directory knows them.

Web processes ask this at a first sign-in, so it does without msgraph-sdk, which is large.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
import structlog

from backend import config
from backend.errors import OutsideDown
from backend.i18n import _
from backend.microsoft import identity

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Account:
    """An account of the own tenant. `mail` may be empty; `guest`: whoever uses it signs in elsewhere, be they a guest
    or a member, so that its address is another organisation's word; `enabled`: it may sign in, which those of shared
    mailboxes as a rule may not."""

    object_id: str
    name: str
    mail: str
    guest: bool
    enabled: bool


def account(object_id: str) -> Account | None:
    """The account with that object id in the own tenant, None when there is none.

    https://learn.microsoft.com/graph/api/user-get. Raises OutsideDown when the directory cannot be asked.
    """
    try:
        answer = identity.transport(config.current()).get(
            f"{config.current().graph_url}/users/{quote(object_id, safe='')}",
            params={"$select": "id,displayName,mail,userType,userPrincipalName,externalUserState,accountEnabled"},
            headers={"Authorization": f"Bearer {identity.app_token()}"},
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        found = answer.json()
        return Account(
            object_id=str(found["id"]).lower(),
            name=str(found.get("displayName") or ""),
            mail=str(found.get("mail") or "").lower(),
            guest=_from_elsewhere(found),
            enabled=found.get("accountEnabled") is not False,
        )
    except (requests.RequestException, ValueError, KeyError) as error:
        log.warning("the directory could not be asked", error=str(error)[:300])
        raise OutsideDown(_("The directory of Microsoft 365 cannot be reached at the moment.")) from error


def _from_elsewhere(user: dict[str, Any]) -> bool:
    """https://learn.microsoft.com/entra/external-id/user-properties: external people can be made members."""
    name = str(user.get("userPrincipalName") or "").upper()
    return user.get("userType") == "Guest" or bool(user.get("externalUserState")) or "#EXT#" in name
