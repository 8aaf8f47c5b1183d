"""Who an account is to us: the one way from a checked token to a person."""

from collections.abc import Iterable

from sqlalchemy import update

from backend import clock
from backend.auth import Role, SignIn
from backend.db import session
from backend.people.actions import adopt_account, tie_account
from backend.people.models import EmailAddress, Person, normal_address, person_by_address


def known_roles(names: Iterable[str]) -> list[str]:
    """Those of `names` that are roles here, in a fixed order."""
    given = set(names)
    return [role.value for role in Role if role.value in given]


def welcome(tenant_id: str, object_id: str, *, name: str, directory_mail: str, roles: list[str]) -> Person:
    """The person of an account of the own tenant at its first sign-in: adopted or new, tied to the account from now on.

    `directory_mail` is the address by which the own directory knows the account (never a token's claim); a member of
    staff that was entered with it, and has no account yet, is this person.
    """
    person = adopt_account(tenant_id, object_id, directory_mail)
    if person is not None:
        return person
    address = normal_address(directory_mail)
    taken = bool(address) and person_by_address(address) is not None
    now = clock.now()
    person = Person(name=name or address or object_id, mail=None if taken else address or None, roles=roles)
    person.created_at = person.updated_at = now
    session.add(person)
    session.flush()
    if address and not taken:
        session.add(EmailAddress(address=address, person_id=person.id))
    tie_account(tenant_id, object_id, person)
    session.flush()
    return person


def take_roles(person: Person, roles: list[str]) -> None:
    """`person` has exactly these roles from now on: the directory decides, at each sign-in.

    Without any, the person's other sign-ins end too.
    """
    if person.roles != roles:
        person.roles, person.updated_at = roles, clock.now()
        session.flush()
    if not roles:
        open_ones = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
        session.execute(open_ones.values(ended_at=clock.now()))
