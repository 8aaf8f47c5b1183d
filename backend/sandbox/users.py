"""Graph's directory: the people of the token's tenant."""

from functools import partial
from typing import Any

from flask import Response, g, jsonify, request

from backend.sandbox import odata, sending
from backend.sandbox.graph import GraphError, blueprint, metadata, needs
from backend.sandbox.people import HOME_TENANT, PEOPLE, Person, find
from backend.sandbox.teams_people import is_guest, member, object_id
from backend.sandbox.world import world

_DEFAULT = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip
_CULTURES = {"de": "de-DE", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "it": "it-IT"}


def _whole(person: Person) -> dict[str, Any]:
    given, _, family = person.name.rpartition(" ")
    whole: dict[str, Any] = {
        "businessPhones": [], "displayName": person.name, "givenName": given or None, "jobTitle": person.title or None,
        "mail": person.mail, "mobilePhone": None, "officeLocation": None,
        "preferredLanguage": _CULTURES.get(person.language), "surname": family, "userPrincipalName": person.mail,
        "id": person.id, "companyName": person.company, "accountEnabled": not person.is_mailbox, "userType": "Member",
        "externalUserState": None,
    }  # fmt: skip
    if not _is_guest_here(person):
        return whole
    with world().store.read() as tx:
        kind = sending.switch(tx, "external_people").capitalize()
    # https://learn.microsoft.com/entra/external-id/user-properties
    own = {"id": object_id(person), "userPrincipalName": member(person)["userPrincipalName"]}
    return {**whole, **own, "userType": kind, "externalUserState": "Accepted"}


def _shown(person: Person) -> dict[str, Any]:
    whole = _whole(person)
    asked = request.args.get("$select")
    names = [name.strip() for name in asked.split(",")] if asked else list(_DEFAULT)
    return {name: whole[name] for name in names if name in whole}


def _is_guest_here(person: Person) -> bool:
    """Whether the token's tenant knows them by the account of a guest."""
    return bool(is_guest(person) and g.claims["tid"] == HOME_TENANT)


def _may_see(person: Person) -> bool:
    return bool(_is_guest_here(person) or person.tenant == g.claims["tid"] or g.claims.get("sandbox_everywhere"))


def _found(key: str) -> Person | None:
    guest = next((one for one in PEOPLE if _is_guest_here(one) and _whole(one)["id"] == key.lower()), None)
    return guest or find(key)


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing_here(rest: str) -> Response:
    """Whatever no other view answers. Raises GraphError."""
    segment = rest.partition("/")[0]
    if segment.lower() == "me":
        raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    raise GraphError(404, "ResourceNotFound", f"The sandbox has no {request.method} on '{rest}'.")


@blueprint.get("/users")
@needs("User.Read.All")
def list_users() -> Response:
    """All people, or those who meet a $filter."""
    people = [person for person in PEOPLE if _may_see(person)]
    if text := request.args.get("$filter"):
        try:
            test = odata.read_filter(text).test
        except odata.Malformed as error:
            raise GraphError(400, "Request_UnsupportedQuery", str(error)) from error
        people = [person for person in people if test(partial(odata.walk, _whole(person)))]
    return jsonify({"@odata.context": metadata("users"), "value": [_shown(person) for person in people]})


@blueprint.get("/users/<key>")
@needs("User.Read.All")
def read_user(key: str) -> Response:
    """One person by object id or user principal name."""
    person = _found(key)
    if person is None or not _may_see(person):
        raise GraphError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
        )
    return jsonify({"@odata.context": metadata("users/$entity"), **_shown(person)})
