"""What the app may do in the tenant: by consent for all mailboxes, or in Exchange Online for some."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend import clock, db, errors
from backend.config import Config
from backend.doctor.finding import Finding, note, right, wrong
from backend.jobs import TryAgainIn
from backend.mail.incoming.arriving import reachable, wish_of
from backend.mail.models import Mailbox
from backend.microsoft import calendar, directory, graph, mailbox, subscriptions
from backend.people.models import technicians
from backend.roles import Role

# Every application permission of Graph that Deskside uses, and what it cannot do without.
PERMISSIONS = {
    "Mail.ReadWrite": "no mail becomes a ticket, and no reply can be written",
    "Mail.Send": "no reply goes out",
    "Calendars.ReadWrite": "visits do not stand in calendars, and the board does not know who is taken",
    "User.Read.All": "nobody tells guests and shared mailboxes from people, so that some sign-ins are refused",
}
_SCOPED = ("Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite")
_MOST = 40  # calendars that are looked at
_NOBODY = "00000000-0000-0000-0000-000000000000"
_TROUBLE = (graph.GraphRefused, graph.Malformed, errors.OutsideDown)


def _without(permission: str) -> str:
    return f"Without it {PERMISSIONS[permission]}."


def _grant(permission: str, consented: Sequence[str], whose: str) -> str:
    """Why `permission` does not reach `whose` mailbox, and what to do."""
    if permission in consented:
        return (
            f"{permission} is consented to, so an application access policy keeps {whose} out: "
            "`Test-ApplicationAccessPolicy` names it."
        )
    return (
        f"{permission} does not reach {whose} (403): put it into the scope of the role *Application {permission}* in "
        f"Exchange Online, or the role is not assigned yet. {_without(permission)} New rights take up to two hours; "
        "`Test-ServicePrincipalAuthorization` shows them."
    )


def names(consented: Sequence[str]) -> Iterator[Finding]:
    """The directory, which only consent opens, and consent that reaches further than it should."""
    try:
        directory.account(_NOBODY)
        yield right("The directory can be read (User.Read.All).")
    except errors.OutsideDown:
        if "User.Read.All" in consented:
            yield wrong("The directory could not be read, though User.Read.All is consented to. Try again in a while.")
        else:
            yield wrong(
                f"The permission User.Read.All is missing: {PERMISSIONS['User.Read.All']}. Add it under *API "
                "permissions → Microsoft Graph → Application permissions*, then *Grant admin consent*."
            )
    wide = [one for one in _SCOPED if one in consented]
    if wide:
        yield note(
            f"{', '.join(wide)} is consented to for every mailbox of the tenant; scopes in Exchange Online narrow "
            "nothing meanwhile. Take the consent away once the scoped roles hold (docs/install.md)."
        )
    for one in sorted(set(consented) - set(PERMISSIONS)):
        yield note(f"The permission {one} is consented to and Deskside never uses it: take it away.")


def mailboxes(installation: Config, consented: Sequence[str]) -> Iterator[Finding]:
    """Whether each mailbox of the desk can be read, written and sent from, and whether Microsoft tells of its mail."""
    if not installation.desk_mailboxes:
        yield wrong("DESK_MAILBOXES is empty, so no mail becomes a ticket and none can be sent. Name at least one.")
    for address in installation.desk_mailboxes:
        try:
            yield from _mailbox(address, consented)
        except SQLAlchemyError:  # a mailbox is asked by turns, which PostgreSQL keeps; what it lacks is said already
            return
    yield from _told(installation)


def _mailbox(address: str, consented: Sequence[str]) -> Iterator[Finding]:
    try:
        mailbox.folder_id(address, "inbox")
    except graph.Missing:
        yield wrong(
            f"There is no mailbox {address} in this tenant, or it has lost its licence. Check DESK_MAILBOXES; a new "
            "mailbox is there after some minutes."
        )
        return
    except graph.Forbidden:
        yield wrong(f"The mailbox {address} cannot be read. {_grant('Mail.ReadWrite', consented, address)}")
        return
    except TryAgainIn as wait:
        yield note(f"The mailbox {address} has been asked too much and rests ({wait}). Try again in a while.")
        return
    except _TROUBLE as error:
        yield wrong(
            f"The mailbox {address} could not be read: {error} Try again; status.cloud.microsoft tells of faults."
        )
        return
    yield right(f"The mailbox {address} can be read.")
    try:
        if not mailbox.may_write(address):
            yield wrong(
                f"Deskside may read {address} but write no drafts there: the right is Mail.Read and has to be "
                f"Mail.ReadWrite. {_without('Mail.ReadWrite')}"
            )
        if not mailbox.may_send(address):
            yield wrong(f"Nothing can be sent from {address}. {_grant('Mail.Send', consented, address)}")
    except (TryAgainIn, *_TROUBLE) as error:
        yield note(f"Whether Deskside may write and send in {address} could not be seen: {error} Try again in a while.")


def _told(installation: Config) -> Iterator[Finding]:
    """Whether Microsoft tells of new mail. Of a mailbox that no worker has seen yet nothing is said."""
    try:
        with db.scope() as session:
            known = session.scalars(
                select(Mailbox).where(
                    Mailbox.address.in_(installation.desk_mailboxes), Mailbox.subscribed_at.is_not(None)
                )
            ).all()
        if not known or not reachable():
            return
        ours = subscriptions.all_of_ours()
    except (SQLAlchemyError, TryAgainIn, *_TROUBLE):
        return
    for box in known:
        if subscriptions.fitting(ours, wish_of(box)):
            yield right(f"Microsoft tells of new mail in {box.address}.")
        else:
            yield wrong(
                f"Microsoft does not tell of new mail in {box.address}, so it comes up to a minute late: it could not "
                f"reach {installation.url}/microsoft/notifications. Let it through the proxy from the internet, then "
                "renew the subscription under *Settings → Mailboxes*."
            )


def calendars(consented: Sequence[str]) -> Iterator[Finding]:
    """Whether the calendars of those who drive to customers can be reached."""
    try:
        with db.scope() as session:
            staff = session.scalars(technicians())
            addresses = [one.mail for one in staff if one.mail and Role.TECHNICIAN in one.roles][:_MOST]
        yield from _calendars(addresses, consented)
    except SQLAlchemyError:
        return


def _calendars(addresses: Sequence[str], consented: Sequence[str]) -> Iterator[Finding]:
    now, closed = clock.now(), []
    for address in addresses:
        try:
            calendar.schedule(address, [address], now, now + timedelta(hours=1))
        except graph.Forbidden:
            closed.append(address)
        except graph.Missing:
            yield note(f"{address} has no mailbox in this tenant: visits cannot stand in a calendar there.")
        except (TryAgainIn, *_TROUBLE):
            yield note(f"The calendar of {address} could not be looked at. Try again in a while.")
    if closed:
        whose = ", ".join(closed[:5]) + (", …" if len(closed) > 5 else "")
        yield wrong(f"Calendars of technicians are closed. {_grant('Calendars.ReadWrite', consented, whose)}")
    elif addresses:
        yield right(f"The calendars of technicians can be reached ({len(addresses)}).")
