"""Accounts of Microsoft 365: to whom each belongs, whichever door it comes by."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.db import session
from backend.people.models import Identity, Person, person_by_account, person_by_address


def tie_account(tenant_id: str, object_id: str, person: Person) -> None:
    """This account is `person`'s from now on; an account that is tied already stays where it is."""
    row = insert(Identity).values(tenant_id=tenant_id, object_id=object_id, person_id=person.id)
    session.execute(row.on_conflict_do_nothing())


def adopt_account(tenant_id: str, object_id: str, directory_mail: str) -> Person | None:
    """The member of staff who was entered with `directory_mail` and has no account yet, tied to this one of the own
    tenant; None when there is none, or no account. The address is the directory's word, never a token's claim.
    """
    if not object_id:
        return None
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"identity:{tenant_id}:{object_id}"))))
    known = person_by_account(tenant_id, object_id)
    if known is not None:
        return known
    person = person_by_address(directory_mail) if directory_mail else None
    if person is None or not person.is_staff:
        return None
    others = select(Identity.object_id).where(Identity.person_id == person.id, Identity.tenant_id == tenant_id)
    if session.scalar(others.limit(1)) is not None:
        return None
    tie_account(tenant_id, object_id, person)
    return person
