"""Somebody writes whom nobody knows: they name their e-mail address and type the code that is mailed to it.

The words are the same whether the address is known here or not, and so are the limits: nobody learns by them who is a
customer. Staff never become known in this way; whoever may sign in is known by the directory.
"""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from sqlalchemy import Select, func, select

from backend import clock, config
from backend.chat.actions.talking import customer_said
from backend.chat.actions.telling import say
from backend.chat.heard import Heard, read
from backend.chat.models import TeamsActivity, TeamsCode, TeamsConversation
from backend.db import session
from backend.i18n import _, in_language
from backend.mail.actions import desk_mailboxes, notify
from backend.people.actions import tie_account
from backend.people.models import Person, normal_address, person_by_address

VALID = timedelta(minutes=10)
TRIES = 5
# How many codes may be asked for. One account cannot use up those of an address, so that its owner still gets theirs.
_SOON, _CODES_SOON = timedelta(hours=1), 3  # in one conversation
_DAY, _CODES_A_DAY, _WRONG_A_DAY = timedelta(days=1), 6, 20  # by one account; of the wrong ones it may try
_CODES_FOR_ADDRESS, _CODES_FOR_ADDRESS_BY_ALL = 5, 20  # a day for one address: by one account, by all together
# Outcomes of what somebody unknown wrote: kept until they are known; refused; answered with the way to sign in.
KEPT, TOO_MANY, WRONG, UNKNOWN = "kept", "too many", "wrong code", "unknown"
IGNORED = "ignored"
_KEPT_FOR = timedelta(hours=24)
_MOST_KEPT = 20
_ADDRESS = re.compile(r"[^@\s,;:<>\"()\[\]]{1,64}@[^@\s,;:<>\"()\[\]]{1,189}\.[^@\s,;:<>\"()\[\].]{2,63}")
_CODE = re.compile(r"\D*(\d{3})[ -]?(\d{3})\D*")


def unknown_said(conversation: TeamsConversation, heard: Heard, activity: TeamsActivity) -> str:
    """Takes in what somebody unknown wrote and answers; returns the activity's outcome."""
    address = _ADDRESS.search(heard.text)
    code = _last_code(conversation)
    digits = _CODE.fullmatch(heard.text)
    if digits and code is not None:
        return IGNORED if _refused_enough(conversation) else _try(conversation, heard, code, digits[1] + digits[2])
    if address and len(heard.text) < len(address[0]) + 80:
        return IGNORED if _refused_enough(conversation) else _send_code(conversation, normal_address(address[0]))
    kept = _lately(conversation, KEPT)
    if kept >= _MOST_KEPT:
        return IGNORED
    say(conversation, _ask_again if kept else _ask)
    return KEPT


def staff_unknown(conversation: TeamsConversation) -> str:
    """A member of the own organisation of whom nothing is known yet: the first sign-in says what they may."""
    if _lately(conversation, UNKNOWN) >= _MOST_KEPT:
        return IGNORED
    say(conversation, lambda: _("I do not know you yet. Please sign in once here: %(url)s", url=config.current().url))
    return UNKNOWN


def _lately(conversation: TeamsConversation, *outcomes: str) -> int:
    """How much of what was written here in a day came to this."""
    query = select(func.count()).where(
        TeamsActivity.conversation_id == conversation.conversation_id,
        TeamsActivity.outcome.in_(outcomes),
        TeamsActivity.received_at > clock.now() - _KEPT_FOR,
    )
    return session.scalar(query) or 0


def _refused_enough(conversation: TeamsConversation) -> bool:
    """Whether this was refused so often that nothing is said to it any more."""
    return _lately(conversation, TOO_MANY, WRONG) >= _MOST_KEPT


def _ask() -> str:
    return _(
        "Hello, this is the service desk. So that we know who is writing, please tell me the e-mail address under "
        "which you are known to us. What you have just written is kept and not lost."
    )


def _ask_again() -> str:
    return _("Thank you, I have noted that too. Please tell me your e-mail address, so that somebody can answer you.")


def _desk_address() -> str:
    mailbox = next(iter(desk_mailboxes()), None)
    return mailbox.address if mailbox else ""


def _hash(conversation: TeamsConversation, code: str) -> str:
    key = config.current().secret_key.encode()
    return hmac.new(key, f"teams-code:{conversation.id}:{code}".encode(), hashlib.sha256).hexdigest()


def _last_code(conversation: TeamsConversation) -> TeamsCode | None:
    """The latest code asked for in this conversation, whatever has become of it."""
    query = select(TeamsCode).where(TeamsCode.conversation_id == conversation.id)
    return session.scalar(query.order_by(TeamsCode.id.desc()).limit(1).with_for_update())


def _too_many(conversation: TeamsConversation, address: str) -> bool:
    count, now = select(func.count()).select_from(TeamsCode), clock.now()
    lately, by_account = TeamsCode.created_at > now - _DAY, TeamsCode.conversation_id.in_(_same_account(conversation))
    here = count.where(TeamsCode.conversation_id == conversation.id, TeamsCode.created_at > now - _SOON)
    mine, for_address = count.where(lately, by_account), count.where(lately, TeamsCode.address == address)
    limits = (
        (here, _CODES_SOON),
        (mine, _CODES_A_DAY),
        (for_address.where(by_account), _CODES_FOR_ADDRESS),
        (for_address, _CODES_FOR_ADDRESS_BY_ALL),
    )
    return any((session.scalar(query) or 0) >= most for query, most in limits)


def _same_account(conversation: TeamsConversation) -> Select[int]:
    """The conversations of the account that writes in this one."""
    return select(TeamsConversation.id).where(
        TeamsConversation.tenant_id == conversation.tenant_id, TeamsConversation.object_id == conversation.object_id
    )


def _guesses(conversation: TeamsConversation) -> bool:
    """Whether the account has tried so many codes today that not even a right one counts any more."""
    tried = select(func.sum(TeamsCode.tries)).where(
        TeamsCode.created_at > clock.now() - _DAY, TeamsCode.conversation_id.in_(_same_account(conversation))
    )
    return (session.scalar(tried) or 0) >= _WRONG_A_DAY


def _refuse(conversation: TeamsConversation) -> str:
    mail = _desk_address()
    say(
        conversation,
        lambda: _("There were too many attempts. Please try again later, or write to %(mail)s.", mail=mail),
    )
    return TOO_MANY


def _send_code(conversation: TeamsConversation, address: str) -> str:
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("teams-code:" + address))))
    if _too_many(conversation, address):
        return _refuse(conversation)
    person = person_by_address(address)
    if person is not None and (person.is_staff or not person.active or person.customer_id is None):
        person = None
    code, now = f"{secrets.randbelow(10**6):06}", clock.now()
    made = TeamsCode(conversation_id=conversation.id, address=address, person_id=person.id if person else None)
    made.hash, made.created_at, made.expires_at = _hash(conversation, code), now, now + VALID
    session.add(made)
    session.flush()
    if person is not None:
        _mail(person, address, code, conversation)
    mail = _desk_address()
    say(
        conversation,
        lambda: _(
            "Thank you. If we know this address, a code of six digits is on its way to it. Please type it here within "
            "ten minutes. If none arrives, please write to %(mail)s.",
            mail=mail,
        ),
    )
    return "address"


def _mail(person: Person, address: str, code: str, conversation: TeamsConversation) -> None:
    with in_language(person.language or conversation.locale[:2].lower()):
        notify(
            person.name,
            address,
            subject=_("Your code for the chat"),
            paragraphs=(
                _("Somebody wrote to our service desk in Microsoft Teams and named this address. The code is:"),
                code,
                _("If that was you, please type it there within ten minutes. If not, you need not do anything."),
            ),
            language=person.language,
        )


def _try(conversation: TeamsConversation, heard: Heard, code: TeamsCode, digits: str) -> str:
    if _guesses(conversation):
        return _refuse(conversation)
    right = hmac.compare_digest(code.hash, _hash(conversation, digits))
    good = code.used_at is None and code.tries < TRIES and clock.now() <= code.expires_at
    code.tries += 1
    if not (right and good and code.person_id is not None):
        say(
            conversation,
            lambda: _(
                "This code is not right, or not valid any more. Please look at it again, or tell me your e-mail "
                "address once more to get a new one."
            ),
        )
        return WRONG
    code.used_at = clock.now()
    person = session.get_one(Person, code.person_id)
    if person.is_staff or not person.active:
        return WRONG
    tie_account(conversation.tenant_id, conversation.object_id, person)
    conversation.person_id = person.id
    session.flush()
    _take_in_kept(conversation, person)
    return "known"


def _take_in_kept(conversation: TeamsConversation, person: Person) -> None:
    """What they wrote before they were known is said now, in its order."""
    kept = select(TeamsActivity).where(
        TeamsActivity.conversation_id == conversation.conversation_id,
        TeamsActivity.outcome == KEPT,
        TeamsActivity.received_at > clock.now() - _KEPT_FOR,
    )
    lines = session.scalars(kept.order_by(TeamsActivity.id).limit(_MOST_KEPT)).all()
    for one in lines:
        customer_said(conversation, person, read(one.payload).text, one)
        one.outcome = "line"
    if not lines:
        name = person.name
        say(conversation, lambda: _("Thank you, %(name)s. What can we do for you?", name=name))
