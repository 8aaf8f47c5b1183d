"""Who an account is to us: the one way from a checked token to a person."""

from collections.abc import Iterable

from sqlalchemy import func, select, update

from backend import clock
from backend.auth import Role, SignIn
from backend.db import session
from backend.people.models import EmailAddress, Identity, Person, normal_address, person_by_address


def person_of(tenant_id: str, object_id: str) -> Person | None:
    """The person this account belongs to. Accounts are never recognised by name or e-mail address."""
    return session.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.tenant_id == tenant_id, Identity.object_id == object_id)
    )


def known_roles(names: Iterable[str]) -> list[str]:
    """Those of `names` that are roles here, in a fixed order."""
    given = set(names)
    return [role.value for role in Role if role.value in given]


def welcome(tenant_id: str, object_id: str, *, name: str, directory_mail: str, roles: list[str]) -> Person:
    """The person of an account of the own tenant at its first sign-in: adopted or new, tied to the account from now on.

    `directory_mail` is the address by which the own directory knows the account (never a token's claim); a member of
    staff that was entered with it, and has no account yet, is this person.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"identity:{tenant_id}:{object_id}"))))
    person = person_of(tenant_id, object_id)
    if person is not None:
        return person
    address = normal_address(directory_mail)
    person = person_by_address(address) if address else None
    taken = person is not None
    if person is None or not person.is_staff or _has_account(person, tenant_id):
        now = clock.now()
        person = Person(name=name or address or object_id, mail=None if taken else address or None, roles=roles)
        person.created_at = person.updated_at = now
        session.add(person)
        session.flush()
        if address and not taken:
            session.add(EmailAddress(address=address, person_id=person.id))
    session.add(Identity(tenant_id=tenant_id, object_id=object_id, person_id=person.id))
    session.flush()
    return person


def _has_account(person: Person, tenant_id: str) -> bool:
    found = select(Identity.object_id).where(Identity.person_id == person.id, Identity.tenant_id == tenant_id)
    return session.scalar(found.limit(1)) is not None


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
